"""A small made-up server that speaks X's dialect and keeps accounts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from extractors.platform import Item
from tests.loopback import Asked, Reply
from tests.platforms.town import START

SECRET = "square-t0ken"
NUMBERS = {"acme": "1000", "ada": "1001", "bob": "1002", "carl": "1003", "dora": "1004"}
PRICES = {"post": 0.005, "user": 0.010, "message": 0.010}
SMALLEST = {"tweets": 5, "mentions": 5, "recent": 10, "all": 10, "quote_tweets": 10}
NEWEST = {"tweets": 3200, "mentions": 800}
ID_EPOCH_MS = 1288834974657
NOT_FOUND = "https://api.twitter.com/2/problems/resource-not-found"
HIDDEN = "https://api.twitter.com/2/problems/not-authorized-for-resource"


def number_of(name: str) -> str:
    return NUMBERS.get(name) or str(10**18 + crc32(name.encode()))


def snowflake(when: datetime, sequence: int) -> str:
    """An id, which like X's own follows from its time."""
    return str((round(when.timestamp() * 1000) - ID_EPOCH_MS << 22) + sequence)


def user(name: str) -> Item:
    return {"id": number_of(name), "username": name, "name": name.title()}


def zulu(when: datetime) -> str:
    return when.isoformat().replace("+00:00", ".000Z")


