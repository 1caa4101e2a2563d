"""What recorded answers of the real network become, against a count of their own JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.observations import (
    AccountSeen,
    FollowSeen,
    MessageSeen,
    Observation,
    ReactionSeen,
)
from extractors.platform import Fetched, Item
from extractors.platforms.bluesky.items import sorted_at
from tests.platforms.bluesky.reef import ReefNights
from tests.recordings import Exchange, Replay, load_recording

HOST, PDS = "https://bsky.social", "https://puffball.us-east.host.bsky.network"
IGNORED = ("limit", "filter", "actor", "cursor", "since", "until", "sort", "q", "uri", "status")
EARLY, LATE = "2020-01-01T00:00Z", "2026-01-01T00:00Z"

Recording = Callable[[str], Exchange]


@pytest.fixture
def bskyr(shared: Callable[[str], Path]) -> Recording:
    folder = shared("recordings/bluesky/bskyr_vcr")
    return lambda name: load_recording(folder / f"{name}.yml")[0]


@pytest.fixture
def views(shared: Callable[[str], Path]) -> Callable[[str], dict[str, Any]]:
    """What the platform's own tests saw its app view answer, by the name of the test."""
    folder = shared("recordings/bluesky/atproto_snapshots/bsky/tests/views/__snapshots__")
    return lambda name: dict(snapshots((folder / f"{name}.test.ts.snap").read_text("utf-8")))


def snapshots(text: str) -> Iterator[tuple[str, Any]]:
    """Snapshots as JSON; numbered people and records get ids of the real shape."""
    for name, found in re.findall(r"exports\[`(.+?)`\] = `\n?(.*?)\n?`;", text, re.DOTALL):
        plain = found.replace("\\\\", "\\").replace("\\`", "`")
        value = re.sub(r",(\s*[}\]])", r"\1", plain)
        people = re.sub(r'"user\((\d+)\)"', r'"did:plc:user\1"', value)
        told = re.sub(r'"record\((\d+)\)"', r'"at://did:plc:some/app.bsky.feed.post/\1"', people)
        if told != "undefined":
            yield name, json.loads(told)


def when(told: str) -> datetime:
    return datetime.fromisoformat(told)


def body(exchange: Exchange) -> Any:
    return json.loads(exchange.body)


def last_page(exchange: Exchange) -> Exchange:
    """The recorded page without its cursor: what comes after it was not recorded."""
    told = json.dumps({key: value for key, value in body(exchange).items() if key != "cursor"})
    return Exchange(exchange.method, exchange.url, 200, exchange.headers, told.encode())


def replaying(*exchanges: Exchange) -> ReefNights:
    session = Exchange(
        "POST",
        f"{HOST}/xrpc/com.atproto.server.createSession",
        200,
        {},
        json.dumps({"accessJwt": "REDACTED"}).encode(),
    )
    adapter = Replay([session, *map(last_page, exchanges)], ignored=IGNORED)
    nights = ReefNights(HOST, name="chriskenny.bsky.social", adapter=adapter)
    nights.options = {"appview": HOST, "server": HOST, "searches": ["redistricting"]}
    return nights


def read(nights: ReefNights, stream: str) -> tuple[list[Item], list[Observation]]:
    items = nights.read(stream, when(EARLY), when(LATE))
    return items, nights.said(stream, items)


def messages(said: list[Observation]) -> dict[str, MessageSeen]:
    return {each.message_id[9:]: each for each in said if isinstance(each, MessageSeen)}


def edges(said: dict[str, MessageSeen]) -> set[tuple[str, str]]:
    return {(uri, each.parent_id[9:]) for uri, each in said.items() if each.parent_id}


def written(value: Any) -> Iterator[tuple[str, str, Item]]:
    """Address, author and record of every post anywhere in an answer, whatever its place."""
    if isinstance(value, dict):
        record = value.get("record", value.get("value"))
        if isinstance(record, dict) and record.get("$type") == "app.bsky.feed.post":
            yield value["uri"], value["author"]["did"], record
        value = [inner for key, inner in value.items() if key != "embeds"]
    if isinstance(value, list):
        for inner in value:
            yield from written(inner)


def hold_against(said: list[Observation], answer: Any) -> tuple[int, int, int]:
    """Messages, people and answers that were read, held against those of the answer."""
    read, posts = messages(said), {uri: (did, record) for uri, did, record in written(answer)}
    assert read.keys() == posts.keys()
    authors = {uri: f"bluesky::{did}" for uri, (did, _) in posts.items()}
    assert {uri: each.author_id for uri, each in read.items()} == authors
    parents = {
        (uri, record["reply"]["parent"]["uri"])
        for uri, (_, record) in posts.items()
        if record.get("reply")
    }
    assert edges(read) == parents
    return len(read), len({each.author_id for each in read.values()}), len(parents)


