"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from extractors.observations import MessageSeen
from extractors.platform import Fetched
from extractors.platforms.youtube import YOUTUBE
from extractors.privacy import admitted
from lake.organisation import AccountToRead, Privacy
from tests.platforms.examples import Example, examples_beside, said_of

EXAMPLES = examples_beside(__file__)
ACME = AccountToRead(platform="youtube", account="UCacme------------------")


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_item_says(example: Example) -> None:
    assert said_of(YOUTUBE, example, ACME) == example["says"]


def test_without_texts_who_spoke_to_whom_stays_but_for_names_in_texts() -> None:
    thread = EXAMPLES["replies, one of which answers another by name"]["item"]
    stream, silent = YOUTUBE.stream("threads"), Privacy(metadata_only=True)
    (kept,) = admitted([Fetched(thread)], silent, YOUTUBE, stream)
    assert isinstance(kept, Fetched)
    with_texts, without = (
        [each for each in stream.read(item, ACME) if isinstance(each, MessageSeen)]
        for item in (thread, kept.item)
    )
    assert without == [replace(each, text=None, mentions=()) for each in with_texts]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("publishedAt", None),
        ("publishedAt", "yesterday"),
        ("updatedAt", "2026"),
        ("authorChannelId", {"value": 7}),
        ("textOriginal", ["no text"]),
    ],
)
def test_a_comment_of_another_shape_says_so(key: str, value: Any) -> None:
    thread = deepcopy(EXAMPLES["a comment under our video"]["item"])
    thread["snippet"]["topLevelComment"]["snippet"][key] = value
    with pytest.raises((KeyError, TypeError, ValueError)):
        list(YOUTUBE.stream("threads").read(thread, ACME))


@pytest.mark.parametrize(
    "item",
    [
        {"kind": "youtube#commentThread", "id": "x", "snippet": None},
        {"kind": "youtube#commentThread", "id": "x", "snippet": {"topLevelComment": {"id": "x"}}},
        {"kind": "youtube#commentThread", "gone": 7},
        {"kind": "youtube#video", "id": 7, "snippet": {"channelId": "UCx"}},
        {"id": "x"},
    ],
    ids=repr,
)
def test_an_item_of_another_shape_says_so(item: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        list(YOUTUBE.stream("threads").read(item, ACME))
