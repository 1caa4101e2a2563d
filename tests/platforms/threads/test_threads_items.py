"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

from typing import Any

import pytest

from extractors.platforms.threads import THREADS
from lake.organisation import AccountToRead
from tests.platforms.examples import examples_beside, said_of

EXAMPLES = examples_beside(__file__)
ACME = AccountToRead(platform="threads", account="acme")


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_item_says(example: dict[str, Any]) -> None:
    assert said_of(THREADS, example, ACME) == example["says"]


@pytest.mark.parametrize(
    "fault",
    [{"id": None}, {"id": 7}, {"replied_to": "1"}, {"timestamp": None}, {"text": 7}],
    ids=repr,
)
def test_an_item_of_another_shape_says_so(fault: dict[str, Any]) -> None:
    good = EXAMPLES["an answer to us, by name"]["item"]
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        list(THREADS.stream("conversations").read(good | fault, ACME))
