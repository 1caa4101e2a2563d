"""YouTube: the videos of our channel, what is said under them, and under other videos to follow.

`account` is the id of our channel (`UC…`). Options: `videos`, ids of other channels' videos whose
comments to follow; `budget`, how many units of quota one visit may spend. The password of the
connection is an API key, which is sent in a header, never in an address. A host of the connection
is asked instead of YouTube's own.

Every request costs one unit, refused ones too, of 10,000 that a project has each day until midnight
Pacific Time. A visit stops at its budget; what it left unread is told as failed and read next time.
A month of history has to fit into one budget.

What is surprising:

- New replies do not move an old comment, and only five replies or none come with a thread: replies
  are asked for where `totalReplyCount` is another than when raw last held them all. Threads of the
  last two weeks are walked through each night; older ones, up to a year, are asked for by their ids
  where the `commentCount` of their video has changed. As many new as deleted ones go unnoticed.
- YouTube counts replies that it does not give. How many are missing is set aside.
- A deletion shows as absence. Whatever is missing is asked for once more by its id. A video that is
  made private looks deleted, to everybody but its owner.
- An edit shows in `updatedAt`, if the thread or the reply is read again at all.
- Pages may be short, or empty, and still lead on; the tokens of pages in raw let a history that is
  read by months, newest first, go on where the later month ended.

API: https://developers.google.com/youtube/v3/docs; prices: /youtube/v3/determine_quota_cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

import requests
from pydantic import Field, StringConstraints

from extractors.client import Credentials
from extractors.errors import NotThere, Unreadable
from extractors.platform import (
    Fetched,
    Item,
    Options,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
    untold,
)
from extractors.platforms.youtube.access import check
from extractors.platforms.youtube.asking import PART, by_ids, pages
from extractors.platforms.youtube.items import (
    author_of,
    comments_in,
    read_channel,
    read_thread,
    read_video,
)
from extractors.platforms.youtube.known import (
    Known,
    is_whole,
    known_threads,
    reply_count,
    started_at,
    video_of,
)
from extractors.platforms.youtube.refusals import COMMENTS_OFF, judge, seconds_to_midnight
from extractors.windows import moment
from lake.organisation import AccountToRead, OrganisationError

API = "https://www.googleapis.com/youtube/v3"
WALKED_DAYS, WATCHED_DAYS = 14, 365

Elements = Iterator[Fetched | SetAside]


class YoutubeOptions(Options):
    """Other channels' videos to follow, and what a visit may cost."""

    videos: tuple[Annotated[str, StringConstraints(pattern=r"^[\w-]{11}$")], ...] = ()
    budget: int = Field(9000, ge=1)


def _base_url(account: AccountToRead, _: Any, credentials: Credentials | None) -> str:
    if not re.fullmatch(r"UC[\w-]{22}", account.account):
        raise OrganisationError(
            f"read: youtube {account.account}: the account is the channel's id, 24 characters that "
            'begin with "UC" (youtube.com/account_advanced shows it)'
        )
    return (credentials.base_url if credentials else "") or API


def _authenticate(request: requests.PreparedRequest, credentials: Credentials) -> None:
    request.headers["X-Goog-Api-Key"] = credentials.secret


def fetch_channel(reading: Reading) -> Elements:
    """Our channel, as it is now."""
    found, _ = by_ids(reading, "channels", [reading.account.account], stream="channel")
    yield from map(fetched, found)


def fetch_videos(reading: Reading) -> Elements:
    """Videos that we published in the window, and those that are gone since."""
    window, known = reading.window, _known_videos(reading)
    asked = {"part": "contentDetails", "playlistId": _uploads(reading), "maxResults": "50"}
    for page, _, entries in pages(reading, "playlistItems", asked, stream="videos"):
        told = {each["contentDetails"]["videoId"]: _published_at(each) for each in entries}
        wanted = {one for one, when in told.items() if when and window.start <= when < window.end}
        videos, _ = by_ids(reading, "videos", wanted, stream="videos")
        yield from (fetched(each, page) for each in videos)
        for each in videos:
            known.pop(each["id"], None)
        if told and all(when and when < window.start for when in told.values()):
            break
    videos, missing = by_ids(reading, "videos", known, stream="videos")
    yield from map(fetched, videos)
    yield from (Fetched({**_mark(known[one]), "gone": one}) for one in sorted(missing))


def fetch_threads(reading: Reading) -> Elements:
    """What was said in the window to our channel and under its videos, with all replies."""
    channel = reading.account.account
    try:
        yield from _walk(reading, "threads", {"allThreadsRelatedToChannelId": channel})
    except NotThere as error:
        if error.reason != COMMENTS_OFF:
            raise
        yield SetAside(channel, error.reason, error.page)


def fetch_elsewhere(reading: Reading) -> Elements:
    """What was said in the window under other channels' videos to follow, and those videos."""
    videos, _ = by_ids(reading, "videos", reading.options.videos, stream="elsewhere")
    yield from map(fetched, videos)
    for video in sorted(each["id"] for each in videos):
        try:
            yield from _walk(reading, "elsewhere", {"videoId": video}, video)
        except NotThere as error:  # no reason to leave the other videos unread
            yield SetAside(video, error.reason, error.page)


