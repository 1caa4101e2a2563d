"""What one item says: five observations, the same for every platform.

Ids are `<platform>:<instance or "">:<source id>`, built by `make_id`. Times are aware, in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


def make_id(platform: str, instance: str, source_id: object) -> str:
    """The id of an account or message, derived from the platform's own ids only."""
    return f"{platform}:{instance}:{source_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSeen:
    """An account exists."""

    account_id: str
    handle: str | None = None
    display_name: str | None = None
    profile_url: str | None = None
    declared_kind: str | None = None  # person, bot or organisation, if the platform says
    follower_count: int | None = None
    profile_links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSeen:
    """Somebody wrote something. `author_id` is null where the platform does not tell who."""

    message_id: str
    author_id: str | None
    sent_at: datetime
    text: str | None
    kind: str  # post, reply, quote, comment, review or direct
    channel: str  # the place people speak in, without the platform's name
    visibility: str = "public"  # public, unlisted, private or direct
    parent_id: str | None = None
    parent_author_id: str | None = None
    root_id: str | None = None  # only where the platform declares it
    quoted_id: str | None = None
    mentions: tuple[str, ...] = ()  # account ids
    is_own_space: bool = False  # the place belongs to us whoever opens the thread
    is_flat: bool = False  # the place has no threads
    edited_at: datetime | None = None
    permalink: str | None = None
    client_name: str | None = None
    reply_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionSeen:
    """Somebody reacted to a message or reposted it."""

    account_id: str
    message_id: str
    kind: str  # reaction or repost
    reacted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowSeen:
    """Somebody follows us, or we them."""

    follower_id: str
    followed_id: str
    followed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The platform says that a message or an account is deleted."""

    message_id: str | None = None
    account_id: str | None = None
    gone_at: datetime | None = None


Observation = AccountSeen | MessageSeen | ReactionSeen | FollowSeen | Gone
