"""What is said of credentials, for each platform and whatever they are like."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from extractors.access import Verdict, days_left, verdict
from extractors.client import Credentials
from extractors.registry import PLATFORMS
from lake.organisation import AccountToRead, OrganisationError
from tests.doors import SECRET, SECRETS, SOON, STATES, door, held, reads, x_of_an_app
from tests.loopback import Asked, Clock, Reply, Script, loopback
from tests.shelf import Shelf

OPTIONAL = {"bluesky", "mastodon", "wordpress"}
NEEDLESS = {"sample", "conversations"}
SAYS = {
    ("bluesky", "good"): ["yes: @acme, did:plc:acme", "all but direct messages", "until it is rev"],
    ("bluesky", "wrong"): ["NO: HTTP 401"],
    ("bluesky", "narrow"): ["TO DO       the account is not active: deactivated"],
    ("bluesky", "missing"): ["without credentials: @acme", "left out    notifications, searches"],
    ("facebook", "good"): ["yes: the Page 'Acme'", "pages_messaging, pages_read_engagement"],
    ("facebook", "wrong"): ["NO: HTTP 400, Graph error 190: the token is wrong, expired"],
    ("facebook", "narrow"): ["comments, tagged, for lack of pages_read_user_content"],
    ("facebook", "missing"): ["connection  facebook_17 is not there", "NO: the Airflow connection"],
    ("instagram", "good"): ["yes: @acme, number 17", "instagram_manage_comments"],
    ("instagram", "wrong"): ["NO: HTTP 400, Graph error 190"],
    ("instagram", "narrow"): ["REFUSED     comments, for lack of instagram_manage_comments"],
    ("instagram", "missing"): ["NO: the Airflow connection 'instagram_acme' is missing"],
    ("mastodon", "good"): ["yes: @acme, number 1", "allows      read", "until it is revoked"],
    ("mastodon", "wrong"): ["NO: HTTP 401"],
    ("mastodon", "narrow"): ["notifications, for lack of read:notifications", "of read:search"],
    ("mastodon", "missing"): ["without credentials: @acme", "notifications, quotes, searches: fo"],
    ("threads", "good"): ["yes: @acme, number 9", "threads_manage_mentions"],
    ("threads", "wrong"): ["NO: HTTP 400, Graph error 190"],
    ("threads", "narrow"): ["REFUSED     mentions, for lack of threads_manage_mentions"],
    ("threads", "missing"): ["NO: the Airflow connection 'threads_acme' is missing"],
    ("wordpress", "good"): ["yes: zoe, number 3", "allows      editor", "until it is revoked"],
    ("wordpress", "wrong"): ["NO: HTTP 401"],
    ("wordpress", "narrow"): ["comments, for lack of moderate_comments, for guests' addresses"],
    ("wordpress", "missing"): ["without credentials: comments are told", "left out    own_account"],
    ("x", "good"): ["yes: @Acme, number 1000, token of a user", "asking this cost $0.010"],
    ("x", "wrong"): ["NO: HTTP 401"],
    ("x", "narrow"): [
        "REFUSED     likes, for lack of like.read",
        "allows      tweet.read",
    ],
    ("x", "missing"): ["NO: the Airflow connection 'x_acme' is missing"],
    ("youtube", "good"): ["it finds the channel", "one unit", "until it is deleted"],
    ("youtube", "wrong"): ["NO: HTTP 400: the API key is wrong or expired"],
    ("youtube", "narrow"): ["YouTube Data API v3 is not enabled in the project of the API key"],
    ("youtube", "missing"): ["NO: the Airflow connection 'youtube_UC0123456789abcdefghijkl'"],
}


def told(
    platform: str, state: str, script: Script | None = None, *, options: Any = None, **more: Any
) -> Verdict:
    options = dict(options or {})
    if platform == "wordpress" and state == "narrow":
        options["guests_by"] = "email"
    if platform == "x":
        scopes = ("tweet.read", "users.read", *(["like.read"] if state != "narrow" else []))
        more = {"refresh_token": "r3fresh-t0ken", "client_id": "a", "scopes": scopes, **more}
    clock = Clock()
    with loopback(script or door(platform, state)) as server:
        account = reads(platform, server.url, **options)
        found = held(platform, state, server.url)
        found = replace(found, **more) if found else None
        return verdict(account, found, now=clock, sleep=clock.sleep)


@pytest.fixture
def watched(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Looks for secrets in all that was logged, by urllib3 as well."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("RAPPORT_SECRET", "sixteen characters")
    yield
    assert not any(secret in caplog.text for secret in SECRETS)


WITH_CREDENTIALS = sorted(set(PLATFORMS) - NEEDLESS)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("platform", WITH_CREDENTIALS)
def test_each_platform_s_credentials_are_told_as_they_are(
    platform: str, state: str, watched: None
) -> None:
    found = told(platform, state)
    for phrase in SAYS.get(
        (platform, state), ["lasts       NOT LONG: until 2026-03-10 03:00 UTC, 9 days"]
    ):
        if (platform, state) != ("x", "expiring"):
            assert phrase in str(found)
    works = state in {"good", "expiring"} or (state == "missing" and platform in OPTIONAL)
    assert found.is_fine == works
    assert not any(secret in str(found) for secret in SECRETS)


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_every_platform_can_be_asked(platform: str) -> None:
    assert PLATFORMS[platform].check is not None


def test_of_one_that_cannot_be_asked_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PLATFORMS, "sample", replace(PLATFORMS["sample"], check=None))
    found = told("sample", "missing", lambda _: Reply())
    assert (found.is_fine, str(found)) == (
        False,
        "  works       UNKNOWN: the platform has no check",
    )


@pytest.mark.parametrize(("outage", "is_fine"), [(None, True), ("TryLater", False)])
def test_what_needs_no_credentials_says_so(outage: str | None, is_fine: bool) -> None:
    found = told("sample", "missing", lambda _: Reply(), options={"outage": outage})
    assert str(found).startswith("  works       needs no credentials: a made-up community")
    assert found.is_fine == is_fine


def test_files_are_counted_and_those_that_are_missing_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    found = told("conversations", "missing", options={"path": f"{tmp_path}/*.csv"})
    assert (found.is_fine, "files to read: 1" in str(found)) == (True, True)
    found = told("conversations", "missing", options={"path": f"{tmp_path}/*.tsv"})
    assert (found.is_fine, "TO DO       no file matches" in str(found)) == (False, True)


def swapped(platform: str, path: str, reply: Reply) -> Script:
    """A door of good credentials that answers one question in another way."""

    def script(asked: Asked) -> Reply:
        return reply if asked.path == path else door(platform, "good")(asked)

    return script


@pytest.mark.parametrize(
    ("platform", "path", "told_of", "says"),
    [
        (
            "mastodon",
            "/api/v1/accounts/verify_credentials",
            {"id": "2", "acct": "zoe"},
            "TO DO       the token is not that of the account: notifications are not ours",
        ),
        ("threads", "/v1.0/me", {"id": "8", "username": "zoe"}, "is not that of the account"),
        ("instagram", "/v25.0/17", {"id": "17", "username": "zoe"}, "options.user_id is not the"),
        ("facebook", "/v25.0/me", {"id": "3", "name": "Zoe"}, "take the one that me/accounts tel"),
        ("youtube", "/channels", {"items": []}, "there is no such channel"),
    ],
)
def test_a_token_of_somebody_else_is_told_apart(
    platform: str, path: str, told_of: Any, says: str, watched: None
) -> None:
    found = told(platform, "good", swapped(platform, path, Reply(told_of)))
    assert (found.is_fine, says in str(found)) == (False, True)


def test_an_app_password_of_somebody_else_is_told_apart(watched: None) -> None:
    session = {"handle": "zoe", "did": "did:plc:zoe", "accessJwt": "not.a.token", "active": True}
    path = "/xrpc/com.atproto.server.createSession"
    found = told("bluesky", "good", swapped("bluesky", path, Reply(session)))
    assert "the password is not that of the account" in str(found)
    assert "allows      what its server does not tell" in str(found)


def test_an_app_password_without_direct_messages_is_too_little_where_they_are_wanted(
    watched: None,
) -> None:
    found = told("bluesky", "good", options={"direct_messages": True})
    assert not found.is_fine
    assert "REFUSED     messages, for lack of access to direct messages" in str(found)


def test_on_x_a_token_without_a_user_tells_what_is_used_up(watched: None) -> None:
    app_only = {"refresh_token": "", "scopes": ()}
    found = told("x", "good", x_of_an_app, **app_only)
    assert found.is_fine
    assert "works       yes: the app, token without a user" in str(found)
    assert "note        1200 posts of 2000000 are read this month" in str(found)
    assert "lasts       until it is revoked" in str(found)
    found = told("x", "good", x_of_an_app, options={"owned_reads": True}, **app_only)
    assert (found.is_fine, "owned_reads = true, but" in str(found)) == (False, True)
    found = told("x", "good", x_of_an_app, options={"direct_messages": True}, **app_only)
    assert "REFUSED     messages, for lack of a user's token" in str(found)


def test_on_x_what_is_switched_on_may_need_another_token(watched: None) -> None:
    found = told("x", "good", options={"direct_messages": True, "archive": True})
    assert "REFUSED     messages, for lack of dm.read" in str(found)
    assert "note        the archive is said to be open to the app's own token only" in str(found)


def test_on_x_a_user_s_token_that_cannot_be_renewed_is_of_no_use(watched: None) -> None:
    found = told("x", "good", refresh_token="", scopes=())
    assert (found.is_fine, "put refresh_token and client_id into" in str(found)) == (False, True)
    assert "X tells only when it renews it" in str(found)


TOO_NARROW = Reply({"error": {"code": 10, "message": SECRET}}, 403)
NOT_TOLD = Reply({"error": {"code": 100, "message": SECRET}}, 400)


@pytest.mark.parametrize(
    ("platform", "closed", "streams"),
    [
        ("facebook", "/v25.0/17/tagged", "tagged"),
        ("instagram", "/v25.0/17/media", "comments, media"),
        ("threads", "/v1.0/me/mentions", "mentions"),
    ],
)
def test_where_permissions_are_not_told_lists_are_tried(
    platform: str, closed: str, streams: str, watched: None
) -> None:
    def script(asked: Asked) -> Reply:
        if asked.path.endswith("debug_token"):
            return NOT_TOLD
        if asked.path == closed:
            return TOO_NARROW
        answer = door(platform, "good")(asked)
        return Reply({"data": []}) if answer.status == 404 else answer

    found = told(platform, "good", script)
    assert not found.is_fine
    for stream in streams.split(", "):
        assert stream in str(found).partition("REFUSED")[2].partition("for lack of")[0]
    assert "Graph error 10: the token lacks a permission" in str(found)


def test_of_a_business_login_the_end_is_known_once_it_is_renewed(watched: None) -> None:
    def script(asked: Asked) -> Reply:
        if asked.path == "/refresh_access_token":
            return Reply({"access_token": SECRET, "expires_in": 60 * 86400})
        answer = door("instagram", "good")(asked)
        return Reply({"data": []}) if answer.status == 404 else answer

    clock = Clock()
    with loopback(script) as server:
        account = reads("instagram", server.url, login="instagram")
        found = verdict(
            account,
            held("instagram", "good", server.url),
            Shelf(),
            now=clock,
            sleep=clock.sleep,
        )
    assert "lasts       until 2026-04-30 02:00 UTC, 60 days, and is renewed before" in str(found)


def test_one_s_own_password_is_told_from_an_app_password(watched: None) -> None:
    token = "e30.eyJzY29wZSI6ICJjb20uYXRwcm90by5hY2Nlc3MifQ.c2ln"
    session = {"handle": "acme", "did": "did:plc:acme", "accessJwt": token}
    path = "/xrpc/com.atproto.server.createSession"
    found = told("bluesky", "good", swapped("bluesky", path, Reply(session)))
    assert (found.is_fine, "this is the account's own password" in str(found)) == (True, True)


@pytest.mark.parametrize("platform", WITH_CREDENTIALS)
@pytest.mark.parametrize(
    "reply",
    [Reply(status=503), Reply(status=429, headers={"Retry-After": "800"}), Reply(["odd"])],
    ids=["503", "429", "shape"],
)
def test_a_platform_that_is_out_of_order_says_nothing_of_the_credentials(
    platform: str, reply: Reply, watched: None
) -> None:
    found = told(platform, "good", lambda _: reply)
    assert not found.is_fine
    assert "works       UNKNOWN: " in str(found)


def test_an_account_that_is_not_there_is_no_fault_of_the_credentials(watched: None) -> None:
    found = told("mastodon", "missing", lambda _: Reply({"error": "Record not found"}, 404))
    assert "works       NO: HTTP 404" in str(found)
    assert "look whether account and options name what is there" in str(found)


def test_on_mastodon_a_scope_that_is_lacking_closes_what_all_may_read(watched: None) -> None:
    forbidden = Reply({"error": "This action is outside the authorized scopes"}, 403)
    found = told("mastodon", "good", swapped("mastodon", "/api/v1/accounts/lookup", forbidden))
    refused = "statuses, contexts, favourites, boosts, quotes, followers, for lack of read:accounts"
    assert f"REFUSED     {refused}" in str(found)
    path = "/api/v1/accounts/1/statuses"
    found = told("mastodon", "good", swapped("mastodon", path, forbidden))
    assert "boosts, quotes, tags, for lack of read:statuses" in str(found)


def test_an_account_that_is_named_wrongly_is_the_organisation_file_s_fault() -> None:
    account = AccountToRead(platform="facebook", account="acme", options={})
    with pytest.raises(OrganisationError, match="facebook acme: account is the number of the Pag"):
        verdict(account, Credentials(secret=SECRET))


def left(platform: str, state: str, script: Script | None = None, **more: Any) -> int | None:
    clock = Clock()
    with loopback(script or door(platform, state)) as server:
        found = held(platform, state, server.url)
        found = replace(found, **more) if found else None
        account = reads(platform, server.url)
        return days_left(account, found, now=clock, sleep=clock.sleep)


@pytest.mark.parametrize("platform", WITH_CREDENTIALS)
def test_days_ahead_of_their_end_credentials_are_warned_of(
    platform: str, watched: None, caplog: pytest.LogCaptureFixture
) -> None:
    assert left(platform, "expiring") == 9
    (warned,) = [each for each in caplog.records if each.levelno == logging.WARNING]
    said = warned.getMessage()
    assert said.startswith(f"credentials platform={platform} account=")
    assert f" connection={platform}_" in said
    assert f"expire_at={SOON} days_left=9: put new ones into the connection" in said
    assert said.endswith(f"python -m extractors check {platform}")


@pytest.mark.parametrize("platform", WITH_CREDENTIALS)
@pytest.mark.parametrize("state", ["good", "missing", "wrong"])
def test_nobody_is_warned_without_need(
    platform: str, state: str, watched: None, caplog: pytest.LogCaptureFixture
) -> None:
    assert left(platform, state) is None
    assert not [each for each in caplog.records if each.levelno == logging.WARNING]


@pytest.mark.parametrize("hours", [14 * 24 + 1, 14 * 24 - 1, 1, -30])
def test_fourteen_days_are_days_enough(hours: int, watched: None) -> None:
    ends = Clock().now + timedelta(hours=hours)
    days = {14 * 24 + 1: None, 14 * 24 - 1: 13, 1: 0, -30: 0}[hours]
    assert left("mastodon", "good", expires_at=ends) == days


def test_what_is_renewed_for_each_night_is_nothing_to_warn_of(watched: None) -> None:
    ends = Clock().now + timedelta(hours=2)
    renewable = {"refresh_token": "r3fresh-t0ken", "client_id": "a"}
    assert left("x", "good", expires_at=ends, **renewable) is None
    assert left("x", "good", expires_at=ends) == 0


def test_where_the_platform_does_not_tell_the_connection_s_word_holds(watched: None) -> None:
    assert left("facebook", "good", lambda _: NOT_TOLD, expires_at=SOON) == 9
    assert left("facebook", "good", lambda _: Reply(status=500), expires_at=SOON) == 9
    assert left("facebook", "good", expires_at=SOON) is None, "Meta tells 50 days"


def test_the_last_renewal_s_word_holds_against_the_connection_s(watched: None) -> None:
    made = Credentials(secret=SECRET, expires_at=Clock().now)
    shelf, clock = Shelf(), Clock()

    def script(asked: Asked) -> Reply:
        if asked.path == "/refresh_access_token":
            return Reply({"access_token": "n3w", "expires_in": 60 * 86400})
        return NOT_TOLD

    with loopback(script) as server:
        found = replace(made, base_url=server.url)
        account = reads("threads", server.url)
        told_now = {"now": clock, "sleep": clock.sleep}
        assert days_left(account, found, shelf, **told_now) == 0
        verdict(account, found, shelf, **told_now)
        assert days_left(account, found, shelf, **told_now) is None
