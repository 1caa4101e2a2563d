"""A small made-up network that speaks Bluesky's dialect, and nights that read it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from operator import itemgetter
from typing import Any
from zlib import crc32

from extractors.platform import Item
from lake.organisation import AccountToRead
from tests.loopback import Asked, Reply
from tests.platforms.nights import Nights
from tests.platforms.town import at

PASSWORD = "reef-pass-word"
LEADS_ON = {"messages", "records"}  # lists whose last page has a cursor, too
WHY = {
    "InvalidRequest": "Profile not found",
    "AccountDeactivated": "Account is deactivated",
    "AccountTakedown": "Account has been suspended",
}
MISSING = Reply({"error": "NotFound", "message": "Post not found"}, 400)


def did(name: str) -> str:
    return f"did:plc:{name}"


def did_of(actor: str) -> str:
    """Whom a request names, by DID or handle."""
    return actor if actor.startswith("did:") else did(actor.partition(".")[0])


def person(name: str) -> Item:
    return {"did": did(name), "handle": f"{name}.example", "displayName": name.title()}


def address(name: str, number: int) -> str:
    return f"at://{did(name)}/app.bsky.feed.post/3k{number:05d}"


def is_by(name: str, uri: str) -> bool:
    return uri.startswith(f"at://{did(name)}/")


def told(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Reef:
    """The network: what was said there, and how it answers. Change it between nights."""

    posts: dict[str, Item] = field(default_factory=dict)
    notifications: list[Item] = field(default_factory=list)
    likes: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    like_times: dict[tuple[str, str], datetime] = field(default_factory=dict)
    reposts: defaultdict[str, list[tuple[str, datetime]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    followers: list[str] = field(default_factory=list)
    convos: dict[str, Convo] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)  # counted, but not told
    left: dict[str, str] = field(default_factory=dict)  # whose account is away, and the error
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    page_size: int = 100
    levels: int = 10
    tokens: list[str] = field(default_factory=list)  # of all sessions; the last one is good
    may_read_messages: bool = True  # what the app password allows
    numbers: Iterator[int] = field(default_factory=count)
    written: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    answering: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    quoted: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def says(self, name: str, when: datetime, text: str = "…", **more: Any) -> str:
        """Add a post; returns its address."""
        number = more["number"] if "number" in more else next(self.numbers)
        uri = address(name, number)
        record = {
            "$type": "app.bsky.feed.post",
            "text": text,
            "createdAt": told(more.get("created", when)),
        }
        if to := more.get("to"):
            root = self.posts[to]["record"].get("reply", {}).get("root", {"uri": to})
            record["reply"] = {"parent": {"uri": to}, "root": root}
            self.answering[to].append(uri)
        if quoted := more.get("quotes"):
            record["embed"] = {"$type": "app.bsky.embed.record", "record": {"uri": quoted}}
            self.quoted[quoted].append(uri)
        record["facets"] = [
            {
                "index": {"byteStart": 0, "byteEnd": 1},
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did(each)}],
            }
            for each in more.get("mentions", [])
        ]
        view = {"uri": uri, "author": person(name), "record": record, "indexedAt": told(when)}
        self.posts[uri] = view
        self.written[did(name)].append(uri)
        reason = self.reason_to_notify(uri, more.get("mentions", []), quoted)
        if name != "acme" and reason:
            self.notifications.append({**view, "cid": cid(view), "reason": reason})
        return uri

    def reason_to_notify(self, uri: str, mentions: list[str], quoted: str | None) -> str:
        """The network tells of answers four levels deep, to whoever wrote any post above."""
        if "acme" in mentions:
            return "mention"
        if quoted and is_by("acme", quoted):
            return "quote"
        return "reply" if any(is_by("acme", above) for above in self.above(uri)[:4]) else ""

    def above(self, uri: str) -> list[str]:
        """What a post answers, nearest first, as far as it is there."""
        found: list[str] = []
        while reply := self.posts[uri]["record"].get("reply"):
            uri = reply["parent"]["uri"]
            if uri not in self.posts:
                break
            found.append(uri)
        return found

    def does(self, name: str, kind: str, subject: Any, when: datetime) -> None:
        """Somebody likes, reposts or follows, and we are notified."""
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

    def writes(self, name: str, to: str, when: datetime, text: str, **more: Any) -> Item:
        """Somebody writes to somebody directly."""
        convo = self.convos.setdefault(f"{min(name, to)}-{max(name, to)}", Convo((name, to)))
        message = {
            "$type": "chat.bsky.convo.defs#messageView",
            "id": f"3l{next(self.numbers):05d}",
            "sender": {"did": did(name)},
            "text": text,
            "sentAt": told(when),
            **more,
        }
        convo.messages.append(message)
        return message

    def view(self, uri: str) -> Item:
        """A post as the network tells it now."""
        post = self.posts[uri]
        quoted = post["record"].get("embed", {}).get("record", {}).get("uri")
        return {
            **post,
            "cid": cid(post),
            **({"embed": self.embedded(quoted)} if quoted else {}),
            "replyCount": len(self.answers(uri)),
            "likeCount": len(self.likes[uri]),
            "repostCount": len(self.reposts[uri]),
            "quoteCount": len(self.quoting(uri)),
        }

    def view_of(self, post: Item) -> Item:
        return self.view(post["uri"])

    def embedded(self, uri: str) -> Item:
        """A post inside of one that quotes it."""
        kind = "app.bsky.embed.record#view"
        if not self.is_seen(uri):
            gone = {"$type": f"{kind}NotFound", "uri": uri, "notFound": True}
            return {"$type": kind, "record": gone}
        post = self.posts[uri]
        kept = {key: post[key] for key in ("uri", "author", "indexedAt")}
        record = {"$type": f"{kind}Record", **kept, "cid": cid(post), "value": post["record"]}
        return {"$type": kind, "record": record}

    def answers(self, uri: str) -> list[str]:
        return [one for one in self.answering[uri] if one in self.posts]

    def quoting(self, uri: str) -> list[str]:
        return [one for one in self.quoted[uri] if one in self.posts]

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
        told = [each for each in self.notifications if not self.is_lost(each["uri"])]
        return self.page(asked, "notifications", told, newest_first)

    def on_searchPosts(self, asked: Asked) -> Reply:  # noqa: N802
        if not self.is_signed(asked):
            return Reply(b"<html>forbidden</html>", 403)
        words, since, until = (asked.query[key] for key in ("q", "since", "until"))
        found = [one for one, each in self.posts.items() if words in text_of(each)]
        posts = [self.posts[one] for one in found if self.is_seen(one)]
        posts = [each for each in posts if since <= newest_first(each) < until]
        return self.page(asked, "posts", posts, newest_first, self.view_of)

    def on_getAuthorFeed(self, asked: Asked) -> Reply:  # noqa: N802
        author = did_of(asked.query["actor"])
        feed = [{"post": self.posts[one]} for one in self.written[author] if self.is_seen(one)]
        for uri, who in self.reposts.items():
            for name, when in who:
                if did(name) == author and self.is_seen(uri):
                    kind = "app.bsky.feed.defs#reasonRepost"
                    reason = {"$type": kind, "by": person(name), "indexedAt": told(when)}
                    feed.append({"post": self.posts[uri], "reason": reason})
        return self.page(asked, "feed", feed, newest_first, self.fed)

    def fed(self, entry: Item) -> Item:
        """An entry of a feed, with what it answers."""
        told = {**entry, "post": self.view_of(entry["post"])}
        if reply := entry["post"]["record"].get("reply"):
            told["reply"] = {key: self.there(reply[key]["uri"]) for key in reply}
        return told

    def there(self, uri: str) -> Item:
        kind = "app.bsky.feed.defs#"
        if self.is_seen(uri):
            return {"$type": f"{kind}postView", **self.view(uri)}
        return {"$type": f"{kind}notFoundPost", "uri": uri, "notFound": True}

    def on_getPosts(self, asked: Asked) -> Reply:  # noqa: N802
        uris = [value for key, value in asked.pairs if key == "uris"]
        assert 0 < len(uris) <= 25
        return Reply({"posts": [self.view(one) for one in uris if self.is_seen(one)]})

    def is_seen(self, uri: str) -> bool:
        """Whether a post is told at all; those of accounts that are away are not."""
        is_hidden = uri in self.hidden or any(is_by(name, uri) for name in self.left)
        return uri in self.posts and not is_hidden

    def is_lost(self, uri: str) -> bool:
        return "/app.bsky.feed.post/" in uri and not self.is_seen(uri)

    def on_getPostThread(self, asked: Asked) -> Reply:  # noqa: N802
        uri = asked.query["uri"]
        if not self.is_seen(uri):
            return MISSING
        tree = self.below(uri, min(int(asked.query.get("depth", "6")), self.levels))
        node, height = tree, int(asked.query.get("parentHeight", "80"))
        while height and (reply := node["post"]["record"].get("reply")):
            above = reply["parent"]["uri"]
            seen = self.is_seen(above)
            node["parent"] = {"post": self.view(above)} if seen else self.there(above)
            if not seen:
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
        uri = asked.query["uri"]
        names = [name for name in self.likes[uri] if name not in self.hidden]
        times = [told(self.liked_at(uri, name)) for name in names]
        likes = [
            {"actor": person(name), "createdAt": when, "indexedAt": when}
            for name, when in zip(names, times, strict=True)
        ]
        return self.page(asked, "likes", likes)

    def liked_at(self, uri: str, name: str) -> datetime:
        return self.like_times.get((uri, name), at(1, 3))

    def on_listRecords(self, asked: Asked) -> Reply:  # noqa: N802
        """What somebody likes, newest first. There is a cursor on every page that is not empty."""
        assert asked.query["collection"] == "app.bsky.feed.like"
        who = did_of(asked.query["repo"])
        liked = [uri for uri, names in self.likes.items() if who in map(did, names)]
        records = [
            {
                "uri": f"at://{who}/app.bsky.feed.like/{uri[-7:]}",
                "cid": "bafyreilike",
                "value": {
                    "$type": "app.bsky.feed.like",
                    "subject": {"uri": uri, "cid": "bafyreipost"},
                    "createdAt": told(self.liked_at(uri, who.rpartition(":")[2])),
                },
            }
            for uri in liked
        ]
        return self.page(asked, "records", records, lambda each: str(each["value"]["createdAt"]))

    def on_getRepostedBy(self, asked: Asked) -> Reply:  # noqa: N802
        people = [person(name) for name, _ in self.reposts[asked.query["uri"]]]
        return self.page(asked, "repostedBy", people)

    def on_getQuotes(self, asked: Asked) -> Reply:  # noqa: N802
        quotes = [self.posts[one] for one in self.quoting(asked.query["uri"]) if self.is_seen(one)]
        return self.page(asked, "posts", quotes, newest_first, self.view_of)

    def on_getFollowers(self, asked: Asked) -> Reply:  # noqa: N802
        people = [person(name) for name in self.followers if name not in self.hidden]
        return self.page(asked, "followers", people)

    def on_getProfile(self, asked: Asked) -> Reply:  # noqa: N802
        name = did_of(asked.query["actor"]).rpartition(":")[2]
        if name in self.left:
            return Reply({"error": self.left[name], "message": WHY[self.left[name]]}, 400)
        return Reply({**person(name), "followersCount": len(self.followers)})

    def on_getProfiles(self, asked: Asked) -> Reply:  # noqa: N802
        names = [value for key, value in asked.pairs if key == "actors"]
        assert 0 < len(names) <= 25
        about = {"description": "See https://me.example/.", "followersCount": 7}
        known = [name.removeprefix("did:plc:") for name in names]
        people = [person(name) for name in known if name not in self.left]
        return Reply({"profiles": [{**each, **about} for each in people]})

    def on_listConvos(self, asked: Asked) -> Reply:  # noqa: N802
        """Direct messages are at home somewhere else; the account's server passes us on."""
        if refusal := self.refuses_messages(asked):
            return refusal
        convos = [
            {
                "id": key,
                "rev": key,
                "members": [person(name) for name in convo.members],
                "lastMessage": convo.messages[-1],
                "muted": False,
                "unreadCount": 0,
                **convo.more,
            }
            for key, convo in self.convos.items()
            if "acme" in convo.members
        ]
        return self.page(asked, "convos", convos, lambda one: str(one["lastMessage"]["sentAt"]))

    def on_getMessages(self, asked: Asked) -> Reply:  # noqa: N802
        if refusal := self.refuses_messages(asked):
            return refusal
        told = self.convos[asked.query["convoId"]].messages
        return self.page(asked, "messages", told, lambda each: str(each["sentAt"]))

    def refuses_messages(self, asked: Asked) -> Reply | None:
        if asked.headers.get("atproto-proxy") != "did:web:api.bsky.chat#bsky_chat":
            return Reply({"error": "XRPCNotSupported", "message": "XRPCNotSupported"}, 404)
        if not self.is_signed(asked):
            return Reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        if not self.may_read_messages:
            return Reply({"error": "InvalidToken", "message": "Bad token method"}, 400)
        return None

    def page(
        self,
        asked: Asked,
        key: str,
        items: list[Item],
        order: Callable[[Item], str] = lambda _: "",
        tell: Callable[[Item], Item] = lambda each: each,
    ) -> Reply:
        """Newest first, or in the order of the list; a cursor names what was told last."""
        places = [(order(each), -place) for place, each in enumerate(items)]
        ranked = sorted(zip(places, items, strict=True), key=itemgetter(0), reverse=True)
        if cursor := asked.query.get("cursor"):
            moment, _, place = cursor.rpartition(" ")
            ranked = [each for each in ranked if each[0] < (moment, int(place))]
        found = ranked[: min(100, int(asked.query["limit"]), self.page_size)]
        told = {key: [tell(each) for _, each in found]}
        if found and (len(found) < len(ranked) or key in LEADS_ON):
            told["cursor"] = "{} {}".format(*found[-1][0])
        return Reply(told)


@dataclass
class Convo:
    """A conversation out of the public."""

    members: tuple[str, ...]
    messages: list[Item] = field(default_factory=list)
    more: Item = field(default_factory=dict)


def newest_first(item: Item) -> str:
    """The time by which the network orders."""
    if "reason" in item and "post" in item:
        return str(item["reason"]["indexedAt"])
    view = item.get("post", item)
    return str(min(view["record"]["createdAt"], view["indexedAt"]))


def text_of(view: Item) -> str:
    return str(view["record"]["text"])


def cid(post: Item) -> str:
    """What changes when the record is rewritten."""
    return f"bafyrei{crc32(text_of(post).encode()):08x}"


def hosts(url: str) -> Item:
    """The server of our account and the app view: one machine by two names.

    So it shows that what is public is asked without our token.
    """
    return {"server": url, "appview": url.replace("127.0.0.1", "localhost")}


@dataclass
class ReefNights(Nights):
    """Nights at the reef."""

    platform: str = "bluesky"
    name: str = "acme.example"
    secret: str = PASSWORD

    @property
    def account(self) -> AccountToRead:
        return AccountToRead(
            platform=self.platform, account=self.name, options={**hosts(self.url), **self.options}
        )
