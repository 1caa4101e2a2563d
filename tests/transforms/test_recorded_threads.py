"""Recorded threads of Mastodon and Reddit, against a count of their own JSON.

The counts here are plain walks over what was recorded: Mastodon's statuses from parent to parent,
Reddit's comments by what is nested in what. Reddit is no platform of ours; what its comments say
is told here, from the parents that they declare.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from extractors.observations import Gone, MessageSeen, Observation
from tests.platforms.mastodon.pond import PondNights
from tests.recordings import GZIP, Exchange, load_recording
from tests.transforms.conftest import World, at

Item = dict[str, Any]
STATUS = re.compile(r"(?P<server>https?://[^/]+)/api/v1/statuses/(?P<id>\d+)(?P<context>/context)?")
# /comments/<post>/<title>/<comment>, the last only where the page begins with that comment
THREAD = re.compile(r"/comments/\w+/(\w+/(?P<comment>\w+))?")

CONTEXT_AT_MOST = 8  # levels


@dataclass
class Counted:
    """What the JSON itself says: who wrote each message and what it answers."""

    authors: dict[str, str | None] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def up(self, one: str) -> list[str]:
        """All messages above, up to the topmost that is named."""
        above = self.parents.get(one)
        return [above, *self.up(above)] if above else []

    def state(self, one: str) -> str:
        above = self.parents[one]
        if above is None:
            return "root"
        if above in self.gone:
            return "deleted"
        return "resolved" if above in self.parents else "unresolved"

    def edges(self) -> set[tuple[str, str | None, str]]:
        """Replies to somebody else whom the JSON names: message, from, to."""
        answered = {one: self.authors.get(above or "") for one, above in self.parents.items()}
        return {
            (one, self.authors[one], to)
            for one, to in answered.items()
            if to and to != self.authors[one]
        }


def assert_core_says(
    world: World, counted: Counted, titled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every message with its parent, its depth and its addressee, as counted; prints how many."""
    messages = {row["message_id"]: row for row in world.core("message").to_pylist()}
    assert messages.keys() == counted.parents.keys()
    assert {one: row["parent_id"] for one, row in messages.items()} == counted.parents
    assert {one: row["author_id"] for one, row in messages.items()} == counted.authors
    above = {one: counted.up(one) for one in messages}
    assert {one: row["conversation_id"] for one, row in messages.items()} == {
        one: [one, *names][-1] for one, names in above.items()
    }
    depths = {one: row["depth"] for one, row in messages.items()}
    assert depths == {one: sum(name in messages for name in names) for one, names in above.items()}
    states = {one: row["parent_state"] for one, row in messages.items()}
    assert states == {one: counted.state(one) for one in messages}
    found = {
        (row["message_id"], row["from_account_id"], row["to_account_id"])
        for row in world.core("interaction").to_pylist()
        if (row["addressee_method"], row["kind"]) == ("parent", "reply")
        and counted.parents[row["message_id"]] in messages
    }
    assert found == counted.edges()
    answering = [state for state in states.values() if state != "root"]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{titled}: {len(messages)} messages, {len(answering)} reply edges "
            f"({answering.count('deleted')} to a deleted message, "
            f"{answering.count('unresolved')} to one that was not recorded), "
            f"{len(found)} to another account, deepest {max(depths.values())}\n"
        )


def contexts(shared: Callable[[str], Path]) -> Iterator[tuple[str, str, list[Item]]]:
    """Server, status asked about and the statuses above and below it, of every recorded thread."""
    for exchange in exchanges(shared("recordings/mastodon"), "*.y*ml", "/context"):
        if asked := STATUS.match(exchange.url):
            told = json.loads(exchange.body)
            if asked["context"]:
                yield asked["server"], asked["id"], told["ancestors"] + told["descendants"]


def exchanges(folder: Path, pattern: str, holding: str) -> Iterator[Exchange]:
    for path in sorted(folder.rglob(pattern)):
        if holding in path.read_text(encoding="utf-8"):
            yield from load_recording(path)


def counted_statuses(told: Mapping[tuple[str, str], Item]) -> Counted:
    counted = Counted()
    for (host, one), status in told.items():
        name, _, domain = status["account"]["acct"].partition("@")
        above = status["in_reply_to_id"]
        counted.authors[f"mastodon:{host}:{one}"] = f"mastodon:{domain or host}:{name}".lower()
        counted.parents[f"mastodon:{host}:{one}"] = f"mastodon:{host}:{above}" if above else None
    return counted


