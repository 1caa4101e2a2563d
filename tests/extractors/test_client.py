from __future__ import annotations

import gzip
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from extractors.client import Answer, Client, Credentials, SignIn, basic
from extractors.errors import BadCredentials, NotThere, ReadingError, TryLater, Unreadable
from extractors.pace import Rate
from tests.loopback import Asked, Clock, Reply, Script, in_turn, loopback

SECRET = "s3cr3t-t0ken"
LIMITED = Rate(300, 300, "X-RateLimit-Remaining", "X-RateLimit-Reset")


def client_of(url: str, clock: Clock, **more: Any) -> Client:
    return Client("pond", "acme", base_url=url, now=clock, sleep=clock.sleep, **more)


def answers(*replies: Reply) -> Script:
    return in_turn({"/list": list(replies)})


def ask(script: Script, **more: Any) -> tuple[Any, Clock, int]:
    clock = Clock()
    with loopback(script) as server, client_of(server.url, clock, **more) as client:
        answer = client.get("/list", stream="posts", page=3)
        return answer.json(), clock, client.request_count


def failure(script: Script, kind: type[ReadingError], **more: Any) -> tuple[Any, Clock, int]:
    clock = Clock()
    with loopback(script) as server, client_of(server.url, clock, **more) as client:
        with pytest.raises(kind) as caught:
            client.get("/list", {"key": SECRET}, stream="posts", page=3).json()
        assert SECRET not in str(caught.value)
        assert caught.value.__context__ is None, "the original error may hold address and body"
        return caught.value, clock, client.request_count


def test_an_answer_is_what_the_platform_said() -> None:
    assert ask(answers(Reply([{"id": "1"}]))) == ([{"id": "1"}], Clock(), 1)


def test_a_gzipped_answer_is_unpacked() -> None:
    reply = Reply(gzip.compress(b"[1]"), headers={"Content-Encoding": "gzip"})
    assert ask(answers(reply))[0] == [1]


def test_we_say_who_we_are_and_what_we_ask() -> None:
    with loopback(answers(Reply([]))) as server:
        client_of(server.url + "/", Clock()).get("list", {"limit": 40}, stream="posts")
    assert server.asked[0].headers["User-Agent"].startswith("rapport/")
    assert server.asked[0].query == {"limit": "40"}
    assert "Authorization" not in server.asked[0].headers


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(status=500),
        Reply(status=503),
        Reply(status=408),
        Reply([{"id": "1"}], cut=4),
        Reply(b"5\r\n[{}", headers={"Transfer-Encoding": "chunked"}),
        Reply(b"not gzip", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["500", "503", "408", "cut off", "cut-off chunk", "no gzip"],
)
def test_passing_trouble_is_waited_out_longer_each_time(trouble: Reply) -> None:
    said, clock, count = ask(answers(trouble, trouble, trouble, Reply(["fine"])))
    assert (said, clock.slept, count) == (["fine"], [1, 2, 4], 4)


def test_trouble_that_does_not_pass_ends_after_the_tries() -> None:
    error, clock, count = failure(answers(Reply(status=502)), TryLater, tries=3)
    assert str(error) == (
        "TryLater platform=pond account=acme stream=posts page=3: HTTP 502, 3 times"
    )
    assert (clock.slept, count) == ([1, 2], 3)


def test_no_connection_is_passing_trouble() -> None:
    with loopback(answers()) as server:
        gone = server.url
    clock = Clock()
    with pytest.raises(TryLater, match=r"no whole answer \(ConnectionError\), 5 times"):
        client_of(gone, clock).get("/list", {"key": SECRET}, stream="posts")
    assert clock.slept == [1, 2, 4, 8]


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "37"},
        {"Retry-After": "Sun, 01 Mar 2026 02:00:37 GMT"},
        {"X-RateLimit-Reset": "2026-03-01T02:00:37.000000Z"},
        {"X-RateLimit-Reset": str(int(datetime(2026, 3, 1, 2, 0, 37, tzinfo=UTC).timestamp()))},
        {"X-RateLimit-Reset": "37.0"},
        # By the platform's clock, which is an hour slow.
        {
            "X-RateLimit-Reset": "2026-03-01T01:00:37Z",
            "Date": "Sun, 01 Mar 2026 01:00:00 GMT",
        },
        {"Retry-After": "37", "X-RateLimit-Reset": "2026-03-01T02:04:00Z"},
    ],
    ids=["seconds", "date", "ISO", "epoch", "seconds left", "its own clock", "Retry-After first"],
)
@pytest.mark.parametrize("status", [429, 403])
def test_a_rate_limit_is_waited_out_as_told(status: int, headers: dict[str, str]) -> None:
    limited = Reply(status=status, headers={"X-RateLimit-Remaining": "0", **headers})
    said, clock, _ = ask(answers(limited, Reply(["fine"])), rate=LIMITED)
    assert said == ["fine"]
    assert clock.slept == [37]


