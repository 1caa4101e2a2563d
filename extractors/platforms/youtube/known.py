"""What raw holds of comment threads: how far each was read, and which comments it had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extractors.platform import Item, Reading
from extractors.platforms.youtube.items import author_of, comments_in, inline_replies
from extractors.windows import moment

KIND = "youtube#commentThread"


@dataclass
class Known:
    """One thread. `read_count` is what the reply counter said when all replies were last read."""

    id: str
    started_at: datetime
    video: str | None
    read_count: int | None = None
    there: dict[str, bool] = field(default_factory=dict)  # by comment id; false for what is gone
    authors: dict[str, Item] = field(default_factory=dict)  # by channel id; with their names

    def learn(self, item: Item) -> None:
        """Take in an older copy of the thread, or that one of its comments is gone."""
        if "gone" in item:
            self.there.setdefault(item["gone"], False)
            return
        for comment in comments_in(item):
            self.there.setdefault(comment["id"], True)
            if author := author_of(comment["snippet"]):
                kept = ("authorChannelId", "authorDisplayName")
                told = {key: comment["snippet"].get(key) for key in kept}
                self.authors.setdefault(author, told)
        if self.read_count is None and is_whole(item):
            self.read_count = reply_count(item)

    @property
    def is_there(self) -> bool:
        """Whether the comment that it begins with is not gone."""
        return self.there.get(self.id, True)

    def without(self, comment_id: str) -> list[Item]:
        """Items that say that a comment is gone; with the first one all replies are."""
        dated = {"id": self.id, "snippet": {"publishedAt": self.started_at.isoformat()}}
        about = {"videoId": self.video, "topLevelComment": dated}
        thread = {"kind": KIND, "id": self.id, "snippet": about}
        left = [one for one, is_there in self.there.items() if is_there and one != comment_id]
        lost = [comment_id, *(left if comment_id == self.id else ())]
        return [{**thread, "gone": one} for one in lost]


def known_threads(
    reading: Reading, *streams: str, under: Callable[[str | None], bool] = lambda _: True
) -> dict[str, Known]:
    """Threads that began in the window, under the videos chosen, from the newest copies on."""
    known: dict[str, Known] = {}
    for stream in streams:
        for item in reading.raw(stream, reading.window.start, reading.window.end):
            told = started_at(item)
            if told and told in reading.window and under(video_of(item)):
                thread = Known(item["id"], told, video_of(item))
                known.setdefault(thread.id, thread).learn(item)
    return known


def is_whole(thread: Item) -> bool:
    """Whether it holds all replies that YouTube gives."""
    return "all_replies" in thread or len(inline_replies(thread)) >= reply_count(thread)


def reply_count(thread: Item) -> int:
    """YouTube's own count of the replies."""
    return int(thread["snippet"].get("totalReplyCount") or 0)


def video_of(thread: Item) -> str | None:
    """The video that a thread stands under, if it is one."""
    video: str | None = thread["snippet"].get("videoId")
    return video


def started_at(thread: Any) -> datetime | None:
    """When the comment that a thread begins with was written; null for what cannot be read."""
    try:
        moments = [moment(each["snippet"]["publishedAt"]) for each in comments_in(thread)]
        is_thread = isinstance(thread["id"], str) and reply_count(thread) >= 0
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return moments[0] if is_thread else None


def known_videos(reading: Reading, stream: str) -> dict[str, Item]:
    """Newest copies of the videos that raw holds, without what is gone."""
    known: dict[str, Item] = {}
    for item in reading.raw(stream, reading.window.start):
        if item.get("kind") == "youtube#video" and isinstance(item.get("id"), str):
            known.setdefault(item["id"], item)
    return {one: item for one, item in known.items() if "gone" not in item}


def published_at(video: Item) -> datetime | None:
    """When a video was published; null for what cannot be read."""
    try:
        return moment(video["snippet"]["publishedAt"])
    except (KeyError, TypeError, ValueError):
        return None


def gone_video(video: Item) -> Item:
    """The item that says that a video is gone."""
    return {
        "kind": video["kind"],
        "id": video["id"],
        "gone": video["id"],
        "snippet": {"publishedAt": video["snippet"]["publishedAt"]},
    }
