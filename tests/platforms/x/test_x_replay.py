"""What recorded answers of X become, against a count of their own JSON."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.client import Client
from extractors.observations import AccountSeen, Gone, MessageSeen, Observation, ReactionSeen
from extractors.platform import Fetched, Item
from extractors.platforms.x import X
from extractors.platforms.x.asking import joined
from lake.organisation import AccountToRead
from tests.loopback import Clock
from tests.recordings import Replay, load_recording

ACME = AccountToRead(platform="x", account="acme")
CONVERSATIONAL = ("2sets", "brexit", "entities_test", "kpop", "noflat", "quoted_edit", "two_tweets")

Pages = Callable[[str], list[Item]]


@pytest.fixture
def twarc(shared: Callable[[str], Path]) -> Pages:
    folder = shared("recordings/x/twarc_csv_v2")

    def pages(name: str) -> list[Item]:
        lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    return pages


@pytest.fixture
def tweepy(shared: Callable[[str], Path]) -> Path:
    return shared("recordings/x/tweepy_cassettes")


def said_of(pages: list[Item]) -> list[Observation]:
    items = [each.item for page in pages for each in joined(page) if isinstance(each, Fetched)]
    return [said for item in items for said in X.stream("posts").read(item, ACME)]


def messages_of(said: list[Observation]) -> dict[str, MessageSeen]:
    return {each.message_id: each for each in said if isinstance(each, MessageSeen)}


def edges(posts: list[Item], kind: str) -> set[tuple[str, str]]:
    return {
        (f"x::{post['id']}", f"x::{one['id']}")
        for post in posts
        for one in post.get("referenced_tweets", [])
        if one["type"] == kind
    }


@pytest.mark.parametrize("name", [each for each in CONVERSATIONAL if each != "quoted_edit"])
def test_every_message_person_and_edge_is_read(twarc: Pages, name: str) -> None:
    pages = twarc(name)
    said = said_of(pages)
    messages = messages_of(said)

    listed = [post for page in pages for post in page["data"]]
    referred = {one["id"] for post in listed for one in post.get("referenced_tweets", [])}
    along = [
        post
        for page in pages
        for post in page["includes"].get("tweets", [])
        if post["id"] in referred
    ]
    reposts = edges([*listed, *along], "retweeted")
    posts = [post for post in [*listed, *along] if f"x::{post['id']}" not in dict(reposts)]
    assert set(messages) == {f"x::{post['id']}" for post in posts}
    assert {(each.message_id, each.parent_id) for each in messages.values() if each.parent_id} == (
        edges(posts, "replied_to")
    )
    assert {(each.message_id, each.quoted_id) for each in messages.values() if each.quoted_id} == (
        edges(posts, "quoted")
    )
    assert len([each for each in said if isinstance(each, ReactionSeen)]) >= len(reposts)
    authors = {post["author_id"] for post in [*listed, *along]}
    known = {each.account_id for each in said if isinstance(each, AccountSeen)}
    assert known >= {f"x::{one}" for one in authors}


def test_the_largest_recording_holds_what_was_counted_by_hand(twarc: Pages) -> None:
    (page,) = twarc("entities_test")
    said = said_of([page])
    messages = messages_of(said)
    listed = {f"x::{post['id']}" for post in page["data"]}
    replies = [one for one, each in messages.items() if one in listed and each.kind == "reply"]
    assert (len(page["data"]), len({post["author_id"] for post in page["data"]})) == (474, 425)
    assert len(listed & set(messages)) == 474 - 314, "314 are reposts"
    assert len(replies) == 84
    assert all(messages[one].parent_author_id for one in replies)
    assert len([each for each in said if isinstance(each, ReactionSeen)]) == 314


def test_parents_that_are_not_found_are_gone_and_hidden_ones_are_not(twarc: Pages) -> None:
    (page,) = twarc("entities_test")
    gone = [each.message_id for each in said_of([page]) if isinstance(each, Gone)]
    titles = [(each["title"], each["resource_id"]) for each in page["errors"]]
    assert gone == [f"x::{one}" for title, one in titles if title == "Not Found Error"]
    assert len(gone) == 3
    assert sum(title == "Authorization Error" for title, _ in titles) == 3


def test_a_parent_s_author_told_in_a_reply_is_the_parent_s_author(twarc: Pages) -> None:
    compared = 0
    for name in CONVERSATIONAL:
        messages = messages_of(said_of(twarc(name)))
        for reply in messages.values():
            if parent := messages.get(reply.parent_id or ""):
                assert reply.parent_author_id == parent.author_id
                compared += 1
    assert compared == 147


def test_an_edit_before_and_after_is_one_message(twarc: Pages) -> None:
    """Whichever id it is asked for by; an answer to it finds it under the first one."""
    first, last = "1576994746135764992", "1576994789110992896"
    (after,) = messages_of(said_of(twarc("edited_after"))).values()
    assert after.message_id == after.root_id == f"x::{first}"
    assert after.sent_at == datetime.fromisoformat("2022-10-03T17:57:01Z")
    assert after.edited_at == datetime.fromisoformat("2022-10-03T17:57:11Z")
    (before,) = twarc("edited_before")
    assert before["data"][0]["id"] == first
    assert messages_of(said_of([before])) == {}, "an earlier version"
    quoting = messages_of(said_of(twarc("quoted_edit")))["x::1576995594388000768"]
    assert (quoting.parent_id, quoting.quoted_id) == (f"x::{first}", f"x::{first}"), last


def test_texts_are_as_people_wrote_them(twarc: Pages) -> None:
    raw = [post["text"] for name in CONVERSATIONAL for page in twarc(name) for post in page["data"]]
    assert sum("&amp;" in text for text in raw) > 10
    said = [each for name in CONVERSATIONAL for each in messages_of(said_of(twarc(name))).values()]
    assert not any("&amp;" in str(each.text) for each in said)


def answer_of(folder: Path, name: str) -> Any:
    exchange = load_recording(folder / f"test_client_{name}.yaml")[0]
    return json.loads(gzip.decompress(exchange.body))


@pytest.mark.parametrize(
    ("recording", "stream", "count"),
    [("get_liking_users", "likes", 43), ("get_retweeters", "reposts", 38)],
)
def test_everybody_who_reacted_is_known(
    tweepy: Path, recording: str, stream: str, count: int
) -> None:
    people = answer_of(tweepy, recording)["data"]
    items = [{"post_id": "1", "user": each} for each in people]
    said = [one for item in items for one in X.stream(stream).read(item, ACME)]
    assert [each.handle for each in said if isinstance(each, AccountSeen)] == [
        each["username"] for each in people
    ]
    assert len([each for each in said if isinstance(each, ReactionSeen)]) == len(people) == count


def test_a_recorded_direct_message_is_read(shared: Callable[[str], Path]) -> None:
    file = shared("recordings/x/python_twitter_v2/apis/dm_events") / "events.json"
    (event,) = json.loads(file.read_text(encoding="utf-8"))["data"]
    (said,) = X.stream("messages").read(event, ACME)
    assert isinstance(said, MessageSeen)
    assert (said.visibility, said.mentions) == ("direct", ()), "a group's members are not told"
    assert said.author_id == "x::906948460078698496"


def test_the_recorded_limit_of_requests_is_understood(tweepy: Path) -> None:
    """Two followers' pages of a limit of 15 remain; the reset is an epoch."""
    (exchange,) = load_recording(tweepy / "test_client_get_users_followers.yaml")[:1]
    headers = {**exchange.headers, "x-rate-limit-remaining": "0"}
    clock = Clock(datetime.fromisoformat("2021-04-13T14:00:00+00:00"))
    used_up = type(exchange)(exchange.method, exchange.url, 200, headers, exchange.body)
    client = Client(
        "x",
        "acme",
        base_url="https://api.twitter.com",
        now=clock,
        sleep=clock.sleep,
        rate=X.rate,
        adapter=Replay([used_up]),
        patience=3600,
    )
    for _ in range(2):
        assert len(client.get(exchange.url, stream="followers").json()["data"]) == 100
    assert len(clock.slept) == 1