def test_an_author_s_feed_keeps_every_post_person_and_edge(bskyr: Recording) -> None:
    recorded = bskyr("f_autfeed")
    nights = replaying(recorded)
    items, said = read(nights, "posts")
    feed = body(recorded)["feed"]
    assert items == feed
    assert hold_against(said, feed) == (80, 23, 38)
    reposts = [each["post"]["uri"] for each in feed if "reason" in each]
    assert [each.message_id[9:] for each in said if isinstance(each, ReactionSeen)] == reposts
    assert len(reposts) == 7
    own = [each["post"] for each in feed if "reason" not in each]
    assert sum("reply" in each["record"] for each in own) == 24
    assert nights.clock.slept == [], "the recorded rate limit was far away"


def test_a_recorded_feed_is_in_the_order_that_ends_the_walk(bskyr: Recording) -> None:
    listed = body(bskyr("f_autfeed"))["feed"], body(bskyr("n_notifications"))["notifications"]
    for told in listed:
        times = [sorted_at(each) for each in told]
        assert times == sorted(filter(None, times), reverse=True)
    nights = replaying(bskyr("f_autfeed"))
    some = nights.read("posts", when("2025-03-01T00:00Z"), when("2025-05-01T00:00Z"))
    assert 0 < len(some) < 50
    assert all("2025-03" <= str(sorted_at(each)) < "2025-05" for each in some)


def test_a_parent_s_author_in_an_address_is_the_parent_s_author(bskyr: Recording) -> None:
    said = messages(read(replaying(bskyr("f_autfeed")), "posts")[1])
    compared = [
        (each.parent_author_id, said[each.parent_id[9:]].author_id)
        for each in said.values()
        if each.parent_id and each.parent_id[9:] in said
    ]
    assert len(compared) >= 21
    assert all(told == known for told, known in compared)


def test_notifications_of_every_recorded_kind_are_read(bskyr: Recording) -> None:
    recorded = bskyr("n_notifications")
    items, said = read(replaying(recorded), "notifications")
    told = body(recorded)["notifications"]
    assert items == told
    counts = Counter(each["reason"] for each in told)
    assert counts == {"follow": 17, "like": 13, "mention": 11, "quote": 7, "repost": 2}
    acts = Counter(each.kind for each in said if isinstance(each, ReactionSeen))
    assert acts == {"reaction": 13, "repost": 2}
    follows = [each for each in said if isinstance(each, FollowSeen)]
    assert len(follows) == 17
    assert {each.followed_id for each in follows} == {"bluesky::did:plc:5c2r73erhng4bszmxlfdtscf"}
    assert hold_against(said, told)[0] == 18
    mentions = [each for each in messages(said).values() if follows[0].followed_id in each.mentions]
    assert len(mentions) >= 11


def test_searches_quotes_and_a_timeline_keep_every_post(bskyr: Recording) -> None:
    found = bskyr("f_search")
    items, said = read(replaying(found), "searches")
    assert len(items) == 25
    assert hold_against(said, body(found))[2] >= 12
    for name, stream in (("f_getquotes", "quotes"), ("f_timeline", "posts")):
        told = body(bskyr(name))
        listed = [{"post": each} for each in told["posts"]] if "posts" in told else told["feed"]
        hold_against(ReefNights(HOST).said(stream, listed), told)


def around(nights: ReefNights, stream: str, counter: str, count: int) -> list[Observation]:
    post = {
        "uri": "at://did:plc:us/app.bsky.feed.post/3k",
        "author": {"did": "did:plc:us"},
        "record": {"createdAt": "2025-01-01T00:00:00Z"},
        "indexedAt": "2025-01-01T00:00:00Z",
        counter: count,
    }
    nights.raw["posts", when(LATE)] = [Fetched({"post": post})]
    return read(nights, stream)[1]


@pytest.mark.parametrize(
    ("stream", "recording", "counter", "count"),
    [("likes", "f_postlikes", "likeCount", 4), ("reposts", "f_reposts", "repostCount", 1)],
)
def test_everybody_who_reacted_is_known(
    bskyr: Recording, stream: str, recording: str, counter: str, count: int
) -> None:
    recorded = bskyr(recording)
    said = around(replaying(recorded), stream, counter, count)
    told = next(value for value in body(recorded).values() if isinstance(value, list))
    people = [f"bluesky::{each.get('actor', each)['did']}" for each in told]
    assert len(people) == count
    assert [each.account_id for each in said if isinstance(each, ReactionSeen)] == people


