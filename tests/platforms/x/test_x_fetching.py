"""What is fetched from a server that speaks X's dialect, in good times and bad."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from extractors.errors import BadCredentials, NotThere, TryLater, Unreadable
from extractors.observations import FollowSeen, Gone, MessageSeen, ReactionSeen
from extractors.platform import NOT_TOLD
from extractors.platforms.x import XOptions
from tests.loopback import Loopback, Reply, loopback
from tests.platforms.x.square import Nights, Square, at

POSTS, MENTIONS = "/2/users/1000/tweets", "/2/users/1000/mentions"
SEARCH = "/2/tweets/search/recent"


@pytest.fixture
def square() -> Square:
    return Square()


@pytest.fixture
def server(square: Square) -> Iterator[Loopback]:
    with loopback(square) as running:
        yield running


@pytest.fixture
def nights(square: Square, server: Loopback, tmp_path: Path) -> Nights:
    return Nights(square, server.url, tmp_path)


@pytest.fixture
def asked_for(server: Loopback) -> Callable[[], list[str]]:
    """Paths asked for since the last time, without the look-up of our number."""

    def since_last() -> list[str]:
        paths = [each for each in server.paths if "/by/username/" not in each]
        server.asked.clear()
        return paths

    return since_last


def test_a_night_holds_what_was_written_in_it(square: Square, nights: Nights) -> None:
    nights.history_from = at(2).date()
    written = [square.says("acme", at(day, 12)) for day in range(4)]
    asks = [square.says("ada", at(day, 13), mentions=["acme"]) for day in range(4)]
    nights.run(2)
    assert nights.ids("posts") == [written[2]]
    assert nights.ids("mentions") == [asks[2]]


def test_pages_are_followed_to_the_end_over_empty_ones(
    square: Square, nights: Nights, server: Loopback
) -> None:
    square.page_size = 2
    asks = [square.says("ada", at(0, hour), mentions=["acme"]) for hour in range(5)]
    empty = Reply({"meta": {"result_count": 0, "next_token": "0"}})
    square.troubles[MENTIONS] = [empty]
    nights.run(0)
    assert nights.ids("mentions") == asks[::-1]
    pages = [each.query for each in server.asked if each.path == MENTIONS]
    assert [each.get("pagination_token") for each in pages] == [None, "0", "2", "4"]


def test_a_post_brings_its_author_and_what_it_answers(square: Square, nights: Nights) -> None:
    nights.history_from = at(5).date()
    root = square.says("acme", at(0))
    ask = square.says("ada", at(5), to=root, text="Is it &lt;5?")
    nights.run(5)
    said = [each for each in nights.said("mentions") if isinstance(each, MessageSeen)]
    assert [(each.message_id, each.parent_id, each.text) for each in said] == [
        (f"x::{ask}", f"x::{root}", "Is it <5?"),
        (f"x::{root}", None, "…"),
    ]
    assert said[0].parent_author_id == "x::1000"


def test_a_parent_that_is_deleted_is_told_among_the_errors(square: Square, nights: Nights) -> None:
    root = square.says("acme", at(0))
    square.says("ada", at(0, 1), to=root)
    del square.posts[root]
    nights.run(0)
    assert Gone(message_id=f"x::{root}") in nights.said("mentions")


@pytest.mark.parametrize("name", ["tweet", "post"])
def test_either_vocabulary_is_asked_in_and_understood(nights: Nights, name: str) -> None:
    nights.square.name = nights.options["names"] = name
    root = nights.square.says("acme", at(0))
    ask = nights.square.says("ada", at(0, 1), to=root)
    nights.run(0)
    assert nights.ids("conversations") == [ask]
    (said,) = (each for each in nights.said("conversations")[2:3])
    assert isinstance(said, MessageSeen)
    assert (said.message_id, said.parent_id) == (f"x::{ask}", f"x::{root}")


def test_the_same_night_again_is_the_same(square: Square, nights: Nights) -> None:
    square.says("ada", at(0, 1), to=square.says("acme", at(0)))
    nights.run(0)
    streams = ("mentions", "posts", "conversations", "quotes")
    before = {stream: nights.rows(stream) for stream in streams}
    nights.run(0)
    assert {stream: nights.rows(stream) for stream in streams} == before


def test_two_nights_are_one_longer_one(square: Square, nights: Nights, tmp_path: Path) -> None:
    root = square.says("acme", at(0, 1))
    square.says("ada", at(0, 2), to=root)
    square.says("bob", at(1, 2), to=root)
    square.says("carl", at(1, 3), quotes=root)
    square.likes[root] = ["dora"]
    nights.run(0)
    nights.run(1)
    longer = Nights(square, nights.url, tmp_path / "longer")
    longer.run(1)
    for stream in ("mentions", "posts", "conversations", "quotes", "likes"):
        assert set(nights.said(stream)) == set(longer.said(stream))


def test_a_post_deleted_since_is_gone_and_one_out_of_sight_is_not(
    square: Square, nights: Nights
) -> None:
    kept, deleted, hidden = (square.says("acme", at(0, hour)) for hour in range(3))
    square.says("acme", at(0, 4), of=kept)
    nights.run(0)
    del square.posts[deleted], square.posts[max(square.posts)]
    square.hidden.add(hidden)
    nights.run(1)
    gone = [each for each in nights.said("counters", 1) if isinstance(each, Gone)]
    assert gone == [Gone(message_id=f"x::{deleted}")], "a repost withdrawn is no message deleted"
    nights.run(2)
    assert nights.ids("counters", 2) == [kept]


def test_counters_are_looked_up_a_hundred_at_a_time_and_cost_no_more_than_their_posts(
    square: Square, nights: Nights, server: Loopback
) -> None:
    for minute in range(120):
        ask = square.says("ada", at(0, 0, minute))
        square.says("acme", at(0, 3, minute), to=ask)
    nights.run(0)
    nights.run(1)
    assert server.paths.count("/2/tweets") == 4
    assert square.bill == pytest.approx(120 * 0.005 + 0.010)
    for day in range(2, 10):
        nights.run(day)
    assert server.paths.count("/2/tweets") == 2 * 8, "after a week they rest"


def test_an_edited_post_is_one_message_under_its_first_id(square: Square, nights: Nights) -> None:
    first = square.says("acme", at(0, 23, 55), text="Good nihgt")
    nights.run(0)
    second = square.says("acme", at(1, 0, 10), text="Good night")
    for one in (first, second):
        square.posts[one]["edit_history_tweet_ids"] = [first, second]
    nights.run(1)
    (said,) = (each for each in nights.said("posts", 1) if isinstance(each, MessageSeen))
    assert (said.message_id, said.text) == (f"x::{first}", "Good night")
    assert (said.sent_at, said.edited_at) == (at(0, 23, 55), at(1, 0, 10))
    assert not [each for each in nights.said("counters", 1) if isinstance(each, MessageSeen)]


def test_a_thread_is_searched_for_what_is_new_in_it(
    square: Square, nights: Nights, server: Loopback
) -> None:
    root = square.says("acme", at(0))
    square.says("acme", at(0, 1))  # nobody answers this one
    ask = square.says("ada", at(0, 2), to=root)
    peer = square.says("bob", at(0, 3), to=ask)
    nights.run(0)
    assert nights.ids("conversations") == [peer, ask]

    server.asked.clear()
    nights.run(1)
    assert nights.ids("conversations", 1) == []
    (search,) = (each.query for each in server.asked if each.path == SEARCH)
    assert search["query"] == f"conversation_id:{root}"
    assert (search["start_time"], search["end_time"]) == (
        "2026-01-02T00:00:00Z",
        "2026-01-03T00:00:00Z",
    )

    deep = square.says("carl", at(2), to=peer)
    nights.run(2)
    assert nights.ids("conversations", 2) == [deep], "no counter of ours tells of it"


def test_threads_are_searched_a_dozen_at_a_time(
    square: Square, nights: Nights, server: Loopback
) -> None:
    asks = [square.says("ada", at(0, 1, minute), mentions=["acme"]) for minute in range(30)]
    nights.run(0)
    assert server.paths.count(SEARCH) == 3
    peer = square.says("bob", at(1), to=asks[29])
    nights.run(1)
    assert nights.ids("conversations") == [peer]
    assert server.paths.count(SEARCH) == 6


def test_answers_that_are_not_told_are_counted(square: Square, nights: Nights) -> None:
    root = square.says("acme", at(0))
    square.says("ada", at(0, 2), to=root)
    square.counted[root] = {"reply_count": 4}
    nights.run(0)
    assert nights.aside("conversations") == [
        (root, f"{NOT_TOLD}fewer answers than the platform counts", 3)
    ]


def test_threads_around_mentions_are_read(square: Square, nights: Nights) -> None:
    root = square.says("ada", at(0))
    ask = square.says("bob", at(0, 1), to=root, mentions=["acme"])
    square.says("carl", at(0, 2), mentions=["acme"])  # no thread
    peer = square.says("dora", at(0, 3), to=root)
    nights.run(0)
    assert nights.ids("conversations") == [peer, ask]


def test_threads_beyond_the_reach_of_the_search_are_counted(
    square: Square, nights: Nights, asked_for: Callable[[], list[str]]
) -> None:
    square.says("ada", at(0, 2), to=square.says("acme", at(0)))
    nights.run(40)
    assert SEARCH not in asked_for()
    reason = "the search does not reach back so far: these threads are unread"
    assert nights.aside("conversations") == [("", reason, 1)]


def test_reactions_are_read_where_a_counter_changed(
    square: Square, nights: Nights, asked_for: Callable[[], list[str]]
) -> None:
    post, _ = square.says("acme", at(0)), square.says("acme", at(0, 1))
    square.likes[post], square.reposts[post] = ["ada", "bob"], ["carl"]
    quote = square.says("dora", at(0, 2), quotes=post)
    nights.run(0)
    reactions = [
        each
        for stream in ("likes", "reposts")
        for each in nights.said(stream)
        if isinstance(each, ReactionSeen)
    ]
    assert [(each.kind, each.account_id, each.message_id) for each in reactions] == [
        ("reaction", "x::1001", f"x::{post}"),
        ("reaction", "x::1002", f"x::{post}"),
        ("repost", "x::1003", f"x::{post}"),
    ]
    assert nights.ids("quotes") == [quote]

    asked_for()
    nights.run(1)
    assert asked_for() == [MENTIONS, POSTS, "/2/tweets"]

    square.likes[post].append("dora")
    nights.run(2)
    assert [path for path in asked_for() if post in path] == [f"/2/tweets/{post}/liking_users"]


def test_likes_that_x_does_not_tell_are_counted(square: Square, nights: Nights) -> None:
    post = square.says("acme", at(0))
    square.likes[post], square.counted[post] = ["ada"], {"like_count": 250}
    nights.run(0)
    assert nights.aside("likes") == [(post, f"{NOT_TOLD}fewer likes than the platform counts", 249)]


def test_one_list_that_cannot_be_read_does_not_stop_the_others(
    square: Square, nights: Nights
) -> None:
    gone, odd, shapeless, fine = (square.says("acme", at(0, hour)) for hour in range(4))
    for one in (gone, odd, shapeless, fine):
        square.likes[one] = ["ada"]
    square.troubles[f"/2/tweets/{gone}/liking_users"] = [Reply(status=404)]
    square.troubles[f"/2/tweets/{odd}/liking_users"] = [Reply({"title": "odd"}, 400)]
    square.troubles[f"/2/tweets/{shapeless}/liking_users"] = [Reply({"data": {"id": "1"}})]
    nights.run(0)
    assert [item["post_id"] for item in nights.items("likes")] == [fine]
    assert nights.aside("likes") == [
        (shapeless, "the answer has another shape than expected (TypeError)", 1),
        (odd, "HTTP 400: the platform refuses this request", 1),
    ]


def test_followers_are_read_only_where_asked_for(square: Square, nights: Nights) -> None:
    square.page_size, square.followers = 2, ["ada", "bob", "carl"]
    nights.run(0)
    assert nights.said("followers") == []
    nights.options["followers"] = True
    nights.run(1)
    follows = [each for each in nights.said("followers", 1) if isinstance(each, FollowSeen)]
    assert [each.follower_id for each in follows] == ["x::1001", "x::1002", "x::1003"]
    assert {each.followed_id for each in follows} == {"x::1000"}


def test_searches_tell_what_the_search_does_not_reach(square: Square, nights: Nights) -> None:
    old, new = (square.says("ada", at(day), text="acme?") for day in (3, 31))
    nights.options["searches"] = ["acme?"]
    nights.run(31)
    assert nights.ids("searches") == [new], old
    reason = "the search does not reach back so far"
    unread = f"{reason}: 2026-01-01T00:00:00Z to 2026-01-27T00:00:00Z is unread"
    assert nights.aside("searches") == [("acme?", unread, 1)]


def test_an_item_of_another_shape_is_kept_as_it_is(square: Square, nights: Nights) -> None:
    odd = [{"id": 7}, {"text": "no id"}, {"id": "8", "created_at": "2026-01-01T00:00:00Z"}, None]
    square.troubles[POSTS] = [Reply({"data": odd, "meta": {}})]
    nights.run(0)
    assert [each for each in nights.items("posts") if "includes" not in each] == odd[:2]
    assert nights.aside("posts") == [("null", "not an object", 1)]


def test_an_item_that_comes_again_costs_once_and_does_no_harm(
    square: Square, nights: Nights
) -> None:
    only = square.says("ada", at(0), mentions=["acme"])
    page = {"data": [square.told(only)], "meta": {"next_token": "0"}}
    square.troubles[MENTIONS] = [Reply(page)]
    nights.run(0)
    assert nights.ids("mentions") == [only, only]


def test_the_limit_of_requests_is_told_as_an_epoch(square: Square, nights: Nights) -> None:
    only = square.says("ada", at(0), mentions=["acme"])
    reset = str(round(at(1, 3, 1).timestamp()))
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
    body = {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}
    square.troubles[MENTIONS] = [Reply(body, 429, headers)]
    nights.run(0)
    assert nights.ids("mentions") == [only]
    assert nights.clock.slept == [60]


@pytest.mark.parametrize(
    ("trouble", "kind", "reason"),
    [
        ([Reply(status=503)] * 5, TryLater, "HTTP 503, 5 times"),
        ([Reply({"data": []}, cut=4)] * 5, TryLater, "no whole answer"),
        ([Reply(b'{"data": [')], Unreadable, "not JSON"),
        ([Reply([])], Unreadable, "another shape|list without|nothing but"),
        ([Reply({"title": "?"})], Unreadable, "dict where a list"),
        ([Reply({"title": "Forbidden"}, 403)], BadCredentials, "HTTP 403"),
        ([Reply({"title": "CreditsDepleted"}, 402)], BadCredentials, "HTTP 402"),
        ([Reply({}, 410)], NotThere, "HTTP 410"),
        (
            [Reply({"errors": [{"type": "x/problems/not-authorized-for-resource"}]})],
            BadCredentials,
            "does not let this token see it",
        ),
        ([Reply({"errors": [{"type": "x/problems/?"}]})], Unreadable, "nothing but errors"),
    ],
)
def test_trouble_is_named_by_what_to_do_next(
    nights: Nights, trouble: list[Reply], kind: type[Exception], reason: str
) -> None:
    nights.square.troubles[MENTIONS] = trouble
    with pytest.raises(kind, match=rf"account=@acme stream=mentions.*({reason})"):
        nights.run(0)


def test_trouble_in_the_midst_keeps_what_came_before(square: Square, nights: Nights) -> None:
    square.page_size = 1
    asks = [square.says("ada", at(0, hour), mentions=["acme"]) for hour in range(2)]
    page = Reply({"data": [square.told(asks[1])], "meta": {"next_token": "1"}})
    square.troubles[MENTIONS] = [page, *[Reply(status=500)] * 5]
    with pytest.raises(TryLater):
        nights.run(0)
    assert nights.ids("mentions") == asks[1:]
    nights.run(1)
    assert nights.ids("mentions") == asks[::-1]


def test_pages_in_circles_are_unreadable(square: Square, nights: Nights) -> None:
    only = square.says("ada", at(0), mentions=["acme"])
    page = Reply({"data": [square.told(only)], "meta": {"next_token": "7"}})
    square.troubles[MENTIONS] = [page] * 9
    with pytest.raises(Unreadable, match="round in circles"):
        nights.run(0)
    assert len(square.troubles[MENTIONS]) == 7


def test_a_refused_token_is_for_a_human_and_not_in_the_error(nights: Nights) -> None:
    nights.secret = "wr0ng"
    with pytest.raises(BadCredentials, match="HTTP 401") as caught:
        nights.run(0)
    assert "wr0ng" not in str(caught.value)


def test_an_account_that_does_not_exist_is_not_there(square: Square, nights: Nights) -> None:
    square.troubles["/2/users/by/username/acme"] = [square.lookup(None, "nobody")] * 9  # type: ignore[arg-type]
    with pytest.raises(NotThere, match="X does not find it"):
        nights.run(0)


def test_our_number_need_not_be_asked_for(nights: Nights, server: Loopback) -> None:
    nights.options["user_id"] = "1000"
    nights.run(0)
    assert server.paths == [MENTIONS, POSTS]


@pytest.mark.parametrize(
    "options",
    [{"budget": -1}, {"user_id": "@acme"}, {"url": "http://api.x.com"}, {"prices": {"poost": 1}}],
    ids=json.dumps,
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        XOptions.model_validate(options)
