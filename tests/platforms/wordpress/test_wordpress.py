"""What WordPress answers, and what it must become."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.observations import AccountSeen, MessageSeen, Observation
from extractors.platforms.wordpress import WORDPRESS
from extractors.platforms.wordpress.items import read_comment, read_post, read_user
from lake.organisation import AccountToRead, OrganisationError

BLOG = AccountToRead(platform="wordpress", account="blog.example")
CASES = json.loads((Path(__file__).parent / "comments.json").read_text(encoding="utf-8"))


def _expected(case: dict[str, Any]) -> list[Observation]:
    said: list[Observation] = []
    if account := case["account"]:
        links = tuple(account.get("profile_links", ()))
        said.append(AccountSeen(**{**account, "profile_links": links}))
    if message := case["message"]:
        sent_at = datetime.fromisoformat(message["sent_at"])
        said.append(
            MessageSeen(
                **{**message, "sent_at": sent_at},
                kind="comment",
                channel="blog.example",
                is_own_space=True,
            )
        )
    return said


def _comment(**changes: Any) -> dict[str, Any]:
    item: dict[str, Any] = CASES["a guest without a name is nobody"]["item"]
    return item | changes


def _author(**changes: Any) -> str | None:
    [message] = [
        each for each in read_comment(_comment(**changes), BLOG) if isinstance(each, MessageSeen)
    ]
    return message.author_id


@pytest.mark.parametrize("name", CASES)
def test_a_comment_becomes_what_it_says(name: str) -> None:
    assert list(read_comment(CASES[name]["item"], BLOG)) == _expected(CASES[name])


def test_a_guest_is_one_account_however_name_and_address_are_spelt() -> None:
    first = _author(author_name="Gil  Öz", author_url="https://gil.example")
    again = _author(author_name="gil O\u0308Z", author_url="https://Gil.example/")
    assert first == again
    assert str(first).startswith("wordpress:blog.example:guest-name-")
    assert first != _author(author_name="Gil Öz", author_url="https://other.example")
    assert first != _author(author_name="Gil", author_url="Öz https://gil.example")


def test_a_guest_has_no_handle_so_that_nobody_becomes_us_by_typing_our_name() -> None:
    [account, _] = read_comment(_comment(author_name="acme"), BLOG)
    assert isinstance(account, AccountSeen)
    assert account.handle is None


def test_an_edited_post_says_when_it_was_edited() -> None:
    item = {
        "id": 12,
        "date_gmt": "2025-03-01T09:00:00",
        "modified_gmt": "2025-03-02T09:00:00",
        "type": "post",
        "link": "https://blog.example/notes/",
        "title": {"rendered": "Field notes &#038; more"},
        "content": {"rendered": "<p>The new meter is out.</p>", "protected": False},
        "author": 1,
    }
    expected = MessageSeen(
        message_id="wordpress:blog.example:post-12",
        author_id="wordpress:blog.example:user-1",
        sent_at=datetime(2025, 3, 1, 9, tzinfo=UTC),
        edited_at=datetime(2025, 3, 2, 9, tzinfo=UTC),
        text="Field notes & more\n\nThe new meter is out.",
        kind="post",
        channel="blog.example",
        is_own_space=True,
        permalink="https://blog.example/notes/",
    )
    assert list(read_post(item, BLOG)) == [expected]
    assert list(read_comment(item, BLOG)) == [expected]  # as it comes along with a comment


def test_a_user_has_the_name_of_the_page_as_handle() -> None:
    item = {
        "id": 1,
        "name": "Acme",
        "slug": "acme",
        "link": "https://blog.example/author/acme/",
        "url": "https://acme.example",
        "description": "",
    }
    assert list(read_user(item, BLOG)) == [
        AccountSeen(
            account_id="wordpress:blog.example:user-1",
            handle="acme",
            display_name="Acme",
            profile_url="https://blog.example/author/acme/",
            profile_links=("https://acme.example",),
        )
    ]


@pytest.mark.parametrize("key", ["id", "post", "parent", "author", "date_gmt", "content", "type"])
def test_a_comment_without_what_every_comment_has_is_not_read(key: str) -> None:
    item = _comment()
    del item[key]
    with pytest.raises((KeyError, TypeError, ValueError)):
        list(read_comment(item, BLOG))


def test_a_time_that_is_none_is_not_read() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        list(read_comment(_comment(date_gmt="-0001-11-30T00:00:00"), BLOG))


def test_an_account_named_by_its_address_is_refused_with_the_way_out() -> None:
    account = AccountToRead(platform="wordpress", account="https://blog.example")
    assert WORDPRESS.base_url
    with pytest.raises(OrganisationError, match=r"goes into options\.url"):
        WORDPRESS.base_url(account, WORDPRESS.options(), None)


def test_the_comment_of_the_core_test_suite_is_read(shared: Callable[[str], Path]) -> None:
    recording = shared("recordings/wordpress/wp_core_generated/comments_collection.json")
    [item] = json.loads(recording.read_text(encoding="utf-8"))
    [account, message] = read_comment(item, BLOG)
    assert isinstance(account, AccountSeen)
    assert isinstance(message, MessageSeen)
    assert account.profile_links == ("http://lights.example.org/",)
    assert (message.text, message.root_id) == (
        "This is a comment",
        "wordpress:blog.example:post-4",
    )