def test_a_limit_that_tells_nothing_is_tried_again_ever_later() -> None:
    _, clock, _ = ask(answers(*[Reply(status=429)] * 3, Reply([])))
    assert clock.slept == [1, 2, 4]


def test_a_403_with_retry_after_is_a_limit() -> None:
    secondary = Reply(status=403, headers={"Retry-After": "37", "X-RateLimit-Remaining": "4000"})
    assert ask(answers(secondary, Reply(["fine"])), rate=LIMITED)[1].slept == [37]


def test_a_refusal_with_requests_left_met_another_limit_than_that_of_the_reset() -> None:
    headers = {"X-RateLimit-Remaining": "299", "X-RateLimit-Reset": "2026-03-01T02:14:00Z"}
    too_fast = Reply(status=429, headers=headers)
    assert ask(answers(too_fast, Reply(["fine"])), rate=LIMITED)[1].slept == [1]


def test_retry_after_nothing_is_no_reason_to_hurry() -> None:
    _, clock, _ = ask(answers(*[Reply(status=429, headers={"Retry-After": "0"})] * 2, Reply([])))
    assert clock.slept == [1, 2]


def test_a_reset_told_beside_a_server_error_is_not_waited_for() -> None:
    reply = Reply(status=500, headers={"X-RateLimit-Reset": "290", "X-RateLimit-Remaining": "299"})
    assert ask(answers(reply, Reply([])), rate=LIMITED)[1].slept == [1]


def test_a_wait_longer_than_our_patience_is_for_another_time() -> None:
    limited = Reply(status=429, headers={"Retry-After": "901"})
    error, clock, count = failure(answers(limited), TryLater)
    assert (error.after, clock.slept, count) == (901, [], 1)
    assert "would have to wait 901 s" in str(error)


def test_patience_is_counted_over_all_waits_of_a_request() -> None:
    limited = Reply(status=429, headers={"Retry-After": "400"})
    error, clock, _ = failure(answers(limited), TryLater)
    assert (error.after, clock.slept) == (400, [400, 400])


def test_when_nothing_remains_we_wait_before_asking_not_after_being_refused() -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-03-01T02:01:00Z"}
    clock = Clock()
    with loopback(answers(Reply([], headers=headers))) as server:
        client = client_of(server.url, clock, rate=LIMITED)
        client.get("/list", stream="posts")
        assert clock.slept == []
        client.get("/list", stream="posts")
    assert clock.slept == [60]


def test_where_only_the_rate_is_known_we_keep_to_it() -> None:
    clock = Clock()
    with loopback(answers(Reply([]))) as server:
        client = client_of(server.url, clock, rate=Rate(3, 60))
        for _ in range(7):
            client.get("/list", stream="posts")
    assert clock.slept == [60, 60]


def test_what_the_platform_tells_counts_more_than_the_known_rate() -> None:
    clock = Clock()
    with loopback(answers(Reply([], headers={"X-RateLimit-Remaining": "50"}))) as server:
        client = client_of(server.url, clock, rate=Rate(2, 60, "X-RateLimit-Remaining", "None"))
        for _ in range(5):
            client.get("/list", stream="posts")
    assert clock.slept == []


def test_lists_with_limits_of_their_own_do_not_wait_for_one_another() -> None:
    def tells(left: int, minute: int) -> Reply:
        reset = f"2026-03-01T02:{minute:02}:00Z"
        return Reply([], headers={"X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": reset})

    script = in_turn(
        {"/posts/7": [tells(0, 5)], "/posts/8": [Reply([])], "/likes": [tells(299, 1)]}
    )
    clock = Clock()
    with loopback(script) as server:
        client = client_of(
            server.url, clock, rate=lambda url: replace(LIMITED, of=re.sub(r"\d+$", "", url))
        )
        for path in ("posts/7", "likes", "likes"):
            client.get(path, stream="any")
        assert clock.slept == []
        client.get("posts/8", stream="any")
    assert clock.slept == [300], "what the likes told has not made us forget"


