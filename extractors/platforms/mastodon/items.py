"""What an item of Mastodon says: pure functions from an item to observations.

An account is `mastodon:<domain>:<user name>`, the same from whichever server it is seen; a message
is `mastodon:<instance>:<status id>`, because each server numbers for itself.

`in_reply_to_account_id` is the server's own number for somebody. It is resolved through the
status's author and mentions, else left to the parent, if that is known.

Entities: https://docs.joinmastodon.org/entities/ (Status, Account, Notification, Quote).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import SplitResult, urlsplit

from extractors.observations import (
    AccountSeen,
    FollowSeen,
    Gone,
    MessageSeen,
    Observation,
    ReactionSeen,
    make_id,
)
from extractors.platform import Item
from extractors.text import plain_text
from extractors.windows import moment
from lake.organisation import AccountToRead

SEEN_BY_ALL = {"public", "unlisted"}
_LINK = re.compile(r'<a href="([^"]+)"(?! class="[^"]*(?:mention|hashtag))')


def server(instance: str) -> SplitResult:
    """The address of a server, told as host or as address."""
    return urlsplit(instance if "://" in instance else f"https://{instance}")


def read_status(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """A status: who wrote what to whom; or a boost of one; or that it is gone."""
    if item.get("gone"):
        yield Gone(message_id=_message_id(item["id"], account))
        return
    yield _account(item["account"], account)
    if boosted := item.get("reblog"):
        yield _reaction(item["account"], boosted["id"], account, "repost", item["created_at"])
        yield from read_status(boosted, account)
        return
    yield _message(item, account)
    yield from (_account(each, account) for each in item.get("mentions") or [])
    quoted = _quoted(item)
    if "content" in quoted:
        yield from read_status(quoted, account)


def read_notification(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """Somebody mentioned, quoted, favoured, boosted or followed us."""
    who, status = item.get("account"), item.get("status")
    kind, when = item["type"], item["created_at"]
    if status:
        yield from read_status(status, account)
    if who:
        yield _account(who, account)
    if who and kind == "follow":
        yield _follow(who, account, when)
    elif who and status and kind in {"favourite", "reblog"}:
        status_id = (status.get("reblog") or status)["id"]
        reaction = "repost" if kind == "reblog" else "reaction"
        yield _reaction(who, status_id, account, reaction, when)


def read_favourite(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """One of those who favoured a status; when, the platform does not tell."""
    yield _account(item["account"], account)
    yield _reaction(item["account"], item["status_id"], account, "reaction")


def read_boost(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """One of those who boosted a status; when, the platform does not tell."""
    yield _account(item["account"], account)
    yield _reaction(item["account"], item["status_id"], account, "repost")


def read_follower(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """One of those who follow us now; since when, the platform does not tell."""
    yield _account(item, account)
    yield _follow(item, account)


def concerns_us(status: Item, account: AccountToRead) -> bool:
    """Whether a status is by the account or mentions it."""
    people = [status["account"], *(status.get("mentions") or [])]
    return _our_id(account) in [_account_id(each, account) for each in people]


def _message(item: Item, account: AccountToRead) -> MessageSeen:
    parent, quoted, visibility = item.get("in_reply_to_id"), _quoted(item), item["visibility"]
    is_reply = parent or item.get("in_reply_to_account_id")  # only this stays when the parent goes
    kind = "reply" if is_reply else "quote" if quoted else "post"
    words = (item.get("spoiler_text"), plain_text(item["content"]))
    mentioned = (_account_id(each, account) for each in item.get("mentions") or [])
    return MessageSeen(
        message_id=_message_id(item["id"], account),
        author_id=_account_id(item["account"], account),
        sent_at=moment(item["created_at"]),
        text="\n\n".join(filter(None, words)),
        kind="direct" if visibility == "direct" else kind,
        channel=_instance(account),
        # Other servers know more kinds, all of them narrower than public.
        visibility=visibility if visibility in {*SEEN_BY_ALL, "direct"} else "private",
        parent_id=_message_id(parent, account) if parent else None,
        parent_author_id=_parent_author(item, account),
        quoted_id=_message_id(quoted["id"], account) if quoted else None,
        mentions=tuple(dict.fromkeys(mentioned)),
        edited_at=moment(item["edited_at"]) if item.get("edited_at") else None,
        permalink=item.get("url") or item.get("uri"),
        client_name=(item.get("application") or {}).get("name"),
        reply_count=item.get("replies_count"),
    )


def _parent_author(item: Item, account: AccountToRead) -> str | None:
    number = item.get("in_reply_to_account_id")
    seen = [item["account"], *(item.get("mentions") or [])]
    return next((_account_id(each, account) for each in seen if each["id"] == number), None)


def _quoted(item: Item) -> Item:
    """The quoted status, or only its id; empty if nothing is quoted, or not any more."""
    told = item.get("quote") or {}
    quoted: Item = told.get("quoted_status") or {"id": told.get("quoted_status_id")}
    return quoted if quoted["id"] else {}


def _account(who: Item, account: AccountToRead) -> AccountSeen:
    account_id = _account_id(who, account)
    _, domain, name = account_id.split(":")
    declared = [each["value"] for each in who.get("fields") or []] + [who.get("note") or ""]
    links = [link for each in declared for link in _LINK.findall(each)]
    return AccountSeen(
        account_id=account_id,
        handle=f"{name}@{domain}",
        display_name=who.get("display_name") or None,
        profile_url=who.get("url"),
        declared_kind="bot" if who.get("bot") else None,
        follower_count=who.get("followers_count"),
        profile_links=tuple(dict.fromkeys(map(unescape, links))),
    )


def _reaction(
    who: Item, status_id: str, account: AccountToRead, kind: str, when: str | None = None
) -> ReactionSeen:
    return ReactionSeen(
        account_id=_account_id(who, account),
        message_id=_message_id(status_id, account),
        kind=kind,
        reacted_at=moment(when) if when else None,
    )


def _follow(who: Item, account: AccountToRead, when: str | None = None) -> FollowSeen:
    return FollowSeen(
        follower_id=_account_id(who, account),
        followed_id=_our_id(account),
        followed_at=moment(when) if when else None,
    )


def _instance(account: AccountToRead) -> str:
    return server(account.options["instance"]).hostname or ""


def _our_id(account: AccountToRead) -> str:
    return _account_id({"acct": account.account.removeprefix("@")}, account)


def _account_id(who: Item, account: AccountToRead) -> str:
    """Users of the server itself come without domain; a port is no part of who somebody is."""
    name, _, domain = who["acct"].lower().partition("@")
    return make_id("mastodon", domain.partition(":")[0] or _instance(account), name)


def _message_id(status_id: str, account: AccountToRead) -> str:
    if not isinstance(status_id, str):
        raise TypeError("a status id must be text")
    return make_id("mastodon", _instance(account), status_id)
