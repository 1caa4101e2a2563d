"""What is fetched from an Instagram account, in good times and bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from extractors.errors import BadCredentials, TryLater, Unreadable
from extractors.observations import AccountSeen, Gone
from extractors.platform import SetAside, untold
from lake.organisation import OrganisationError
from tests.graph import GraphNights, at, error, told
from tests.loopback import Loopback, Reply, loopback
from tests.platforms.instagram.account import NUMBER, Account

MEDIA = f"{NUMBER}/media"


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def server(account: Account) -> Iterator[Loopback]:
    with loopback(account) as running:
        yield running


@pytest.fixture
def nights(server: Loopback) -> GraphNights:
    return GraphNights(server.url, "instagram", "acme", options={"user_id": NUMBER})


@pytest.fixture
def asked_for(server: Loopback) -> Callable[[], list[str]]:
    """Paths asked for since the last time."""

    def since_last() -> list[str]:
        paths = [each.removeprefix("/v25.0/") for each in server.paths]
        server.asked.clear()
        return paths

    return since_last


def ids(items: list[dict[str, str]]) -> list[str]:
    return [item["id"] for item in items]


def read_night(nights: GraphNights, day: int) -> list[str]:
    nights.read("media", at(0), at(day))
    return ids(nights.read("comments", at(0), at(day)))


def test_media_are_followed_to_the_page_that_is_too_old(
    account: Account, nights: GraphNights, server: Loopback
) -> None:
    account.size = 2
    media = [account.publishes(at(day)) for day in range(10)]
    assert ids(nights.read("media", at(6), at(10))) == media[:3:-1]
    assert [each.query.get("after") for each in server.asked] == [None, "2", "4"]


def test_answers_beyond_those_that_come_along_are_asked_for(
    account: Account, nights: GraphNights, asked_for: Callable[[], list[str]]
) -> None:
    account.size, account.inline = 2, 2
    media = account.publishes(at(1))
    top = account.says(at(1, 1), "ada", media)
    answers = [account.says(at(1, 2), "bob", media, to=top) for _ in range(5)]
    other = account.says(at(1, 3), "carl", media)
    assert read_night(nights, 2) == [other, top, *answers, media]
    assert asked_for() == [MEDIA, f"{media}/comments", *[f"{top}/replies"] * 2]
    assert nights.aside("comments", at(2)) == []


def test_an_answer_without_parent_stands_under_the_comment_it_came_with(
    account: Account, nights: GraphNights
) -> None:
    media = account.publishes(at(1))
    top = account.says(at(1, 1), "ada", media)
    bare = {"id": "9", "timestamp": told(at(1, 2)), "username": "bob"}
    answered = {**account.comments[top][1], "replies": {"data": [bare, None]}}
    account.troubles[f"{media}/comments"] = [Reply({"data": [answered]})]
    nights.read("media", at(0), at(2))
    _, said, _ = nights.messages("comments", nights.read("comments", at(0), at(2)))
    assert (said.message_id, said.parent_id) == ("instagram::9", f"instagram::{top}")
    assert SetAside("null", "not an object", 1) in nights.aside("comments", at(2))


def test_a_thread_is_told_once_until_its_counter_changes(
    account: Account, nights: GraphNights, asked_for: Callable[[], list[str]]
) -> None:
    media, _ = account.publishes(at(1)), account.publishes(at(1, 1))
    ask = account.says(at(1, 2), "ada", media)
    assert read_night(nights, 2) == [ask, media]
    asked_for()
    assert read_night(nights, 3) == []
    assert asked_for() == [MEDIA]
    late = account.says(at(3), "acme", media, to=ask)
    assert read_night(nights, 4) == [ask, late, media]


def test_what_is_deleted_is_gone_once_and_what_is_hidden_is_counted(
    account: Account, nights: GraphNights
) -> None:
    media, whole = account.publishes(at(1)), account.publishes(at(1, 1))
    gone, stays = account.says(at(1, 2), "ada", media), account.says(at(1, 2), "bob", media)
    under = account.says(at(1, 2), "bob", whole)
    read_night(nights, 2)
    del account.comments[gone], account.media[whole], account.comments[under]
    account.hidden_count = 3
    items = nights.read("media", at(0), at(3)) + nights.read("comments", at(0), at(3))
    said = [each for each in nights.said("comments", items) if isinstance(each, Gone)]
    assert {each.message_id for each in said} == {
        f"instagram::{each}" for each in (gone, whole, under)
    }
    assert nights.aside("comments", at(3)) == list(untold(media, 4, 1))
    assert read_night(nights, 4) == []
    assert stays in ids(items)


def test_tags_name_only_a_cursor_and_end_with_an_empty_page(
    account: Account, nights: GraphNights, server: Loopback
) -> None:
    account.size = 2
    account.tags = [
        {"id": str(number), "username": "ada", "timestamp": told(at(1))} for number in range(3)
    ]
    items = nights.read("tagged", at(0), at(2))
    assert ids(items) == ["0", "1", "2"]
    assert [each.query.get("after") for each in server.asked] == [None, "2", "4"]
    assert {each.mentions for each in nights.messages("tagged", items)} == {("instagram::acme",)}


def test_tags_are_not_asked_for_with_a_login_that_cannot_tell_them(
    nights: GraphNights, server: Loopback
) -> None:
    nights.options["login"] = "instagram"
    assert nights.read("tagged", at(0), at(2)) == []
    assert server.paths == []


def test_the_profile_tells_our_name(nights: GraphNights) -> None:
    assert nights.said("profile", nights.read("profile", at(1), at(2))) == [
        AccountSeen(
            account_id="instagram::acme",
            handle="Acme",
            display_name="Acme",
            profile_url="https://www.instagram.com/Acme/",
            follower_count=12,
        )
    ]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (error(190, 401), BadCredentials),
        (error(10, 403), BadCredentials),
        (error(80002, 400), TryLater),
        (error(100), Unreadable),
        (Reply({"data": None}), Unreadable),
        (Reply(b"{"), Unreadable),
    ],
)
def test_a_refusal_is_named_by_what_to_do_next(
    account: Account, nights: GraphNights, trouble: Reply, kind: type[Exception]
) -> None:
    account.troubles[MEDIA] = [trouble]
    with pytest.raises(kind):
        nights.read("media", at(0), at(2))


def test_two_nights_tell_what_one_longer_night_tells(account: Account, nights: GraphNights) -> None:
    for day in range(4):
        account.says(at(day, 5), "ada", account.publishes(at(day)))

    def read(reader: GraphNights, first: int, last: int) -> list[dict[str, str]]:
        reader.read("media", at(first), at(last))
        return reader.read("comments", at(first), at(last))

    whole = GraphNights(nights.url, "instagram", "acme", options=nights.options)
    said = set(whole.messages("comments", read(whole, 0, 4)))
    assert set(nights.messages("comments", read(nights, 2, 4) + read(nights, 0, 2))) == said
    assert len(said) == 8


def test_the_number_of_the_account_is_asked_for(nights: GraphNights) -> None:
    nights.options = {}
    with pytest.raises(OrganisationError, match=r"options\.user_id"):
        nights.read("media", at(0), at(2))
