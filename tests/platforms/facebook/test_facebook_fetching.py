"""What is fetched from a Page, in good times and bad."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from extractors.errors import BadCredentials, NotThere, TryLater, Unreadable
from extractors.observations import AccountSeen, Gone, ReactionSeen
from extractors.platform import SetAside, untold
from tests.graph import MISSING, SECRET, GraphNights, at, error, told
from tests.loopback import Loopback, Reply, loopback
from tests.platforms.facebook.page import PAGE, Page

FEED = f"{PAGE}/feed"


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def server(page: Page) -> Iterator[Loopback]:
    with loopback(page) as running:
        yield running


@pytest.fixture
def nights(server: Loopback) -> GraphNights:
    return GraphNights(server.url, "facebook", PAGE)


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
    """Posts and comments as of a day; the ids that the comments stream told."""
    nights.read("posts", at(0), at(day))
    return ids(nights.read("comments", at(0), at(day)))


def test_a_window_holds_what_was_posted_in_it(page: Page, nights: GraphNights) -> None:
    posts = [page.posts_at(at(day)) for day in range(10)]
    assert ids(nights.read("posts", at(3), at(6))) == posts[5:2:-1]


def test_pages_are_followed_to_the_last_with_the_token_in_the_header_alone(
    page: Page, nights: GraphNights, server: Loopback
) -> None:
    page.size = 3
    posts = [page.posts_at(at(1, hour)) for hour in range(10)]
    assert ids(nights.read("posts", at(0), at(2))) == posts[::-1]
    assert [each.query.get("after") for each in server.asked] == [None, "3", "6", "9"]
    assert all("access_token" not in each.query for each in server.asked)


def test_an_empty_page_is_no_end_while_another_is_named(page: Page, nights: GraphNights) -> None:
    only = page.posts_at(at(1))
    following = f"https://graph.example/x?after=0&limit=100&access_token={SECRET}"
    page.troubles[FEED] = [Reply({"data": [], "paging": {"next": following}})]
    assert ids(nights.read("posts", at(0), at(2))) == [only]


def test_pages_in_circles_are_unreadable(page: Page, nights: GraphNights) -> None:
    item = page.told(page.posts_at(at(1)))
    following = "https://graph.example/x?after=7"
    page.troubles[FEED] = [Reply({"data": [item], "paging": {"next": following}})] * 5
    with pytest.raises(Unreadable, match="round in circles"):
        nights.read("posts", at(0), at(2))


def test_elements_that_are_no_objects_are_set_aside(page: Page, nights: GraphNights) -> None:
    item = page.told(page.posts_at(at(1)))
    page.troubles[FEED] = [Reply({"data": [None, item, item]})]
    assert ids(nights.read("posts", at(0), at(2))) == [item["id"]] * 2
    assert nights.aside("posts", at(2)) == [SetAside("null", "not an object", 1)]


@pytest.mark.parametrize(
    "trouble", [Reply(status=503), Reply({"data": []}, cut=4), error(2, 500), error(1)]
)
def test_trouble_that_passes_leaves_no_trace(
    page: Page, nights: GraphNights, trouble: Reply
) -> None:
    only = page.posts_at(at(1))
    page.troubles[FEED] = [trouble, trouble]
    assert ids(nights.read("posts", at(0), at(2))) == [only]
    assert nights.clock.slept == [1, 2]


def test_a_body_cut_by_its_sender_is_unreadable(page: Page, nights: GraphNights) -> None:
    page.troubles[FEED] = [Reply(b'{"data": [{"id": "1"}')]
    with pytest.raises(Unreadable, match="not JSON"):
        nights.read("posts", at(0), at(2))


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


def test_a_used_up_quota_is_for_another_time(page: Page, nights: GraphNights) -> None:
    page.troubles[FEED] = [error(32, 403)]
    with pytest.raises(TryLater) as caught:
        nights.read("posts", at(0), at(2))
    assert (caught.value.after, nights.clock.slept) == (3600, [])


def test_a_thread_is_told_once_until_it_changes(
    page: Page, nights: GraphNights, asked_for: Callable[[], list[str]]
) -> None:
    post = page.posts_at(at(1))
    page.posts_at(at(1, 1))  # nobody comments on this one
    ask = page.comments_at(at(1, 2), "ada", post)
    answer = page.comments_at(at(1, 3), "acme", post, to=ask)
    assert read_night(nights, 2) == [ask, answer, post]
    assert asked_for() == [FEED, f"{post}/comments"]

    assert read_night(nights, 3) == []
    assert asked_for() == [FEED]

    late = page.comments_at(at(3), "bob", post, to=ask)
    assert read_night(nights, 4) == [ask, answer, late, post]
    assert nights.aside("comments", at(4)) == []


def test_the_same_night_again_tells_the_same(page: Page, nights: GraphNights) -> None:
    page.comments_at(at(1, 2), "ada", page.posts_at(at(1)))
    assert read_night(nights, 2) == read_night(nights, 2) != []


def test_two_nights_tell_what_one_longer_night_tells(page: Page, nights: GraphNights) -> None:
    posts = [page.posts_at(at(day)) for day in range(4)]
    for day, post in enumerate(posts):
        page.comments_at(at(day, 5), "ada", post)
    whole = GraphNights(nights.url, "facebook", PAGE)
    said = set(whole.messages("comments", _read(whole, 0, 4)))
    parts = nights.messages("comments", _read(nights, 2, 4) + _read(nights, 0, 2))
    assert set(parts) == said
    assert len(said) == 8


def _read(nights: GraphNights, first: int, last: int) -> list[dict[str, str]]:
    nights.read("posts", at(first), at(last))
    return nights.read("comments", at(first), at(last))


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
    assert ids(items) == [stays, gone, hidden, post]
    assert [each for each in nights.said("comments", items) if isinstance(each, Gone)] == [
        Gone(message_id=f"facebook::{gone}")
    ]
    page.posts[post]["updated_time"] = told(at(3))
    assert read_night(nights, 4) == [hidden, stays, post], "what is gone stays gone"


def test_a_deleted_post_takes_its_comments_along(
    page: Page, nights: GraphNights, asked_for: Callable[[], list[str]]
) -> None:
    post = page.posts_at(at(1))
    comment = page.comments_at(at(1, 1), "ada", post)
    read_night(nights, 2)
    del page.posts[post]
    items = nights.read("posts", at(0), at(3)) + nights.read("comments", at(0), at(3))
    gone = {each.message_id for each in nights.said("comments", items) if isinstance(each, Gone)}
    assert gone == {f"facebook::{post}", f"facebook::{comment}"}
    asked_for()
    assert read_night(nights, 4) == []
    assert asked_for() == [FEED]


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
    assert item == page.told(post)


def test_reactions_are_read_when_their_number_changes(
    page: Page, nights: GraphNights, asked_for: Callable[[], list[str]]
) -> None:
    page.size = 2
    post, _ = page.posts_at(at(1)), page.posts_at(at(1, 1))
    page.reactions[post] = ["ada", "bob", "carl"]
    nights.read("posts", at(0), at(2))
    said = nights.said("reactions", nights.read("reactions", at(0), at(2)))
    people = [each.account_id for each in said if isinstance(each, ReactionSeen)]
    assert people == [f"facebook:{PAGE}:{number}" for number in "234"]
    nights.read("posts", at(0), at(3))
    asked_for()
    assert nights.read("reactions", at(0), at(3)) == []
    assert asked_for() == []


def test_posts_that_tag_the_page_elsewhere_mention_it(page: Page, nights: GraphNights) -> None:
    tag = {"id": "77_1", "from": {"id": "77", "name": "Shop"}, "created_time": told(at(1))}
    page.tagged.append(tag)
    (said,) = nights.messages("tagged", nights.read("tagged", at(0), at(2)))
    assert (said.mentions, said.is_own_space, said.channel) == (
        (f"facebook:{PAGE}:{PAGE}",),
        False,
        "77",
    )


def test_the_inbox_is_not_even_asked_for_unless_switched_on(
    page: Page, nights: GraphNights, server: Loopback
) -> None:
    page.writes(at(1), "ada", "t_1")
    assert nights.read("messages", at(0), at(2)) == []
    assert server.paths == []


def test_the_inbox_is_read_as_far_as_the_window_reaches(
    page: Page, nights: GraphNights, asked_for: Callable[[], list[str]]
) -> None:
    nights.options = {"direct_messages": True}
    page.size = 2
    page.writes(at(1), "ada", "t_old")
    for day in range(2, 7):
        page.writes(at(day), "ada", "t_1")
    page.writes(at(6, 1), "acme", "t_1")
    items = nights.read("messages", at(6), at(7))
    assert ids(items) == ["m_t_15", "m_t_14"]
    assert asked_for() == [f"{PAGE}/conversations", *["t_1/messages"] * 2]
    assert nights.aside("messages", at(7)) == []
    assert {each.visibility for each in nights.messages("messages", items)} == {"direct"}


def test_an_inbox_cut_off_by_the_platform_is_told(page: Page, nights: GraphNights) -> None:
    nights.options = {"direct_messages": True}
    for hour in range(3):
        page.writes(at(1, hour), "ada", "t_1")
    page.troubles["t_1/messages"] = [Reply({"data": page.conversations["t_1"][:1]})]
    assert ids(nights.read("messages", at(1), at(2))) == ["m_t_12"]
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


def test_a_page_that_is_not_there_says_so(page: Page, nights: GraphNights) -> None:
    page.troubles[FEED] = [MISSING]
    with pytest.raises(NotThere, match="HTTP 400, Graph error 100"):
        nights.read("posts", at(0), at(2))
