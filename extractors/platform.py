"""A platform is a value: its streams, how each is fetched, how an item reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, overload

from msgspec import Struct
from pydantic import BaseModel, ConfigDict

from extractors.client import Authenticate, Client, Credentials, Judge, SignIn, bearer
from extractors.errors import Unreadable
from extractors.observations import Observation
from extractors.pace import Rate, RateOf
from extractors.tokens import Refresh
from lake.organisation import AccountToRead

Item = dict[str, Any]
T = TypeVar("T")


class SetAside(Struct, frozen=True):
    """Input that cannot become an item: the text as found, and why. Stands for `row_count` rows."""

    text: str
    reason: str
    page: int | None = None
    row_count: int = 1


class Fetched(Struct, frozen=True):
    """An item and the page of the answer (or line of the file) it came from."""

    item: Item
    page: int | None = None


Elements = Iterator[Fetched | SetAside]
"""What a fetch function tells, as it comes."""


def fetched(element: Any, page: int | None = None) -> Fetched | SetAside:
    """An element of a list in an answer; one that is no JSON object is set aside."""
    if isinstance(element, dict):
        return Fetched(element, page)
    return SetAside(json.dumps(element), "not an object", page)


def safely(key: str, told: Iterable[Fetched | SetAside]) -> Elements:
    """What is told of one thing, so that one that cannot be read does not stop the others.

    `key` names the thing in the row that is set aside instead.
    """
    try:
        yield from told
    except Unreadable as error:
        yield SetAside(key, error.reason, error.page)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        shape = f"the answer has another shape than expected ({type(error).__name__})"
        yield SetAside(key, shape)


NOT_TOLD = "not told: "  # begins the reason of a row for what exists and was not obtained


def untold(about: str, counted: Any, told: int, what: str = "answers") -> Iterator[SetAside]:
    """Say so where the platform counts more than it tells: cut off, hidden, of accounts gone.

    `coverage` counts such rows apart from what came and could not be read.
    """
    if isinstance(counted, int) and counted > told:
        reason = f"{NOT_TOLD}fewer {what} than the platform counts"
        yield SetAside(about, reason, row_count=counted - told)


class Options(BaseModel):
    """What an organisation file may say under `options` of an account of this platform."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Window:
    """The half-open interval `[start, end)` to fetch, and the moment as of which it is told."""

    start: datetime
    end: datetime
    observed_at: datetime

    def __contains__(self, moment: datetime | None) -> bool:
        """Whether a moment lies in it; what tells no time does not."""
        return moment is not None and self.start <= moment < self.end


class RawItems(Protocol):
    """Items that other readings left in the lake, newest partition first.

    Never those of the partition being replaced: reading it again must tell the same again. `since`
    leaves out partitions that end before, `until` those that asked for later things only. With
    `of`, what that tells of each: it is worked out once a visit, however many streams ask.
    """

    @overload
    def __call__(
        self, stream: str, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Item]: ...

    @overload
    def __call__(
        self, stream: str, since: datetime | None, until: datetime | None, of: Callable[[Item], T]
    ) -> Iterator[T]: ...


@dataclass(frozen=True)
class Reading:
    """All that a fetch function gets: whom to read, from when to when, with what.

    `is_rewalk`: the window was read long ago, and is looked through for what no counter tells of,
    silent edits and deletions. Then nothing is skipped because raw seems to hold it as it is.
    `told_since` is called by a fetch that tells the newest first: all of the window that is younger
    than a moment has been told, so that a failure later on leaves only what is older unread.
    `cost_before`: what earlier tries of the same night cost, which are not repeated.
    """

    account: AccountToRead
    options: Any  # the platform's own Options, validated
    window: Window
    client: Client
    raw: RawItems
    is_rewalk: bool = False
    told_since: Callable[[datetime], None] = lambda _: None
    cost_before: float = 0


@dataclass(frozen=True)
class Stream:
    """One list of a platform.

    `fetch` yields what the platform says about the reading's window; items outside the window
    may come along. `read` is pure: one item, the account it was read for -> observations;
    it raises `KeyError`, `TypeError` or `ValueError` on an item of another shape, which is then
    set aside and counted. `is_snapshot`: a state without times, read once a night, no history.
    `hangs_on`: the stream from which it learns what to ask for; where that failed, it is not asked.
    `rewalks`: old parts of it are looked through again, a few days each night. `is_direct`: all of
    it is direct messages, and it is not even asked for unless the organisation keeps them.
    """

    name: str
    fetch: Callable[[Reading], Iterable[Fetched | SetAside]]
    read: Callable[[Item, AccountToRead], Iterable[Observation]]
    lookback_days: int = 0
    needs_token: bool = False
    is_snapshot: bool = False
    hangs_on: str = ""
    rewalks: bool = False
    is_direct: bool = False


@dataclass(frozen=True)
class Inspection:
    """All that a platform's `check` gets; without a token it asks what anybody may."""

    account: AccountToRead
    options: Any
    client: Client

    @property
    def has_token(self) -> bool:
        """Whether there is anything to check but what is public."""
        return bool(self.client.credentials and self.client.credentials.secret)


@dataclass(frozen=True)
class Access:
    """What a platform says of credentials; without any, of what is public.

    `whose` they are, what they allow, in the platform's own words, and until when. `refused` are
    the streams that a night would fail to read, each with what it lacks; `faults` what else must be
    put right, `notes` what is good to know.
    """

    whose: str
    allows: tuple[str, ...] = ()
    lasts: str = ""
    expires_at: datetime | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Platform:
    """A service we read.

    `base_url` tells from the validated options, or what the connection holds, where it is; null
    where there is nothing to ask over HTTP. `authenticate` puts credentials into a request;
    with `sign_in` they are a token that the password of the connection is first given for. `judge`
    tells what a refusal means. `budget` tells from the options how many requests may be sent until
    it is renewed, `renewal` in how many seconds from now that is. `cost` tells what a visit has
    cost so far in whatever else the platform counts, such as money. `check` asks, as cheaply as can
    be, what credentials are worth; `expiry` asks no more than when they run out, which a night
    warns of; `refresh` says how tokens that run out are renewed. `is_direct` knows a direct message
    by its item, where streams hold others as well.
    """

    name: str
    streams: tuple[Stream, ...]
    options: type[Options] = Options
    base_url: Callable[[AccountToRead, Any, Credentials | None], str] | None = None
    authenticate: Authenticate = bearer
    sign_in: SignIn | None = None
    rate: Rate | RateOf | None = None
    judge: Judge | None = None
    budget: Callable[[Any], int] | None = None
    renewal: Callable[[datetime], float] | None = None
    cost: Callable[[Client], float] | None = None
    check: Callable[[Inspection], Access] | None = None
    expiry: Callable[[Inspection], datetime | None] | None = None
    refresh: Refresh | None = None
    needs_credentials: bool = False
    text_keys: frozenset[str] = frozenset()  # keys of an item that hold what people wrote
    is_direct: Callable[[Item], bool] | None = None

    def stream(self, name: str) -> Stream:
        """The stream of that name; `KeyError` if the platform has none such."""
        return {stream.name: stream for stream in self.streams}[name]