def test_the_budget_ends_the_asking() -> None:
    error, _, count = failure(answers(Reply(status=500)), TryLater, budget=2)
    assert (error.reason, count) == ("the budget of 2 requests is used up", 2)


def test_a_budget_that_is_renewed_tells_when() -> None:
    error, clock, _ = failure(answers(Reply([])), TryLater, budget=0, renewal=lambda now: now.hour)
    assert (error.after, clock.slept) == (2, [])


def test_what_a_refusal_means_may_stand_in_its_body() -> None:
    def judge(answer: Answer, now: datetime) -> ReadingError | None:
        wait = answer.json()["wait"]
        if wait == "for ever":
            return NotThere("it says so", **answer.place)
        return TryLater("it says so", after=wait * now.hour, **answer.place) if wait else None

    waits = [Reply({"wait": wait}, 403) for wait in (1, 20)]
    assert ask(answers(*waits, Reply(["fine"])), judge=judge)[1].slept == [2, 40]
    error, clock, _ = failure(answers(Reply({"wait": 500}, 403)), TryLater, judge=judge)
    assert (error.after, clock.slept) == (1000, [])
    failure(answers(Reply({"wait": "for ever"}, 403)), NotThere, judge=judge)
    failure(answers(Reply({"wait": None}, 403)), BadCredentials, judge=judge)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"error": "This method requires an authenticated user"}, 401), BadCredentials),
        (Reply({"title": "CreditsDepleted"}, 402), BadCredentials),
        (Reply({"error": "This action is outside the authorized scopes"}, 403), BadCredentials),
        (Reply({"error": "InvalidToken", "message": "Malformed token"}, 400), BadCredentials),
        (Reply({"error": "invalid_grant"}, 400), BadCredentials),
        (Reply({"error": "Record not found"}, 404), NotThere),
        (Reply(status=410), NotThere),
        (Reply({"error": "limit must be at most 80"}, 400), Unreadable),
        (Reply({"error": "Unprocessable"}, 422), Unreadable),
        (Reply(status=304), Unreadable),
    ],
    ids=["401", "402", "403", "400 token", "400 grant", "404", "410", "400", "422", "304"],
)
def test_a_refusal_is_named_by_what_to_do_next(reply: Reply, kind: type[ReadingError]) -> None:
    error, clock, count = failure(answers(reply), kind)
    assert type(error) is kind
    assert f"HTTP {reply.status}" in error.reason
    assert (clock.slept, count) == ([], 1)


@pytest.mark.parametrize(
    ("kind", "after", "slept"),
    [(TryLater, 37, [37]), (TryLater, None, [1]), (NotThere, None, []), (BadCredentials, None, [])],
)
def test_a_platform_s_own_judge_goes_before_the_status(
    kind: type[ReadingError], after: float | None, slept: list[float]
) -> None:
    def judge(answer: Answer, _now: datetime) -> ReadingError:
        told = {"after": after} if kind is TryLater else {}
        return kind(f"its error {answer.json()}", **answer.place, **told)

    script = answers(Reply(b"7", 400), Reply(["fine"]))
    if kind is TryLater:
        assert ask(script, judge=judge)[1].slept == slept
    else:
        error, clock, _ = failure(script, kind, judge=judge)
        assert (error.reason, clock.slept) == ("its error 7", slept)


def test_a_judge_that_knows_nothing_leaves_it_to_the_status() -> None:
    assert failure(answers(Reply(status=404)), NotThere, judge=lambda *_: None)[2] == 1


def test_a_pause_told_without_numbers_left_is_kept_beside_the_known_rate() -> None:
    def told(headers: Mapping[str, str], _: bytes) -> float | None:
        return 90 if headers.get("X-Usage") == "full" else None

    clock = Clock()
    with loopback(answers(Reply([]), Reply([], headers={"X-Usage": "full"}), Reply([]))) as server:
        client = client_of(server.url, clock, rate=Rate(3, 60, pause_told=told))
        for _ in range(5):
            client.get("/list", stream="posts")
    assert clock.slept == [90]


