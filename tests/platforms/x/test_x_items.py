"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.observations import Observation
from extractors.platforms.x import X
from lake.organisation import AccountToRead

EXAMPLES = json.loads((Path(__file__).parent / "items.json").read_text(encoding="utf-8"))
ACME = AccountToRead(platform="x", account="@acme")


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
    said = X.stream(example["stream"]).read(example["item"], ACME)
    assert [plain(each) for each in said] == example["says"]


@pytest.mark.parametrize(
    "fault",
    [
        {"id": None},
        {"id": 7},
        {"author_id": 22},
        {"created_at": "yesterday"},
        {"created_at": None},
        {"text": None},
        {"referenced_tweets": [{"type": "replied_to"}]},
        {"edit_history_tweet_ids": [7]},
        {"edit_history_tweet_ids": ["9" * 40, "9"]},
        {"includes": {"users": [{"id": "22"}]}},
        {"includes": {"tweets": [None]}},
        {"entities": {"mentions": [None]}},
    ],
    ids=repr,
)
def test_an_item_of_another_shape_says_so(fault: dict[str, Any]) -> None:
    good = EXAMPLES["a mention in front is no reply"]["item"]
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        list(X.stream("posts").read(good | fault, ACME))
