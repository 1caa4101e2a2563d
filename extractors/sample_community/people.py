"""The people of the sample community and what they leave behind: accounts, messages, reactions.

Times are whole seconds since 1970 (UTC). No two messages are sent in the same second.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True)
class Settings:
    """What decides a community: the same settings, the same community."""

    seed: int = 7
    people: int = 1500
    days: int = 400
    first_day: date = date(2025, 1, 1)

    @property
    def start(self) -> int:
        return int(datetime.combine(self.first_day, datetime.min.time(), UTC).timestamp())

    @property
    def end(self) -> int:
        return self.start + self.days * DAY


@dataclass(frozen=True)
class Profile:
    """What an account says about itself since some moment."""

    since: int
    name: str
    links: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class Account:
    """One login. `kind`: brand, colleague, helper (our bot), bot (a foreign one) or person."""

    source_id: str
    handle: str
    kind: str
    language: str
    profiles: list[Profile]
    followers: int  # on the day of joining
    followers_per_day: float = 0.0
    deleted: int | None = None

    @property
    def joined(self) -> int:
        return self.profiles[0].since

    @property
    def first_name(self) -> str:
        return self.profiles[0].name.split()[0]

    @property
    def url(self) -> str:
        return f"https://community.example/@{self.handle}"

    @property
    def is_ours(self) -> bool:
        return self.kind in ("brand", "colleague", "helper")

    @property
    def is_our_human(self) -> bool:
        return self.kind in ("brand", "colleague")

    def changes(self) -> Iterator[int]:
        """Moments at which the platform begins to tell something new about this account."""
        yield from (profile.since for profile in self.profiles)
        if self.deleted is not None:
            yield self.deleted

    def followers_at(self, moment: float) -> int:
        return self.followers + int(self.followers_per_day * (moment - self.joined) / DAY)

    def profile_at(self, moment: float) -> Profile:
        """The newest profile from before `moment`, or the first one."""
        return [self.profiles[0], *(each for each in self.profiles if each.since < moment)][-1]


@dataclass(eq=False, slots=True)
class Message:
    """Something said. `act` is what it is in the story: ask, personal, canned, thanks, ..."""

    source_id: str
    author: Account
    sent: int
    channel: str
    body: str
    act: str
    parent: Message | None = None
    mentions: tuple[Account, ...] = ()
    quoted: Message | None = None
    template: str | None = None
    names_handles: bool = False  # the body itself names the mentioned handles
    client: str = "web"
    root: Message = field(init=False)
    listeners: tuple[Account, ...] = field(init=False)  # whom it is meant for; not for the chat
    speaks_to_us: bool = field(init=False)
    visible: int = field(init=False)
    edits: list[tuple[int, str]] = field(default_factory=list)
    deleted: int | None = None
    replies: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = self.parent.root if self.parent else self
        self.visible = self.sent
        continued = self.parent if self.parent and self.parent.author is self.author else None
        heard = [self.parent.author] if self.parent and not continued else []
        heard += [*self.mentions, *([self.quoted.author] if self.quoted else [])]
        self.listeners = continued.listeners if continued else tuple(dict.fromkeys(heard))
        opens_our_space = self.channel == "forum" and self.parent is None
        self.speaks_to_us = not self.author.is_ours and (
            continued.speaks_to_us
            if continued
            else opens_our_space or any(each.is_ours for each in heard)
        )
        if self.parent:
            self.parent.replies.append(self)

    @property
    def is_thanks(self) -> bool:
        return self.act in ("thanks", "peer_thanks")

    def reply_count_at(self, moment: float) -> int | None:
        """The platform's own counter; there is none in the chat."""
        if self.channel == "chat":
            return None
        gone = [each for each in self.replies if each.deleted and each.deleted < moment]
        return sum(each.visible < moment for each in self.replies) - len(gone)

    def text_at(self, moment: float) -> str:
        """The text as it stood just before `moment`, mentioned handles in front."""
        body = [self.body, *(text for since, text in self.edits if since < moment)][-1]
        handles = () if self.names_handles else self.mentions
        return " ".join([*(f"@{each.handle}" for each in handles), body])

    def changes(self) -> Iterator[int]:
        """Moments at which the platform begins to tell something new about this message."""
        yield self.visible
        yield from (since for since, _ in self.edits)
        if self.deleted is not None:
            yield self.deleted


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody reacted to a message or reposted it."""

    at: int
    account: Account
    message: Message
    kind: str


@dataclass(frozen=True, slots=True)
class Follow:
    """Somebody began to follow one of us, or one of us somebody."""

    at: int
    follower: Account
    followed: Account


@dataclass(frozen=True, slots=True)
class Introduction:
    """One of us made two people known to each other."""

    message: Message
    first: Account
    second: Account


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """Somebody arrived, drifted, lapsed or came_back."""

    at: int
    account: Account
    kind: str


@dataclass(frozen=True)
class Community:
    """All that ever happens, in order of time."""

    settings: Settings
    accounts: list[Account]
    messages: list[Message]
    reactions: list[Reaction]
    follows: list[Follow]
    introductions: list[Introduction]
    life_events: list[LifeEvent]
    two_accounts: tuple[Account, Account]
    storm: tuple[int, int]  # the viral week, [from, to)

    @cached_property
    def _changes(self) -> list[tuple[int, int]]:
        numbered = enumerate(self.messages)
        return sorted((at, number) for number, each in numbered for at in each.changes())

    def messages_changed(self, start: float, end: float) -> list[Message]:
        """Messages about which the platform has something new to tell in `[start, end)`."""
        first, last = (bisect_left(self._changes, (moment, -1)) for moment in (start, end))
        numbers = sorted({number for _, number in self._changes[first:last]})
        return [self.messages[number] for number in numbers]

    def accounts_changed(self, start: float, end: float) -> list[Account]:
        """Accounts that are new, changed or deleted in `[start, end)`."""
        return [
            account
            for account in self.accounts
            if any(start <= moment < end for moment in account.changes())
        ]
