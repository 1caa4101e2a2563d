"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

from typing import Any

import pytest

from extractors.platforms.facebook import FACEBOOK
from lake.organisation import AccountToRead
from tests.platforms.examples import examples_beside, said_of

EXAMPLES = examples_beside(__file__)
ACME = AccountToRead(platform="facebook", account="100")


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_item_says(example: dict[str, Any]) -> None:
    assert said_of(FACEBOOK, example, ACME) == example["says"]


@pytest.mark.parametrize(
    "fault",
    [
        {"id": None},
        {"id": 12},
        {"about": 7},
        {"from": "Ada"},
        {"from": {"id": 2}},
        {"created_time": "yesterday"},
        {"created_time": None},
        {"parent": "7_11"},
        {"message_tags": [None]},
    ],
    ids=repr,
)
def test_an_item_of_another_shape_says_so(fault: dict[str, Any]) -> None:
    good = EXAMPLES["a comment"]["item"]
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        list(FACEBOOK.stream("comments").read(good | fault, ACME))


def test_a_comment_without_id_and_with_another_address_is_set_aside() -> None:
    item = EXAMPLES["a comment whose id only its address tells"]["item"]
    photo = item | {"permalink_url": "https://www.facebook.com/photo.php?fbid=7&comment_id=14"}
    with pytest.raises(ValueError, match="neither an id"):
        list(FACEBOOK.stream("comments").read(photo, ACME))
