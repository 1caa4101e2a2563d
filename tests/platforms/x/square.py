"""A small made-up server that speaks X's dialect and keeps accounts, and nights that read it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from extractors.client import Credentials
from extractors.extract import StreamReading, extract
from extractors.observations import Observation
from extractors.platform import Item, Window
from extractors.platforms.x import X
from lake.organisation import AccountToRead, Organisation, Ours
from lake.store import Lake
from tests.loopback import Asked, Clock, Reply

SECRET = "square-t0ken"
NUMBERS = {"acme": "1000", "ada": "1001", "bob": "1002", "carl": "1003", "dora": "1004"}
PRICES = {"post": 0.005, "user": 0.010}
SMALLEST = {"tweets": 5, "mentions": 5, "recent": 10, "quote_tweets": 10}
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ID_EPOCH_MS = 1288834974657
NOT_FOUND = "https://api.twitter.com/2/problems/resource-not-found"
HIDDEN = "https://api.twitter.com/2/problems/not-authorized-for-resource"


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Midnight of day 0 is the first of January 2026."""
    return EPOCH + timedelta(days=day, hours=hour, minutes=minute)


def user(name: str) -> Item:
    return {"id": NUMBERS[name], "username": name, "name": name.title()}


def zulu(when: datetime) -> str:
    return when.isoformat().replace("+00:00", ".000Z")


