"""Tokens that run out: X's, which can be renewed once, and Meta's, which last 60 days."""

from __future__ import annotations

import logging
from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import pytest

from extractors.client import Client, Credentials
from extractors.errors import BadCredentials, TryLater
from extractors.extract import extract
from extractors.platform import Window
from extractors.registry import PLATFORMS, open_client
from extractors.tokens import held_by, latest
from lake.organisation import AccountToRead, Organisation, OrganisationError, Ours
from lake.store import Lake
from tests.loopback import Asked, Clock, Reply, loopback
from tests.shelf import Shelf

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECRETS = ("first-t0ken", "t0ken-", "r3fresh-", "cl1ent-secret")
X_TOKEN = Credentials(secret="first-t0ken", refresh_token="r3fresh-0", client_id="our-app")
META_TOKEN = Credentials(secret="first-t0ken")


@dataclass
class Door:
    """A server that exchanges tokens as X and Meta do, and tells a list to whoever holds the last.

    A refresh token of X works once: if it comes again, all of them are worth nothing.
    """

    shelf: Shelf = field(default_factory=Shelf)
    made: int = 0
    lasts: int | None = 7200
    refusal: Reply | None = None
    exchanges: list[Asked] = field(default_factory=list)
    kept_before_use: list[bool] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/2/oauth2/token":
            return self.exchanged(asked, dict(parse_qsl(asked.body.decode()))["refresh_token"])
        if asked.path == "/refresh_access_token":
            return self.exchanged(asked, None)
        if asked.path == "/v25.0/oauth/access_token":
            return self.exchanged(asked, None)
        token = asked.headers["Authorization"].removeprefix("Bearer ")
        if token not in {"first-t0ken", self.token}:
            return Reply({"title": "Unauthorized"}, 401)
        kept = self.shelf.load() or {}
        self.kept_before_use.append(token == "first-t0ken" or kept.get("secret") == token)
        return Reply(["fine"])

    @property
    def token(self) -> str:
        return f"t0ken-{self.made}"

    def exchanged(self, asked: Asked, refresh_token: str | None) -> Reply:
        self.exchanges.append(asked)
        if self.refusal:
            return self.refusal
        if refresh_token not in {None, f"r3fresh-{self.made}"}:
            error = "Value passed for the token was invalid."
            return Reply({"error": "invalid_request", "error_description": error}, 400)
        self.made += 1
        told = {
            "access_token": self.token,
            "scope": "tweet.read users.read",
        }
        told |= {"refresh_token": f"r3fresh-{self.made}"} if refresh_token else {}
        return Reply(told | ({"expires_in": self.lasts} if self.lasts else {}))


def account(platform: str, url: str, **more: Any) -> AccountToRead:
    options: dict[str, Any] = {"url": url} if platform == "x" else {}
    options |= {"user_id": "17", "login": "instagram"} if platform == "instagram" else {}
    return AccountToRead(platform=platform, account="acme", options=options | more)


def opened(door: Door, url: str, held: Credentials, clock: Clock, platform: str = "x") -> Client:
    reads = account(platform, url)
    held = replace(held, base_url=url)
    return open_client(reads, held, keep=door.shelf, now=clock, sleep=clock.sleep)


def night(door: Door, held: Credentials, clock: Clock, platform: str = "x") -> str:
    """One night of one request; returns the token it was sent with."""
    with loopback(door) as server, opened(door, server.url, held, clock, platform) as client:
        assert client.get("list", stream="posts").json() == ["fine"]
        return server.asked[-1].headers["Authorization"].removeprefix("Bearer ")


def test_a_token_that_is_good_for_long_is_not_renewed() -> None:
    door, clock = Door(), Clock()
    held = replace(X_TOKEN, expires_at=clock() + 61 * timedelta(minutes=1))
    assert night(door, held, clock) == "first-t0ken"
    assert (door.exchanges, door.shelf.saved) == ([], [])


