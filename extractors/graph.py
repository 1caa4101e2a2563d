"""Meta's Graph API: the dialect that Facebook, Instagram and Threads share.

- What is wrong stands in `error.code` of the body; the HTTP status, 400 for most, says little.
- Limits are told as percentages of an hour's quota (`X-App-Usage`, `X-Page-Usage`,
  `X-Business-Use-Case-Usage`), which all programs of an app share.
- The address of a next page holds the token. Only its other parameters are used, so that the token
  is sent in a header alone. A page may be empty though others follow.
- Nothing tells of deletions: whatever is missing is asked for once more.

API: https://developers.facebook.com/docs/graph-api/guides/error-handling,
https://developers.facebook.com/docs/graph-api/overview/rate-limiting,
https://developers.facebook.com/docs/graph-api/results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import Field

from extractors.client import Answer, Client, Credentials
from extractors.errors import BadCredentials, NotThere, ReadingError, TryLater, Unreadable
from extractors.pace import Rate
from extractors.paging import Pages, cursor_pages
from extractors.platform import (
    Elements,
    Fetched,
    Item,
    Options,
    Reading,
    SetAside,
    fetched,
    safely,
    untold,
)
from extractors.windows import held, is_within, moment, newest
from lake.organisation import AccountToRead, OrganisationError

HOUR = 3600.0
ENOUGH = 95  # percent of the quota: the rest is left to whoever else uses the app
_USAGE = ("X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage")
_SHARES = {"call_count", "total_time", "total_cputime"}
_SECRETS = {"access_token", "appsecret_proof"}
_EVER = datetime.min.replace(tzinfo=UTC)
MAX_EMPTY = 100  # pages in a row without a visible element, as nobody's list has
_UNWELL = {1, 2}
_TOO_MUCH = {4, 17, 32, 341, 368, 613, *range(80000, 80015)}
_BAD_TOKEN = {102, 190, 463, 467}
_TOO_NARROW = {3, 10, *range(200, 300)}


class GraphOptions(Options):
    """The version of the API to ask; each lives for about two years."""

    version: str = Field("v25.0", pattern=r"^v\d+\.\d+$")


def base_url(home: str, options: GraphOptions, credentials: Credentials | None) -> str:
    """Where the API is: at `home`, unless the connection names another host."""
    named = credentials.base_url if credentials else ""
    return f"{(named or home).rstrip('/')}/{options.version}"


def require_account(account: AccountToRead, pattern: str, what: str) -> None:
    """Raise `OrganisationError` unless the account is named as ids and mentions name it."""
    if not re.fullmatch(pattern, account.account, re.ASCII):
        raise OrganisationError(f"read: {account.platform} {account.account}: account is {what}")


def judge(answer: Answer, _now: datetime) -> ReadingError | None:
    """What an answer's error code means; null where it has none that we know."""
    code, subcode = _codes(answer)
    told = f"HTTP {answer.status}, Graph error {code}"
    if code in _UNWELL:
        return TryLater(told, **answer.place)
    if code in _TOO_MUCH:
        after = pause_told(answer.headers) or HOUR
        return TryLater(f"{told}, rate limit", after=after, **answer.place)
    if code in _BAD_TOKEN:
        return BadCredentials(f"{told}: the token is wrong, expired or revoked", **answer.place)
    if code in _TOO_NARROW:
        return BadCredentials(f"{told}: the token lacks a permission", **answer.place)
    if (code, subcode) == (100, 33) or code == 803:
        return NotThere(told, **answer.place)
    return None


def _codes(answer: Answer) -> tuple[Any, Any]:
    try:
        error = answer.json()["error"]
        return error["code"], error.get("error_subcode")
    except (Unreadable, KeyError, TypeError, AttributeError):
        return None, None


def pause_told(headers: Mapping[str, str]) -> float | None:
    """Seconds until the quota is ours again; null while enough of it is left."""
    told = [_value(headers.get(name)) for name in _USAGE]
    minutes = max((*_numbers(told, {"estimated_time_to_regain_access"}), 0))
    if minutes > 0:
        return min(minutes * 60, 1e9)
    return HOUR if max((*_numbers(told, _SHARES), 0)) >= ENOUGH else None