def fetch_late_replies(reading: Reading) -> Elements:
    """Threads older than those walked through that have other replies than raw holds.

    The videos come last: their `commentCount` says what has been read.
    """
    walked = reading.window.end - timedelta(days=WALKED_DAYS)
    known = {
        each.id: each
        for each in known_threads(reading, "late_replies", "threads", "elsewhere").values()
        if each.started_at < walked and each.is_there
    }
    counted = _comment_counts(reading.raw("late_replies", reading.window.start))
    watched = {each.video for each in known.values() if each.video}
    videos, _ = by_ids(reading, "videos", watched, stream="late_replies")
    changed = {one for one, told in _comment_counts(videos).items() if counted.get(one) != told}
    due = [each.id for each in known.values() if each.video in changed or not each.video]
    threads, missing = by_ids(reading, "commentThreads", due, stream="late_replies")
    for thread in threads:
        if known[thread["id"]].read_count != reply_count(thread):
            yield from _whole(reading, "late_replies", thread, known[thread["id"]])
    lacking = [(known[one], one) for one in sorted(missing)]
    yield from _look_again(reading, "late_replies", lacking)
    yield from map(fetched, videos)


def fetch_people(reading: Reading) -> Elements:
    """Profiles of those who commented in the window, unless one was read since it began."""
    window = reading.window
    people = set()
    for stream in ("threads", "late_replies", "elsewhere"):
        for item in reading.raw(stream, window.start):
            if started_at(item) and "gone" not in item:
                spoken = [each["snippet"] for each in comments_in(item)]
                people |= {
                    author_of(each)
                    for each in spoken
                    if window.start <= moment(each["publishedAt"]) < window.end
                }
    people -= {None, *(item["id"] for item in reading.raw("people", window.start))}
    found, _ = by_ids(reading, "channels", filter(None, people), stream="people")
    yield from map(fetched, found)


def _walk(
    reading: Reading, stream: str, asked: Mapping[str, str], video: str | None = None
) -> Elements:
    """The window's part of a list of threads, newest first, and what is gone of it."""
    window, seen = reading.window, set()
    known = known_threads(reading, stream, under=lambda told: told == video if video else True)
    asked = {"part": PART["commentThreads"], "order": "time", "maxResults": "100", **asked}
    for page, token, threads in _pages_of_window(reading, stream, asked, video):
        moments = [started_at(each) for each in threads]
        for told, thread in zip(moments, threads, strict=True):
            if told is None:
                yield fetched(thread, page)
            elif window.start <= told < window.end and thread["id"] not in seen:
                seen.add(thread["id"])
                dated = {**thread, "page_token": token}
                yield from _whole(reading, stream, dated, known.get(thread["id"]), page)
        if moments and all(told and told < window.start for told in moments):
            break
    unseen = [each for one, each in sorted(known.items()) if one not in seen and each.is_there]
    yield from _look_again(reading, stream, [(each, each.id) for each in unseen])


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
    if not is_whole(thread) and not (known and known.read_count == reply_count(thread)):
        try:
            thread = {**thread, "all_replies": _replies(reading, stream, thread)}
        except NotThere:
            pass  # deleted a moment ago: the next night tells
        except Unreadable as error:
            yield SetAside(thread["id"], error.reason, error.page)
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
    yield from (Fetched(thread.without(one)) for thread, one in lacking if one in missing)


def _uploads(reading: Reading) -> str:
    """The playlist of all that the channel published."""
    asked = {"part": "contentDetails", "id": reading.account.account}
    answer = reading.client.get("channels", asked, stream="videos")
    found = answer.json().get("items") or []
    if not found:
        raise NotThere("there is no such channel", **answer.place)
    uploads: str = found[0]["contentDetails"]["relatedPlaylists"]["uploads"]
    return uploads


def _published_at(entry: Item) -> Any:
    told = entry["contentDetails"].get("videoPublishedAt")  # missing where it is private
    return moment(told) if told else None


def _known_videos(reading: Reading) -> dict[str, Item]:
    """Newest copies of the window's videos that raw holds, without what is gone."""
    known: dict[str, Item] = {}
    for item in reading.raw("videos", reading.window.start):
        told = moment(item["snippet"]["publishedAt"])
        if reading.window.start <= told < reading.window.end:
            known.setdefault(item["id"], item)
    return {one: item for one, item in known.items() if "gone" not in item}


def _mark(video: Item) -> Item:
    return {
        "kind": video["kind"],
        "id": video["id"],
        "snippet": {"publishedAt": video["snippet"]["publishedAt"]},
    }


def _comment_counts(items: Iterable[Item]) -> dict[str, str | None]:
    """How many comments the videos among the items have, by the first copy of each."""
    counts: dict[str, str | None] = {}
    for item in items:
        if item.get("kind") == "youtube#video":
            counts.setdefault(item["id"], (item.get("statistics") or {}).get("commentCount"))
    return counts


YOUTUBE = Platform(
    name="youtube",
    options=YoutubeOptions,
    base_url=_base_url,
    authenticate=_authenticate,
    judge=judge,
    budget=lambda options: options.budget,
    renewal=seconds_to_midnight,
    check=check,
    needs_credentials=True,
    text_keys=frozenset({"textOriginal", "textDisplay", "title", "description"}),
    streams=(
        Stream("channel", fetch_channel, read_channel, is_snapshot=True),
        Stream("videos", fetch_videos, read_video, lookback_days=30),
        Stream("threads", fetch_threads, read_thread, lookback_days=WALKED_DAYS),
        Stream(
            "late_replies",
            fetch_late_replies,
            read_thread,
            lookback_days=WATCHED_DAYS,
            is_snapshot=True,
            hangs_on="threads",
        ),
        Stream("elsewhere", fetch_elsewhere, read_thread, lookback_days=WALKED_DAYS),
        Stream("people", fetch_people, read_channel, lookback_days=30, hangs_on="threads"),
    ),
)