@pytest.mark.parametrize("left", [None, timedelta(minutes=59), -DAY], ids=str)
def test_a_token_that_is_about_to_run_out_is_renewed_and_kept_before_it_is_used(
    left: timedelta | None,
) -> None:
    door, clock = Door(), Clock()
    held = replace(X_TOKEN, expires_at=clock() + left if left else None)
    assert night(door, held, clock) == "t0ken-1"
    assert door.kept_before_use == [True]
    assert door.shelf.saved[-1]["refresh_token"] == "r3fresh-1"
    assert door.shelf.saved[-1]["expires_at"] == (clock() + 2 * HOUR).isoformat()


def test_what_can_be_given_but_once_is_noted_before_it_is_given() -> None:
    class Watched(Door):
        def exchanged(self, asked: Asked, refresh_token: str | None) -> Reply:
            noted.append(dict(self.shelf.load() or {}))
            return super().exchanged(asked, refresh_token)

    noted: list[dict[str, Any]] = []
    door, clock = Watched(), Clock()
    night(door, X_TOKEN, clock)
    assert noted[0]["begun_at"] == clock().isoformat()
    assert noted[0]["refresh_token"] == "r3fresh-0"
    assert door.shelf.saved[-1]["begun_at"] is None


def test_the_next_night_goes_on_from_what_was_kept() -> None:
    door, clock = Door(), Clock()
    assert night(door, X_TOKEN, clock) == "t0ken-1"
    clock.now += HOUR - timedelta(minutes=1)
    assert night(door, X_TOKEN, clock) == "t0ken-1"
    clock.now += DAY
    assert night(door, X_TOKEN, clock) == "t0ken-2"
    given = [dict(parse_qsl(each.body.decode())) for each in door.exchanges]
    assert [each["refresh_token"] for each in given] == ["r3fresh-0", "r3fresh-1"]
    assert latest(X_TOKEN, door.shelf).scopes == ("tweet.read", "users.read")


def test_new_tokens_in_the_connection_win_over_what_was_kept() -> None:
    door, clock = Door(), Clock()
    night(door, X_TOKEN, clock)
    door.made = 7  # somebody authorised the app anew
    assert night(door, replace(X_TOKEN, refresh_token="r3fresh-7"), clock) == "t0ken-8"


def test_what_other_hands_have_changed_counts_as_not_kept() -> None:
    door, clock = Door(), Clock()
    night(door, X_TOKEN, clock)
    door.shelf.save({**door.shelf.saved[-1], "expires_at": "soon"})
    assert latest(X_TOKEN, door.shelf) == X_TOKEN
    assert latest(X_TOKEN, Shelf([["not", "ours"]])) == X_TOKEN  # type: ignore[list-item]


def test_a_public_app_names_itself_and_a_confidential_one_signs() -> None:
    public, confidential = Door(), Door()
    night(public, X_TOKEN, Clock())
    night(confidential, replace(X_TOKEN, client_secret="cl1ent-secret"), Clock())
    (asked,), (signed,) = public.exchanges, confidential.exchanges
    assert "Authorization" not in asked.headers
    assert dict(parse_qsl(asked.body.decode()))["client_id"] == "our-app"
    word = b64encode(b"our-app:cl1ent-secret").decode()
    assert signed.headers["Authorization"] == f"Basic {word}"
    assert "client_id" not in dict(parse_qsl(signed.body.decode()))


def test_a_long_night_renews_its_token_on_the_way() -> None:
    door, clock = Door(), Clock()
    with loopback(door) as server, opened(door, server.url, X_TOKEN, clock) as client:
        client.get("list", stream="posts")
        clock.now += timedelta(minutes=61)
        client.get("list", stream="posts")
    assert (door.token, door.kept_before_use) == ("t0ken-2", [True, True])


def test_a_refused_renewal_says_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    door, clock = Door(made=3), Clock()
    with loopback(door) as server, pytest.raises(BadCredentials) as caught:
        opened(door, server.url, X_TOKEN, clock)
    assert str(caught.value) == (
        "BadCredentials platform=x account=acme: the token cannot be renewed (HTTP 400: the "
        "platform refuses this request): make a new one and put it into the Airflow connection "
        "'x_acme' (docs/platforms.md)"
    )
    assert door.shelf.saved[-1]["begun_at"] is None, "nothing broke off"