def test_recorded_threads_of_mastodon_keep_their_edges_and_depths(
    world: World, shared: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[Observation] = []
    told: dict[tuple[str, str], Item] = {}
    threads = list(contexts(shared))
    (alone,) = (
        json.loads(each.body)
        for each in exchanges(shared("recordings/mastodon"), "get_status_anonymous.yml", "/")
    )
    threads.append(("https://mastodon.social", alone["id"], [alone]))
    for server, _, statuses in threads:
        said += PondNights(server).said("contexts", statuses)
        told |= {(str(urlsplit(server).hostname), each["id"]): each for each in statuses}
    world.night(10, said)
    world.build()
    titled = f"{len(threads) - 1} contexts of Mastodon"
    assert_core_says(world, counted_statuses(told), titled, capsys)


def comment_pages(shared: Callable[[str], Path]) -> Iterator[tuple[Item, Item, bool]]:
    """Post, tree of comments, and whether it begins right below the post, of every page."""
    folder = shared("recordings/reddit/praw_cassettes")
    for exchange in exchanges(folder, "*.json", "/comments/"):
        asked = THREAD.search(exchange.url)
        if exchange.method == "GET" and exchange.status == 200 and asked:
            body = exchange.body
            told = json.loads(gzip.decompress(body) if body.startswith(GZIP) else body)
            if isinstance(told, list):
                post, tree = told[0]["data"]["children"][0]["data"], told[1]
                yield post, tree, begins_below_the_post(tree, asked["comment"], exchange.url)


def begins_below_the_post(tree: Item, asked: str | None, url: str) -> bool:
    """A page around one comment shows no more than 8 levels above it; if that is gone, all.

    See https://www.reddit.com/dev/api#GET_comments_{article}, `context`.
    """
    if asked is None:
        return True
    above = steps_to(tree, f"t1_{asked}", 0)
    return above is None or ("context=" in url and above < CONTEXT_AT_MOST)


def steps_to(listing: Item | str, name: str, steps: int) -> int | None:
    for thing in listing["data"]["children"] if isinstance(listing, dict) else ():
        if thing["data"]["name"] == name:
            return steps
        below = steps_to(thing["data"].get("replies", ""), name, steps + 1)
        if below is not None:
            return below
    return None


def comments(listing: Item | str) -> Iterator[Item]:
    """All comments in a tree, without regard to where they hang; "more" is none."""
    for thing in listing["data"]["children"] if isinstance(listing, dict) else ():
        if thing["kind"] == "t1":
            yield thing["data"]
            yield from comments(thing["data"]["replies"])


def read_comment(thing: Item) -> Iterator[Observation]:
    """What a post or a comment says; a deleted one keeps its place and has no words."""
    words, parent = thing.get("body") or thing.get("selftext"), thing.get("parent_id")
    yield MessageSeen(
        message_id=f"reddit::{thing['name']}",
        author_id=reddit_account(thing),
        sent_at=datetime.fromtimestamp(thing["created_utc"], UTC),
        text=words,
        kind="reply" if parent else "post",
        channel=thing["subreddit"],
        parent_id=parent and f"reddit::{parent}",
        root_id=parent and f"reddit::{thing['link_id']}",
    )
    if is_deleted(thing):
        yield Gone(message_id=f"reddit::{thing['name']}")


def reddit_account(thing: Item) -> str | None:
    """The author's name; of a deleted account nothing is told."""
    return None if thing["author"] == "[deleted]" else f"reddit::{thing['author'].lower()}"


def is_deleted(thing: Item) -> bool:
    return thing.get("body") in ("[deleted]", "[removed]")


def count_nested(counted: Counted, listing: Item | str, above: str | None) -> None:
    """Count every comment under the one that holds it; never looks at a declared parent."""
    for thing in listing["data"]["children"] if isinstance(listing, dict) else ():
        if thing["kind"] == "t1":
            told = thing["data"]
            one = f"reddit::{told['name']}"
            count_one(counted, told, above)
            count_nested(counted, told["replies"], one)


def count_one(counted: Counted, told: Item, above: str | None) -> None:
    one = f"reddit::{told['name']}"
    counted.parents[one] = above or counted.parents.get(one)
    counted.authors[one] = reddit_account(told) or counted.authors.get(one)
    (counted.gone.add if is_deleted(told) else counted.gone.discard)(one)


def test_recorded_threads_of_reddit_keep_their_edges_and_depths(
    world: World, shared: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    counted, said, posts = Counted(), [], set[str]()
    for number, (post, tree, is_below_post) in enumerate(comment_pages(shared)):
        moment = at(10) + timedelta(minutes=number)
        things = (post, *comments(tree))
        said += [(moment, each) for thing in things for each in read_comment(thing)]
        posts.add(f"reddit::{post['name']}")
        count_one(counted, post, None)
        count_nested(counted, tree, f"reddit::{post['name']}" if is_below_post else None)
    world.tell(at(1), at(31), said)
    world.build()
    assert {one for one, above in counted.parents.items() if above is None} == posts
    assert_core_says(world, counted, f"{len(posts)} threads of Reddit", capsys)
