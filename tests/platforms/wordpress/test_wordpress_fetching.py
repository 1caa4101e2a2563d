"""What is asked of a site, and what becomes of answers a well-behaved site would not give."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from extractors.client import Client
from extractors.errors import BadCredentials
from extractors.platform import Fetched, Reading, SetAside, Window
from extractors.platforms.wordpress import WORDPRESS, WordpressOptions
from lake.organisation import AccountToRead
from tests.recordings import Exchange, Replay

API = "https://blog.example/wp-json/wp/v2"
BLOG = AccountToRead(platform="wordpress", account="blog.example")
START, END = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 2, tzinfo=UTC)
ASKED_EACH_TIME = ("_fields", "orderby", "order", "per_page", "page", "after", "before")


def _answer(path: str, content: Any, status: int = 200) -> Exchange:
    return Exchange("GET", f"{API}/{path}", status, {}, json.dumps(content).encode())


def _comment(number: int, parent: int = 0, **changes: Any) -> dict[str, Any]:
    up = [{"post_type": "post", "href": "https://blog.example/?rest_route=/wp/v2/posts/12"}]
    return {"id": number, "parent": parent, "author": 0, "_links": {"up": up}} | changes


def _fetch(
    stream: str, *answers: Exchange, **options: Any
) -> tuple[list[Fetched | SetAside], list[str]]:
    """What a stream yields, and the queries it asked."""
    replay = Replay(list(answers), ignored=ASKED_EACH_TIME)
    client = Client(
        "wordpress",
        "blog.example",
        base_url="https://blog.example",
        now=lambda: END,
        sleep=lambda _: None,
        adapter=replay,
    )
    window = Window(START, END, END)
    reading = Reading(BLOG, WordpressOptions(**options), window, client, lambda *_: iter(()))
    return list(WORDPRESS.stream(stream).fetch(reading)), replay.asked


def test_a_window_includes_its_first_second_and_not_its_end() -> None:
    _, [asked] = _fetch("posts", _answer("posts", []))
    query = parse_qs(urlsplit(asked).query)
    assert query["after"] == ["2025-02-28T23:59:59Z"]
    assert query["before"] == ["2025-03-02T00:00:00Z"]


def test_what_a_comment_answers_is_asked_for_once_up_to_the_post() -> None:
    came, asked = _fetch(
        "comments",
        _answer("comments", [_comment(34, parent=33), _comment(35, parent=9)]),
        _answer("comments?include=9,33", [_comment(33, parent=32)]),  # 9 is deleted
        _answer("comments?include=32", [_comment(32)]),
        _answer("posts?include=12", [{"id": 12}]),
    )
    assert [each.item["id"] for each in came if isinstance(each, Fetched)] == [34, 35, 33, 32, 12]
    assert len(asked) == 4


def test_what_is_no_comment_is_kept_for_the_reader_to_set_aside() -> None:
    came, _ = _fetch("comments", _answer("comments", [{"id": 1}, "odd", _comment(2, _links=[])]))
    assert [type(each) for each in came] == [Fetched, SetAside, Fetched]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_hidden_list_of_users_is_no_failure_but_noted(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        came, _ = _fetch("users", _answer("users", {"code": "rest_user_cannot_view"}, status))
    assert came == []
    assert "handles are not known" in caplog.text


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        ("avatar", {"author_avatar_urls": {"24": f"https://0.pic.test/avatar/{'ab' * 16}?s=24"}}),
        ("email", {"author_email": " Gil@Mail.test "}),
    ],
)
def test_an_address_becomes_a_keyed_hash_before_it_is_kept(
    evidence: str, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = "edit" if evidence == "email" else "view"
    answers = (
        _answer(
            f"comments?context={context}", [_comment(1, **told), _comment(2, author=7, **told)]
        ),
        _answer("posts?include=12", []),
    )
    keys = []
    for secret in ("first secret, long enough", "other secret, long enough"):
        monkeypatch.setenv("RAPPORT_SECRET", secret)
        came, _ = _fetch("comments", *answers, guests_by=evidence)
        guest, registered = (each.item for each in came if isinstance(each, Fetched))
        assert not told.keys() & (guest.keys() | registered.keys())
        assert "guest_key" not in registered
        keys.append(guest["guest_key"])
    assert keys[0] != keys[1]
    assert all(key.startswith(f"{evidence}-") for key in keys)


def test_addresses_are_not_even_asked_for_without_a_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAPPORT_SECRET", "short")
    with pytest.raises(BadCredentials, match="set RAPPORT_SECRET"):
        _fetch("comments", guests_by="email")
    _, asked = _fetch("comments", _answer("comments", []))
    assert "email" not in asked[0]
    assert "avatar" not in asked[0]