def test_a_pause_asked_for_in_the_body_of_an_answer_is_kept() -> None:
    """As Stack Exchange does beside its items, with status 200."""

    def told(_: Mapping[str, str], body: bytes) -> float | None:
        seconds: float | None = json.loads(body).get("backoff")
        return seconds

    clock = Clock()
    script = answers(Reply({"items": [1], "backoff": 10}), Reply({"items": [2]}))
    with loopback(script) as server:
        client = client_of(server.url, clock, rate=Rate(30, 1, pause_told=told))
        for _ in range(3):
            client.get("/list", stream="posts")
    assert clock.slept == [10]


def test_an_expected_refusal_is_for_the_caller_to_judge() -> None:
    with loopback(answers(Reply({"code": "past_the_end"}, 400))) as server:
        answer = client_of(server.url, Clock()).get("/list", stream="posts", expected={400})
    assert (answer.status, answer.json()) == (400, {"code": "past_the_end"})


@pytest.mark.parametrize(
    "body",
    [
        b'[{"id": "1"}, {"id": ',
        b"",
        b"<html>down for repairs</html>",
        b'["caf\xe9"]',
        b'{"count": NaN}',
        b"[" * 100_000,
    ],
    ids=["cut off", "empty", "HTML", "Latin-1", "no number", "too deep"],
)
def test_a_body_that_is_no_json_is_unreadable(body: bytes) -> None:
    error, _, _ = failure(answers(Reply(body)), Unreadable)
    assert str(error) == (
        "Unreadable platform=pond account=acme stream=posts page=3: "
        f"HTTP 200 with a body of {len(body)} bytes that is not JSON"
    )


def test_json_in_another_unicode_encoding_is_understood() -> None:
    assert ask(answers(Reply('["café"]'.encode("utf-16"))))[0] == ["café"]


