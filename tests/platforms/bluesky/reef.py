"""A small made-up network that speaks Bluesky's dialect, and nights that read it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from requests.adapters import BaseAdapter

from extractors.client import Client, Credentials
from extractors.observations import Observation
from extractors.platform import Fetched, Item, Reading, SetAside, Window
from extractors.platforms.bluesky import BLUESKY, BlueskyOptions
from lake.organisation import AccountToRead
from tests.loopback import Asked, Clock, Reply

PASSWORD = "reef-pass-word"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
MISSING = Reply({"error": "NotFound", "message": "Post not found"}, 400)


def at(day: int, hour: int = 0) -> datetime:
    """Midnight of day 0 is the first of January 2026."""
    return EPOCH + timedelta(days=day, hours=hour)


def did(name: str) -> str:
    return f"did:plc:{name}"


def person(name: str) -> Item:
    return {"did": did(name), "handle": f"{name}.example", "displayName": name.title()}


def told(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


def uri_of(view: Item) -> str:
    return str(view["uri"])


@dataclass
class Reef:
    """The network: what was said there, and how it answers. Change it between nights."""

    posts: dict[str, Item] = field(default_factory=dict)
    notifications: list[Item] = field(default_factory=list)
    likes: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    reposts: defaultdict[str, list[tuple[str, datetime]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    followers: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)  # counted, but not told
    left: dict[str, str] = field(default_factory=dict)  # whose account is gone, and the error
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    page_size: int = 100
    levels: int = 10
    tokens: list[str] = field(default_factory=list)  # of all sessions; the last one is good

    def says(self, name: str, when: datetime, text: str = "…", **more: Any) -> str:
        """Add a post; returns its address."""
        uri = f"at://{did(name)}/app.bsky.feed.post/3k{len(self.posts):05d}"
        record = {
            "$type": "app.bsky.feed.post",
            "text": text,
            "createdAt": told(more.get("created", when)),
        }
        if to := more.get("to"):
            root = self.posts[to]["record"].get("reply", {}).get("root", {"uri": to})
            record["reply"] = {"parent": {"uri": to}, "root": root}
        if quoted := more.get("quotes"):
            record["embed"] = {"$type": "app.bsky.embed.record", "record": {"uri": quoted}}
        record["facets"] = [
            {
                "index": {"byteStart": 0, "byteEnd": 1},
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did(each)}],
            }
            for each in more.get("mentions", [])
        ]
        view = {"uri": uri, "author": person(name), "record": record, "indexedAt": told(when)}
        self.posts[uri] = view
        is_answer = bool(to) and to.startswith(f"at://{did('acme')}/")
        if name != "acme" and ("acme" in more.get("mentions", []) or is_answer):
            reason = "reply" if is_answer else "mention"
            self.notifications.append({**view, "reason": reason})
        return uri

    def does(self, name: str, kind: str, subject: Any, when: datetime) -> None:
        """Somebody likes, reposts or follows."""
        uri = f"at://{did(name)}/app.bsky.{kind}/3k{len(self.notifications):05d}"
        record = {"$type": f"app.bsky.{kind}", "subject": subject, "createdAt": told(when)}
        self.notifications.append(
            {
                "uri": uri,
                "author": person(name),
                "record": record,
                "reason": kind.rpartition(".")[2],
                "indexedAt": told(when),
            }
        )

    def view(self, uri: str) -> Item:
        """A post as the network tells it now."""
        return {
            **self.posts[uri],
            "replyCount": len(self.answers(uri)),
            "likeCount": len(self.likes[uri]),
            "repostCount": len(self.reposts[uri]),
            "quoteCount": len(self.quoting(uri)),
        }

    def answers(self, uri: str) -> list[str]:
        return [
            one
            for one, each in self.posts.items()
            if each["record"].get("reply", {}).get("parent", {}).get("uri") == uri
        ]

    def quoting(self, uri: str) -> list[str]:
        return [
            one
            for one, each in self.posts.items()
            if each["record"].get("embed", {}).get("record", {}).get("uri") == uri
        ]

    def __call__(self, asked: Asked) -> Reply:
        method = asked.path.removeprefix("/xrpc/").rpartition(".")[2]
        if self.troubles[method]:
            return self.troubles[method].pop(0)
        answer: Callable[[Asked], Reply] | None = getattr(self, f"on_{method}", None)
        return answer(asked) if answer else Reply({"error": "MethodNotImplemented"}, 501)

    def on_createSession(self, asked: Asked) -> Reply:  # noqa: N802
        assert asked.method == "POST"
        if json.loads(asked.body) != {"identifier": "acme.example", "password": PASSWORD}:
            return Reply({"error": "AuthenticationRequired", "message": "Invalid"}, 401)
        self.tokens.append(f"token-{len(self.tokens)}")
        return Reply({"accessJwt": self.tokens[-1], "refreshJwt": "r", "did": did("acme")})

    def is_signed(self, asked: Asked) -> bool:
        return asked.headers.get("Authorization") == f"Bearer {[None, *self.tokens][-1]}"

    def on_listNotifications(self, asked: Asked) -> Reply:  # noqa: N802
        if not self.is_signed(asked):
            return Reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        return self.page(asked, "notifications", self.notifications, newest_first)

    def on_searchPosts(self, asked: Asked) -> Reply:  # noqa: N802
        if not self.is_signed(asked):
            return Reply(b"<html>forbidden</html>", 403)
        words, since, until = (asked.query[key] for key in ("q", "since", "until"))
        found = [self.view(one) for one, each in self.posts.items() if words in text_of(each)]
        found = [each for each in found if since <= newest_first(each) < until]
        return self.page(asked, "posts", found, newest_first)

    def on_getAuthorFeed(self, asked: Asked) -> Reply:  # noqa: N802
        author = did(asked.query["actor"].partition(".")[0])
        feed = [{"post": self.view(one)} for one in self.posts if f"//{author}/" in one]
        for uri, who in self.reposts.items():
            for name, when in who:
                if did(name) == author:
                    kind = "app.bsky.feed.defs#reasonRepost"
                    reason = {"$type": kind, "by": person(name), "indexedAt": told(when)}
                    feed.append({"post": self.view(uri), "reason": reason})
        return self.page(asked, "feed", feed, newest_first)

    def on_getPosts(self, asked: Asked) -> Reply:  # noqa: N802
        uris = [value for key, value in asked.pairs if key == "uris"]
        assert 0 < len(uris) <= 25
        return Reply({"posts": [self.view(one) for one in uris if self.is_seen(one)]})

    def is_seen(self, uri: str) -> bool:
        return uri in self.posts and uri not in self.hidden

    def on_getPostThread(self, asked: Asked) -> Reply:  # noqa: N802
        uri = asked.query["uri"]
        if not self.is_seen(uri):
            return MISSING
        tree = self.below(uri, min(int(asked.query.get("depth", "6")), self.levels))
        node, height = tree, int(asked.query.get("parentHeight", "80"))
        while height and (reply := node["post"]["record"].get("reply")):
            above = reply["parent"]["uri"]
            seen = self.is_seen(above)
            node["parent"] = {"post": self.view(above)} if seen else {"uri": above}
            if not seen:
                node["parent"] |= {"$type": "app.bsky.feed.defs#notFoundPost", "notFound": True}
                break
            node, height = node["parent"], height - 1
        return Reply({"thread": tree})

    def below(self, uri: str, depth: int) -> Item:
        node: Item = {"post": self.view(uri)}
        if depth:
            told = [one for one in self.answers(uri) if self.is_seen(one)]
            node["replies"] = [self.below(one, depth - 1) for one in told]
        return node

    def on_getLikes(self, asked: Asked) -> Reply:  # noqa: N802
        when = told(at(1, 3))
        likes = [
            {"actor": person(name), "createdAt": when, "indexedAt": when}
            for name in self.likes[asked.query["uri"]]
            if name not in self.hidden
        ]
        return self.page(asked, "likes", likes)

    def on_getRepostedBy(self, asked: Asked) -> Reply:  # noqa: N802
        people = [person(name) for name, _ in self.reposts[asked.query["uri"]]]
        return self.page(asked, "repostedBy", people)

    def on_getQuotes(self, asked: Asked) -> Reply:  # noqa: N802
        return self.page(asked, "posts", [*map(self.view, self.quoting(asked.query["uri"]))])

    def on_getFollowers(self, asked: Asked) -> Reply:  # noqa: N802
        people = [person(name) for name in self.followers if name not in self.hidden]
        return self.page(asked, "followers", people)

    def on_getProfile(self, asked: Asked) -> Reply:  # noqa: N802
        name = asked.query["actor"].removeprefix("did:plc:").partition(".")[0]
        if name in self.left:
            return Reply({"error": self.left[name]}, 400)
        return Reply({**person(name), "followersCount": len(self.followers)})

    def on_getProfiles(self, asked: Asked) -> Reply:  # noqa: N802
        names = [value for key, value in asked.pairs if key == "actors"]
        assert 0 < len(names) <= 25
        about = {"description": "See https://me.example/.", "followersCount": 7}
        known = [name.removeprefix("did:plc:") for name in names]
        people = [person(name) for name in known if name not in self.left]
        return Reply({"profiles": [{**each, **about} for each in people]})

    def page(
        self,
        asked: Asked,
        key: str,
        items: list[Item],
        order: Callable[[Item], str] | None = None,
    ) -> Reply:
        """Pages by a number that only the cursor tells; newest first where there is an order."""
        items = sorted(items, key=order, reverse=True) if order else items
        first, size = int(asked.query.get("cursor", "0")), min(100, self.page_size)
        told = {key: items[first : first + size]}
        return Reply(told | ({"cursor": str(first + size)} if first + size < len(items) else {}))


def newest_first(item: Item) -> str:
    """The time by which the network orders."""
    if "reason" in item and "post" in item:
        return str(item["reason"]["indexedAt"])
    view = item.get("post", item)
    return str(min(view["record"]["createdAt"], view["indexedAt"]))


def text_of(view: Item) -> str:
    return str(view["record"]["text"])


@dataclass
class Nights:
    """Reads the network by nights or months, and keeps what came like the lake does."""

    url: str
    name: str = "acme.example"
    adapter: BaseAdapter | None = None
    secret: str = PASSWORD
    options: dict[str, Any] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    raw: dict[tuple[str, datetime], list[Fetched | SetAside]] = field(default_factory=dict)
    request_count: int = 0
    client: Client | None = None

    @property
    def account(self) -> AccountToRead:
        home = self.url.replace("127.0.0.1", "localhost")
        options = {"appview": self.url, "server": home, **self.options}
        return AccountToRead(platform="bluesky", account=self.name, options=options)

    def visit(self) -> Client:
        """A client as one run has it."""
        options = BlueskyOptions.model_validate(dict(self.account.options))
        credentials = Credentials(secret=self.secret)
        assert BLUESKY.base_url
        return Client(
            "bluesky",
            self.name,
            base_url=BLUESKY.base_url(self.account, options, credentials),
            adapter=self.adapter,
            now=self.clock,
            sleep=self.clock.sleep,
            credentials=credentials,
            sign_in=BLUESKY.sign_in,
            rate=BLUESKY.rate,
        )

    def read(self, stream: str, start: datetime, end: datetime) -> list[Item]:
        """The items of one stream and interval, which replace what was kept of it."""
        self.raw.pop((stream, end), None)
        client = self.client or self.visit()
        before = client.request_count
        options = BlueskyOptions.model_validate(dict(self.account.options))
        reading = Reading(self.account, options, Window(start, end, end), client, self.kept)
        try:
            self.raw[stream, end] = list(BLUESKY.stream(stream).fetch(reading))
        finally:
            self.request_count = client.request_count - before
        return [each.item for each in self.raw[stream, end] if isinstance(each, Fetched)]

    def aside(self, stream: str, end: datetime) -> list[SetAside]:
        return [each for each in self.raw[stream, end] if isinstance(each, SetAside)]

    def kept(self, stream: str, since: datetime | None = None) -> Iterator[Item]:
        for (name, end), items in sorted(self.raw.items(), key=lambda each: each[0], reverse=True):
            if name == stream and (since is None or end > since):
                yield from (each.item for each in items if isinstance(each, Fetched))

    def said(self, stream: str, items: list[Item]) -> list[Observation]:
        read = BLUESKY.stream(stream).read
        return [said for item in items for said in read(item, self.account)]
