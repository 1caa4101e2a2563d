"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.observations import Observation
from extractors.platforms.mastodon import MASTODON, MastodonOptions
from lake.organisation import AccountToRead

EXAMPLES = json.loads((Path(__file__).parent / "items.json").read_text(encoding="utf-8"))
ACME = AccountToRead(
    platform="mastodon", account="@acme", options={"instance": "https://social.example/"}
)


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
    said = MASTODON.stream(example["stream"]).read(example["item"], ACME)
    assert [plain(each) for each in said] == example["says"]


@pytest.mark.parametrize(
    "fault",
    [
        {"id": None},
        {"account": None},
        {"account": {"acct": None}},
        {"created_at": "yesterday"},
        {"created_at": None},
        {"content": None},
        {"mentions": [None]},
        {"visibility": ["public"]},
    ],
    ids=repr,
)
def test_an_item_of_another_shape_says_so(fault: dict[str, Any]) -> None:
    good = EXAMPLES["a quote that was revoked"]["item"]
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        list(MASTODON.stream("statuses").read(good | fault, ACME))


@pytest.mark.parametrize(
    ("instance", "url"),
    [
        ("social.example", "https://social.example"),
        ("https://social.example/", "https://social.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_an_instance_is_named_by_host_or_address(instance: str, url: str) -> None:
    assert MASTODON.base_url
    options = MastodonOptions(instance=instance)
    assert MASTODON.base_url(ACME, options, None) == url


@pytest.mark.parametrize(
    "instance",
    ["", "https://", "social.example/@acme", "acme@social.example", "http://social.example"],
)
def test_what_is_no_instance_is_refused(instance: str) -> None:
    with pytest.raises(ValueError, match=r"is not a server|is not encrypted"):
        MastodonOptions(instance=instance)
