"""What recorded answers of real accounts become, against a count of their own JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.graph import GraphNights
from tests.platforms.town import at
from tests.recordings import Exchange, Replay

HOME = "https://graph.facebook.com"
NUMBER, MEDIA = "17841406338772941", "17846368219941692"
ASKED_EACH_TIME = ("fields", "limit", "pretty", "since", "until")

Recording = Callable[[str], Any]


@pytest.fixture
def recorded(shared: Callable[[str], Path]) -> Recording:
    folder = shared("recordings/instagram/python_facebook/instagram")
    return lambda name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def answer(path: str, body: Any) -> Exchange:
    return Exchange("GET", f"{HOME}/v25.0/{path}", 200, {}, json.dumps(body).encode())


def replaying(*answers: Exchange) -> GraphNights:
    adapter = Replay(list(answers), ignored=ASKED_EACH_TIME)
    options = {"user_id": NUMBER}
    return GraphNights(HOME, "instagram", "ikroskun", adapter=adapter, options=options)


def test_comments_of_two_pages_are_all_read_though_nobody_is_named(recorded: Recording) -> None:
    first, second = recorded("apidata/medias/comments_p1"), recorded("apidata/medias/comments_p2")
    media = {"id": MEDIA, "timestamp": "2026-01-01T09:00:00+0000", "comments_count": 6}
    nights = replaying(
        answer(f"{NUMBER}/media", {"data": [media]}),
        answer(f"{MEDIA}/comments", first),
        answer(f"{MEDIA}/comments?after=after", second),
    )
    nights.read("media", at(0), at(1))
    said = nights.messages("comments", nights.read("comments", at(0), at(1)))
    told = [each["id"] for each in first["data"] + second["data"]]
    assert [each.message_id for each in said] == [f"instagram::{each}" for each in (*told, MEDIA)]
    assert {each.author_id for each in said[:-1]} == {None}
    assert {each.parent_id for each in said[:-1]} == {f"instagram::{MEDIA}"}
    assert [each.row_count for each in nights.aside("comments", at(1))] == [6 - len(told)] == [2]


def test_a_comment_s_answer_that_came_along_hangs_on_it(recorded: Recording) -> None:
    comment = recorded("models/ig_comment")
    media = {"id": MEDIA, "timestamp": "2026-01-01T09:00:00+0000", "comments_count": 2}
    nights = replaying(
        answer(f"{NUMBER}/media", {"data": [media]}),
        answer(f"{MEDIA}/comments", {"data": [comment]}),
    )
    nights.read("media", at(0), at(1))
    top, reply, _ = nights.messages("comments", nights.read("comments", at(0), at(1)))
    (inline,) = comment["replies"]["data"]
    assert reply.message_id == f"instagram::{inline['id']}"
    assert (top.author_id, reply.parent_id) == ("instagram::ikroskun", top.message_id)
    assert reply.mentions == ("instagram::ikroskun",)
    assert nights.aside("comments", at(1)) == []


def test_media_in_which_an_account_was_tagged_are_read(recorded: Recording) -> None:
    items = recorded("apidata/users/tagged_medias")["data"]
    nights = replaying(answer(f"{NUMBER}/tags", {"data": items}))
    said = nights.messages("tagged", nights.read("tagged", at(-9000), at(1)))
    assert [each.message_id for each in said] == [f"instagram::{each['id']}" for each in items]
    assert {each.mentions for each in said} == {("instagram::ikroskun",)}
    assert len(said) == 5
