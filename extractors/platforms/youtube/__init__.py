"""YouTube: the videos of our channel, what is said under them, and under other videos to follow.

`account` is the id of our channel (`UC…`). Options: `videos`, ids of other channels' videos whose
comments to follow; `budget`, how many units of quota reading may spend a day. The password of the
connection is an API key, which is sent in a header, never in an address. A host of the connection
is asked instead of YouTube's own.

Every request costs one unit, refused ones too, of 10,000 that a project has each day until midnight
Pacific Time. Reading stops at its budget, which holds for that day however often a task is tried;
what it left unread is told as failed and read next time. A history that is larger than a budget is
read over several days: what was said on one day has to fit into one, and a month of what was said
under the videos to follow.

What is surprising:

- New replies do not move an old comment, and only five replies or none come with a thread: replies
  are asked for where `totalReplyCount` is another than when raw last held them all. Threads of the
  last two weeks are walked through each night; older ones, up to a year, are asked for by their ids
  where the `commentCount` of their video has changed. As many new as deleted ones go unnoticed
  until those days are looked through again, by ids as well.
- YouTube counts replies that it does not give. How many are missing is set aside.
- A deletion shows as absence. Whatever is missing is asked for once more by its id; with a comment
  its replies are gone. A video that is made private looks deleted, to everybody but its owner.
- An edit shows in `updatedAt`, if the thread or the reply is read again at all.
- A comment held for review is told to the channel's owner only, who would have to sign in: with a
  key it shows when it is approved, if that is within two weeks.
- Of the links that a channel declares only those in its description are told.
- Pages may be short, or empty, and still lead on; the tokens of pages in raw let a history that is
  read by months, newest first, go on where the later month ended.

API: https://developers.google.com/youtube/v3/docs; prices: /youtube/v3/determine_quota_cost. How
long what was read may be kept: docs/platforms.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from operator import eq
from typing import Annotated, Any

import requests
from pydantic import Field, StringConstraints

from extractors.client import Credentials
from extractors.errors import NotThere
from extractors.platform import (
    Elements,
    Fetched,
    Item,
    Options,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
)
from extractors.platforms.youtube.access import check
from extractors.platforms.youtube.asking import by_ids, elements_in, pages
from extractors.platforms.youtube.items import (
    author_of,
    comments_in,
    read_channel,
    read_thread,
    read_video,
)
from extractors.platforms.youtube.known import (
    gone_video,
    known_threads,
    known_videos,
    published_at,
    started_at,
)
from extractors.platforms.youtube.refusals import COMMENTS_OFF, judge, seconds_to_midnight
from extractors.platforms.youtube.threads import look_through, walk
from extractors.windows import moment, newest
from lake.organisation import AccountToRead, OrganisationError

API = "https://www.googleapis.com/youtube/v3"
WALKED_DAYS, WATCHED_DAYS = 14, 365


class YoutubeOptions(Options):
    """Other channels' videos to follow, and how many units a day may cost."""

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
    known = known_videos(reading, "videos")
    known = {one: each for one, each in known.items() if published_at(each) in reading.window}
    if not reading.is_rewalk:
        for each in _published(reading):
            if isinstance(each, Fetched):
                known.pop(each.item["id"], None)
            yield each
    videos, missing = by_ids(reading, "videos", known, stream="videos")
    yield from map(fetched, videos)
    yield from (Fetched(gone_video(known[one])) for one in sorted(missing))


def _published(reading: Reading) -> Elements:
    window = reading.window
    asked = {"part": "contentDetails", "playlistId": _uploads(reading), "maxResults": "50"}
    for page, _, entries in pages(reading, "playlistItems", asked, stream="videos"):
        told = {each["contentDetails"]["videoId"]: _listed_at(each) for each in entries}
        wanted = {one for one, when in told.items() if when in window}
        videos, _ = by_ids(reading, "videos", wanted, stream="videos")
        yield from (fetched(each, page) for each in videos)
        if told and all(when and when < window.start for when in told.values()):
            return