def test_a_token_goes_home_and_nowhere_else() -> None:
    secret = Credentials(login="acme", secret=SECRET)
    with loopback(answers(Reply(["elsewhere"]))) as elsewhere:
        moved = Reply(status=302, headers={"Location": f"{elsewhere.url}/list"})
        with loopback(answers(moved)) as home:
            client = client_of(home.url, Clock(), credentials=secret)
            assert client.get("/list", stream="posts").json() == ["elsewhere"]
            assert client.get(f"{elsewhere.url}/list", stream="posts").json() == ["elsewhere"]
    assert home.asked[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert [each.headers.get("Authorization") for each in elsewhere.asked] == [None, None]


def test_a_redirect_at_home_keeps_the_token() -> None:
    script = in_turn(
        {"/list": [Reply(status=301, headers={"Location": "/new"})], "/new": [Reply(1)]}
    )
    with loopback(script) as server:
        client = client_of(server.url, Clock(), credentials=Credentials(secret=SECRET))
        assert client.get("/list", stream="posts").json() == 1
    assert server.asked[1].headers["Authorization"] == f"Bearer {SECRET}"


def test_login_and_secret_may_be_sent_as_basic_authentication() -> None:
    zoe = Credentials(login="zoë", secret="abcd efgh")
    with loopback(answers(Reply([]))) as server:
        client = client_of(server.url, Clock(), credentials=zoe, authenticate=basic)
        client.get("/list", stream="posts")
    assert server.asked[0].headers["Authorization"] == "Basic em/DqzphYmNkIGVmZ2g="


def test_redirects_without_end_are_unreadable() -> None:
    again = Reply(status=302, headers={"Location": "/list"})
    assert failure(answers(again), Unreadable)[0].reason == (
        "an address that leads nowhere (more than 5 redirects)"
    )


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/list", "http://", "http://[oops/list"])
def test_an_address_that_cannot_be_asked_is_unreadable(address: str) -> None:
    with pytest.raises(Unreadable, match="leads nowhere"):
        client_of("http://127.0.0.1", Clock()).get(address, stream="posts")


def test_a_secret_shows_neither_in_text_forms_nor_in_any_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    credentials = Credentials(login="acme", secret=SECRET)
    assert SECRET not in repr(credentials)
    with caplog.at_level(logging.DEBUG):
        ask_with = {"credentials": credentials, "rate": LIMITED}
        failure(answers(Reply({"error": f"wrong {SECRET}"}, 401)), BadCredentials, **ask_with)
        failure(answers(Reply(SECRET.encode())), Unreadable, **ask_with)
        failure(answers(Reply(status=500)), TryLater, **ask_with)
    assert "GET /list?…" in caplog.text, "urllib3's debug lines are there, without the query"
    assert SECRET not in caplog.text


def test_each_wait_is_one_line_of_facts(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        ask(answers(Reply(status=429, headers={"Retry-After": "12"}), Reply([])))
    assert caplog.messages == [
        "waiting platform=pond account=acme stream=posts seconds=12 reason=HTTP 429, rate limit"
    ]


def test_the_link_header_is_parsed() -> None:
    headers = {"Link": '<{url}/list?max_id=7>; rel="next", <{url}/list?min_id=9>; rel="prev"'}

    def script(_: Asked) -> Reply:
        return Reply([], headers=headers)

    with loopback(script) as server:
        answer = client_of(server.url, Clock()).get("/list", stream="posts")
    assert answer.links["next"]["url"] == f"{server.url}/list?max_id=7"


DOOR = SignIn("door", lambda account, held: {"name": account, "word": held.secret}, "token")


def signed_in(url: str, secret: str = SECRET) -> Client:
    return client_of(url, Clock(), credentials=Credentials(secret=secret), sign_in=DOOR)


def test_a_password_is_given_once_for_a_token() -> None:
    script = in_turn({"/list": [Reply([])], "/door": [Reply({"token": "t1"})]})
    with loopback(script) as server, signed_in(server.url) as client:
        client.get("/list", stream="posts")
        client.get("/list", stream="likes")
    door, *lists = server.asked
    assert (door.method, door.body) == ("POST", b'{"name": "acme", "word": "s3cr3t-t0ken"}')
    assert "Authorization" not in door.headers
    assert [each.headers["Authorization"] for each in lists] == ["Bearer t1"] * 2


def test_a_token_that_has_run_out_is_asked_for_anew() -> None:
    expired = Reply({"error": "ExpiredToken"}, 400)
    tokens = [Reply({"token": "t1"}), Reply({"token": "t2"})]
    script = in_turn({"/list": [Reply([]), expired, Reply([])], "/door": tokens})
    with loopback(script) as server, signed_in(server.url) as client:
        client.get("/list", stream="posts")
        client.get("/list", stream="posts")
    assert server.paths == ["/door", "/list", "/list", "/door", "/list"]
    assert server.asked[-1].headers["Authorization"] == "Bearer t2"


def test_a_fresh_token_that_is_refused_is_for_a_human() -> None:
    script = in_turn({"/list": [Reply(status=403)], "/door": [Reply({"token": "t1"})]})
    with loopback(script) as server, signed_in(server.url) as client:
        with pytest.raises(BadCredentials):
            client.get("/list", stream="posts")
        assert server.paths == ["/door", "/list"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Reply({"error": "AuthenticationRequired"}, 401), BadCredentials),
        (Reply({"token": None}), Unreadable),
        (Reply({"token": ""}), Unreadable),
        (Reply([]), Unreadable),
        (Reply(b"{"), Unreadable),
        (Reply(status=307, headers={"Location": "{url}/elsewhere"}), Unreadable),
    ],
    ids=["refused", "null", "empty", "a list", "no JSON", "sent elsewhere"],
)
def test_a_door_that_stays_shut_says_nothing_of_the_password(
    answer: Reply, kind: type[ReadingError]
) -> None:
    script = in_turn({"/door": [answer], "/list": [Reply([])]})
    with loopback(script) as server, signed_in(server.url) as client:
        with pytest.raises(kind) as caught:
            client.get("/list", stream="posts")
        assert set(server.paths) == {"/door"}
    assert SECRET not in repr(caught.value) + str(caught.value.__context__)


def test_nobody_signs_in_without_a_password_or_to_ask_elsewhere() -> None:
    script = in_turn({"/list": [Reply([])]})
    with loopback(script) as server, loopback(script) as other:
        with signed_in(server.url, secret="") as client:
            client.get("/list", stream="posts")
        with signed_in(server.url) as client:
            client.get(f"{other.url}/list", stream="posts")
    assert server.paths + other.paths == ["/list", "/list"]
