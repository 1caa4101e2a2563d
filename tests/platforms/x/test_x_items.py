"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

from typing import Any

import pytest

from extractors.platforms.x import X
from lake.organisation import AccountToRead
from tests.platforms.examples import Example, examples_beside, said_of

EXAMPLES = examples_beside(__file__)
ACME = AccountToRead(platform="x", account="@acme")


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_item_says(example: Example) -> None:
    assert said_of(X, example, ACME) == example["says"]


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