def _value(header: str | None) -> Any:
    try:
        return json.loads(header or "null", parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def _numbers(told: Any, names: set[str]) -> Iterator[float]:
    """Numbers of these names, however deep: each header nests them in its own way."""
    if isinstance(told, list):
        for each in told:
            yield from _numbers(each, names)
    if isinstance(told, dict):
        for name, value in told.items():
            if name in names and isinstance(value, int | float):
                yield value
            yield from _numbers(value, names)


# Ours: the quota itself depends on how many people an app or a Page reaches.
RATE = Rate(200, HOUR / 12, pause_told=lambda headers, _: pause_told(headers))


def pages(
    client: Client,
    path: str,
    asked: Mapping[str, str],
    *,
    stream: str,
    tells_next: bool = True,
) -> Pages:
    """Pages of a list, to the last; some lists name only a cursor and end with an empty page."""

    def following(body: Any) -> Mapping[str, str] | None:
        paging = body.get("paging") or {}
        if tells_next:
            query = parse_qsl(urlsplit(paging.get("next") or "").query)
            return {name: value for name, value in query if name not in _SECRETS}
        after = (paging.get("cursors") or {}).get("after")
        return {"after": after} if after else None

    return cursor_pages(
        client,
        path,
        asked,
        stream=stream,
        elements_in=lambda body: body["data"],
        cursor_in=following,
        empty_pages=MAX_EMPTY if tells_next else 0,
    )


def each_of(listed: Pages) -> Elements:
    """The elements of all pages."""
    for page, elements in listed:
        for element in elements:
            yield fetched(element, page)


def told_of_each(listed: Elements, tell: Callable[[Item], Elements]) -> Elements:
    """What is told of each element, so that one that cannot be read does not stop the others."""
    for each in listed:
        if isinstance(each, SetAside):
            yield each
        else:
            yield from safely(str(each.item.get("id")), tell(each.item))


def until_before(reading: Reading, listed: Pages, time_key: str) -> Elements:
    """The elements of a list that comes newest first, to the page where all is too old."""
    for page, elements in listed:
        yield from (fetched(each, page) for each in elements)
        if elements and all(_is_before(reading, each, time_key) for each in elements):
            return


def _is_before(reading: Reading, element: Any, time_key: str) -> bool:
    try:
        return moment(element[time_key]) < reading.window.start
    except (KeyError, TypeError, ValueError):
        return False


def between(start: datetime, end: datetime) -> dict[str, str]:
    """What keeps a list to a period: the API leaves out what was said at `since` itself."""
    since = int((start - timedelta(seconds=1)).timestamp())
    return {"since": str(since), "until": str(int(end.timestamp()))}


def with_missing(
    reading: Reading, stream: str, found: Elements, time_key: str, fields: str
) -> Elements:
    """What was found, and whatever raw holds of the window and was not: as it is, or gone."""
    seen = set()
    for each in found:
        if isinstance(each, Fetched):
            seen.add(each.item.get("id"))
        yield each
    for item in newest(held(reading, stream, time_key)).values():
        if item["id"] not in seen and not item.get("gone"):
            yield look_again(reading, stream, item, fields)


def look_again(reading: Reading, stream: str, item: Item, fields: str) -> Fetched | SetAside:
    """An item that is not where it was: as it is now, or what is known of it, and that it is gone.

    One we may no longer see is answered like one that is deleted: it is gone for us.
    """
    try:
        now = reading.client.get(path_of(item["id"]), {"fields": fields}, stream=stream).json()
    except NotThere:
        return _gone(item)
    except Unreadable as error:
        return SetAside(item["id"], error.reason)
    if isinstance(now, dict) and "about" in item:
        now["about"] = item["about"]
    return fetched(now)


def _gone(item: Item) -> Fetched:
    return Fetched({**_outline(item), "gone": True})


def _outline(item: Item) -> Item:
    kept = ("id", "about", "created_time", "timestamp", "gone")
    return {key: item[key] for key in kept if key in item}


@dataclass(frozen=True)
class Talk:
    """How to find what goes on around the items of a stream, and to notice that it has changed.

    `tell` finds it, given an item and what is known of that; `streams` keep it, each behind it the
    item, so that a reading that failed is repeated. An item has changed when its `mark` is not that
    of the last copy so kept. A mark that is falsy says that there is nothing around an item.
    """

    streams: tuple[str, ...]
    time_key: str
    mark: Callable[[Item], Any]
    tell: Callable[[Item, list[Item]], Elements]

    def of_window(self, reading: Reading, about: str) -> Elements:
        """What goes on around the items of the stream `about` that have changed.

        When the window is looked through again, around all of them.
        """
        items = newest(held(reading, about, self.time_key)).values()
        return self._told(reading, items, self._copies(reading))

    def of_older(
        self, reading: Reading, days: int, ask: Callable[[datetime, datetime], Elements]
    ) -> Elements:
        """What goes on around items from before the last so many days, as far as raw reaches.

        `ask` lists items between two moments with their counters: a hundred cost one call, while of
        `?ids=` each is counted, and one that is gone has the whole answer refused.
        """
        end = reading.window.end - timedelta(days=days)
        reading = replace(reading, window=replace(reading.window, start=_EVER, end=end))
        copies = self._copies(reading)
        if not copies:
            return
        oldest = min(moment(item[self.time_key]) for item in copies.values())
        items = []
        for each in ask(oldest, end):
            if isinstance(each, SetAside):
                yield each
            elif is_within(reading, each.item, self.time_key):
                items.append(each.item)
        yield from self._told(reading, items, copies)

    def _copies(self, reading: Reading) -> dict[str, Item]:
        kept = chain.from_iterable(held(reading, one, self.time_key) for one in self.streams)
        return newest(item for item in kept if "about" not in item)

    def _told(
        self, reading: Reading, items: Iterable[Item], copies: Mapping[str, Item]
    ) -> Elements:
        changed = [
            item for item in items if self._is_due(item, copies.get(item["id"]), reading.is_rewalk)
        ]
        keys = {item["id"] for item in changed}
        known = known_below(reading, self.streams, keys) if keys else {}
        for item in changed:
            found = self.tell(item, known.get(item["id"], []))
            yield from safely(item["id"], chain(found, [Fetched(item)]))

    def _is_due(self, item: Item, before: Item | None, is_rewalk: bool) -> bool:
        now = self.mark(item)
        if before is None:
            return bool(now)
        return now != self.mark(before) or bool(is_rewalk and now)


def thread(
    reading: Reading,
    stream: str,
    item: Item,
    found: Elements,
    *,
    known: Iterable[Item],
    counted: Any,
    fields: str,
) -> Elements:
    """All that was found below an item, what is gone of it, and how much the platform keeps back.

    Where the item itself is not there, all that was known below is gone with it.
    """
    seen = set()
    try:
        for each in told_about(item, found):
            if isinstance(each, Fetched):
                seen.add(each.item.get("id") or each.item.get("permalink_url"))
            yield each
    except NotThere as error:
        _confirm_gone(reading, stream, item, error)
        yield from (_gone(each) for each in known)
        return
    yield from untold(item["id"], counted, len(seen))
    for missing in known:
        if missing["id"] not in seen:
            yield look_again(reading, stream, missing, fields)


def _confirm_gone(reading: Reading, stream: str, item: Item, error: NotThere) -> None:
    """A list that may not be seen is refused like one that is not there: ask for the item itself.

    Raises `Unreadable` where that is there.
    """
    again = look_again(reading, stream, item, "id")
    if not (isinstance(again, Fetched) and again.item.get("gone")):
        reason = f"{error.reason}, though it is there"
        raise Unreadable(reason, platform=error.platform, account=error.account) from None


def told_about(item: Item, found: Elements) -> Elements:
    """Elements of a list together with the id of the item that they are about."""
    for each in found:
        if isinstance(each, Fetched):
            yield Fetched({**each.item, "about": item["id"]}, each.page)
        else:
            yield each


def known_below(
    reading: Reading, streams: Iterable[str], keys: Container[str]
) -> dict[str, list[Item]]:
    """What streams hold about items of these ids, without what is gone."""
    told = chain.from_iterable(reading.raw(one, reading.window.start) for one in streams)
    copies = newest(
        _outline(item)
        for item in told
        if item.get("about") in keys and isinstance(item.get("id"), str)
    )
    known: dict[str, list[Item]] = {}
    for item in copies.values():
        if "gone" not in item:
            known.setdefault(item["about"], []).append(item)
    return known


def path_of(key: str, edge: str = "") -> str:
    """The path of an object, or of one of its lists."""
    return f"{quote(key, safe='')}/{edge}".rstrip("/")
