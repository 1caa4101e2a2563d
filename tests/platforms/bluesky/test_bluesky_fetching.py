"""What is fetched from a network that speaks Bluesky's dialect, in good times and bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from extractors.errors import BadCredentials, Unreadable
from extractors.observations import AccountSeen, FollowSeen, Gone, MessageSeen, ReactionSeen
from extractors.platform import NOT_TOLD, SetAside
from tests.loopback import Loopback, Reply, loopback
from tests.platforms.bluesky.reef import MISSING, PASSWORD, Reef, ReefNights, did, person
from tests.platforms.town import at

FEED, THREAD = "/xrpc/app.bsky.feed.getAuthorFeed", "/xrpc/app.bsky.feed.getPostThread"
LOOK_UP, PROFILE = "/xrpc/app.bsky.feed.getPosts", "/xrpc/app.bsky.actor.getProfile"
SIGN_IN = "/xrpc/com.atproto.server.createSession"
FEWER = f"{NOT_TOLD}fewer answers than the platform counts"


@pytest.fixture
def reef() -> Reef:
    return Reef()


@pytest.fixture
def server(reef: Reef) -> Iterator[Loopback]:
    with loopback(reef) as running:
        yield running


@pytest.fixture
def nights(server: Loopback) -> ReefNights:
    return ReefNights(server.url)


def uris(items: list[dict[str, Any]]) -> list[str]:
    return [item["post"]["uri"] for item in items]


def _read_night(nights: ReefNights, day: int, *streams: str) -> None:
    for stream in streams or ("posts", "notifications"):
        nights.read(stream, at(0), at(day))


def _gone(nights: ReefNights, stream: str, items: list[dict[str, Any]]) -> list[Gone]:
    return [each for each in nights.said(stream, items) if isinstance(each, Gone)]


def test_a_window_holds_what_was_written_in_it(reef: Reef, nights: ReefNights) -> None:
    written = [reef.says("acme", at(day)) for day in range(10)]
    assert uris(nights.read("posts", at(3), at(6))) == written[5:2:-1]


def test_pages_are_followed_only_as_far_back_as_the_window(
    reef: Reef, nights: ReefNights, server: Loopback
) -> None:
    reef.page_size = 3
    written = [reef.says("acme", at(0, hour)) for hour in range(12)]
    assert uris(nights.read("posts", at(0, 7), at(1))) == written[:6:-1]
    assert server.paths.count(FEED) == 3


def test_a_backdated_post_stands_where_the_platform_sorts_it(
    reef: Reef, nights: ReefNights
) -> None:
    imported = reef.says("acme", at(5), created=at(1))
    ahead = reef.says("acme", at(5, 1), created=at(300))
    assert uris(nights.read("posts", at(4), at(6))) == [ahead]
    items = nights.read("posts", at(0), at(2))
    assert uris(items) == [imported]
    (said,) = [each for each in nights.said("posts", items) if isinstance(each, MessageSeen)]
    assert said.sent_at == at(5)


def test_an_empty_page_that_leads_to_itself_is_the_end(reef: Reef, nights: ReefNights) -> None:
    reef.troubles["getAuthorFeed"] = [Reply({"feed": [], "cursor": "x"})] * 2
    assert nights.read("posts", at(0), at(2)) == []


def test_a_refusal_without_a_known_name_is_unreadable(reef: Reef, nights: ReefNights) -> None:
    nobody = Reply({"error": "InvalidRequest", "message": "Profile not found"}, 400)
    reef.troubles["getAuthorFeed"] = [nobody]
    with pytest.raises(Unreadable, match="stream=posts page=1"):
        nights.read("posts", at(0), at(2))


def test_one_session_serves_a_whole_run(
    reef: Reef, nights: ReefNights, asked_for: Callable[[], list[str]]
) -> None:
    nights.client, nights.options = nights.visit(), {"searches": ["reef"]}
    _read_night(nights, 2, "posts", "notifications", "searches")
    assert asked_for().count(SIGN_IN) == len(reef.tokens) == 1
    reef.tokens.append("the first one has run out")
    nights.read("notifications", at(0), at(2))
    assert asked_for() == [
        "/xrpc/app.bsky.notification.listNotifications",
        SIGN_IN,
        "/xrpc/app.bsky.notification.listNotifications",
    ]


def test_what_is_public_is_asked_without_signature(nights: ReefNights, server: Loopback) -> None:
    _read_night(nights, 2, "notifications", "posts", "followers")
    signed = {each.path for each in server.asked if "Authorization" in each.headers}
    assert signed == {"/xrpc/app.bsky.notification.listNotifications"}


def test_a_wrong_password_is_for_a_human_and_stays_secret(nights: ReefNights) -> None:
    nights.secret = "wr0ng-password"
    with pytest.raises(BadCredentials, match="HTTP 401") as caught:
        nights.read("notifications", at(0), at(2))
    assert "wr0ng-password" not in str(caught.value)


def test_too_many_sessions_are_waited_for(reef: Reef, nights: ReefNights) -> None:
    limited = Reply({"error": "RateLimitExceeded"}, 429, {"Retry-After": "290"})
    reef.troubles["createSession"] = [limited]
    assert nights.read("notifications", at(0), at(2)) == []
    assert nights.clock.slept == [290]


def test_a_deleted_post_of_ours_is_gone_and_keeps_no_words(reef: Reef, nights: ReefNights) -> None:
    kept, deleted = reef.says("acme", at(1)), reef.says("acme", at(1, 1), "regretted")
    nights.read("posts", at(0), at(2))
    del reef.posts[deleted]
    items = nights.read("posts", at(0), at(3))
    assert _gone(nights, "posts", items) == [Gone(message_id=f"bluesky::{deleted}")]
    assert "regretted" not in str(items)
    assert uris(nights.read("posts", at(0), at(4))) == [kept], "it is told once"


def test_a_look_up_that_tells_nothing_is_not_believed(reef: Reef, nights: ReefNights) -> None:
    written = [reef.says("acme", at(1, hour)) for hour in range(3)]
    nights.read("posts", at(0), at(2))
    reef.troubles["getAuthorFeed"] = [Reply({"feed": []})]
    reef.troubles["getPosts"] = [Reply({"posts": []})] * 2
    items = nights.read("posts", at(0), at(3))
    assert set(uris(items)) == {*written}, "each was asked for alone"
    assert _gone(nights, "posts", items) == []


def test_a_thread_is_told_once_until_it_changes(
    reef: Reef, nights: ReefNights, asked_for: Callable[[], list[str]]
) -> None:
    root = reef.says("acme", at(1))
    ask = reef.says("ada", at(1, 1), to=root)
    reef.says("acme", at(1, 2))  # nobody answers this one
    _read_night(nights, 2)
    asked_for()
    assert uris(nights.read("threads", at(0), at(2))) == [root, ask]
    assert asked_for() == [LOOK_UP, PROFILE, THREAD], "the answer was known from its notification"
    _read_night(nights, 3)
    asked_for()
    assert nights.read("threads", at(0), at(3)) == []
    assert asked_for() == [LOOK_UP]

    deep = reef.says("carl", at(3), to=ask)
    _read_night(nights, 4)
    assert set(uris(nights.read("threads", at(0), at(4)))) == {root, ask, deep}


def test_the_same_night_again_tells_the_same_threads(reef: Reef, nights: ReefNights) -> None:
    reef.says("ada", at(1, 1), to=reef.says("acme", at(1)))
    _read_night(nights, 2)
    first = nights.read("threads", at(0), at(2))
    assert nights.read("threads", at(0), at(2)) == first != []


def test_a_thread_is_told_from_the_topmost_post_that_concerns_us(
    reef: Reef, nights: ReefNights
) -> None:
    strange = reef.says("carl", at(1))
    elsewhere = reef.says("ada", at(1, 1), to=strange)
    ask = reef.says("ada", at(1, 2), to=strange, mentions=["acme"])
    more = reef.says("bob", at(1, 3), to=ask)
    answer = reef.says("acme", at(1, 4), to=ask)
    _read_night(nights, 2, "posts")
    assert set(uris(nights.read("threads", at(0), at(2)))) == {strange, ask, more, answer}, (
        elsewhere
    )


def test_threads_around_mentions_of_us_are_told(reef: Reef, nights: ReefNights) -> None:
    root = reef.says("carl", at(1))
    mention = reef.says("ada", at(1, 1), to=root, mentions=["acme"])
    peer = reef.says("bob", at(1, 2), to=mention)
    _read_night(nights, 2)
    assert uris(nights.read("threads", at(0), at(2))) == [mention, peer, root]


def test_a_thread_is_followed_below_where_the_platform_breaks_off(
    reef: Reef, nights: ReefNights, asked_for: Callable[[], list[str]]
) -> None:
    chain = [reef.says("acme", at(1))]
    for level in range(25):
        chain.append(reef.says("ada" if level % 2 else "bob", at(1, 1), to=chain[-1]))
    _read_night(nights, 2, "posts")
    asked_for()
    assert uris(nights.read("threads", at(0), at(2))) == chain
    assert asked_for().count(THREAD) == 3
    assert nights.aside("threads", at(2)) == []


def test_a_thread_deeper_than_json_may_be_nested_is_read_whole(
    reef: Reef, nights: ReefNights
) -> None:
    reef.levels, chain = 1000, [reef.says("acme", at(1))]
    for _ in range(250):
        chain.append(reef.says("ada", at(1, 1), to=chain[-1]))
    chain.append(reef.says("acme", at(1, 2), to=chain[-1]))
    _read_night(nights, 2, "posts")
    assert set(uris(nights.read("threads", at(0), at(2)))) == set(chain)
    assert nights.aside("threads", at(2)) == []


def test_other_answers_to_what_stands_above_us_are_not_followed(
    reef: Reef, nights: ReefNights, asked_for: Callable[[], list[str]]
) -> None:
    viral = reef.says("carl", at(1))
    middle = reef.says("ada", at(1, 1), to=viral)
    own = reef.says("acme", at(1, 2), to=middle)
    _read_night(nights, 2)
    assert uris(nights.read("threads", at(0), at(2))) == [own, middle, viral]
    for above in (viral, middle):
        reef.says("bob", at(2), to=above)
    _read_night(nights, 3)
    asked_for()
    assert nights.read("threads", at(0), at(3)) == []
    assert asked_for() == [LOOK_UP]


def test_an_answer_deleted_while_its_own_answers_are_asked_for_hides_nothing(
    reef: Reef, nights: ReefNights
) -> None:
    root = reef.says("acme", at(1))
    ask = reef.says("ada", at(1, 1), to=root)
    reef.says("bob", at(1, 2), to=ask)
    reef.levels = 1
    _read_night(nights, 2, "posts")
    reef.troubles["getPostThread"] = [Reply({"thread": reef.below(root, 1)}), MISSING]
    assert uris(nights.read("threads", at(0), at(2))) == [root, ask]
    assert nights.aside("threads", at(2)) == [SetAside(ask, FEWER)]


def test_answers_that_are_counted_but_not_told_are_set_aside(
    reef: Reef, nights: ReefNights
) -> None:
    root = reef.says("acme", at(1))
    seen, hidden = reef.says("ada", at(1, 1), to=root), reef.says("bob", at(1, 2), to=root)
    reef.hidden = {hidden}
    _read_night(nights, 2, "posts")
    assert uris(nights.read("threads", at(0), at(2))) == [root, seen]
    assert nights.aside("threads", at(2)) == [SetAside(root, FEWER)]


def test_a_thread_whose_upper_end_is_not_told_says_so(reef: Reef, nights: ReefNights) -> None:
    root = reef.says("carl", at(1))
    own = reef.says("acme", at(1, 2), to=reef.says("ada", at(1, 1), to=root))
    _read_night(nights, 2, "posts")
    cut = reef.below(own, 10) | {"parent": {"post": reef.view(reef.answers(root)[0])}}
    reef.troubles["getPostThread"] = [Reply({"thread": cut})]
    nights.read("threads", at(0), at(2))
    (aside,) = nights.aside("threads", at(2))
    assert (aside.text, aside.reason) == (
        reef.answers(root)[0],
        "the thread is cut off above this post",
    )


def test_a_parent_that_is_deleted_does_not_hide_the_answer(reef: Reef, nights: ReefNights) -> None:
    root = reef.says("carl", at(1))
    own = reef.says("acme", at(1, 1), to=root)
    del reef.posts[root]
    _read_night(nights, 2, "posts")
    assert uris(nights.read("threads", at(0), at(2))) == [own]
    assert nights.aside("threads", at(2)) == []


def test_a_deleted_answer_is_gone_and_told_so_once(reef: Reef, nights: ReefNights) -> None:
    root = reef.says("acme", at(1))
    kept, deleted = reef.says("ada", at(1, 1), to=root), reef.says("bob", at(1, 2), to=root)
    _read_night(nights, 2)
    nights.read("threads", at(0), at(2))
    del reef.posts[deleted]
    _read_night(nights, 3)
    items = nights.read("threads", at(0), at(3))
    assert _gone(nights, "threads", items) == [Gone(message_id=f"bluesky::{deleted}")]
    assert set(uris(items)) == {root, kept, deleted}
    _read_night(nights, 4)
    assert nights.read("threads", at(0), at(4)) == []


@pytest.mark.parametrize("error", ["AccountDeactivated", "AccountTakedown"])
def test_posts_of_an_account_that_may_come_back_are_not_gone(
    reef: Reef, nights: ReefNights, error: str
) -> None:
    root = reef.says("acme", at(1))
    answer = reef.says("ada", at(1, 1), to=root)
    _read_night(nights, 2, "posts", "notifications", "threads")
    reef.left["ada"] = error
    for day in (3, 4):
        _read_night(nights, day, "posts", "notifications")
        items = nights.read("threads", at(0), at(day))
        assert _gone(nights, "threads", items) == []
    reef.left.clear()
    del reef.posts[answer]
    _read_night(nights, 5, "posts")
    items = nights.read("threads", at(0), at(5))
    assert _gone(nights, "threads", items) == [Gone(message_id=f"bluesky::{answer}")]


def test_a_deleted_account_is_gone_with_all_its_posts(reef: Reef, nights: ReefNights) -> None:
    root = reef.says("acme", at(1))
    answers = [reef.says("ada", at(1, hour), to=root) for hour in (1, 2)]
    _read_night(nights, 2, "posts", "notifications", "threads")
    reef.left["ada"] = "InvalidRequest"
    _read_night(nights, 3, "posts", "notifications")
    account, *posts = _gone(nights, "threads", nights.read("threads", at(0), at(3)))
    assert account == Gone(account_id=f"bluesky::{did('ada')}")
    assert {each.message_id for each in posts} == {f"bluesky::{answer}" for answer in answers}
    _read_night(nights, 4, "posts", "notifications")
    assert nights.read("threads", at(0), at(4)) == []


def test_where_not_even_we_are_known_nobody_is_gone(reef: Reef, nights: ReefNights) -> None:
    reef.says("ada", at(1, 1), to=reef.says("acme", at(1)))
    _read_night(nights, 2, "posts", "threads")
    _read_night(nights, 3, "posts")
    reef.left |= {"ada": "InvalidRequest", "acme": "InvalidRequest"}
    with pytest.raises(Unreadable):
        nights.read("threads", at(0), at(3))


def test_a_post_that_was_rewritten_is_told_once_as_it_is_now(
    reef: Reef, nights: ReefNights
) -> None:
    root = reef.says("acme", at(1))
    answer = reef.says("ada", at(1, 1), "Tommorow?", to=root)
    _read_night(nights, 2, "posts", "threads")
    reef.posts[answer]["record"]["text"] = "Tomorrow?"
    _read_night(nights, 3, "posts")
    (said,) = nights.messages("threads", nights.read("threads", at(0), at(3)))
    assert (said.message_id, said.text) == (f"bluesky::{answer}", "Tomorrow?")
    _read_night(nights, 4, "posts")
    assert nights.read("threads", at(0), at(4)) == []


def test_a_thread_that_cannot_be_read_does_not_stop_the_others(
    reef: Reef, nights: ReefNights
) -> None:
    vanished, broken, odd, fine = (reef.says("acme", at(1, hour)) for hour in range(4))
    for one in (vanished, broken, odd, fine):
        reef.says("ada", at(1, 5), to=one)
    _read_night(nights, 2)
    reef.troubles["getPostThread"] = [
        MISSING,
        Reply({"error": "InvalidRequest"}, 400),
        Reply({"thread": {"post": None}}),
    ]
    assert uris(nights.read("threads", at(0), at(2)))[0] == fine
    assert nights.aside("threads", at(2)) == [
        SetAside(broken, "HTTP 400: the platform refuses this request"),
        SetAside(odd, "the answer has another shape than expected (TypeError)"),
    ]


def test_who_reacted_is_asked_only_where_the_counter_changed(
    reef: Reef, nights: ReefNights, asked_for: Callable[[], list[str]]
) -> None:
    reef.page_size = 2
    liked = reef.says("acme", at(1))
    reef.says("acme", at(1, 1))
    reef.likes[liked] = ["ada", "bob", "carl"]
    reef.reposts[liked] = [("ada", at(1, 2))]
    quote = reef.says("ada", at(1, 3), quotes=liked)
    nights.read("posts", at(0), at(2))
    asked_for()
    said = [
        each
        for stream in ("likes", "reposts", "quotes")
        for each in nights.said(stream, nights.read(stream, at(0), at(2)))
        if isinstance(each, ReactionSeen | MessageSeen)
    ]
    acts = [(e.kind, e.account_id, e.reacted_at) for e in said if isinstance(e, ReactionSeen)]
    assert acts == [
        ("reaction", f"bluesky::{did('ada')}", at(1, 3)),
        ("reaction", f"bluesky::{did('bob')}", at(1, 3)),
        ("reaction", f"bluesky::{did('carl')}", at(1, 3)),
        ("repost", f"bluesky::{did('ada')}", None),
    ]
    quoting = [(e.message_id, e.quoted_id) for e in said if isinstance(e, MessageSeen)]
    assert quoting == [
        (f"bluesky::{quote}", f"bluesky::{liked}"),
        (f"bluesky::{liked}", None),
    ]
    assert len(asked_for()) == 4

    nights.read("posts", at(0), at(3))
    asked_for()
    assert nights.read("likes", at(0), at(3)) == []
    assert asked_for() == [], "nothing has changed"
    reef.likes[liked].append("dora")
    nights.read("posts", at(0), at(4))
    assert len(nights.read("likes", at(0), at(4))) == 4


def test_likes_that_are_counted_but_not_told_are_set_aside(reef: Reef, nights: ReefNights) -> None:
    liked = reef.says("acme", at(1))
    reef.likes[liked], reef.hidden = ["ada", "bob", "carl"], {"bob", "carl"}
    nights.read("posts", at(0), at(2))
    assert len(nights.read("likes", at(0), at(2))) == 1
    (aside,) = nights.aside("likes", at(2))
    assert (aside.text, aside.row_count) == (liked, 2)


def test_our_reposts_stand_at_the_time_of_the_repost(reef: Reef, nights: ReefNights) -> None:
    theirs = reef.says("ada", at(1))
    reef.reposts[theirs] = [("acme", at(8))]
    assert nights.read("posts", at(0), at(2)) == []
    (said,) = (
        each
        for each in nights.said("posts", nights.read("posts", at(7), at(9)))
        if isinstance(each, ReactionSeen)
    )
    assert (said.account_id, said.message_id) == (f"bluesky::{did('acme')}", f"bluesky::{theirs}")
    assert (said.kind, said.reacted_at) == ("repost", at(8))


def test_followers_are_read_to_the_last_page(reef: Reef, nights: ReefNights) -> None:
    reef.page_size, reef.followers, reef.hidden = 2, ["ada", "bob", "carl", "dora"], {"bob"}
    said = nights.said("followers", nights.read("followers", at(1), at(2)))
    assert {
        (each.follower_id, each.followed_id) for each in said if isinstance(each, FollowSeen)
    } == {(f"bluesky::{did(name)}", f"bluesky::{did('acme')}") for name in ("ada", "carl", "dora")}
    assert [each.row_count for each in nights.aside("followers", at(2))] == [1]


def test_notifications_tell_who_did_what_when(reef: Reef, nights: ReefNights) -> None:
    ours = reef.says("acme", at(1))
    reef.does("ada", "feed.like", {"uri": ours}, at(1, 1))
    reef.does("bob", "feed.repost", {"uri": ours}, at(1, 2))
    reef.does("carl", "graph.follow", did("acme"), at(1, 3))
    reef.does("carl", "graph.starterpack", None, at(1, 4))
    answer = reef.says("carl", at(1, 5), to=ours)
    said = nights.said("notifications", nights.read("notifications", at(0), at(2)))
    assert [each for each in said if not isinstance(each, AccountSeen | MessageSeen)] == [
        FollowSeen(
            follower_id=f"bluesky::{did('carl')}",
            followed_id=f"bluesky::{did('acme')}",
            followed_at=at(1, 3),
        ),
        ReactionSeen(
            account_id=f"bluesky::{did('bob')}",
            message_id=f"bluesky::{ours}",
            kind="repost",
            reacted_at=at(1, 2),
        ),
        ReactionSeen(
            account_id=f"bluesky::{did('ada')}",
            message_id=f"bluesky::{ours}",
            kind="reaction",
            reacted_at=at(1, 1),
        ),
    ]
    messages = [each for each in said if isinstance(each, MessageSeen)]
    assert [each.message_id for each in messages] == [f"bluesky::{answer}"]


def test_talk_beyond_home_is_found_by_search(reef: Reef, nights: ReefNights) -> None:
    reef.page_size = 2
    found = [reef.says("ada", at(1, hour), f"acme? {hour}") for hour in range(5)]
    reef.says("ada", at(9), "acme? too late")
    nights.options = {"searches": ["acme?"]}
    assert uris(nights.read("searches", at(0), at(2))) == found[::-1]


def test_what_a_search_found_and_is_deleted_is_gone(reef: Reef, nights: ReefNights) -> None:
    kept, deleted = (reef.says("ada", at(1, hour), "acme?") for hour in (1, 2))
    nights.options = {"searches": ["acme?"]}
    nights.read("searches", at(0), at(2))
    del reef.posts[deleted]
    reef.troubles["searchPosts"] = [Reply({"posts": []})]
    items = nights.read("searches", at(0), at(3))
    assert _gone(nights, "searches", items) == [Gone(message_id=f"bluesky::{deleted}")]
    assert kept in uris(items), "what a search left out is looked up"
    assert _gone(nights, "searches", nights.read("searches", at(0), at(4))) == []


def test_what_we_like_is_told_with_the_post_and_when(reef: Reef, nights: ReefNights) -> None:
    old, new = reef.says("ada", at(1)), reef.says("bob", at(8))
    for uri, hour in ((old, 1), (new, 2)):
        reef.likes[uri], reef.like_times[uri, "acme"] = ["carl", "acme"], at(9, hour)
    items = nights.read("liked", at(9), at(10))
    assert uris(items) == [new, old]
    said = [each for each in nights.said("liked", items) if isinstance(each, ReactionSeen)]
    assert said == [
        ReactionSeen(
            account_id=f"bluesky::{did('acme')}",
            message_id=f"bluesky::{uri}",
            kind="reaction",
            reacted_at=at(9, hour),
        )
        for uri, hour in ((new, 2), (old, 1))
    ]
    assert nights.read("liked", at(7), at(9)) == []


def test_what_we_liked_and_reposted_is_gone_when_it_is_deleted(
    reef: Reef, nights: ReefNights
) -> None:
    theirs = reef.says("ada", at(1))
    reef.likes[theirs], reef.reposts[theirs] = ["acme"], [("acme", at(8))]
    reef.like_times[theirs, "acme"] = at(8)
    for stream in ("posts", "liked"):
        nights.read(stream, at(7), at(9))
    del reef.posts[theirs]
    for stream in ("posts", "liked"):
        items = nights.read(stream, at(7), at(10))
        assert _gone(nights, stream, items) == [Gone(message_id=f"bluesky::{theirs}")]
        assert _gone(nights, stream, nights.read(stream, at(7), at(11))) == []


def test_what_we_like_no_more_is_not_told_again(reef: Reef, nights: ReefNights) -> None:
    theirs = reef.says("ada", at(8))
    reef.likes[theirs], reef.reposts[theirs] = ["acme"], [("acme", at(8))]
    reef.like_times[theirs, "acme"] = at(8)
    for stream in ("posts", "liked"):
        nights.read(stream, at(7), at(9))
    reef.likes.clear()
    reef.reposts.clear()
    for stream in ("posts", "liked"):
        assert nights.read(stream, at(7), at(10)) == []


def test_direct_messages_are_asked_for_only_where_they_are_switched_on(
    reef: Reef, nights: ReefNights, asked_for: Callable[[], list[str]]
) -> None:
    reef.writes("ada", "acme", at(1), "Between us.")
    assert nights.read("messages", at(0), at(2)) == []
    assert asked_for() == []


def test_direct_messages_of_the_window_are_told_with_their_conversation(
    reef: Reef, nights: ReefNights
) -> None:
    nights.options, reef.page_size = {"direct_messages": True}, 2
    for hour in range(5):
        reef.writes("ada", "acme", at(1, hour), f"Word {hour}")
    reef.writes("acme", "ada", at(2), "Answer")
    reef.writes("acme", "bob", at(0), "long ago")
    items = nights.read("messages", at(1, 1), at(3))
    said = nights.messages("messages", items)
    assert [each.text for each in said] == ["Answer", "Word 4", "Word 3", "Word 2", "Word 1"]
    acme, ada = (f"bluesky::{did(name)}" for name in ("acme", "ada"))
    assert [(each.author_id, each.mentions) for each in said[:2]] == [
        (acme, (ada,)),
        (ada, (acme,)),
    ]
    assert {each.visibility for each in said} == {"direct"}
    assert nights.messages("messages", nights.read("messages", at(0), at(1)))[0].text == "long ago"


def test_a_password_that_does_not_allow_direct_messages_says_so(
    reef: Reef, nights: ReefNights
) -> None:
    nights.options, reef.may_read_messages = {"direct_messages": True}, False
    with pytest.raises(BadCredentials, match="does not allow direct messages"):
        nights.read("messages", at(0), at(2))
    assert nights.read("notifications", at(0), at(2)) == []


def test_a_conversation_that_cannot_be_read_does_not_stop_the_others(
    reef: Reef, nights: ReefNights
) -> None:
    nights.options = {"direct_messages": True}
    reef.writes("ada", "acme", at(1), "fine")
    for number, name in enumerate(("bob", "carl")):
        reef.writes(name, "acme", at(1, 1 + number), "not told")
    reef.troubles["getMessages"] = [
        Reply({"error": "InvalidConvo", "message": "Convo not found"}, 400),
        Reply({"messages": None}),
    ]
    (said,) = nights.messages("messages", nights.read("messages", at(0), at(2)))
    assert said.text == "fine"
    assert [each.text for each in nights.aside("messages", at(2))] == ["acme-bob"]


def test_whom_we_met_is_asked_who_they_are_once(
    reef: Reef, nights: ReefNights, asked_for: Callable[[], list[str]]
) -> None:
    root = reef.says("acme", at(1))
    for number in range(30):
        reef.says(f"fan{number}", at(1, 1), to=root)
    _read_night(nights, 2, "posts", "threads")
    asked_for()
    said = nights.said("profiles", nights.read("profiles", at(0), at(2)))
    assert len(said) == 31
    assert {each.profile_links for each in said if isinstance(each, AccountSeen)} == {
        ("https://me.example/",)
    }
    assert len(asked_for()) == 2
    _read_night(nights, 3, "posts", "threads")
    asked_for()
    assert nights.read("profiles", at(0), at(3)) == []
    assert asked_for() == []


def test_items_of_another_shape_are_left_to_the_reading(reef: Reef, nights: ReefNights) -> None:
    fine = reef.view(reef.says("acme", at(1)))
    odd = [7, {"post": None}, {"post": 7}, {"post": {"uri": "x", "author": person("acme")}}, {}]
    reef.troubles["getAuthorFeed"] = [Reply({"feed": [{"post": fine}, *odd]})]
    items = nights.read("posts", at(0), at(2))
    assert items == [{"post": fine}, *odd[1:]]
    assert nights.aside("posts", at(2)) == [SetAside("7", "not an object", 1)]
    assert nights.read("posts", at(0), at(3)) == [{"post": fine}]
    assert nights.read("threads", at(0), at(3)) == []
    assert nights.read("likes", at(0), at(3)) == []


def test_the_password_is_nowhere_in_what_is_kept(reef: Reef, nights: ReefNights) -> None:
    reef.says("ada", at(1), to=reef.says("acme", at(1)))
    _read_night(nights, 2, "notifications", "posts", "threads", "followers")
    assert PASSWORD not in str(nights.raw)
    assert reef.tokens[0] not in str(nights.raw)
