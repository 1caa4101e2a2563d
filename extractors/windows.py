"""Lists that come newest first: only the part of them that was said in the reading's window.

Walking is for items with `id` and `created_at`, ordered by id: longer ids are younger, equally long
ones by their characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from extractors.paging import Pages
from extractors.platform import Elements, Item, Reading, fetched


def moment(told: str) -> datetime:
    """An ISO 8601 time as aware UTC; one without a zone is taken as UTC.

    Raises `ValueError` on anything else, years before 1 and after 9999 in UTC among it.
    """
    parsed = datetime.fromisoformat(told)
    if parsed.tzinfo is UTC:
        return parsed
    try:
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("a time that no calendar holds in UTC") from None


def walk(reading: Reading, stream: str, ask: Callable[[Mapping[str, str]], Pages]) -> Elements:
    """The window's part of a list that `ask` pages through, given where to start.

    Starts below the oldest item that raw holds from after the window, so that a history read by
    months, newest first, asks for every page once. Ends with a page on which all is older.
    """
    later = (
        item["id"]
        for item in reading.raw(stream, reading.window.end)
        if (told := _told_at(item)) and told >= reading.window.end
    )
    last = min(later, key=lambda each: (len(each), each), default=None)
    start = {"max_id": last} if last else {}
    yield from within(reading, ask(start), _told_at)


def within(reading: Reading, listed: Pages, told_at: Callable[[Any], datetime | None]) -> Elements:
    """The window's part of a list that comes newest first; ends with a page that is all older."""
    for page, elements in listed:
        moments = [told_at(each) for each in elements]
        for told, element in zip(moments, elements, strict=True):
            if told is None or told in reading.window:
                yield fetched(element, page)
        if moments and all(told and told < reading.window.start for told in moments):
            return


def held(reading: Reading, stream: str, time_key: str = "created_at") -> Iterator[Item]:
    """The window's items of a stream that raw holds, newest copies first."""
    for item in reading.raw(stream, reading.window.start, reading.window.end):
        if is_within(reading, item, time_key):
            yield item


def newest(copies: Iterable[Item]) -> dict[str, Item]:
    """The first copy of each, by id."""
    found: dict[str, Item] = {}
    for item in copies:
        found.setdefault(item["id"], item)
    return found


def is_within(reading: Reading, item: Item, time_key: str = "created_at") -> bool:
    """Whether it has a text id and was said in the window."""
    return _told_at(item, time_key) in reading.window


def is_dated(element: Any) -> bool:
    """Whether it has what walking needs: a text id and a time."""
    return _told_at(element) is not None


def _told_at(element: Any, time_key: str = "created_at") -> datetime | None:
    try:
        return moment(element[time_key]) if isinstance(element["id"], str) else None
    except (KeyError, TypeError, ValueError):
        return None