@dataclass
class Square:
    """The server: what was said there, and how it answers. Change it between nights as you like."""

    posts: dict[str, Item] = field(default_factory=dict)
    likes: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    reposts: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    followers: list[str] = field(default_factory=list)
    counted: dict[str, Item] = field(default_factory=dict)  # counters that say something else
    hidden: set[str] = field(default_factory=set)
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    charged: dict[str, float] = field(default_factory=dict)  # since midnight, each thing once
    now: datetime = EPOCH
    page_size: int = 100
    name: str = "tweet"

    def says(self, name: str, when: datetime, to: str = "", quotes: str = "", **more: Any) -> str:
        """Add a post; returns its id, which like X's own follows from its time."""
        millis = round(when.timestamp() * 1000) - ID_EPOCH_MS
        number = str((millis << 22) + len(self.posts))
        mentions = [*more.pop("mentions", []), *([self.author(to)] if to else [])]
        told = {
            "id": number,
            "created_at": zulu(when),
            "author_id": NUMBERS[name],
            "conversation_id": self.posts[to]["conversation_id"] if to else number,
            "text": more.pop("text", "…"),
            f"edit_history_{self.name}_ids": [number],
            "entities": {"mentions": [{"id": NUMBERS[m], "username": m} for m in mentions]},
            **more,
        }
        refers = [("replied_to", to), ("quoted", quotes), ("retweeted", more.get("of", ""))]
        if refers_to := [{"type": kind, "id": one} for kind, one in refers if one]:
            told[f"referenced_{self.name}s"] = refers_to
        if to:
            told["in_reply_to_user_id"] = self.posts[to]["author_id"]
        self.posts[number] = told
        return number

    def author(self, post: str) -> str:
        (name,) = (n for n, number in NUMBERS.items() if number == self.posts[post]["author_id"])
        return name

    def told(self, number: str) -> Item:
        """A post as the API tells it now."""
        post = self.posts[number]
        counters = {
            "reply_count": len(self.referring(number, "replied_to")),
            "quote_count": len(self.referring(number, "quoted")),
            "retweet_count": len(self.reposts[number]),
            "like_count": len(self.likes[number]),
        }
        return {**post, "public_metrics": counters | self.counted.get(number, {})}

    def referring(self, number: str, kind: str) -> list[str]:
        return [one for one, post in self.posts.items() if (kind, number) in self.refers(post)]

    def refers(self, post: Item) -> list[tuple[str, str]]:
        return [(each["type"], each["id"]) for each in post.get(f"referenced_{self.name}s", [])]

    def __call__(self, asked: Asked) -> Reply:
        assert (
            f"{self.name}.fields" in asked.query
            or "user.fields" in asked.query
            or ("/by/username/" in asked.path)
        )
        if asked.headers.get("Authorization") != f"Bearer {SECRET}":
            return Reply({"title": "Unauthorized", "type": "about:blank", "status": 401}, 401)
        if self.troubles[asked.path]:
            return self.troubles[asked.path].pop(0)
        for pattern, answer in self.routes.items():
            if found := re.fullmatch(pattern, asked.path):
                return answer(asked, *found.groups())
        return Reply({"title": "Not Found"}, 404)

    @property
    def routes(self) -> dict[str, Callable[..., Reply]]:
        return {
            r"/2/users/by/username/(\w+)": self.lookup,
            r"/2/users/(\d+)/tweets": self.written,
            r"/2/users/(\d+)/mentions": self.mentioning,
            r"/2/users/\d+/followers": lambda asked: self.people(asked, self.followers),
            "/2/tweets/search/recent": self.search,
            "/2/tweets": self.chosen,
            r"/2/tweets/(\d+)/quote_tweets": lambda a, i: self.listed(
                a, self.referring(i, "quoted")
            ),
            r"/2/tweets/(\d+)/liking_users": lambda a, i: self.people(a, self.likes[i][:100]),
            r"/2/tweets/(\d+)/retweeted_by": lambda a, i: self.people(a, self.reposts[i]),
        }

    def lookup(self, _: Asked, name: str) -> Reply:
        if name not in NUMBERS:
            return Reply({"errors": [{"value": name, "type": NOT_FOUND, "resource_type": "user"}]})
        self.charge("user", [user(name)])
        return Reply({"data": user(name)})

    def written(self, asked: Asked, number: str) -> Reply:
        return self.listed(asked, self.written_by(number))

    def mentioning(self, asked: Asked, number: str) -> Reply:
        return self.listed(asked, self.mentions_of(number))

    def written_by(self, number: str) -> list[str]:
        return [one for one, post in self.posts.items() if post["author_id"] == number]

    def mentions_of(self, number: str) -> list[str]:
        return [
            one
            for one, post in self.posts.items()
            if any(each["id"] == number for each in post["entities"]["mentions"])
        ]

    def search(self, asked: Asked) -> Reply:
        reach, words = self.now - timedelta(days=7), asked.query["query"]
        if asked.query.get("start_time", "9") < zulu(reach):
            return Reply({"title": "Invalid Request", "detail": "'start_time' must be later"}, 400)
        threads = re.findall(r"conversation_id:(\d+)", words)
        assert len(words) <= 512
        found = [
            one
            for one, post in self.posts.items()
            if post["created_at"] >= zulu(reach)
            and (self.is_below(one, threads) if threads else words in post["text"])
        ]
        return self.listed(asked, found)

    def is_below(self, one: str, threads: list[str]) -> bool:
        return one not in threads and self.posts[one]["conversation_id"] in threads

    def chosen(self, asked: Asked) -> Reply:
        ids = asked.query["ids"].split(",")
        assert len(ids) <= 100
        found = [self.told(one) for one in ids if one in self.posts and one not in self.hidden]
        self.charge("post", found)
        missing = [self.missing(one, "ids") for one in ids if one not in {p["id"] for p in found}]
        return Reply({"data": found, "errors": missing} if found else {"errors": missing})

    def missing(self, number: str, parameter: str) -> Item:
        return {
            "resource_id": number,
            "resource_type": "tweet",
            "parameter": parameter,
            "type": HIDDEN if number in self.hidden else NOT_FOUND,
            "detail": "Could not find it",
        }

    def listed(self, asked: Asked, ids: list[str]) -> Reply:
        """Posts newest first, of the time asked for, with what they refer to."""
        start, end = (
            asked.query.get(key, other).replace("Z", ".000Z")
            for key, other in (("start_time", ""), ("end_time", "9"))
        )
        found = [
            self.told(one)
            for one in sorted(ids, key=int, reverse=True)
            if one not in self.hidden and start <= self.posts[one]["created_at"] < end
        ]
        page, meta = self.page(asked, found)
        refers = {one for post in page for _, one in self.refers(post)}
        along = [self.told(one) for one in sorted(refers) if one in self.posts]
        authors = {post["author_id"] for post in [*page, *along]}
        people = [user(name) for name, number in NUMBERS.items() if number in authors]
        for kind, things in (("post", page), ("post", along), ("user", people)):
            self.charge(kind, things)
        body: Item = {"meta": meta, "includes": {"users": people, f"{self.name}s": along}}
        body |= {"data": page} if page else {}
        lost = [self.missing(one, "referenced") for one in refers if one not in self.posts]
        return Reply(body | ({"errors": lost} if lost else {}))

    def people(self, asked: Asked, names: list[str]) -> Reply:
        page, meta = self.page(asked, [user(name) for name in names])
        self.charge("user", page)
        return Reply({"data": page, "meta": meta} if page else {"meta": meta})

    def page(self, asked: Asked, things: list[Item]) -> tuple[list[Item], Item]:
        size = int(asked.query["max_results"])
        assert SMALLEST.get(asked.path.rpartition("/")[2], 1) <= size <= 100
        cursor = "next_token" if asked.path.endswith("recent") else "pagination_token"
        first = int(asked.query.get(cursor, "0"))
        last = first + min(size, self.page_size)
        more = {"next_token": str(last)} if last < len(things) else {}
        return things[first:last], {"result_count": len(things[first:last]), **more}

    def charge(self, kind: str, things: list[Item]) -> None:
        self.charged |= {f"{kind} {each['id']}": PRICES[kind] for each in things}

    @property
    def bill(self) -> float:
        return round(sum(self.charged.values()), 6)


