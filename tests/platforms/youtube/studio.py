"""A small made-up YouTube with comments, and nights that read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from extractors.client import Credentials
from extractors.observations import Observation
from extractors.platform import Fetched, Item, Reading, SetAside, Window
from extractors.platforms.youtube import YOUTUBE
from extractors.registry import open_client, options_of
from lake.organisation import AccountToRead
from tests.loopback import Asked, Clock, Reply

KEY = "st0dio-key"
Asking = Mapping[str, str]
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: int, hour: int = 0) -> datetime:
    """Midnight of day 0 is the first of January 2026."""
    return EPOCH + timedelta(days=day, hours=hour)


def channel(name: str) -> str:
    return f"UC{name:-<22}"


ACME, OTHER = channel("acme"), channel("other")


def refusal(status: int, reason: str) -> Reply:
    error = {"domain": "youtube", "reason": reason, "message": f"about {KEY}"}
    return Reply({"error": {"code": status, "message": "no", "errors": [error]}}, status)


def written(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


@dataclass
class Studio:
    """The service: what is published there, and how it answers. Change it between nights."""

    videos: dict[str, Item] = field(default_factory=dict)
    threads: dict[str, Item] = field(default_factory=dict)
    replies: defaultdict[str, list[Item]] = field(default_factory=lambda: defaultdict(list))
    descriptions: dict[str, str] = field(default_factory=dict)
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    off: set[str] = field(default_factory=set)
    withheld: set[str] = field(default_factory=set)  # counted, but never given
    page_size: int = 100
    inline_count: int = 2
    refuses_batches: bool = False

    def publishes(self, owner: str, when: datetime, **more: Any) -> str:
        video = f"video{len(self.videos):06}"
        told = {"publishedAt": written(when), "channelId": owner, "title": f"Video {video}"}
        self.videos[video] = {
            "kind": "youtube#video",
            "id": video,
            "snippet": {**told, "description": "", "channelTitle": "Somebody", **more},
            "status": {"privacyStatus": "public"},
        }
        return video

    def says(self, name: str | None, when: datetime, under: str | None, text: str = "…") -> str:
        """A comment under a video, or about the channel."""
        comment = f"Ug{len(self.threads):04}"
        self.threads[comment] = self._comment(comment, name, when, text, video=under)
        return comment

    def replies_to(self, top: str, name: str | None, when: datetime, text: str = "…") -> str:
        reply = f"{top}.{sum(map(len, self.replies.values())):04}"
        self.replies[top].append(self._comment(reply, name, when, text, parent=top))
        return reply

    def deletes(self, comment: str) -> None:
        if not self.threads.pop(comment, None):
            top = comment.partition(".")[0]
            self.replies[top] = [each for each in self.replies[top] if each["id"] != comment]

    def edits(self, comment: str, when: datetime, text: str) -> None:
        found = {each["id"]: each for each in self.comments()}[comment]["snippet"]
        found.update({"textDisplay": text, "textOriginal": text, "updatedAt": written(when)})

    def comments(self) -> list[Item]:
        tops = list(self.threads.values())
        return tops + [each for top in self.threads for each in self.replies[top]]

    def _comment(
        self,
        comment: str,
        name: str | None,
        when: datetime,
        text: str,
        *,
        video: str | None = None,
        parent: str | None = None,
    ) -> Item:
        snippet = {
            "authorDisplayName": f"@{name}" if name else "",
            "textDisplay": text,
            "textOriginal": text,
            "publishedAt": written(when),
            "updatedAt": written(when),
            "likeCount": 3,
        }
        if name:
            snippet["authorChannelId"] = {"value": channel(name)}
        if video:
            snippet["videoId"] = video
        if parent:
            snippet["parentId"] = parent
        return {"kind": "youtube#comment", "id": comment, "snippet": snippet}

    def told(self, top: str) -> Item:
        """A thread as the API tells it now; its newest replies come along."""
        comment, replies = self.threads[top], self.replies[top]
        video = comment["snippet"].get("videoId")
        owner = self.videos[video]["snippet"]["channelId"] if video else ACME
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
        return Reply({"items": [self.profile(one) for one in query["id"].split(",")]})

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
        return self.page(query, sorted(entries, key=newest, reverse=True))

    def ask_videos(self, query: Asking) -> Reply:
        asked = [one for one in query["id"].split(",") if one in self.videos]
        return Reply({"items": [self.counted(one) for one in asked]})

    def counted(self, video: str) -> Item:
        tops = [
            one for one, each in self.threads.items() if each["snippet"].get("videoId") == video
        ]
        count = len(tops) + sum(len(self.replies[one]) for one in tops)
        return {**self.videos[video], "statistics": {"commentCount": str(count)}}

    def ask_threads(self, query: Asking) -> Reply:
        if "id" in query:
            return self.by_ids(query, [self.told(one) for one in self.threads])
        if query.get("videoId") in self.off:
            return refusal(403, "commentsDisabled")
        threads = [self.told(one) for one in self.threads]
        key, value = "channelId", query.get("allThreadsRelatedToChannelId")
        if "videoId" in query:
            key, value = "videoId", query["videoId"]
        found = [each for each in threads if each["snippet"].get(key) == value]
        newest = lambda each: each["snippet"]["topLevelComment"]["snippet"]["publishedAt"]  # noqa: E731
        return self.page(query, sorted(found, key=newest, reverse=True))

    def ask_comments(self, query: Asking) -> Reply:
        if "id" in query:
            return self.by_ids(query, self.comments())
        told = [each for each in self.replies[query["parentId"]] if each["id"] not in self.withheld]
        return self.page(query, told)

    def by_ids(self, query: Asking, things: list[Item]) -> Reply:
        asked = query["id"].split(",")
        found = [each for each in things if each["id"] in asked]
        if self.refuses_batches and len(found) < len(asked):
            return refusal(404, "commentNotFound")
        return Reply({"items": found})

    def page(self, query: Asking, items: list[Item]) -> Reply:
        first = int(query.get("pageToken", "t0")[1:])
        size = min(int(query["maxResults"]), self.page_size)
        body: Item = {"items": items[first : first + size]}
        if first + size < len(items):
            body["nextPageToken"] = f"t{first + size}"
        return Reply(body)


@dataclass
class Nights:
    """Reads the studio by nights or months, and keeps what came like the lake does."""

    url: str
    secret: str = KEY
    options: dict[str, Any] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    raw: dict[tuple[str, datetime], list[Fetched | SetAside]] = field(default_factory=dict)

    @property
    def account(self) -> AccountToRead:
        return AccountToRead(platform="youtube", account=ACME, options=self.options)

    def read(self, stream: str, start: datetime, end: datetime) -> list[Item]:
        """The items of one stream and interval, which replace what was kept of it."""
        self.raw.pop((stream, end), None)
        credentials = Credentials(base_url=self.url, secret=self.secret)
        client = open_client(self.account, credentials, now=self.clock, sleep=self.clock.sleep)
        window = Window(start, end, end)
        reading = Reading(self.account, options_of(self.account), window, client, self.kept)
        self.raw[stream, end] = list(YOUTUBE.stream(stream).fetch(reading))
        return [each.item for each in self.raw[stream, end] if isinstance(each, Fetched)]

    def aside(self, stream: str, end: datetime) -> list[SetAside]:
        return [each for each in self.raw[stream, end] if isinstance(each, SetAside)]

    def kept(self, stream: str, since: datetime | None = None) -> Iterator[Item]:
        for (name, end), items in sorted(self.raw.items(), key=lambda each: each[0], reverse=True):
            if name == stream and (since is None or end > since):
                yield from (each.item for each in items if isinstance(each, Fetched))

    def said(self, stream: str, items: list[Item]) -> list[Observation]:
        read = YOUTUBE.stream(stream).read
        return [said for item in items for said in read(item, self.account)]