def fetch_threads(reading: Reading) -> Elements:
    """What was said in the window to our channel and under its videos, with all replies."""
    channel = reading.account.account
    try:
        yield from walk(reading, "threads", {"allThreadsRelatedToChannelId": channel})
    except NotThere as error:
        if error.reason != COMMENTS_OFF:
            raise
        yield SetAside(channel, error.reason, error.page)


def fetch_elsewhere(reading: Reading) -> Elements:
    """What was said in the window under other channels' videos to follow, and those videos."""
    videos, missing = by_ids(reading, "videos", reading.options.videos, stream="elsewhere")
    known = known_videos(reading, "elsewhere")
    yield from map(fetched, videos)
    for one in sorted(missing & known.keys()):
        yield Fetched(gone_video(known[one]))
        below = known_threads(reading, "elsewhere", under=partial(eq, one))
        yield from look_through(reading, "elsewhere", below.values())
    for video in sorted(each["id"] for each in videos):
        try:
            yield from walk(reading, "elsewhere", {"videoId": video}, video)
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
    before = known_videos(reading, "late_replies")
    watched = {each.video for each in known.values() if each.video}
    videos, missing = by_ids(reading, "videos", watched, stream="late_replies")
    vanished = missing & before.keys()
    changed = vanished | {
        each["id"]
        for each in videos
        if _comment_count(each) != _comment_count(before.get(each["id"]))
    }
    due = [each for each in known.values() if each.video in changed or not each.video]
    yield from look_through(reading, "late_replies", due)
    yield from map(fetched, videos)
    yield from (Fetched(gone_video(before[one])) for one in sorted(vanished))


def fetch_people(reading: Reading) -> Elements:
    """Profiles of those who commented in the window, unless one was read since it began."""
    profiles = newest(reading.raw("people", reading.window.start))
    people = set(_authors(reading))
    if not reading.is_rewalk:
        people -= profiles.keys()
    found, missing = by_ids(reading, "channels", people, stream="people")
    yield from map(fetched, found)
    for one in sorted(missing & profiles.keys()):
        if "gone" not in profiles[one]:
            yield Fetched({"kind": profiles[one]["kind"], "id": one, "gone": one})


def _authors(reading: Reading) -> Iterator[str]:
    window = reading.window
    for stream in ("threads", "late_replies", "elsewhere"):
        for item in reading.raw(stream, window.start, window.end):
            if started_at(item) and "gone" not in item:
                for snippet in (each["snippet"] for each in comments_in(item)):
                    author = author_of(snippet)
                    if author and moment(snippet["publishedAt"]) in window:
                        yield author


def _uploads(reading: Reading) -> str:
    """The playlist of all that the channel published."""
    asked = {"part": "contentDetails", "id": reading.account.account}
    answer = reading.client.get("channels", asked, stream="videos")
    found = elements_in(answer)
    if not found:
        raise NotThere("there is no such channel", **answer.place)
    uploads: str = found[0]["contentDetails"]["relatedPlaylists"]["uploads"]
    return uploads


def _listed_at(entry: Item) -> datetime | None:
    told = entry["contentDetails"].get("videoPublishedAt")  # missing where it is private
    return moment(told) if told else None


def _comment_count(video: Item | None) -> str | None:
    """How many comments a video has; null for one that was not counted before."""
    told: str | None = ((video or {}).get("statistics") or {}).get("commentCount")
    return told


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
        Stream("videos", fetch_videos, read_video, lookback_days=30, rewalks=True),
        Stream("threads", fetch_threads, read_thread, lookback_days=WALKED_DAYS, rewalks=True),
        Stream(
            "late_replies",
            fetch_late_replies,
            read_thread,
            lookback_days=WATCHED_DAYS,
            is_snapshot=True,
            hangs_on="threads",
        ),
        Stream("elsewhere", fetch_elsewhere, read_thread, lookback_days=WALKED_DAYS, rewalks=True),
        Stream("people", fetch_people, read_channel, 30, hangs_on="threads", rewalks=True),
    ),
)