@dataclass
class Nights:
    """Reads the square night by night into a lake."""

    square: Square
    url: str
    home: Path
    options: dict[str, Any] = field(default_factory=dict)
    history_from: date = date(2026, 1, 1)
    secret: str = SECRET
    clock: Clock = field(default_factory=Clock)

    @property
    def account(self) -> AccountToRead:
        given = {"url": self.url, "budget": 1000.0, **self.options}
        return AccountToRead(platform="x", account="@acme", options=given)

    @property
    def organisation(self) -> Organisation:
        ours = Ours(name="Acme", kind="brand", accounts=("x::acme",))
        return Organisation(
            name="acme",
            title="Acme",
            history_from=self.history_from,
            read=(self.account,),
            ours=(ours,),
        )

    @property
    def lake(self) -> Lake:
        return Lake.of("acme", str(self.home))

    def run(self, day: int) -> list[StreamReading]:
        """Read one day, three hours after its end; on a day, X charges each thing once."""
        if self.square.now != at(day + 1, 3):
            self.square.charged.clear()
        self.square.now = self.clock.now = at(day + 1, 3)
        return extract(
            self.lake,
            self.organisation,
            self.account,
            Window(at(day), at(day + 1), at(day + 1)),
            Credentials(secret=self.secret),
            now=self.clock,
            sleep=self.clock.sleep,
        )

    def rows(self, stream: str, day: int | None = None) -> list[Item]:
        """Raw rows of a stream, or only of the partition that ends with a day; newest first."""
        found = sorted(self.lake.partitions("raw", "x", "@acme", stream), key=lambda one: one.end)
        return [
            row
            for partition in reversed(found)
            if day is None or partition.end == at(day + 1)
            for row in self.lake.read(f"raw/{partition.path}").to_pylist()
        ]

    def items(self, stream: str, day: int | None = None) -> list[Item]:
        """Items without our own notes."""
        rows = (row for row in self.rows(stream, day) if not row["set_aside_reason"])
        found = [json.loads(row["item"]) for row in rows]
        return [each for each in found if "note" not in each]

    def ids(self, stream: str, day: int | None = None) -> list[str]:
        return [each["id"] for each in self.items(stream, day)]

    def aside(self, stream: str, day: int | None = None) -> list[tuple[str, str, int]]:
        return [
            (row["item"], row["set_aside_reason"], row["row_count"])
            for row in self.rows(stream, day)
            if row["set_aside_reason"]
        ]

    def said(self, stream: str, day: int | None = None) -> list[Observation]:
        read = X.stream(stream).read
        return [said for item in self.items(stream, day) for said in read(item, self.account)]
