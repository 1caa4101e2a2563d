from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from extractors.client import Client, Credentials
from extractors.errors import BadCredentials
from extractors.platforms.mastodon import MASTODON
from extractors.registry import PLATFORMS, connection_id, open_client
from lake.organisation import AccountToRead
from tests.loopback import Clock, Reply, in_turn, loopback

LIST = in_turn({"/list": [Reply([])]})


def account(instance: str = "social.example", **more: Any) -> AccountToRead:
    options = {"instance": instance}
    return AccountToRead(platform="mastodon", account="@acme@x.y", options=options, **more)


def opened(reads: AccountToRead, secret: str | None) -> Client:
    clock = Clock()
    credentials = None if secret is None else Credentials(secret=secret)
    return open_client(reads, credentials, now=clock, sleep=clock.sleep)


def test_a_connection_is_named_by_platform_and_account_unless_the_file_names_it() -> None:
    assert connection_id(account()) == "mastodon__acme_x_y"
    assert connection_id(account(connection="our_token")) == "our_token"


@pytest.mark.parametrize(("secret", "sent"), [("t0ken", "Bearer t0ken"), ("", None), (None, None)])
def test_a_client_asks_the_platform_s_server_with_what_the_connection_holds(
    secret: str | None, sent: str | None
) -> None:
    with loopback(LIST) as server, opened(account(server.url), secret) as client:
        client.get("/list", stream="posts")
    assert server.asked[0].headers.get("Authorization") == sent


@pytest.mark.parametrize("secret", [None, ""])
def test_a_missing_connection_is_named(secret: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PLATFORMS, "mastodon", replace(MASTODON, needs_credentials=True))
    with pytest.raises(BadCredentials, match="connection 'mastodon__acme_x_y' is missing"):
        opened(account(), secret)


@pytest.mark.parametrize("secret", ["t0ken\n", "tökén"])
def test_a_secret_that_cannot_be_one_is_refused_before_it_is_sent(secret: str) -> None:
    with pytest.raises(BadCredentials, match="holds characters that no secret has") as caught:
        opened(account(), secret)
    assert secret not in str(caught.value)
