"""What recorded answers of real Pages become, against a count of their own JSON.

The recording's comments come without ids and authors, as to an app that may not moderate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractors.observations import AccountSeen, MessageSeen
from tests.graph import GraphNights
from tests.platforms.town import at
from tests.recordings import Exchange, Replay

HOME = "https://graph.facebook.com"
POST = "19292868552_10158407654328553"
ASKED_EACH_TIME = ("fields", "limit", "filter", "order", "pretty", "since", "until", "summary")

Recording = Callable[[str], Any]


@pytest.fixture
def recorded(shared: Callable[[str], Path]) -> Recording:
    folder = shared("recordings/facebook/python_facebook/apidata")
    return lambda name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def answer(path: str, body: Any) -> Exchange:
    return Exchange("GET", f"{HOME}/v25.0/{path}", 200, {}, json.dumps(body).encode())


def replaying(*answers: Exchange) -> GraphNights:
    adapter = Replay(list(answers), ignored=ASKED_EACH_TIME)
    return GraphNights(HOME, "facebook", "19292868552", adapter=adapter)


def test_a_thread_of_two_pages_keeps_every_edge_though_ids_and_authors_are_hidden(
    recorded: Recording,
) -> None:
    first, second = recorded("comments/comments_p1"), recorded("comments/comments_p2")
    (after,) = re.findall(r"after=([^&]+)", first["paging"]["next"])
    when = "2026-01-01T09:00:00+0000"
    post = {"id": POST, "created_time": when, "updated_time": when}
    nights = replaying(
        answer("19292868552/feed", {"data": [post]}),
        answer(f"{POST}/comments", first),
        answer(f"{POST}/comments?after={after}", second),
    )
    nights.read("posts", at(0), at(1))
    *items, note = nights.read("comments", at(0), at(1))
    told = first["data"] + second["data"]
    assert note["id"] == POST
    assert len(items) == len(told)

    said = nights.messages("comments", items)
    urls = [each["permalink_url"] for each in told]
    own = [re.search(r"(?:reply_comment_id|\?comment_id)=(\d+)$", url) for url in urls]
    assert [each.message_id for each in said] == [
        f"facebook::10158407654328553_{found[1]}" for found in own if found
    ]
    parents = {
        each.message_id: each.parent_id for each in said if each.parent_id != f"facebook::{POST}"
    }
    assert len(parents) == sum("reply_comment_id" in url for url in urls) > 0
    assert set(parents.values()) <= {each.message_id for each in said}
    assert {each.author_id for each in said} == {None}
    assert not any(isinstance(each, AccountSeen) for each in nights.said("comments", items))


def test_an_id_told_is_the_one_that_the_address_holds(recorded: Recording) -> None:
    """Which is why the address may stand in for an id that is not told."""
    comments = recorded("comments/comments_info").values()
    nights = replaying()
    for item in comments:
        bare = {key: value for key, value in item.items() if key != "id"}
        with_id, without = (
            nights.messages("comments", [{**each, "about": "19292868552_1"}])[0]
            for each in (item, bare)
        )
        assert with_id.message_id == without.message_id == f"facebook::{item['id']}"


@pytest.mark.parametrize("name", ["posts/feeds_default_fields_p1", "posts/feeds_default_fields_p2"])
def test_every_post_of_a_feed_is_read(recorded: Recording, name: str) -> None:
    items = recorded(name)["data"]
    said = replaying().said("posts", items)
    posts = [each for each in said if isinstance(each, MessageSeen)]
    assert len(posts) == len(items) == 5
    assert all(each.is_own_space and each.sent_at.tzinfo for each in posts)
    tags = {tag["id"] for item in items for tag in item.get("message_tags", [])}
    assert {mention.rsplit(":", 1)[1] for each in posts for mention in each.mentions} == tags
    assert [each.reply_count for each in posts] == [
        item["comments"]["summary"]["total_count"] for item in items
    ]


def test_messages_of_a_conversation_name_both_sides(recorded: Recording) -> None:
    items = [{**each, "about": "t_1"} for each in recorded("messages/messages_info").values()]
    said = replaying().messages("messages", items)
    assert [each.message_id for each in said] == [f"facebook::{each['id']}" for each in items]
    assert [(each.author_id, *each.mentions) for each in said] == [
        tuple(f"facebook:19292868552:{who['id']}" for who in (each["from"], *each["to"]["data"]))
        for each in items
    ]
    assert len(said) == 2
