"""What is fetched from a server that speaks Mastodon's dialect, in good times and bad."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from extractors.errors import BadCredentials, TryLater, Unreadable
from extractors.observations import FollowSeen, Gone, MessageSeen, ReactionSeen
from extractors.platform import SetAside
from tests.loopback import Loopback, Reply, loopback
from tests.platforms.mastodon.pond import Pond, PondNights
from tests.platforms.town import at

STATUSES = "/api/v1/accounts/1/statuses"


@pytest.fixture
def pond() -> Pond:
    return Pond()


@pytest.fixture
def server(pond: Pond) -> Iterator[Loopback]:
    with loopback(pond) as running:
        yield running


@pytest.fixture
def nights(server: Loopback) -> PondNights:
    return PondNights(server.url)


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


def test_a_window_holds_what_was_written_in_it(pond: Pond, nights: PondNights) -> None:
    written = [pond.says("acme", at(day)) for day in range(10)]
    assert ids(nights.read("statuses", at(3), at(6))) == written[5:2:-1]


def test_pages_are_followed_only_as_far_back_as_the_window(
    pond: Pond, nights: PondNights, server: Loopback
) -> None:
    pond.page_size = 3
    written = [pond.says("acme", at(0, hour)) for hour in range(12)]
    assert ids(nights.read("statuses", at(0, 7), at(1))) == written[:6:-1]
    pages = [each.query for each in server.asked if each.path == STATUSES]
    assert [each.get("max_id") for each in pages] == [None, written[9], written[6]]


def test_a_history_read_by_months_asks_for_each_page_about_once(
    pond: Pond, nights: PondNights, server: Loopback
) -> None:
    pond.page_size = 10
    written = [pond.says("acme", at(day, hour)) for day in range(120) for hour in (9, 15)]
    read = []
    for month in reversed(range(4)):
        read += ids(nights.read("statuses", at(30 * month), at(30 * month + 30)))
    assert read == written[::-1]
    # 24 pages hold the 240 statuses; each month but the first looks at one page before it.
    assert server.paths.count(STATUSES) == 24 + 3


def test_ids_are_compared_as_text_of_any_length(pond: Pond, nights: PondNights) -> None:
    early, late = pond.says("acme", at(1)), pond.says("acme", at(10))
    pond.statuses["9"] = {**pond.statuses.pop(early), "id": "9"}
    assert ids(nights.read("statuses", at(5), at(11))) == [late]
    assert ids(nights.read("statuses", at(0), at(5))) == ["9"]


def test_items_that_come_again_are_kept_as_told(pond: Pond, nights: PondNights) -> None:
    only = pond.says("acme", at(1))
    told = [pond.told(only)]
    link = {"Link": f'<{{url}}{STATUSES}?max_id=7>; rel="next"'}
    pond.troubles[STATUSES] = [Reply(told, headers=link), Reply(told)]
    assert ids(nights.read("statuses", at(0), at(2))) == [only, only]


def test_an_element_that_is_no_status_is_set_aside(pond: Pond, nights: PondNights) -> None:
    only = pond.says("acme", at(1))
    pond.troubles[STATUSES] = [Reply([None, pond.told(only), "odd"])]
    assert ids(nights.read("statuses", at(0), at(2))) == [only]
    aside = [each for each in nights.raw["statuses", at(2)] if isinstance(each, SetAside)]
    assert aside == [SetAside("null", "not an object", 1), SetAside('"odd"', "not an object", 1)]


def test_the_rate_limit_is_told_as_iso_time_without_retry_after(
    pond: Pond, nights: PondNights
) -> None:
    only = pond.says("acme", at(1))
    reset = (nights.clock.now.replace(second=42)).isoformat().replace("+00:00", ".309570Z")
    headers = {
        "X-RateLimit-Limit": "300",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": reset,
    }
    pond.troubles[STATUSES] = [Reply({"error": "Too many requests"}, 429, headers)]
    assert ids(nights.read("statuses", at(0), at(2))) == [only]
    assert nights.clock.slept == [pytest.approx(42.30957)]


@pytest.mark.parametrize(
    "trouble",
    [Reply({"error": "down"}, 503), Reply([{"id": "1"}], cut=5)],
    ids=["server error", "cut-off body"],
)
def test_trouble_that_passes_leaves_no_trace(
    pond: Pond, nights: PondNights, trouble: Reply
) -> None:
    only = pond.says("acme", at(1))
    pond.troubles[STATUSES] = [trouble, trouble]
    assert ids(nights.read("statuses", at(0), at(2))) == [only]
    assert nights.clock.slept == [1, 2]


def test_trouble_that_stays_is_for_another_time(pond: Pond, nights: PondNights) -> None:
    pond.troubles[STATUSES] = [Reply(status=500)] * 5
    with pytest.raises(TryLater, match=r"account=acme stream=statuses page=1: HTTP 500, 5 times"):
        nights.read("statuses", at(0), at(2))


def test_invalid_json_is_unreadable(pond: Pond, nights: PondNights) -> None:
    pond.troubles[STATUSES] = [Reply(json.dumps([{"id": "1"}]).encode()[:-3])]
    with pytest.raises(Unreadable, match=r"stream=statuses page=1: .* not JSON"):
        nights.read("statuses", at(0), at(2))


def test_links_in_circles_are_unreadable(pond: Pond, nights: PondNights) -> None:
    page = Reply(
        [pond.told(pond.says("acme", at(1)))],
        headers={"Link": f'<{{url}}{STATUSES}?max_id=7>; rel="next"'},
    )
    pond.troubles[STATUSES] = [page] * 9
    with pytest.raises(Unreadable, match="round in circles"):
        nights.read("statuses", at(0), at(2))
    assert len(pond.troubles[STATUSES]) == 7


def test_a_refused_token_is_for_a_human(pond: Pond, nights: PondNights) -> None:
    nights.secret = "wrong"
    with pytest.raises(BadCredentials, match="HTTP 401"):
        nights.read("notifications", at(0), at(2))


def test_an_edited_status_is_seen_again_with_its_new_words(pond: Pond, nights: PondNights) -> None:
    only = pond.says("acme", at(1), content="<p>Good mornign</p>")
    nights.read("statuses", at(0), at(2))
    edited = {"content": "<p>Good morning</p>", "edited_at": "2026-01-03T10:00:00.000Z"}
    pond.statuses[only].update(edited)
    (said,) = _messages(nights, "statuses", nights.read("statuses", at(0), at(3)))
    assert (said.text, said.edited_at) == ("Good morning", at(2, 10))


def test_a_deleted_status_of_ours_is_gone(pond: Pond, nights: PondNights) -> None:
    kept, deleted = pond.says("acme", at(1)), pond.says("acme", at(1, 1))
    pond.says("acme", at(1, 2), reblog=pond.told(kept))
    nights.read("statuses", at(0), at(2))
    del pond.statuses[deleted]
    del pond.statuses[max(pond.statuses)]  # a boost withdrawn is no message deleted
    items = nights.read("statuses", at(0), at(3))
    assert ids(items) == [kept, deleted]
    gone = [each for each in nights.said("statuses", items) if isinstance(each, Gone)]
    assert gone == [Gone(message_id=f"mastodon:127.0.0.1:{deleted}")]
    assert ids(nights.read("statuses", at(0), at(4))) == [kept]


def test_a_private_status_that_cannot_be_found_may_only_be_hidden(
    pond: Pond, nights: PondNights
) -> None:
    hidden = pond.says("acme", at(1), visibility="private")
    nights.read("statuses", at(0), at(2))
    del pond.statuses[hidden]
    assert nights.read("statuses", at(0), at(3)) == []


def test_a_thread_is_told_once_until_it_changes(
    pond: Pond, nights: PondNights, asked_for: Callable[[], list[str]]
) -> None:
    root = pond.says("acme", at(1))
    ask = pond.says("ada", at(1, 1), to=root)
    pond.says("acme", at(1, 2))  # nobody answers this one
    _read_night(nights, 2)
    asked_for()
    assert ids(nights.read("contexts", at(0), at(2))) == [root, ask]
    assert asked_for() == [f"/api/v1/statuses/{root}/context"]

    _read_night(nights, 3)
    asked_for()
    assert nights.read("contexts", at(0), at(3)) == []
    assert asked_for() == []

    answer = pond.says("bob@far.example", at(3), to=root)
    _read_night(nights, 4)
    assert ids(nights.read("contexts", at(0), at(4))) == [root, ask, answer]


def test_the_same_night_again_tells_the_same_threads(pond: Pond, nights: PondNights) -> None:
    pond.says("ada", at(1, 1), to=pond.says("acme", at(1)))
    _read_night(nights, 2)
    first = nights.read("contexts", at(0), at(2))
    assert nights.read("contexts", at(0), at(2)) == first != []


def test_a_thread_is_told_from_the_topmost_status_that_concerns_us(
    pond: Pond, nights: PondNights, asked_for: Callable[[], list[str]]
) -> None:
    strange = pond.says("carl", at(1))
    elsewhere = pond.says("ada", at(1, 1), to=strange)
    ask = pond.says("ada", at(1, 2), to=strange, mentions=["acme"])
    more = pond.says("ada", at(1, 3), to=ask)
    answer = pond.says("acme", at(1, 4), to=ask)
    nights.secret = ""
    _read_night(nights, 2, "statuses")
    asked_for()
    told = nights.read("contexts", at(0), at(2))
    assert set(ids(told)) == {strange, ask, more, answer}, elsewhere
    assert asked_for() == [
        f"/api/v1/statuses/{answer}/context",
        f"/api/v1/statuses/{ask}/context",
    ]


def test_threads_around_mentions_of_us_are_told(pond: Pond, nights: PondNights) -> None:
    root = pond.says("carl", at(1))
    mention = pond.says("ada", at(1, 1), to=root, mentions=["acme"])
    peer = pond.says("bob@far.example", at(1, 2), to=mention)
    _read_night(nights, 2)
    assert ids(nights.read("contexts", at(0), at(2))) == [root, mention, peer]


def test_a_deleted_answer_is_gone_and_one_out_of_sight_is_not(
    pond: Pond, nights: PondNights
) -> None:
    root = pond.says("acme", at(1))
    deleted, hidden = pond.says("ada", at(1, 1), to=root), pond.says("carl", at(1, 2), to=root)
    below = pond.says("bob@far.example", at(1, 3), to=deleted)
    _read_night(nights, 2)
    nights.read("contexts", at(0), at(2))

    del pond.statuses[deleted]
    pond.statuses[below]["in_reply_to_id"] = None
    _read_night(nights, 3)
    short = Reply({"ancestors": [], "descendants": []})
    pond.troubles[f"/api/v1/statuses/{root}/context"] = [short]
    items = nights.read("contexts", at(0), at(3))
    gone = [each for each in nights.said("contexts", items) if isinstance(each, Gone)]
    assert gone == [Gone(message_id=f"mastodon:127.0.0.1:{deleted}")]
    assert {root, hidden, below} <= set(ids(items))


def test_a_status_deleted_before_its_thread_is_read_does_not_stop_the_others(
    pond: Pond, nights: PondNights
) -> None:
    deleted, broken, fine = (pond.says("acme", at(1, hour)) for hour in range(3))
    for one in (deleted, broken, fine):
        pond.says("ada", at(1, 5), to=one)
    _read_night(nights, 2)
    del pond.statuses[deleted]
    pond.troubles[f"/api/v1/statuses/{broken}/context"] = [Reply({"ancestors": None})]
    items = nights.read("contexts", at(0), at(2))
    assert ids(items)[:2] == [deleted, fine]
    assert nights.said("contexts", items)[0] == Gone(message_id=f"mastodon:127.0.0.1:{deleted}")
    assert (
        SetAside(broken, "the answer has another shape than expected (KeyError)")
        in (nights.raw["contexts", at(2)])
    )
    _read_night(nights, 3)
    assert deleted not in ids(nights.read("contexts", at(0), at(3))), "what is gone stays gone"


def test_who_favoured_and_boosted_is_told_page_by_page(pond: Pond, nights: PondNights) -> None:
    pond.page_size = 2
    liked = pond.says("acme", at(1))
    pond.says("acme", at(1, 1))
    pond.favourites[liked] = ["ada", "bob@far.example", "carl"]
    pond.boosts[liked] = ["ada"]
    nights.read("statuses", at(0), at(2))
    reactions = [
        each
        for stream in ("favourites", "boosts")
        for each in nights.said(stream, nights.read(stream, at(0), at(2)))
        if isinstance(each, ReactionSeen)
    ]
    assert [(each.kind, each.account_id) for each in reactions] == [
        ("reaction", "mastodon:127.0.0.1:ada"),
        ("reaction", "mastodon:far.example:bob"),
        ("reaction", "mastodon:127.0.0.1:carl"),
        ("repost", "mastodon:127.0.0.1:ada"),
    ]
    assert {each.message_id for each in reactions} == {f"mastodon:127.0.0.1:{liked}"}


def test_quotes_of_ours_are_read(pond: Pond, nights: PondNights) -> None:
    ours = pond.says("acme", at(1))
    quote = pond.says("ada", at(1, 1), quote={"state": "accepted", "quoted_status_id": ours})
    pond.quotes[ours] = [quote]
    nights.read("statuses", at(0), at(2))
    (said,) = _messages(nights, "quotes", nights.read("quotes", at(0), at(2)))
    assert (said.kind, said.quoted_id) == ("quote", f"mastodon:127.0.0.1:{ours}")


def test_one_list_that_cannot_be_read_does_not_stop_the_others(
    pond: Pond, nights: PondNights
) -> None:
    gone, odd, fine = (pond.says("acme", at(1, hour)) for hour in range(3))
    for one in (gone, odd, fine):
        pond.favourites[one] = ["ada"]
    nights.read("statuses", at(0), at(2))
    pond.troubles[f"/api/v1/statuses/{gone}/favourited_by"] = [Reply(status=404)]
    pond.troubles[f"/api/v1/statuses/{odd}/favourited_by"] = [Reply({"error": "odd"}, 422)]
    items = nights.read("favourites", at(0), at(2))
    assert [item["status_id"] for item in items] == [fine]
    aside = [each for each in nights.raw["favourites", at(2)] if isinstance(each, SetAside)]
    assert aside == [SetAside(odd, "HTTP 422: the platform refuses this request", 1)]


def test_followers_are_read_to_the_last_page(pond: Pond, nights: PondNights) -> None:
    pond.page_size, pond.followers = 2, ["ada", "bob@far.example", "carl"]
    said = nights.said("followers", nights.read("followers", at(1), at(2)))
    assert [each.follower_id for each in said if isinstance(each, FollowSeen)] == [
        "mastodon:127.0.0.1:ada",
        "mastodon:far.example:bob",
        "mastodon:127.0.0.1:carl",
    ]
    assert {each.followed_id for each in said if isinstance(each, FollowSeen)} == {
        "mastodon:127.0.0.1:acme"
    }


def test_notifications_tell_who_did_what_when(pond: Pond, nights: PondNights) -> None:
    ours = pond.says("acme", at(1))
    pond.notify("favourite", "ada", at(1, 1), status=ours)
    pond.notify("reblog", "bob@far.example", at(1, 2), status=ours)
    pond.notify("follow", "carl", at(1, 3))
    pond.notify("admin.sign_up", "carl", at(1, 4))
    said = nights.said("notifications", nights.read("notifications", at(0), at(2)))
    acts = [each for each in said if isinstance(each, ReactionSeen | FollowSeen)]
    message = f"mastodon:127.0.0.1:{ours}"
    assert acts == [
        FollowSeen(
            follower_id="mastodon:127.0.0.1:carl",
            followed_id="mastodon:127.0.0.1:acme",
            followed_at=at(1, 3),
        ),
        ReactionSeen(
            account_id="mastodon:far.example:bob",
            message_id=message,
            kind="repost",
            reacted_at=at(1, 2),
        ),
        ReactionSeen(
            account_id="mastodon:127.0.0.1:ada",
            message_id=message,
            kind="reaction",
            reacted_at=at(1, 1),
        ),
    ]


def test_talk_beyond_home_is_found_by_tag_and_by_search(
    pond: Pond, nights: PondNights, server: Loopback
) -> None:
    tagged = [pond.says("ada", at(1, hour), content=f"#ponds {hour}") for hour in range(3)]
    pond.page_size = 2
    searched = [pond.says("carl", at(1, 9), content=f"acme? {number}") for number in range(3)]
    nights.options = {"tags": ["#ponds"], "searches": ["acme?"]}
    assert ids(nights.read("tags", at(0), at(2))) == tagged[::-1]
    # This server gives two at a time, fewer than asked for: to us that is the end.
    assert ids(nights.read("searches", at(0), at(2))) == searched[:0:-1]
    assert server.asked[-1].query == {"q": "acme?", "type": "statuses", "limit": "40"}


def test_a_long_search_is_followed_by_id(pond: Pond, nights: PondNights) -> None:
    searched = [pond.says("carl", at(1), content="acme?") for _ in range(90)]
    nights.options = {"searches": ["acme?"]}
    assert ids(nights.read("searches", at(0), at(2))) == searched[::-1]


def _read_night(nights: PondNights, day: int, *streams: str) -> None:
    for stream in streams or ("statuses", "notifications"):
        nights.read(stream, at(0), at(day))


def _messages(nights: PondNights, stream: str, items: list[dict[str, Any]]) -> list[MessageSeen]:
    return [each for each in nights.said(stream, items) if isinstance(each, MessageSeen)]