def test_followers_are_known_by_did_with_the_links_that_they_declare(bskyr: Recording) -> None:
    recorded = bskyr("g_followers")
    own = Exchange(
        "GET",
        f"{HOST}/xrpc/app.bsky.actor.getProfile",
        200,
        {},
        json.dumps({**body(recorded)["subject"], "followersCount": 554}).encode(),
    )
    nights = replaying(own, recorded)
    said = read(nights, "followers")[1]
    people = body(recorded)["followers"]
    follows = [each.follower_id for each in said if isinstance(each, FollowSeen)]
    assert follows == [f"bluesky::{each['did']}" for each in people]
    assert len(follows) == 48
    (aside,) = nights.aside("followers", when(LATE))
    assert aside.row_count == 554 - 48, "there are more pages than were recorded"
    accounts = [each for each in said if isinstance(each, AccountSeen)]
    linked = {each.account_id for each in accounts if each.profile_links}
    told = [body(recorded)["subject"], *people]
    assert linked == {
        f"bluesky::{each['did']}" for each in told if "://" in each.get("description", "")
    }


def test_recorded_direct_messages_are_read_with_their_reactions(bskyr: Recording) -> None:
    at_home = [
        replace(each, url=each.url.replace(PDS, HOST))
        for each in (bskyr("c_list"), bskyr("c_messages"))
    ]
    nights = replaying(*at_home)
    nights.options |= {"direct_messages": True}
    items, said = read(nights, "messages")
    told = body(at_home[1])["messages"]
    assert [each["message"] for each in items] == told
    assert [each.text for each in messages(said).values()] == [each["text"] for each in told]
    us, them = (f"bluesky::{who['did']}" for who in body(at_home[0])["convos"][0]["members"])
    directed = {(each.author_id, each.mentions) for each in messages(said).values()}
    assert directed == {(us, (them,)), (them, (us,))}
    (reaction,) = [each for each in said if isinstance(each, ReactionSeen)]
    assert reaction.account_id == us
    assert "knownFollowers" not in str(items), "other people are not in the conversation"


def nested(node: Item, above: str | None = None) -> Iterator[tuple[str, str | None]]:
    """Posts of a thread as they hang under each other, whatever their records say."""
    if "post" in node:
        uri = node["post"]["uri"]
        if "parent" in node:
            above = node["parent"].get("post", node["parent"])["uri"]
            yield from nested(node["parent"])
        yield uri, above
        for each in node.get("replies") or []:
            yield from nested(each, uri)


def test_threads_hang_together_by_addresses_as_the_platform_nests_them(
    views: Callable[[str], dict[str, Any]],
) -> None:
    counts = Counter[str]()
    for name in ("thread", "blocks"):
        for answer in views(name).values():
            if not isinstance(answer, dict) or "post" not in answer:
                continue
            tree = dict(nested(answer))
            listed = [{"post": each} for each in _views(answer)]
            said = messages(ReefNights(HOST).said("threads", listed))
            told = dict(edges(said))
            assert tree.keys() <= said.keys()
            for uri, parent in tree.items():
                if parent:
                    assert told[uri] == parent
                    counts["edges"] += 1
            counts["threads"] += 1
            counts["posts"] += len(tree)
    assert counts == {"threads": 13, "posts": 29, "edges": 19}


def _views(node: Item) -> Iterator[Item]:
    if "post" in node:
        yield node["post"]
        for each in [node.get("parent") or {}, *(node.get("replies") or [])]:
            yield from _views(each)


def test_notifications_of_every_reason_are_read(views: Callable[[str], dict[str, Any]]) -> None:
    counts = Counter[str]()
    for told in views("notifications").values():
        listed = told["notifications"] if isinstance(told, dict) else told
        for item in listed:
            said = ReefNights(HOST).said("notifications", [item])
            counts[item["reason"]] += 1
            kinds = {type(each).__name__ for each in said}
            assert "AccountSeen" in kinds
            if item["reason"] in {"mention", "reply", "quote"}:
                assert item["uri"] in messages(said)
            elif "like" in item["reason"] or "repost" in item["reason"]:
                assert "ReactionSeen" in kinds
            elif item["reason"] == "follow":
                assert "FollowSeen" in kinds
    assert counts.keys() >= {
        *("like", "repost", "follow", "mention", "reply", "quote", "like-via-repost"),
        *("repost-via-repost", "verified", "unverified"),
    }


def test_feeds_of_the_app_view_are_read_whole(views: Callable[[str], dict[str, Any]]) -> None:
    for name, answer in views("author-feed").items():
        if isinstance(answer, list):
            said = ReefNights(HOST).said("posts", answer)
            assert messages(said).keys() == {uri for uri, *_ in written(answer)}, name


def test_no_declared_time_stops_the_walk(shared: Callable[[str], Path]) -> None:
    folder = shared("recordings/bluesky/interop_syntax/syntax")
    seen = when("2026-02-03T00:00Z")
    for path in folder.glob("datetime_*.txt"):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = {"createdAt": line}
            told = sorted_at({"indexedAt": seen.isoformat(), "record": record})
            assert told is not None
            assert told <= seen
