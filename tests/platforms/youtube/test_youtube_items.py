"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import MISSING, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.observations import MessageSeen, Observation
from extractors.platform import Fetched
from extractors.platforms.youtube import YOUTUBE
from extractors.privacy import admitted
from lake.organisation import AccountToRead, Privacy

EXAMPLES = json.loads((Path(__file__).parent / "items.json").read_text(encoding="utf-8"))
ACME = AccountToRead(platform="youtube", account="UCacme------------------")


def plain(said: Observation) -> dict[str, Any]:
    """An observation as the example file writes it: without what is not said."""
    told: dict[str, Any] = {"says": type(said).__name__}
    for field in fields(said):
        value = getattr(said, field.name)
        if field.default is MISSING or value != field.default:
            told[field.name] = value.isoformat() if isinstance(value, datetime) else value
    return {key: list(value) if isinstance(value, tuple) else value for key, value in told.items()}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_item_says(example: dict[str, Any]) -> None:
    said = YOUTUBE.stream(example["stream"]).read(example["item"], ACME)
    assert [plain(each) for each in said] == example["says"]


def test_without_texts_who_spoke_to_whom_stays_but_for_names_in_texts() -> None:
    thread = EXAMPLES["replies, one of which answers another by name"]["item"]
    stream, silent = YOUTUBE.stream("threads"), Privacy(metadata_only=True)
    (kept,) = admitted([Fetched(thread)], silent, YOUTUBE, stream, ACME)
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
