"""A small made-up YouTube with comments, and nights that read it."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extractors.platform import Item
from tests.loopback import Asked, Reply
from tests.platforms.nights import Nights

KEY = "st0dio-key"
Asking = Mapping[str, str]


def channel(name: str) -> str:
    return f"UC{name:-<22}"


ACME, OTHER = channel("acme"), channel("other")


def refusal(status: int, reason: str) -> Reply:
    error = {"domain": "youtube", "reason": reason, "message": f"about {KEY}"}
    return Reply({"error": {"code": status, "message": "no", "errors": [error]}}, status)


def listed(items: Iterable[Item], **more: Any) -> Reply:
    """An answer that lists things; the key is left out where there are none."""
    found = list(items)
    items_there = {"items": found} if found else {}
    return Reply({"kind": "youtube#someListResponse", **items_there, **more})


def written(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


@dataclass
class Studio:
    """The service: what is published there, and how it answers. Change it between nights.

    Threads and videos are kept in the order of their time.
    """

    videos: dict[str, Item] = field(default_factory=dict)
    threads: dict[str, Item] = field(default_factory=dict)
    replies: defaultdict[str, list[Item]] = field(default_factory=lambda: defaultdict(list))
    descriptions: dict[str, str] = field(default_factory=dict)
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    off: set[str] = field(default_factory=set)
    withheld: set[str] = field(default_factory=set)  # counted, but never given
    closed: set[str] = field(default_factory=set)  # channels that are no more
    page_size: int = 100
    inline_count: int = 2
    refuses_batches: bool = False
    _ordered: defaultdict[str | None, list[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # times and ids of the threads under a video, and of all of them

    def publishes(self, owner: str, when: datetime, video: str = "", **more: Any) -> str:
        video = video or f"video{len(self.videos):06}"
        told = {"publishedAt": written(when), "channelId": owner, "title": f"Video {video}"}
        self.videos[video] = {
            "kind": "youtube#video",
            "id": video,
            "snippet": {**told, "description": "", "channelTitle": "Somebody", **more},
            "status": {"privacyStatus": "public"},
        }
        return video

    def says(
        self,
        name: str | None,
        when: datetime,
        under: str | None,
        text: str = "…",
        comment: str = "",
        **more: Any,
    ) -> str:
        """A comment under a video, or about the channel."""
        comment = comment or f"Ug{len(self.threads):04}"
        about = {"videoId": under} if under else {}
        self.threads[comment] = self._comment(comment, name, when, text, **about, **more)
        for place in {under, None}:
            insort(self._ordered[place], (written(when), comment))
        return comment

    def replies_to(
        self,
        top: str,
        name: str | None,
        when: datetime,
        text: str = "…",
        comment: str = "",
        **more: Any,
    ) -> str:
        reply = comment or f"{top}.{sum(map(len, self.replies.values())):04}"
        self.replies[top].append(self._comment(reply, name, when, text, parentId=top, **more))
        return reply

    def deletes(self, comment: str) -> None:
        if gone := self.threads.pop(comment, None):
            for place in {gone["snippet"].get("videoId"), None}:
                self._ordered[place].remove((gone["snippet"]["publishedAt"], comment))
        else:
            top = comment.partition(".")[0]
            self.replies[top] = [each for each in self.replies[top] if each["id"] != comment]

    def edits(self, comment: str, when: datetime, text: str) -> None:
        found = self.comments()[comment]["snippet"]
        found.update({"textDisplay": text, "textOriginal": text, "updatedAt": written(when)})

    def comments(self) -> dict[str, Item]:
        replies = (each for top in self.threads for each in self.replies[top])
        return {**self.threads, **{each["id"]: each for each in replies}}

    def _comment(
        self, comment: str, name: str | None, when: datetime, text: str, **more: Any
    ) -> Item:
        snippet = {
            "authorDisplayName": f"@{name}" if name else "",
            "textDisplay": text,
            "textOriginal": text,
            "publishedAt": written(when),
            "updatedAt": written(when),
            "likeCount": 3,
            **more,
        }
        if name:
            snippet["authorChannelId"] = {"value": channel(name)}
        return {"kind": "youtube#comment", "id": comment, "snippet": snippet}

    def told(self, top: str) -> Item:
        """A thread as the API tells it now; its newest replies come along."""
        comment, replies = self.threads[top], self.replies[top]
        video = comment["snippet"].get("videoId")
        owner = self.videos[video]["snippet"]["channelId"] if video in self.videos else ACME
        snippet = {
            "channelId": owner,
            "topLevelComment": comment,
            "totalReplyCount": len(replies),
            "isPublic": True,
            **({"videoId": video} if video else {}),
        }
        thread = {"kind": "youtube#commentThread", "id": top, "snippet": snippet}
        inline = [each for each in reversed(replies) if each["id"] not in self.withheld]
        inline = inline[: self.inline_count]
        return {**thread, "replies": {"comments": inline}} if inline else thread

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path.strip("/")
        if self.troubles[path]:
            return self.troubles[path].pop(0)
        if asked.headers.get("X-Goog-Api-Key") != KEY:
            return refusal(400, "keyInvalid")
        return {
            "channels": self.ask_channels,
            "playlistItems": self.ask_uploads,
            "videos": self.ask_videos,
            "commentThreads": self.ask_threads,
            "comments": self.ask_comments,
        }[path](asked.query)

    def ask_channels(self, query: Asking) -> Reply:
        asked = query["id"].split(",")
        return listed(self.profile(one) for one in asked if one not in self.closed)

    def profile(self, owner: str) -> Item:
        name = owner[2:].rstrip("-")
        return {
            "kind": "youtube#channel",
            "id": owner,
            "snippet": {
                "title": name.title(),
                "customUrl": f"@{name}",
                "description": self.descriptions.get(name, ""),
            },
            "contentDetails": {"relatedPlaylists": {"uploads": f"UU{owner[2:]}"}},
            "statistics": {"subscriberCount": "7"},
        }

    def ask_uploads(self, query: Asking) -> Reply:
        entries = [
            {"contentDetails": {"videoId": one, "videoPublishedAt": each["snippet"]["publishedAt"]}}
            for one, each in self.videos.items()
            if each["snippet"]["channelId"][2:] == query["playlistId"][2:]
        ]
        newest = lambda each: each["contentDetails"]["videoPublishedAt"]  # noqa: E731
        found = sorted(entries, key=newest, reverse=True)
        first, size = self.part(query)
        return self.page(found[first : first + size], first + size, len(found))

    def ask_videos(self, query: Asking) -> Reply:
        return listed(self.counted(one) for one in query["id"].split(",") if one in self.videos)

    def counted(self, video: str) -> Item:
        tops = [one for _, one in self._ordered[video]]
        count = len(tops) + sum(len(self.replies[one]) for one in tops)
        return {**self.videos[video], "statistics": {"commentCount": str(count)}}

    def ask_threads(self, query: Asking) -> Reply:
        if "id" in query:
            return self.by_ids(query, self.threads, self.told)
        if query.get("videoId") in self.off:
            return refusal(403, "commentsDisabled")
        found = [one for _, one in reversed(self._ordered[query.get("videoId")])]
        if owner := query.get("allThreadsRelatedToChannelId"):
            found = [one for one in found if self.is_about(one, owner)]
        first, size = self.part(query)
        told = [self.told(one) for one in found[first : first + size]]
        return self.page(told, first + size, len(found))

    def is_about(self, top: str, owner: str) -> bool:
        video = self.threads[top]["snippet"].get("videoId")
        return not video or bool(self.videos[video]["snippet"]["channelId"] == owner)

    def ask_comments(self, query: Asking) -> Reply:
        if "id" in query:
            comments = self.comments()
            return self.by_ids(query, comments, lambda one: comments[one])
        told = [each for each in self.replies[query["parentId"]] if each["id"] not in self.withheld]
        first, size = self.part(query)
        return self.page(told[first : first + size], first + size, len(told))

    def by_ids(
        self, query: Asking, things: Mapping[str, Item], tell: Callable[[str], Item]
    ) -> Reply:
        asked = query["id"].split(",")
        found = [one for one in asked if one in things]
        if self.refuses_batches and len(found) < len(asked):
            return refusal(404, "commentNotFound")
        return listed(map(tell, found))

    def part(self, query: Asking) -> tuple[int, int]:
        """Where a page begins, and how much it holds."""
        first = int(query.get("pageToken", "t0")[1:])
        return first, min(int(query["maxResults"]), self.page_size)

    def page(self, items: list[Item], end: int, count: int) -> Reply:
        return listed(items, **({"nextPageToken": f"t{end}"} if end < count else {}))


@dataclass
class StudioNights(Nights):
    """Nights that read the channel `acme`."""

    platform: str = "youtube"
    name: str = ACME
    secret: str = KEY
