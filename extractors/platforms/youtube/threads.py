"""How comment threads are read: newest first down to where a window begins, or by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from extractors.errors import NotThere, Unreadable
from extractors.platform import Elements, Fetched, Item, Reading, SetAside, fetched, untold
from extractors.platforms.youtube.asking import PART, by_ids, pages
from extractors.platforms.youtube.items import comments_in
from extractors.platforms.youtube.known import (
    Known,
    is_whole,
    known_threads,
    reply_count,
    started_at,
    video_of,
)


def walk(
    reading: Reading, stream: str, asked: Mapping[str, str], video: str | None = None
) -> Elements:
    """The window's part of a list of threads, newest first, and what is gone of it.

    Old days are looked through by the ids that raw holds: to walk there would cost all pages since.
    """
    window, seen = reading.window, set()
    known = known_threads(reading, stream, under=lambda told: told == video if video else True)
    if reading.is_rewalk:
        yield from look_through(reading, stream, known.values())
        return
    asked = {"part": PART["commentThreads"], "order": "time", "maxResults": "100", **asked}
    for page, token, threads in _pages_of_window(reading, stream, asked, video):
        moments = [started_at(each) for each in threads]
        for told, thread in zip(moments, threads, strict=True):
            if told is None:
                yield fetched(thread, page)
            elif told in window and thread["id"] not in seen:
                seen.add(thread["id"])
                dated = {**thread, "page_token": token}
                yield from _whole(reading, stream, dated, known.get(thread["id"]), page)
        if moments and all(told and told < window.start for told in moments):
            break
        if not video:  # the page's newest, since a single one may be out of order
            reading.told_since(max(filter(None, moments), default=window.end))
    unseen = [each for one, each in sorted(known.items()) if one not in seen and each.is_there]
    yield from _look_again(reading, stream, [(each, each.id) for each in unseen])


def look_through(reading: Reading, stream: str, due: Iterable[Known]) -> Elements:
    """Threads that raw holds, as they are now; what is gone of them."""
    known = {each.id: each for each in due if each.is_there}
    threads, missing = by_ids(reading, "commentThreads", known, stream=stream)
    for thread in threads:
        if reading.is_rewalk or known[thread["id"]].read_count != reply_count(thread):
            yield from _whole(reading, stream, thread, known[thread["id"]])
    yield from _look_again(reading, stream, [(known[one], one) for one in sorted(missing)])


def _pages_of_window(
    reading: Reading, stream: str, asked: Mapping[str, str], video: str | None
) -> Iterator[tuple[int, str, list[Any]]]:
    """Pages from the one on which raw says that the window ends, if that one still does."""
    end = reading.window.end
    later = [
        (told, item["page_token"])
        for item in reading.raw(stream, end)
        if (told := started_at(item)) and told >= end and item.get("page_token")
        if not video or video_of(item) == video
    ]
    if later:
        told_pages = pages(reading, "commentThreads", asked, stream=stream, token=min(later)[1])
        try:
            first = next(told_pages)
        except Unreadable:
            first = (1, "", [])  # the token is too old
        if any((told := started_at(each)) and told >= end for each in first[2]):
            yield first
            yield from told_pages
            return
    yield from pages(reading, "commentThreads", asked, stream=stream)


def _whole(
    reading: Reading, stream: str, thread: Item, known: Known | None, page: int | None = None
) -> Elements:
    """A thread with all its replies, unless raw holds as many; and which of them are gone."""
    is_news = reading.is_rewalk or not known or known.read_count != reply_count(thread)
    if is_news and not is_whole(thread):
        try:
            thread = {**thread, "all_replies": _replies(reading, stream, thread)}
        except NotThere:
            pass  # deleted a moment ago: the next night tells
        except Unreadable as error:
            yield SetAside(thread["id"], error.reason, error.page)
    if known and not is_whole(thread):
        thread = {**thread, "other_authors": list(known.authors.values())}
    yield Fetched(thread, page)
    if not is_whole(thread):
        return
    there = {each["id"] for each in comments_in(thread)}
    yield from untold(thread["id"], reply_count(thread), len(there) - 1, "replies")
    if known:
        lacking = [one for one, is_there in known.there.items() if is_there and one not in there]
        yield from _look_again(reading, stream, [(known, one) for one in lacking])


def _replies(reading: Reading, stream: str, thread: Item) -> list[Item]:
    asked = {"part": PART["comments"], "parentId": thread["id"], "maxResults": "100"}
    told = pages(reading, "comments", asked, stream=stream)
    return [each for _, _, replies in told for each in replies if isinstance(each, dict)]


def _look_again(reading: Reading, stream: str, lacking: list[tuple[Known, str]]) -> Elements:
    """Those of the comments, each with its thread, that are not there when asked for by id."""
    try:
        _, missing = by_ids(reading, "comments", (one for _, one in lacking), stream=stream)
    except Unreadable as error:  # the documents say that some ids cannot be asked for
        yield SetAside("", error.reason, row_count=len(lacking))
        return
    for thread, one in lacking:
        if one in missing:
            yield from map(Fetched, thread.without(one))
