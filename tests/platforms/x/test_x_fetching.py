"""What is fetched from a server that speaks X's dialect, in good times and bad."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from extractors.errors import BadCredentials, NotThere, Unreadable
from extractors.observations import FollowSeen, Gone, MessageSeen, ReactionSeen
from extractors.platform import NOT_TOLD
from extractors.platforms.x import X, XOptions
from tests.loopback import Loopback, Reply
from tests.platforms.town import at
from tests.platforms.x.nights import Nights
from tests.platforms.x.square import Square

POSTS, MENTIONS = "/2/users/1000/tweets", "/2/users/1000/mentions"
SEARCH, ARCHIVE = "/2/tweets/search/recent", "/2/tweets/search/all"
MESSAGES = "/2/dm_events"


@pytest.fixture
def asked_for(server: Loopback) -> Callable[[], list[str]]:
    """Paths asked for since the last time, without the look-up of our number."""

    def since_last() -> list[str]:
        paths = [each for each in server.paths if "/by/username/" not in each]
        server.asked.clear()
        return paths

    return since_last


def test_a_night_holds_what_was_written_in_it(square: Square, nights: Nights) -> None:
    nights.history_from = at(2)
    written = [square.says("acme", at(day, 12)) for day in range(4)]
    asks = [square.says("ada", at(day, 13), mentions=["acme"]) for day in range(4)]
    nights.run(2)
    assert nights.ids("posts") == [written[2]]
    assert nights.ids("mentions") == [asks[2]]


def test_a_post_brings_its_author_and_what_it_answers(square: Square, nights: Nights) -> None:
    nights.history_from = at(5)
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


def test_a_post_deleted_since_is_gone_and_one_out_of_sight_is_not(
    square: Square, nights: Nights
) -> None:
    kept, deleted, hidden = (square.says("acme", at(0, hour)) for hour in range(3))
    square.says("acme", at(0, 4), of=kept)
    nights.run(0)
    del square.posts[deleted], square.posts[max(square.posts)]
    square.hidden.add(hidden)
    nights.run(1)
    assert gone(nights, "counters") == {f"x::{deleted}"}, "a repost withdrawn is no message"
    nights.run(2)
    assert nights.ids("counters", 2) == [kept]


def gone(nights: Nights, stream: str) -> set[str | None]:
    return {each.message_id for each in nights.said(stream) if isinstance(each, Gone)}


def test_answers_are_looked_up_once_where_there_are_fewer_than_were_told(
    square: Square, nights: Nights, asked_for: Callable[[], list[str]]
) -> None:
    root = square.says("acme", at(0))
    kept, deleted, hidden = (square.says("ada", at(0, hour), to=root) for hour in (1, 2, 3))
    square.says("bob", at(0, 4), to=kept)
    nights.run(0)
    del square.posts[deleted]
    square.hidden.add(hidden)
    square.counted[root] = {"reply_count": 1}
    asked_for()
    nights.run(1)
    assert asked_for().count("/2/tweets") == 2
    assert gone(nights, "conversations") == {f"x::{deleted}"}, "of what is hidden nothing is known"
    nights.run(2)
    assert asked_for().count("/2/tweets") == 1, "once is enough"
    square.counted[root] = {"reply_count": 2}
    square.hidden.clear()
    nights.run(3)
    assert nights.aside("conversations") == []


def test_the_only_answer_may_be_deleted_as_well(square: Square, nights: Nights) -> None:
    ask = square.says("ada", at(0, 1), to=square.says("acme", at(0)))
    nights.run(0)
    del square.posts[ask]
    nights.run(1)
    assert gone(nights, "conversations") == {f"x::{ask}"}


def test_a_quote_that_is_not_told_any_more_is_looked_up(square: Square, nights: Nights) -> None:
    root = square.says("acme", at(0))
    quotes = [square.says("ada", at(0, hour), quotes=root) for hour in (1, 2)]
    nights.run(0)
    del square.posts[quotes[0]]
    nights.run(1)
    assert gone(nights, "quotes") == {f"x::{quotes[0]}"}
    assert nights.ids("quotes", 1) == [quotes[1], quotes[0]]
    nights.run(2)
    assert nights.ids("quotes", 2) == []


def test_what_answers_another_version_of_a_post_is_not_held_against_its_counter(
    square: Square, nights: Nights, asked_for: Callable[[], list[str]]
) -> None:
    """Each version has counters of its own."""
    first, second = square.says("acme", at(0)), square.says("acme", at(0, 1 / 6))
    for one in (first, second):
        square.posts[one]["edit_history_tweet_ids"] = [first, second]
    square.says("ada", at(0, 1 / 10), to=first)
    square.says("ada", at(0, 1), to=second)
    nights.run(0)
    assert asked_for().count("/2/tweets") == 1
    assert nights.aside("conversations") == []


def test_counters_are_looked_up_a_hundred_at_a_time_and_cost_no_more_than_their_posts(
    square: Square, nights: Nights, server: Loopback
) -> None:
    for minute in range(120):
        ask = square.says("ada", at(0, minute / 60))
        square.says("acme", at(0, 3 + minute / 60), to=ask)
    nights.run(0)
    nights.run(1)
    assert server.paths.count("/2/tweets") == 4
    assert square.bill == pytest.approx(120 * 0.005 + 0.010)
    for day in range(2, 10):
        nights.run(day)
    assert server.paths.count("/2/tweets") == 2 * 8, "after a week they rest"


def test_an_edited_post_is_one_message_under_its_first_id(square: Square, nights: Nights) -> None:
    first = square.says("acme", at(0, 23 + 55 / 60), text="Good nihgt")
    nights.run(0)
    second = square.says("acme", at(1, 1 / 6), text="Good night")
    for one in (first, second):
        square.posts[one]["edit_history_tweet_ids"] = [first, second]
    nights.run(1)
    (said,) = (each for each in nights.said("posts", 1) if isinstance(each, MessageSeen))
    assert (said.message_id, said.text) == (f"x::{first}", "Good night")
    assert (said.sent_at, said.edited_at) == (at(0, 23 + 55 / 60), at(1, 1 / 6))
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
    asks = [square.says("ada", at(0, 1 + minute / 60), mentions=["acme"]) for minute in range(30)]
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
    reason = f"{NOT_TOLD}the search does not reach back so far: these threads are unread"
    assert nights.aside("conversations") == [("", reason, 1)]


def test_the_archive_is_searched_as_far_back_as_there_is_anything(
    square: Square, nights: Nights, server: Loopback
) -> None:
    nights.options.update(archive=True, searches=["acme?"])
    root = square.says("acme", at(0))
    ask = square.says("ada", at(0, 2), to=root)
    peer = square.says("bob", at(20), to=ask)
    other = square.says("carl", at(5), text="acme?")
    nights.run(40)
    assert nights.ids("conversations") == [peer, ask]
    assert nights.ids("searches") == [other]
    assert [(each.path, each.query["start_time"]) for each in server.asked[-3:]] == [
        (ARCHIVE, "2026-02-10T00:00:00Z"),
        (ARCHIVE, "2026-02-01T00:00:00Z"),
        (ARCHIVE, "2026-01-01T00:00:00Z"),
    ]
    assert nights.clock.slept == [1, 1, 1], "once a second is allowed"
    assert nights.set_asides() == []


def test_where_a_list_ends_because_x_tells_no_more_of_it_that_is_said(
    square: Square, nights: Nights
) -> None:
    nights.options["user_id"] = "1000"
    for number in range(900):
        square.says("ada", at(29) + timedelta(hours=number), mentions=["acme"])
    nights.run(69)
    assert len(nights.ids("mentions")) == 800
    reason = f"{NOT_TOLD}X tells the newest 800 of this list"
    assert nights.aside("mentions") == [
        ("", f"{reason}: 2026-02-01T00:00:00Z to 2026-02-03T04:00:00Z may be missing", 1),
        ("", f"{reason}: 2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z may be missing", 1),
    ]
    assert nights.aside("posts") == []


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
    reason = f"{NOT_TOLD}the search does not reach back so far"
    unread = f"{reason}: 2026-01-01T00:00:00Z to 2026-01-27T00:00:00Z is unread"
    assert nights.aside("searches") == [("acme?", unread, 1)]


def test_direct_messages_are_asked_for_only_where_two_switches_are_on(
    square: Square, nights: Nights, asked_for: Callable[[], list[str]]
) -> None:
    square.writes("ada", at(0, 3), to="acme")
    for option, keeps in ((False, False), (True, False), (False, True)):
        nights.options["direct_messages"], nights.keeps_messages = option, keeps
        nights.run(0)
        assert MESSAGES not in asked_for()
        assert nights.said("messages") == []
    nights.options["direct_messages"] = True
    nights.run(0)
    assert MESSAGES in asked_for()


@pytest.fixture
def inbox(nights: Nights) -> Nights:
    nights.options["direct_messages"] = nights.keeps_messages = True
    return nights


def test_direct_messages_of_the_window_are_read_from_the_newest_on(
    square: Square, inbox: Nights, asked_for: Callable[[], list[str]]
) -> None:
    square.page_size = 2
    told = [square.writes("ada", at(9, hour), to="acme") for hour in range(0, 24, 6)]
    answer = square.writes("acme", at(9, 19), to="ada", text="Yes &amp; no.")
    inbox.history_from = at(8)
    inbox.run(9)
    assert inbox.ids("messages") == [answer, *told[::-1]]
    mine = next(each for each in inbox.said("messages") if isinstance(each, MessageSeen))
    assert mine.message_id == f"x::dm-{answer}"
    assert (mine.text, mine.kind, mine.visibility) == ("Yes & no.", "direct", "direct")
    assert (mine.author_id, mine.mentions) == ("x::1000", ("x::1001",))
    asked_for()
    square.writes("ada", at(10, 1), to="acme")
    inbox.run(10)
    assert asked_for().count(MESSAGES) == 1, "not beyond what is older"
    assert len(inbox.ids("messages", 10)) == 1


def test_direct_messages_older_than_a_month_are_not_told(square: Square, inbox: Nights) -> None:
    square.writes("ada", at(3), to="acme")
    kept = square.writes("ada", at(20), to="acme")
    inbox.run(40)
    assert inbox.ids("messages") == [kept]
    reason = f"{NOT_TOLD}X keeps direct messages for 30 days"
    unread = f"{reason}: 2026-01-01T00:00:00Z to 2026-01-12T00:00:00Z is unread"
    assert inbox.aside("messages") == [("", unread, 1)]


def test_a_token_that_may_not_read_direct_messages_costs_these_only(
    square: Square, inbox: Nights
) -> None:
    ask = square.says("ada", at(0), mentions=["acme"])
    square.troubles[MESSAGES] = [Reply({"title": "Forbidden"}, 403)]
    with pytest.raises(BadCredentials, match="stream=messages"):
        inbox.run(0)
    assert inbox.ids("mentions") == [ask]


@pytest.mark.parametrize(
    ("trouble", "kind", "reason"),
    [
        ("x/problems/resource-not-found", NotThere, "does not find it"),
        ("x/problems/not-authorized-for-resource", BadCredentials, "does not let this token see"),
        ("x/problems/?", Unreadable, "nothing but errors"),
    ],
)
def test_an_answer_of_nothing_but_errors_is_a_refusal_though_http_says_200(
    nights: Nights, trouble: str, kind: type[Exception], reason: str
) -> None:
    nights.square.troubles[MENTIONS] = [Reply({"errors": [{"type": trouble}]})]
    with pytest.raises(kind, match=f"account=@acme stream=mentions.*{reason}"):
        nights.run(0)


def test_every_list_has_a_limit_of_its_own() -> None:
    assert callable(X.rate)
    users = "https://api.x.com/2/users/{}/{}"
    assert X.rate(users.format(12, "tweets")) == X.rate(users.format(3, "tweets"))
    assert X.rate(users.format(12, "tweets")) != X.rate(users.format(12, "mentions"))


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
