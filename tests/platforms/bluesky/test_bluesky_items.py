"""What single items say: made-up ones in items.json, each beside what must be read from it."""

from __future__ import annotations

from typing import Any

import pytest

from extractors.client import Credentials
from extractors.platforms.bluesky import BLUESKY, BlueskyOptions
from lake.organisation import AccountToRead
from tests.platforms.examples import Example, examples_beside, said_of

EXAMPLES = examples_beside(__file__)
ACME = AccountToRead(platform="bluesky", account="acme.example", options={})


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_item_says(example: Example) -> None:
    assert said_of(BLUESKY, example, ACME) == example["says"]


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
