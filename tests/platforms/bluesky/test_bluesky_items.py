"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.client import Credentials
from extractors.observations import Observation
from extractors.platforms.bluesky import BLUESKY, BlueskyOptions
from lake.organisation import AccountToRead

EXAMPLES = json.loads((Path(__file__).parent / "items.json").read_text(encoding="utf-8"))
ACME = AccountToRead(platform="bluesky", account="acme.example", options={})


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
    said = BLUESKY.stream(example["stream"]).read(example["item"], ACME)
    assert [plain(each) for each in said] == example["says"]


@pytest.mark.parametrize(
    "fault",
    [
        {"uri": None},
        {"uri": "3kd"},
        {"author": None},
        {"author": {"did": None}},
        {"author": {"handle": "ada.example"}},
        {"author": {"did": "ada.example"}},
        {"indexedAt": "yesterday"},
        {"indexedAt": None},
        {"record": None},
        {"record": {}},
        {"record": {"text": None}},
        {"record": {"text": "…", "facets": [None]}},
        {"record": {"text": "…", "reply": {"parent": None}}},
    ],
    ids=repr,
)
def test_a_post_of_another_shape_says_so(fault: dict[str, Any]) -> None:
    good = EXAMPLES["a post declared years back is dated by when it was seen"]["item"]["post"]
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        list(BLUESKY.stream("threads").read({"post": good | fault}, ACME))


def test_half_a_surrogate_does_not_stop_the_reading() -> None:
    good = EXAMPLES["a post declared years back is dated by when it was seen"]["item"]["post"]
    odd = {"post": good | {"record": {"text": "half \ud83c", "createdAt": "2026-01-01T00:00:00Z"}}}
    _, message = BLUESKY.stream("threads").read(odd, ACME)
    assert getattr(message, "text") == "half \ud83c"  # noqa: B009


@pytest.mark.parametrize(
    ("held", "url"),
    [
        (None, "https://public.api.bsky.app"),
        (Credentials(base_url="https://pds.example"), "https://public.api.bsky.app"),
        (Credentials(secret="s"), "https://bsky.social"),
        (Credentials(secret="s", base_url="https://pds.example"), "https://pds.example"),
    ],
    ids=["nothing", "no password", "password", "password and server"],
)
def test_home_is_the_server_that_the_password_is_for(held: Credentials | None, url: str) -> None:
    assert BLUESKY.base_url
    assert BLUESKY.base_url(ACME, BlueskyOptions(), held) == url


@pytest.mark.parametrize(
    "host", ["", "bsky.social", "http://bsky.social", "https://", "https://a@b.example/xrpc"]
)
def test_what_is_no_encrypted_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        BlueskyOptions(server=host)
