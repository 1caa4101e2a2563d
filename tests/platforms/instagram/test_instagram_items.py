"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extractors.platforms.instagram import INSTAGRAM
from lake.organisation import AccountToRead
from tests.graph import plain

EXAMPLES = json.loads((Path(__file__).parent / "items.json").read_text(encoding="utf-8"))
ACME = AccountToRead(platform="instagram", account="acme", options={"user_id": "1"})


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_item_says(example: dict[str, Any]) -> None:
    said = INSTAGRAM.stream(example["stream"]).read(example["item"], ACME)
    assert [plain(each) for each in said] == example["says"]


@pytest.mark.parametrize(
    "fault",
    [{"id": None}, {"id": 7}, {"from": "ada", "username": None}, {"timestamp": None}, {"text": 7}],
    ids=repr,
)
def test_an_item_of_another_shape_says_so(fault: dict[str, Any]) -> None:
    good = EXAMPLES["a comment with number and name"]["item"]
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        list(INSTAGRAM.stream("comments").read(good | fault, ACME))
