"""What is special about fetching a Page; what holds for every platform, the suite shows."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from extractors.errors import BadCredentials
from extractors.observations import AccountSeen, Gone, ReactionSeen
from extractors.platform import NOT_TOLD, SetAside, untold
from tests.graph import MISSING, SECRET, GraphNights, error, nights_at, told
from tests.loopback import Reply
from tests.platforms.facebook.page import ELSEWHERE, PAGE, Page
from tests.platforms.town import at

FEED = f"{PAGE}/feed"


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def nights(page: Page) -> Iterator[GraphNights]:
    with nights_at(page, "facebook", PAGE) as running:
        yield running


def read_night(nights: GraphNights, day: int) -> list[str]:
    """Posts and comments as of a day; the ids that the comments stream told."""
    nights.read("posts", at(0), at(day))
    return nights.ids("comments", at(0), at(day))


def read_older(nights: GraphNights, day: int) -> list[str]:
    """What a night tells of posts that are older than it lists."""
    return nights.ids("late_comments", at(day - 1), at(day))


def test_a_wrong_token_is_for_a_human_and_never_shown(
    nights: GraphNights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.secret = "expired"
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(BadCredentials, match="HTTP 400, Graph error 190: the token") as caught,
    ):
        nights.read("posts", at(0), at(2))
    assert "expired" not in str(caught.value).removesuffix("wrong, expired or revoked")
    assert SECRET not in caplog.text + str(caught.value)


def test_a_thread_is_told_once_until_it_changes(page: Page, nights: GraphNights) -> None:
    post = page.posts_at(at(1))
    page.posts_at(at(1, 1))  # nobody comments on this one
    ask = page.comments_at(at(1, 2), "ada", post)
    answer = page.comments_at(at(1, 3), "acme", post, to=ask)
    assert read_night(nights, 2) == [ask, answer, post]
    assert nights.asked_for() == [FEED, f"{post}/comments"]

    assert read_night(nights, 3) == []
    assert nights.asked_for() == [FEED]

    late = page.comments_at(at(3), "bob", post, to=ask)
    assert read_night(nights, 4) == [ask, answer, late, post]
    assert nights.aside("comments", at(4)) == []


def test_the_same_night_again_tells_the_same(page: Page, nights: GraphNights) -> None:
    page.comments_at(at(1, 2), "ada", page.posts_at(at(1)))
    assert read_night(nights, 2) == read_night(nights, 2) != []


def test_comments_that_vanish_between_pages_are_asked_for_once_more(
    page: Page, nights: GraphNights
) -> None:
    post = page.posts_at(at(1))
    gone, hidden, stays = (page.comments_at(at(1, hour), "ada", post) for hour in (1, 2, 3))
    read_night(nights, 2)
    del page.comments[gone]
    page.posts[post]["updated_time"] = told(at(2))
    only = [each for each in page.below(post) if each["id"] == stays]
    page.troubles[f"{post}/comments"] = [Reply({"data": only})]
    nights.read("posts", at(0), at(3))
    items = nights.read("comments", at(0), at(3))
    assert [item["id"] for item in items] == [stays, gone, hidden, post]
    assert [each for each in nights.said("comments", items) if isinstance(each, Gone)] == [
        Gone(message_id=f"facebook::{gone}")
    ]
    page.posts[post]["updated_time"] = told(at(3))
    assert read_night(nights, 4) == [hidden, stays, post], "what is gone stays gone"


def test_a_deleted_post_takes_its_comments_along(page: Page, nights: GraphNights) -> None:
    post = page.posts_at(at(1))
    comment = page.comments_at(at(1, 1), "ada", post)
    read_night(nights, 2)
    del page.posts[post]
    items = nights.read("posts", at(0), at(3)) + nights.read("comments", at(0), at(3))
    gone = {each.message_id for each in nights.said("comments", items) if isinstance(each, Gone)}
    assert gone == {f"facebook::{post}", f"facebook::{comment}"}
    nights.asked_for()
    assert read_night(nights, 4) == []
    assert nights.asked_for() == [FEED]


def test_comments_that_may_not_be_seen_are_not_taken_for_deleted(
    page: Page, nights: GraphNights
) -> None:
    post = page.posts_at(at(1))
    comment = page.comments_at(at(1, 1), "ada", post)
    read_night(nights, 2)
    late = page.comments_at(at(2), "bob", post)
    page.troubles[f"{post}/comments"] = [MISSING]
    assert read_night(nights, 3) == []
    reason = "HTTP 400, Graph error 100, though it is there"
    assert nights.aside("comments", at(3)) == [SetAside(post, reason)]
    assert read_night(nights, 4) == [comment, late, post]


def test_what_is_counted_and_not_told_is_set_aside(page: Page, nights: GraphNights) -> None:
    post = page.posts_at(at(1))
    page.comments_at(at(1, 1), "ada", post)
    page.hidden_count = 2
    read_night(nights, 2)
    assert nights.aside("comments", at(2)) == list(untold(post, 3, 1))


def test_comments_that_come_late_below_an_old_post_are_found_by_its_counter_alone(
    page: Page, nights: GraphNights
) -> None:
    post, silent = page.posts_at(at(1)), page.posts_at(at(2))
    ask = page.comments_at(at(1, 1), "ada", post)
    gone = page.comments_at(at(1, 2), "bob", post)
    assert read_older(nights, 3) == []
    read_night(nights, 3)
    nights.asked_for()
    assert read_older(nights, 91) == []
    assert nights.asked_for() == [], "nothing is that old yet"
    assert read_older(nights, 100) == []
    assert nights.asked_for() == [FEED], "a hundred posts by request"

    late = page.comments_at(at(100), "carl", post, to=ask)
    del page.comments[gone]
    page.comments_at(at(100), "carl", page.posts_at(at(99)))
    items = nights.read("late_comments", at(100), at(101))
    assert [item["id"] for item in items] == [ask, late, gone, post]
    assert items[2]["gone"]
    assert read_older(nights, 102) == []

    first = page.comments_at(at(103), "ada", silent)
    assert read_older(nights, 104) == [first, silent]
    nights.asked_for()
    assert read_older(nights, 105) == []
    assert nights.asked_for() == [FEED]


def test_old_posts_from_before_our_history_are_left_alone(page: Page, nights: GraphNights) -> None:
    page.comments_at(at(-499), "ada", page.posts_at(at(-500)))
    known = page.posts_at(at(1))
    page.comments_at(at(1, 1), "ada", known)
    read_night(nights, 3)
    late = page.comments_at(at(100), "ada", known)
    assert read_older(nights, 101)[1:] == [late, known]


def test_an_old_post_that_is_gone_takes_its_comments_along(page: Page, nights: GraphNights) -> None:
    post = page.posts_at(at(1))
    comment = page.comments_at(at(1, 1), "ada", post)
    read_night(nights, 3)
    del page.posts[post]
    assert read_older(nights, 100) == [], "no counter tells of what is not listed"
    nights.is_rewalk = True
    items = nights.read("posts", at(0), at(7)) + nights.read("comments", at(0), at(7))
    gone = {each.message_id for each in nights.said("comments", items) if isinstance(each, Gone)}
    assert gone == {f"facebook::{post}", f"facebook::{comment}"}


def test_one_thread_that_cannot_be_read_does_not_stop_the_others_and_is_tried_again(
    page: Page, nights: GraphNights
) -> None:
    odd, fine = page.posts_at(at(1)), page.posts_at(at(1, 1))
    lost, found = page.comments_at(at(1, 2), "ada", odd), page.comments_at(at(1, 2), "ada", fine)
    page.troubles[f"{odd}/comments"] = [error(100)]
    assert read_night(nights, 2) == [found, fine]
    refused = "HTTP 400: the platform refuses this request"
    assert nights.aside("comments", at(2)) == [SetAside(odd, refused, 1)]
    page.troubles[f"{odd}/comments"] = [Reply({"data": {}})]
    assert read_night(nights, 3) == []
    assert read_night(nights, 4) == [lost, odd]


def test_a_post_that_the_feed_leaves_out_is_not_taken_for_deleted(
    page: Page, nights: GraphNights
) -> None:
    post = page.posts_at(at(1))
    nights.read("posts", at(0), at(2))
    page.troubles[FEED] = [Reply({"data": []})]
    (item,) = nights.read("posts", at(0), at(3))
    assert item == page.told(page.posts[post])


def test_reactions_are_read_when_their_number_changes(page: Page, nights: GraphNights) -> None:
    page.size = 2
    post, _ = page.posts_at(at(1)), page.posts_at(at(1, 1))
    page.reactions[post] = ["ada", "bob", "carl"]
    nights.read("posts", at(0), at(2))
    said = nights.said("reactions", nights.read("reactions", at(0), at(2)))
    people = [each.account_id for each in said if isinstance(each, ReactionSeen)]
    assert people == [f"facebook:{PAGE}:{number}" for number in "234"]
    nights.read("posts", at(0), at(3))
    nights.asked_for()
    assert nights.read("reactions", at(0), at(3)) == []
    assert nights.asked_for() == []


def test_who_reacted_is_told_of_those_who_use_the_app(page: Page, nights: GraphNights) -> None:
    page.uses_the_app = "ada".__eq__
    page.reactions[page.posts_at(at(1))] = ["ada", "bob"]
    nights.read("posts", at(0), at(2))
    said = nights.said("reactions", nights.read("reactions", at(0), at(2)))
    assert [each.account_id for each in said if isinstance(each, ReactionSeen)] == [
        f"facebook:{PAGE}:2"
    ]
    assert nights.aside("reactions", at(2)) == []


@pytest.mark.parametrize("stream", ["posts", "tagged"])
def test_posts_that_tag_the_page_elsewhere_mention_it_in_every_list(
    page: Page, nights: GraphNights, stream: str
) -> None:
    page.tags_at(at(1))
    (said,) = nights.messages(stream, nights.read(stream, at(0), at(2)))
    assert (said.author_id, said.mentions, said.is_own_space, said.channel) == (
        None,
        (f"facebook:{PAGE}:{PAGE}",),
        False,
        ELSEWHERE,
    )


def test_comments_elsewhere_that_are_not_for_us_stop_nothing(
    page: Page, nights: GraphNights
) -> None:
    tag, post = page.tags_at(at(1)), page.posts_at(at(1, 1))
    comment = page.comments_at(at(1, 2), "ada", post)
    page.troubles[f"{tag}/comments"] = [error(10, 403)]
    assert read_night(nights, 2) == [comment, post, tag]
    refused = f"{NOT_TOLD}HTTP 403, Graph error 10: the token lacks a permission"
    assert nights.aside("comments", at(2)) == [SetAside(tag, refused)]
    page.troubles[f"{post}/comments"] = [error(10, 403)]
    page.comments_at(at(2), "bob", post)
    with pytest.raises(BadCredentials):
        read_night(nights, 3)


def test_the_inbox_is_not_even_asked_for_unless_switched_on(
    page: Page, nights: GraphNights
) -> None:
    page.writes(at(1), "ada", "t_1")
    assert nights.read("messages", at(0), at(2)) == []
    assert nights.asked_for() == []


def test_the_inbox_is_read_as_far_as_the_window_reaches(page: Page, nights: GraphNights) -> None:
    nights.options = {"direct_messages": True}
    page.size = 2
    page.writes(at(1), "ada", "t_old")
    for day in range(2, 7):
        page.writes(at(day), "ada", "t_1")
    page.writes(at(6, 1), "acme", "t_1")
    items = nights.read("messages", at(6), at(7))
    assert [item["id"] for item in items] == ["m_t_15", "m_t_14"]
    assert nights.asked_for() == [f"{PAGE}/conversations", *["t_1/messages"] * 2]
    assert nights.aside("messages", at(7)) == []
    assert {each.visibility for each in nights.messages("messages", items)} == {"direct"}


def test_an_inbox_cut_off_by_the_platform_is_told(page: Page, nights: GraphNights) -> None:
    nights.options = {"direct_messages": True}
    for hour in range(3):
        page.writes(at(1, hour), "ada", "t_1")
    page.troubles["t_1/messages"] = [Reply({"data": page.conversations["t_1"][:1]})]
    assert nights.ids("messages", at(1), at(2)) == ["m_t_12"]
    assert nights.aside("messages", at(2)) == list(untold("t_1", 3, 1, "messages"))


def test_the_page_tells_its_name_and_link(nights: GraphNights) -> None:
    assert nights.said("page", nights.read("page", at(1), at(2))) == [
        AccountSeen(
            account_id=f"facebook:{PAGE}:{PAGE}",
            handle="acme",
            display_name="Acme",
            declared_kind="organisation",
            profile_links=("acme.example",),
        )
    ]