def test_a_night_whose_renewal_is_refused_is_noted_as_failed(tmp_path: Any) -> None:
    door, clock = Door(made=3), Clock()
    start = datetime(2026, 2, 28, tzinfo=UTC)
    window, lake = Window(start, start + DAY, start + DAY), Lake.of("acme", str(tmp_path))
    ours = Ours(name="Acme", kind="brand", accounts=("x::acme",))
    with loopback(door) as server:
        reads = account("x", server.url)
        acme = Organisation(
            name="acme", title="Acme", history_from=start.date(), read=(reads,), ours=(ours,)
        )
        read = partial(extract, lake, acme, reads, window, X_TOKEN, now=clock, sleep=clock.sleep)
        with pytest.raises(BadCredentials):
            read(keep=door.shelf)
    noted = [lake.read(path).to_pylist()[0] for path in lake.paths("reading")]
    assert {each["error_kind"] for each in noted} == {"BadCredentials"}
    assert len(noted) == len(PLATFORMS["x"].streams), "each stream"
    assert not any(secret in str(noted) for secret in SECRETS)


class Killed(BaseException):
    """The task was killed."""


def killed_in_the_midst(door: Door, clock: Clock) -> None:
    """X has answered, and nobody could keep the answer any more."""

    class Dying(Shelf):
        def save(self, kept: Any) -> None:
            if self.saved:
                raise Killed
            super().save(kept)

    door.shelf = Dying()
    with loopback(door) as server, pytest.raises(Killed):
        opened(door, server.url, X_TOKEN, clock)
    door.shelf = Shelf(door.shelf.saved)


def test_a_renewal_that_broke_off_is_told_from_one_that_still_goes_on() -> None:
    door, clock = Door(), Clock()
    killed_in_the_midst(door, clock)
    clock.now += timedelta(minutes=1)
    with loopback(door) as server, pytest.raises(TryLater) as waiting:
        opened(door, server.url, X_TOKEN, clock)
    assert (waiting.value.after, len(door.exchanges)) == (540, 1)
    clock.now += timedelta(minutes=9)
    for _ in range(2):  # however often it is tried
        with loopback(door) as server, pytest.raises(BadCredentials) as caught:
            opened(door, server.url, X_TOKEN, clock)
        assert "an earlier renewal broke off before its answer was kept" in str(caught.value)
        assert "Airflow connection 'x_acme'" in str(caught.value)


def test_one_that_broke_off_before_the_platform_heard_of_it_is_tried_again() -> None:
    door, clock = Door(), Clock()
    killed_in_the_midst(door, clock)
    door.made = 0
    clock.now += timedelta(minutes=10)
    assert night(door, X_TOKEN, clock) == "t0ken-1"
    assert door.shelf.saved[-1]["begun_at"] is None


def test_where_the_platform_is_out_of_order_nobody_knows_what_it_has_heard() -> None:
    door, clock = Door(refusal=Reply(status=503)), Clock()
    with loopback(door) as server, pytest.raises(TryLater):
        opened(door, server.url, X_TOKEN, clock)
    assert door.shelf.saved[-1]["begun_at"] is not None
    door.refusal = None
    clock.now += timedelta(minutes=10)
    assert night(door, X_TOKEN, clock) == "t0ken-1"


def test_a_token_without_an_end_is_left_alone() -> None:
    door = Door()
    assert night(door, Credentials(secret="first-t0ken"), Clock()) == "first-t0ken"
    assert door.exchanges == []


@pytest.mark.parametrize("platform", ["threads", "instagram"])
def test_a_token_of_60_days_is_renewed_at_first_and_then_when_half_of_them_are_left(
    platform: str,
) -> None:
    door, clock = Door(lasts=60 * 86400), Clock()
    assert night(door, META_TOKEN, clock, platform) == "t0ken-1"
    clock.now += 29 * DAY
    assert night(door, META_TOKEN, clock, platform) == "t0ken-1"
    clock.now += 2 * DAY
    assert night(door, META_TOKEN, clock, platform) == "t0ken-2"
    assert [each.query["access_token"] for each in door.exchanges] == ["first-t0ken", "t0ken-1"]
    assert door.kept_before_use == [True] * 3
    assert {each["begun_at"] for each in door.shelf.saved} == {None}


