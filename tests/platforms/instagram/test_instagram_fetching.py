"""What is special about fetching an Instagram account; what holds for all, the suite shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from extractors.observations import AccountSeen, Gone
from extractors.platform import NOT_TOLD, SetAside, untold
from lake.organisation import OrganisationError
from tests.graph import GraphNights, error, nights_at, told
from tests.loopback import Reply
from tests.platforms.instagram.account import NUMBER, Account
from tests.platforms.town import at

MEDIA = f"{NUMBER}/media"


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def nights(account: Account) -> Iterator[GraphNights]:
    with nights_at(account, "instagram", "acme", user_id=NUMBER) as running:
        yield running


def read_night(nights: GraphNights, day: int) -> list[str]:
    nights.read("media", at(0), at(day))
    return nights.ids("comments", at(0), at(day))


def read_older(nights: GraphNights, day: int) -> list[str]:
    """What a night tells of media that are older than it lists."""
    return nights.ids("late_comments", at(day - 1), at(day))


def test_media_are_followed_to_the_page_that_is_too_old(
    account: Account, nights: GraphNights
) -> None:
    media = [account.told(account.media[account.publishes(at(day))]) for day in range(4)]
    following = {"next": "https://graph.example/x?after=1"}
    unbounded = Reply({"data": media[::-1], "paging": following})
    account.troubles[MEDIA] = [unbounded, Reply({"data": media[:1], "paging": following})]
    nights.read("media", at(2), at(4))
    assert nights.asked_for() == [MEDIA] * 2


def test_answers_beyond_those_that_come_along_are_asked_for(
    account: Account, nights: GraphNights
) -> None:
    account.size, account.inline = 2, 2
    media = account.publishes(at(1))
    top = account.says(at(1, 1), "ada", media)
    answers = [account.says(at(1, 2), "bob", media, to=top) for _ in range(5)]
    other = account.says(at(1, 3), "carl", media)
    assert read_night(nights, 2) == [other, top, *answers, media]
    assert nights.asked_for() == [MEDIA, f"{media}/comments", *[f"{top}/replies"] * 2]
    assert nights.aside("comments", at(2)) == []


def test_an_answer_without_parent_stands_under_the_comment_it_came_with(
    account: Account, nights: GraphNights
) -> None:
    media = account.publishes(at(1))
    top = account.says(at(1, 1), "ada", media)
    bare = {"id": "9", "timestamp": told(at(1, 2)), "username": "bob"}
    answered = {**account.comments[top], "replies": {"data": [bare, None]}}
    account.troubles[f"{media}/comments"] = [Reply({"data": [answered]})]
    nights.read("media", at(0), at(2))
    _, said, _ = nights.messages("comments", nights.read("comments", at(0), at(2)))
    assert (said.message_id, said.parent_id) == ("instagram::9", f"instagram::{top}")
    assert SetAside("null", "not an object", 1) in nights.aside("comments", at(2))


def test_a_thread_is_told_once_until_its_counter_changes(
    account: Account, nights: GraphNights
) -> None:
    media, _ = account.publishes(at(1)), account.publishes(at(1, 1))
    ask = account.says(at(1, 2), "ada", media)
    assert read_night(nights, 2) == [ask, media]
    nights.asked_for()
    assert read_night(nights, 3) == []
    assert nights.asked_for() == [MEDIA]
    late = account.says(at(3), "acme", media, to=ask)
    assert read_night(nights, 4) == [ask, late, media]


def test_comments_that_come_late_under_old_media_are_found_by_their_counter_alone(
    account: Account, nights: GraphNights
) -> None:
    media = account.publishes(at(1))
    ask = account.says(at(1, 1), "ada", media)
    read_night(nights, 3)
    nights.asked_for()
    assert read_older(nights, 100) == []
    assert nights.asked_for() == [MEDIA]
    late = account.says(at(100), "bob", media)
    account.says(at(100), "bob", account.publishes(at(99)))
    assert read_older(nights, 101) == [late, ask, media]
    assert read_older(nights, 102) == []


def test_what_is_deleted_is_gone_once_and_what_is_restricted_is_counted(
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
    assert stays in [item["id"] for item in items]


def test_comments_that_we_hid_are_told_and_private(account: Account, nights: GraphNights) -> None:
    account.says(at(1, 1), "ada", account.publishes(at(1)), hidden=True)
    nights.read("media", at(0), at(2))
    said, _ = nights.messages("comments", nights.read("comments", at(0), at(2)))
    assert (said.author_id, said.visibility) == ("instagram::ada", "private")


def test_media_in_which_we_are_tagged_name_only_a_cursor_and_end_with_an_empty_page(
    account: Account, nights: GraphNights
) -> None:
    account.size = 2
    account.tags = [
        {"id": str(number), "username": "ada", "timestamp": told(at(1))} for number in range(3)
    ]
    items = nights.read("tagged", at(0), at(2))
    assert [item["id"] for item in items] == ["0", "1", "2"]
    assert nights.asked_for() == [f"{NUMBER}/tags"] * 3
    assert {each.mentions for each in nights.messages("tagged", items)} == {("instagram::acme",)}


def test_media_under_a_tag_are_nobody_s_but_for_those_that_other_lists_tell(
    account: Account, nights: GraphNights
) -> None:
    nights.options["tags"] = ["#acme", "other"]
    ours, theirs = (
        account.publishes(at(1)),
        {"id": "7", "username": "ada", "timestamp": told(at(1))},
    )
    unnamed = {"id": "8", "timestamp": told(at(1)), "caption": "I like #acme"}
    account.tags = [theirs]
    account.under_tags = {"acme": [account.media[ours], theirs, unnamed]}
    nights.read("media", at(1), at(2))
    nights.read("tagged", at(1), at(2))
    (said,) = nights.messages("tags", nights.read("tags", at(1), at(2)))
    assert (said.message_id, said.author_id, said.channel) == ("instagram::8", None, "#acme")
    assert nights.aside("tags", at(2)) == []


def test_more_media_under_a_tag_than_a_page_holds_are_not_told(
    account: Account, nights: GraphNights
) -> None:
    nights.options["tags"] = ["busy", "refused", "acme"]
    many = [{"id": str(number), "timestamp": told(at(1))} for number in range(60)]
    account.under_tags = {"busy": many, "acme": [{"id": "x", "timestamp": told(at(1))}]}
    account.troubles["tag-refused/recent_media"] = [error(100)]
    items = nights.read("tags", at(1), at(2))
    assert [item["id"] for item in items] == [*map(str, range(50)), "x"]
    busy, refused = nights.aside("tags", at(2))
    assert busy == SetAside("busy", f"{NOT_TOLD}more than 50 under a tag in a day")
    assert refused.text == "refused"


def test_the_inbox_is_read_as_far_as_the_window_and_its_last_twenty_messages_reach(
    account: Account, nights: GraphNights
) -> None:
    nights.options |= {"login": "instagram", "direct_messages": True}
    for minute in range(25):
        account.writes(at(6, minute / 10), "ada", "busy")
    account.writes(at(5), "bob", "t")
    answer = account.writes(at(6, 2), "acme", "t")
    account.writes(at(1), "carl", "old")
    items = nights.read("messages", at(6), at(7))
    assert nights.asked_for() == [f"{NUMBER}/conversations"]
    assert len(items) == 21
    assert nights.aside("messages", at(7)) == [SetAside("busy", f"{NOT_TOLD}more than 20 messages")]
    (said,) = nights.messages("messages", [each for each in items if each["id"] == answer])
    assert (said.author_id, said.mentions, said.visibility, said.channel) == (
        "instagram::acme",
        ("instagram::ada",),
        "direct",
        "acme/t",
    )


def test_what_the_login_does_not_tell_or_nobody_switched_on_is_not_asked_for(
    nights: GraphNights,
) -> None:
    assert nights.read("messages", at(0), at(2)) == nights.read("tags", at(0), at(2)) == []
    nights.options["login"] = "instagram"
    assert nights.read("tagged", at(0), at(2)) == []
    assert nights.asked_for() == []


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"user_id": None}, r"options\.user_id"),
        ({"tags": ["acme"], "login": "instagram"}, 'login = "facebook" only'),
        ({"tags": [f"acme{number}" for number in range(31)]}, r"options\.tags"),
        ({"direct_messages": True}, 'login = "instagram" only'),
    ],
)
def test_options_that_cannot_be_met_are_refused(
    nights: GraphNights, options: dict[str, Any], fault: str
) -> None:
    nights.options |= options
    with pytest.raises(OrganisationError, match=fault):
        nights.read("media", at(0), at(2))


def test_the_profile_tells_our_name_and_links(nights: GraphNights) -> None:
    assert nights.said("profile", nights.read("profile", at(1), at(2))) == [
        AccountSeen(
            account_id="instagram::acme",
            handle="Acme",
            display_name="Acme",
            profile_url="https://www.instagram.com/Acme/",
            follower_count=12,
            profile_links=("https://acme.example", "https://acme.example/us"),
        )
    ]
