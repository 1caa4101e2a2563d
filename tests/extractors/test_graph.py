"""How Meta's Graph dialect tells of limits, wrong tokens and missing things."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractors.client import Client
from extractors.errors import BadCredentials, NotThere, ReadingError, TryLater, Unreadable
from extractors.graph import RATE, judge, pause_told
from extractors.registry import PLATFORMS
from lake.organisation import OrganisationError
from tests.graph import SECRET, GraphNights, error
from tests.loopback import Clock, Reply, in_turn, loopback
from tests.platforms.town import at


def ask(*replies: Reply) -> tuple[Any, Clock]:
    clock = Clock()
    with loopback(in_turn({"/list": list(replies)})) as server:
        client = Client(
            "pond",
            "acme",
            base_url=server.url,
            now=clock,
            sleep=clock.sleep,
            judge=judge,
            rate=RATE,
        )
        answers = [client.get("/list", stream="posts", page=1).json() for _ in replies[:2]]
    return answers, clock


def usage(percent: float, minutes: float = 0) -> str:
    shares = {"call_count": 5, "total_cputime": percent, "total_time": 20}
    told = {"type": "pages", **shares, "estimated_time_to_regain_access": minutes}
    return json.dumps({"66782684": [told]})


@pytest.mark.parametrize(
    ("code", "subcode", "status", "kind"),
    [
        (4, None, 400, TryLater),
        (17, None, 400, TryLater),
        (32, None, 403, TryLater),
        (613, 1487742, 403, TryLater),
        (80001, None, 400, TryLater),
        (190, 463, 400, BadCredentials),
        (190, None, 401, BadCredentials),
        (10, None, 400, BadCredentials),
        (200, None, 403, BadCredentials),
        (100, 33, 400, NotThere),
        (803, None, 404, NotThere),
        (100, None, 400, Unreadable),
        (99999, None, 400, Unreadable),
    ],
)
def test_the_code_in_the_body_says_what_to_do_next(
    code: int, subcode: int | None, status: int, kind: type[ReadingError]
) -> None:
    with pytest.raises(ReadingError) as caught:
        ask(error(code, status, subcode))
    assert type(caught.value) is kind
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"error": "no"}', b'{"error": {}}', b"<html>", b"[" * 100_000]
)
def test_a_refusal_without_a_code_goes_by_its_status(body: bytes) -> None:
    with pytest.raises(BadCredentials, match="HTTP 403"):
        ask(Reply(body, 403))


@pytest.mark.parametrize("code", [1, 2])
def test_a_server_that_is_unwell_is_asked_again(code: int) -> None:
    answers, clock = ask(error(code, 400), Reply(["fine"]))
    assert (answers, clock.slept) == ([["fine"]] * 2, [1])


def test_a_limit_is_waited_out_as_long_as_the_usage_says() -> None:
    limited = error(4, 400, **{"X-Business-Use-Case-Usage": usage(100, 7)})
    answers, clock = ask(limited, Reply(["fine"]))
    assert (answers, clock.slept) == ([["fine"]] * 2, [420])


def test_a_limit_without_a_time_lasts_an_hour() -> None:
    with pytest.raises(TryLater) as caught:
        ask(error(17))
    assert caught.value.after == 3600


def test_a_quota_nearly_used_up_ends_the_asking_before_we_are_refused() -> None:
    nearly = Reply([], headers={"X-App-Usage": '{"call_count":95,"total_time":1}'})
    with pytest.raises(TryLater, match="would have to wait 3600 s"):
        ask(nearly, nearly)


def test_a_quota_used_up_holds_up_one_account_alone_and_its_next_try_as_well() -> None:
    full = Reply({"data": []}, headers={"X-Business-Use-Case-Usage": usage(100, 60)})
    with loopback(lambda asked: full if "/1/" in asked.path else Reply({"data": []})) as server:

        def visit(number: str) -> GraphNights:
            nights = GraphNights(server.url, "instagram", "acme", options={"user_id": number})
            nights.client = nights.visit()
            return nights

        for _ in range(2):
            limited, free = visit("1"), visit("2")
            limited.read("media", at(0), at(1))
            with pytest.raises(TryLater, match="would have to wait 3600 s"):
                limited.read("tagged", at(0), at(1))
            assert free.read("media", at(0), at(1)) == free.read("tagged", at(0), at(1)) == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"X-App-Usage": '{"call_count":28,"total_time":25,"total_cputime":25}'}, None),
        ({"X-Page-Usage": '{"call_count":1,"total_time":96}'}, 3600),
        ({"X-Business-Use-Case-Usage": usage(40)}, None),
        ({"X-Business-Use-Case-Usage": usage(99.5)}, 3600),
        ({"X-Business-Use-Case-Usage": usage(40, 19)}, 1140),
        ({"X-App-Usage": "soon"}, None),
        ({"X-App-Usage": '{"call_count": NaN, "total_time": "99"}'}, None),
        ({"X-Business-Use-Case-Usage": usage(1, 1e300)}, 1e9),
    ],
)
def test_percentages_tell_when_to_pause(headers: dict[str, str], seconds: float | None) -> None:
    assert pause_told(headers) == seconds


@pytest.mark.parametrize(
    ("platform", "name"),
    [("facebook", "acme"), ("instagram", "@acme"), ("instagram", ""), ("threads", "a:b")],
)
def test_an_account_named_otherwise_than_in_ids_is_refused(platform: str, name: str) -> None:
    nights = GraphNights("http://127.0.0.1", platform, name or " ")
    nights.options = {"user_id": "1"} if platform == "instagram" else {}
    with pytest.raises(OrganisationError, match="account is"):
        nights.read(PLATFORMS[platform].streams[0].name, at(0), at(1))