def test_one_of_which_no_end_is_told_is_renewed_no_sooner_than_others() -> None:
    door, clock = Door(lasts=None), Clock()
    for _ in range(40):
        night(door, META_TOKEN, clock, "threads")
        clock.now += DAY
    assert len(door.exchanges) == 2


def test_a_facebook_login_s_token_is_exchanged_by_its_app_if_it_ends() -> None:
    door, clock = Door(lasts=60 * 86400), Clock()
    app = replace(META_TOKEN, client_id="our-app", client_secret="cl1ent-secret")
    with loopback(door) as server:
        reads = account("instagram", server.url, login="facebook")
        for held in (app, replace(app, expires_at=clock() + 20 * DAY)):
            here = replace(held, base_url=server.url)
            open_client(reads, here, keep=door.shelf, now=clock, sleep=clock.sleep).get(
                "list", stream="media"
            )
    assert [each.query for each in door.exchanges] == [
        {
            "grant_type": "fb_exchange_token",
            "fb_exchange_token": "first-t0ken",
            "client_id": "our-app",
            "client_secret": "cl1ent-secret",
        }
    ]


REFUSALS = [
    Reply({"error": {"code": 190, "message": "first-t0ken"}}, 400),
    Reply({"error": {"code": 100, "message": "too young"}}, 400),
    Reply({"token": "of another shape"}),
    Reply(b"not JSON"),
    Reply(status=302, headers={"Location": "https://elsewhere.example/?access_token=first-t0ken"}),
    Reply(status=500),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=["190", "100", "shape", "text", "302", "500"])
def test_a_token_that_is_still_good_is_used_on_with_a_warning(
    refusal: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    door, clock = Door(refusal=refusal), Clock()
    held = replace(META_TOKEN, expires_at=clock() + 20 * DAY)
    assert night(door, held, clock, "threads") == "first-t0ken"
    (warned,) = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert "credentials platform=threads account=acme connection=threads_acme not renewed" in (
        warned.getMessage()
    )
    assert "?…" in caplog.text, "urllib3 has logged an address"
    assert not any(secret in caplog.text for secret in SECRETS)


def test_one_that_has_run_out_and_cannot_be_renewed_is_refused() -> None:
    door, clock = Door(refusal=REFUSALS[0]), Clock()
    held = replace(META_TOKEN, expires_at=clock() - DAY)
    with loopback(door) as server, pytest.raises(BadCredentials, match="'threads_acme'") as caught:
        opened(door, server.url, held, clock, "threads")
    assert not any(secret in str(caught.value) for secret in SECRETS)


def test_a_connection_s_extra_tells_the_rest() -> None:
    extra = '{"client_id": 17, "refresh_token": "r", "expires_at": "2026-03-01", "colour": "red"}'
    held = held_by("x_acme", base_url="", login="", password="p", extra=extra)
    assert (held.client_id, held.refresh_token) == ("17", "r")
    assert held.expires_at == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "means"),
    [
        ("2026-03-01T02:00:00+02:00", datetime(2026, 3, 1, tzinfo=UTC)),
        (1772323200, datetime(2026, 3, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_when_a_token_ends_is_told_as_a_date_or_a_time(told: object, means: object) -> None:
    held = held_by("x", base_url="", login="", password="", extra={"expires_at": told})
    assert held.expires_at == means


@pytest.mark.parametrize("told", ["soon", "2026-13-01", "17"])
def test_what_is_no_time_is_named_with_what_to_write(told: str) -> None:
    with pytest.raises(OrganisationError, match="'x_acme': expires_at in extra is no time"):
        held_by("x_acme", base_url="", login="", password="", extra={"expires_at": told})


@pytest.mark.parametrize("extra", [None, "", "[1]", {}, []])
def test_an_extra_that_says_nothing_is_nothing(extra: object) -> None:
    held = held_by("x", base_url="", login="l", password="p", extra=extra)
    assert held == Credentials("", "l", "p")


def test_secrets_never_show_in_the_text_form_of_credentials() -> None:
    held = replace(X_TOKEN, client_secret="cl1ent-secret")
    assert not any(secret in repr(held) for secret in SECRETS)
