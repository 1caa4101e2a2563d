"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

from typing import Any

import pytest

from extractors.platforms.instagram import INSTAGRAM
from lake.organisation import AccountToRead
from tests.platforms.examples import examples_beside, said_of

EXAMPLES = examples_beside(__file__)
ACME = AccountToRead(platform="instagram", account="acme", options={"user_id": "1"})


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_item_says(example: dict[str, Any]) -> None:
    assert said_of(INSTAGRAM, example, ACME) == example["says"]


@pytest.mark.parametrize(
    "fault",
    [{"id": None}, {"id": 7}, {"from": "ada", "username": None}, {"timestamp": None}, {"text": 7}],
    ids=repr,
)
def test_an_item_of_another_shape_says_so(fault: dict[str, Any]) -> None:
    good = EXAMPLES["a comment with number and name"]["item"]
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        list(INSTAGRAM.stream("comments").read(good | fault, ACME))