@dataclass
class Square:
    """The server: what was said there, and how it answers. Change it between nights as you like."""

    posts: dict[str, Item] = field(default_factory=dict)
    messages: list[Item] = field(default_factory=list)
    likes: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    reposts: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    followers: list[str] = field(default_factory=list)
    counted: dict[str, Item] = field(default_factory=dict)  # counters that say something else
    hidden: set[str] = field(default_factory=set)
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    charged: dict[str, float] = field(default_factory=dict)  # since midnight, each thing once
    now: datetime = START
    page_size: int = 100
    name: str = "tweet"
    names: dict[str, str] = field(default_factory=dict)  # by number
    index: defaultdict[tuple[str, str], list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def says(
        self,
        name: str,
        when: datetime,
        to: str = "",
        quotes: str = "",
        number: str = "",
        **more: Any,
    ) -> str:
        """Add a post; returns its id."""
        number = number or snowflake(when, len(self.posts))
        to_whom = [self.author(to)] if to and self.author(to) != name else []
        mentions = [*more.pop("mentions", []), *to_whom]
        told = {
            "id": number,
            "created_at": zulu(when),
            "author_id": number_of(name),
            "conversation_id": self.posts[to]["conversation_id"] if to else number,
            "text": more.pop("text", "…"),
            f"edit_history_{self.name}_ids": [number],
            "entities": {"mentions": [{"id": number_of(m), "username": m} for m in mentions]},
            **more,
        }
        refers = [("replied_to", to), ("quoted", quotes), ("retweeted", more.get("of", ""))]
        if refers_to := [{"type": kind, "id": one} for kind, one in refers if one]:
            told[f"referenced_{self.name}s"] = refers_to
        if to:
            told["in_reply_to_user_id"] = self.posts[to]["author_id"]
        self.posts[number] = told
        self.names |= {number_of(each): each for each in (name, *mentions)}
        of_thread = ("thread", told["conversation_id"])
        mentioned = [("mentions", number_of(each)) for each in set(mentions)]
        for key in (("by", told["author_id"]), of_thread, *mentioned, *self.refers(told)):
            self.index[key].append(number)
        return number

    def writes(self, name: str, when: datetime, to: str, text: str = "…") -> str:
        """Add a direct message; returns its id."""
        pair = sorted((number_of(name), number_of(to)), key=int)
        self.names |= {number_of(each): each for each in (name, to)}
        told = {
            "id": snowflake(when, len(self.messages)),
            "event_type": "MessageCreate",
            "text": text,
            "sender_id": number_of(name),
            "dm_conversation_id": "-".join(pair),
            "created_at": zulu(when),
        }
        self.messages.append(told)
        return str(told["id"])

    def author(self, post: str) -> str:
        return self.names[self.posts[post]["author_id"]]

    def told(self, number: str) -> Item:
        """A post as the API tells it now."""
        post = self.posts[number]
        counters = {
            "reply_count": len(self.there("replied_to", number)),
            "quote_count": len(self.there("quoted", number)),
            "retweet_count": len(self.reposts[number]),
            "like_count": len(self.likes[number]),
        }
        return {**post, "public_metrics": counters | self.counted.get(number, {})}

    def there(self, kind: str, number: str) -> list[str]:
        """Posts by somebody, that mention somebody, of a thread, or that refer to a post."""
        return [one for one in self.index[kind, number] if one in self.posts]

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
            r"/2/users/(\d+)/tweets": lambda a, i: self.newest(a, self.there("by", i)),
            r"/2/users/(\d+)/mentions": lambda a, i: self.newest(a, self.there("mentions", i)),
            r"/2/users/\d+/followers": lambda asked: self.people(asked, self.followers),
            "/2/tweets/search/(recent|all)": self.search,
            "/2/tweets": self.chosen,
            r"/2/tweets/(\d+)/quote_tweets": lambda a, i: self.listed(a, self.there("quoted", i)),
            r"/2/tweets/(\d+)/liking_users": lambda a, i: self.people(a, self.likes[i][:100]),
            r"/2/tweets/(\d+)/retweeted_by": lambda a, i: self.people(a, self.reposts[i]),
            "/2/dm_events": self.written,
        }

    def lookup(self, _: Asked, name: str) -> Reply:
        if name not in NUMBERS:
            return Reply({"errors": [{"value": name, "type": NOT_FOUND, "resource_type": "user"}]})
        self.charge("user", [user(name)])
        return Reply({"data": user(name)})

    def newest(self, asked: Asked, ids: list[str]) -> Reply:
        most = NEWEST[asked.path.rpartition("/")[2]]
        return self.listed(asked, sorted(ids, key=int)[-most:])

    def search(self, asked: Asked, which: str) -> Reply:
        reach = START if which == "all" else self.now - timedelta(days=7)
        words, start = asked.query["query"], asked.query.get("start_time", "")
        if which == "recent" and "" < start < zulu(reach):
            return Reply({"title": "Invalid Request", "detail": "'start_time' must be later"}, 400)
        assert start or which == "recent", "only the last 30 days are searched then"
        assert len(words) <= 512
        threads = re.findall(r"conversation_id:(\d+)", words)
        found: Iterable[str] = [one for one, post in self.posts.items() if words in post["text"]]
        if threads:
            below = [(each, self.there("thread", each)) for each in threads]
            found = [one for each, posts in below for one in posts if one != each]
        at_least = zulu(reach)
        return self.listed(asked, [o for o in found if self.posts[o]["created_at"] >= at_least])

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

    def listed(self, asked: Asked, ids: Iterable[str]) -> Reply:
        """Posts newest first, of the time asked for, with what they refer to."""
        start, end = (
            asked.query.get(key, other).replace("Z", ".000Z")
            for key, other in (("start_time", ""), ("end_time", "9"))
        )
        found = [
            self.posts[one]
            for one in ids
            if one not in self.hidden and start <= self.posts[one]["created_at"] < end
        ]
        page, meta = self.below(asked, found)
        page = [self.told(each["id"]) for each in page]
        refers = {one for post in page for _, one in self.refers(post)}
        along = [self.told(one) for one in sorted(refers) if one in self.posts]
        authors = {post["author_id"] for post in [*page, *along]}
        people = [user(self.names[number]) for number in sorted(authors)]
        for kind, things in (("post", page), ("post", along), ("user", people)):
            self.charge(kind, things)
        body: Item = {"meta": meta, "includes": {"users": people, f"{self.name}s": along}}
        body |= {"data": page} if page else {}
        lost = [self.missing(one, "referenced") for one in refers if one not in self.posts]
        return Reply(body | ({"errors": lost} if lost else {}))

    def written(self, asked: Asked) -> Reply:
        """Direct messages of the last 30 days; from when to when cannot be asked."""
        assert asked.query["event_types"] == "MessageCreate"
        assert not {"start_time", "end_time"} & asked.query.keys()
        oldest = zulu(self.now - timedelta(days=30))
        page, meta = self.below(asked, [m for m in self.messages if m["created_at"] >= oldest])
        people = [user(self.names[one]) for one in sorted({each["sender_id"] for each in page})]
        self.charge("message", page)
        self.charge("user", people)
        body: Item = {"meta": meta, "includes": {"users": people}}
        return Reply(body | ({"data": page} if page else {}))

    def people(self, asked: Asked, names: list[str]) -> Reply:
        size, first = self.size(asked), int(asked.query.get("pagination_token", "0"))
        page = [user(name) for name in names[first : first + size]]
        more = {"next_token": str(first + size)} if first + size < len(names) else {}
        self.charge("user", page)
        meta = {"result_count": len(page), **more}
        return Reply({"data": page, "meta": meta} if page else {"meta": meta})

    def below(self, asked: Asked, things: list[Item]) -> tuple[list[Item], Item]:
        """A page of what is younger than the token, newest first, and its meta."""
        cursor = "next_token" if "/search/" in asked.path else "pagination_token"
        last, size = int(asked.query.get(cursor, "9" * 30)), self.size(asked)
        newest = sorted(things, key=lambda each: -int(each["id"]))
        found = [each for each in newest if int(each["id"]) < last]
        more = {"next_token": found[size - 1]["id"]} if len(found) > size else {}
        return found[:size], {"result_count": len(found[:size]), **more}

    def size(self, asked: Asked) -> int:
        size = int(asked.query["max_results"])
        assert SMALLEST.get(asked.path.rpartition("/")[2], 1) <= size <= 100
        return min(size, self.page_size)

    def charge(self, kind: str, things: list[Item]) -> None:
        self.charged |= {f"{kind} {each['id']}": PRICES[kind] for each in things}

    @property
    def bill(self) -> float:
        return round(sum(self.charged.values()), 6)
