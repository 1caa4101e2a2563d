"""What is fetched from a service that speaks YouTube's dialect, in good times and bad."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from extractors.errors import BadCredentials, NotThere, TryLater
from extractors.observations import AccountSeen, Gone, MessageSeen
from extractors.platform import NOT_TOLD, SetAside
from extractors.platforms.youtube import YOUTUBE
from extractors.platforms.youtube.refusals import seconds_to_midnight
from lake.organisation import AccountToRead, OrganisationError
from tests.loopback import Loopback, Reply, loopback
from tests.platforms.town import at
from tests.platforms.youtube.studio import (
    ACME,
    KEY,
    OTHER,
    Studio,
    StudioNights,
    channel,
    listed,
    refusal,
)

THREADS = "commentThreads"


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def server(studio: Studio) -> Iterator[Loopback]:
    with loopback(studio) as running:
        yield running


@pytest.fixture
def nights(server: Loopback) -> StudioNights:
    return StudioNights(server.url)


@pytest.fixture
def asked_for(server: Loopback) -> Callable[[], list[str]]:
    """Paths asked for since the last time."""

    def since_last() -> list[str]:
        paths = [path.strip("/") for path in server.paths]
        server.asked.clear()
        return paths

    return since_last


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items if "gone" not in item]


def gone(items: list[dict[str, Any]]) -> list[str]:
    return [item["gone"] for item in items if "gone" in item]


def texts(nights: StudioNights, stream: str, items: list[dict[str, Any]]) -> dict[str, str | None]:
    said = nights.said(stream, items)
    return {
        each.message_id.rpartition(":")[2]: each.text
        for each in said
        if isinstance(each, MessageSeen)
    }


def test_our_videos_of_the_window_are_read_with_their_counters(
    studio: Studio, nights: StudioNights, asked_for: Callable[[], list[str]]
) -> None:
    studio.page_size = 2
    videos = [studio.publishes(ACME, at(day)) for day in range(9)]
    studio.publishes(OTHER, at(5))
    studio.says("ana", at(6), videos[5])
    items = nights.read("videos", at(5), at(7))
    assert ids(items) == videos[5:7]
    assert [item["statistics"]["commentCount"] for item in items] == ["1", "0"]
    assert asked_for() == ["channels", *["playlistItems"] * 2, "videos", "playlistItems"]


def test_a_video_that_vanished_is_asked_for_once_more(studio: Studio, nights: StudioNights) -> None:
    first, second, hidden = (studio.publishes(ACME, at(1, hour)) for hour in range(3))
    nights.read("videos", at(0), at(2))
    del studio.videos[first]
    items = nights.read("videos", at(0), at(3))
    assert (ids(items), gone(items)) == ([second, hidden], [first])
    assert nights.said("videos", items)[-1] == Gone(message_id=f"youtube::{first}")
    assert gone(nights.read("videos", at(0), at(4))) == []


def test_a_window_holds_what_was_said_in_it(studio: Studio, nights: StudioNights) -> None:
    video = studio.publishes(ACME, at(0))
    said = [studio.says("ana", at(day), video) for day in range(10)]
    assert ids(nights.read("threads", at(3), at(6))) == said[5:2:-1]


def test_pages_are_followed_only_as_far_back_as_the_window(
    studio: Studio, nights: StudioNights, server: Loopback
) -> None:
    studio.page_size = 3
    video = studio.publishes(ACME, at(0))
    said = [studio.says("ana", at(0, hour), video) for hour in range(12)]
    assert ids(nights.read("threads", at(0, 7), at(1))) == said[:6:-1]
    assert [each.query.get("pageToken") for each in server.asked] == [None, "t3", "t6"]
    assert {each.query["order"] for each in server.asked} == {"time"}


def test_a_history_read_by_months_asks_for_each_page_about_once(
    studio: Studio, nights: StudioNights, asked_for: Callable[[], list[str]]
) -> None:
    studio.page_size = 10
    video = studio.publishes(ACME, at(0))
    said = [studio.says("ana", at(day, hour), video) for day in range(120) for hour in (9, 15)]
    read = []
    for month in reversed(range(4)):
        read += ids(nights.read("threads", at(30 * month), at(30 * month + 30)))
    assert read == said[::-1]
    assert asked_for() == [THREADS] * (24 + 3 + 3), "24 pages, and one each side of a month"


@pytest.mark.parametrize("token", ["an old one", "t0"])
def test_a_token_that_leads_nowhere_or_elsewhere_is_not_trusted(
    studio: Studio, nights: StudioNights, token: str
) -> None:
    studio.page_size = 2
    video = studio.publishes(ACME, at(0))
    said = [studio.says("ana", at(day), video) for day in range(9)]
    nights.read("threads", at(6), at(9))
    for each in nights.raw["threads", at(9)]:
        each.item["page_token"] = token  # type: ignore[union-attr]
    if token != "t0":
        studio.troubles[THREADS] = [refusal(400, "invalidPageToken")]
    assert ids(nights.read("threads", at(2), at(6))) == said[5:1:-1]


def test_replies_beyond_those_that_come_along_are_asked_for(
    studio: Studio, nights: StudioNights, asked_for: Callable[[], list[str]]
) -> None:
    studio.page_size = 2
    top = studio.says("ana", at(1), studio.publishes(ACME, at(0)), "Which one?")
    replies = [studio.replies_to(top, "acme", at(1, hour), f"No. {hour}") for hour in range(1, 6)]
    items = nights.read("threads", at(0), at(2))
    assert texts(nights, "threads", items).keys() == {top, *replies}
    assert asked_for() == [THREADS, *["comments"] * 3]

    nights.read("threads", at(0), at(3))
    assert asked_for() == [THREADS], "as many as before"

    late = studio.replies_to(top, "ana", at(2, 1), "Thanks")
    items = nights.read("threads", at(0), at(4))
    assert texts(nights, "threads", items)[late] == "Thanks"
    assert asked_for() == [THREADS, *["comments"] * 3]


def test_few_replies_come_with_the_thread(
    studio: Studio, nights: StudioNights, asked_for: Callable[[], list[str]]
) -> None:
    top = studio.says("ana", at(1), studio.publishes(ACME, at(0)))
    reply = studio.replies_to(top, "acme", at(1, 1))
    items = nights.read("threads", at(0), at(2))
    assert texts(nights, "threads", items).keys() == {top, reply}
    assert asked_for() == [THREADS]


def test_replies_that_are_counted_but_not_given_are_set_aside(
    studio: Studio, nights: StudioNights, asked_for: Callable[[], list[str]]
) -> None:
    top = studio.says("ana", at(1), studio.publishes(ACME, at(0)))
    studio.withheld = {studio.replies_to(top, "bob", at(1, hour)) for hour in range(3)}
    reply = studio.replies_to(top, "acme", at(1, 4))
    items = nights.read("threads", at(0), at(2))
    assert texts(nights, "threads", items).keys() == {top, reply}
    (aside,) = nights.aside("threads", at(2))
    assert (aside.text, aside.row_count) == (top, 3)
    assert aside.reason == f"{NOT_TOLD}fewer replies than the platform counts"
    asked_for()
    nights.read("threads", at(0), at(3))
    assert asked_for() == [THREADS]


def test_replies_that_cannot_be_read_do_not_cost_the_thread(
    studio: Studio, nights: StudioNights
) -> None:
    top = studio.says("ana", at(1), studio.publishes(ACME, at(0)))
    replies = {studio.replies_to(top, "bob", at(1, hour)) for hour in range(3)}
    studio.troubles["comments"] = [refusal(400, "processingFailure")]
    assert ids(nights.read("threads", at(0), at(2))) == [top]
    assert [each.text for each in nights.aside("threads", at(2))] == [top]
    studio.troubles["comments"] = [refusal(404, "commentNotFound")]
    assert ids(nights.read("threads", at(0), at(3))) == [top]
    items = nights.read("threads", at(0), at(4))
    assert texts(nights, "threads", items).keys() == {top, *replies}


@pytest.mark.parametrize("refuses_batches", [False, True], ids=["left out", "404"])
def test_deleted_comments_are_asked_for_once_more_and_gone(
    studio: Studio, nights: StudioNights, refuses_batches: bool
) -> None:
    studio.refuses_batches = refuses_batches
    video = studio.publishes(ACME, at(0))
    kept, deleted = studio.says("ana", at(1), video), studio.says("bob", at(1), video)
    replies = [studio.replies_to(kept, "cai", at(1, hour)) for hour in range(1, 6)]
    nights.read("threads", at(0), at(2))
    studio.deletes(deleted)
    studio.deletes(replies[1])
    short = [each for each in studio.replies[kept] if each["id"] != replies[4]]
    studio.troubles["comments"] = [listed(short)]
    items = nights.read("threads", at(0), at(3))
    assert (ids(items), gone(items)) == ([kept], [replies[1], deleted])
    assert nights.said("threads", items)[-2:] == [
        Gone(message_id=f"youtube::{replies[1]}"),
        Gone(message_id=f"youtube::{deleted}"),
    ]
    assert gone(nights.read("threads", at(0), at(4))) == [], "what is gone is told once"


def test_what_is_only_hidden_or_cannot_be_asked_for_is_not_gone(
    studio: Studio, nights: StudioNights
) -> None:
    top = studio.says("ana", at(1), studio.publishes(ACME, at(0)))
    nights.read("threads", at(0), at(2))
    studio.deletes(top)
    for trouble in (refusal(403, "commentsDisabled"), refusal(403, "forbidden")):
        studio.troubles["comments"] = [trouble]
        assert nights.read("threads", at(0), at(3)) == []
    studio.troubles["comments"] = [refusal(400, "operationNotSupported")]
    assert nights.read("threads", at(0), at(4)) == []
    assert nights.aside("threads", at(4))[0].row_count == 1
    assert gone(nights.read("threads", at(0), at(5))) == [top]


def test_an_edited_comment_is_seen_again_with_its_new_words(
    studio: Studio, nights: StudioNights
) -> None:
    top = studio.says("ana", at(1), studio.publishes(ACME, at(0)), "Good mornign")
    nights.read("threads", at(0), at(2))
    studio.edits(top, at(2, 10), "Good morning")
    _, said = nights.said("threads", nights.read("threads", at(0), at(3)))
    assert isinstance(said, MessageSeen)
    assert (said.text, said.sent_at, said.edited_at) == ("Good morning", at(1), at(2, 10))


def test_a_late_reply_to_an_old_comment_is_found_by_counters(
    studio: Studio, nights: StudioNights, asked_for: Callable[[], list[str]]
) -> None:
    video, quiet = studio.publishes(ACME, at(0)), studio.publishes(ACME, at(0))
    old, other = studio.says("ana", at(1), video), studio.says("bob", at(1, 1), video)
    studio.says("bob", at(2), quiet)
    nights.read("threads", at(0), at(10))
    asked_for()
    assert ids(nights.read("late_replies", at(0), at(40))) == [video, quiet]
    assert asked_for() == ["videos", THREADS], "the first time nothing is known of the counters"
    assert ids(nights.read("late_replies", at(0), at(41))) == [video, quiet]
    assert asked_for() == ["videos"]

    late = studio.replies_to(old, "acme", at(41), "Sorry for the wait")
    items = nights.read("late_replies", at(0), at(42))
    assert texts(nights, "late_replies", items)[late] == "Sorry for the wait"
    assert ids(items) == [old, video, quiet], "of the changed video only the changed thread"
    studio.deletes(other)
    items = nights.read("late_replies", at(0), at(43))
    assert (ids(items), gone(items)) == ([video, quiet], [other])
    asked_for()
    assert gone(nights.read("late_replies", at(0), at(44))) == []
    assert asked_for() == ["videos"]


def test_with_a_comment_its_replies_are_gone(studio: Studio, nights: StudioNights) -> None:
    top = studio.says("ana", at(1), studio.publishes(ACME, at(0)))
    replies = [studio.replies_to(top, "bob", at(1, hour)) for hour in range(3)]
    nights.read("threads", at(0), at(2))
    studio.deletes(top)
    assert set(gone(nights.read("threads", at(0), at(3)))) == {top, *replies}
    assert gone(nights.read("threads", at(0), at(4))) == []


def test_with_a_video_its_old_comments_are_looked_for_once(
    studio: Studio, nights: StudioNights, asked_for: Callable[[], list[str]]
) -> None:
    video = studio.publishes(ACME, at(0))
    old = studio.says("ana", at(1), video)
    nights.read("threads", at(0), at(10))
    nights.read("late_replies", at(0), at(40))
    studio.deletes(old)
    del studio.videos[video]
    items = nights.read("late_replies", at(0), at(41))
    assert gone(items) == [old, video]
    assert Gone(message_id=f"youtube::{video}") in nights.said("late_replies", items)
    asked_for()
    assert nights.read("late_replies", at(0), at(42)) == []
    assert asked_for() == []


def test_a_name_is_understood_though_raw_holds_the_replies_already(
    studio: Studio, nights: StudioNights, asked_for: Callable[[], list[str]]
) -> None:
    top = studio.says("ana", at(1), studio.publishes(ACME, at(0)))
    studio.replies_to(top, "bob", at(1, 1))
    last = [studio.replies_to(top, "cai", at(1, hour), "@bob I agree") for hour in (2, 3)]
    for end in (2, 3):
        said = nights.messages("threads", nights.read("threads", at(0), at(end)))
        names = {each.message_id: each.mentions for each in said}
        assert all(names[f"youtube::{one}"] == (f"youtube::{channel('bob')}",) for one in last)
    assert asked_for() == [THREADS, "comments", THREADS]


def test_old_days_are_looked_through_by_ids_and_not_page_by_page(
    studio: Studio, nights: StudioNights, asked_for: Callable[[], list[str]]
) -> None:
    video = studio.publishes(ACME, at(0))
    tops = [studio.says("ana", at(1, hour), video) for hour in range(20)]
    silent = studio.replies_to(tops[3], "bob", at(2))
    more = [studio.replies_to(tops[3], "bob", at(2, hour)) for hour in range(1, 4)]
    nights.read("videos", at(0), at(9))
    nights.read("threads", at(0), at(9))
    studio.edits(silent, at(50), "Changed in silence")
    asked_for()
    nights.is_rewalk = True
    items = nights.read("threads", at(0), at(8))
    assert texts(nights, "threads", items)[silent] == "Changed in silence"
    assert texts(nights, "threads", items).keys() == {*tops, silent, *more}
    assert ids(nights.read("videos", at(0), at(8))) == [video]
    assert asked_for() == [THREADS, "comments", "videos"]


def test_counters_of_a_night_that_failed_are_not_taken_as_read(
    studio: Studio, nights: StudioNights
) -> None:
    old = studio.says("ana", at(1), studio.publishes(ACME, at(0)))
    nights.read("threads", at(0), at(10))
    studio.replies_to(old, "acme", at(40))
    studio.troubles[THREADS] = [Reply(status=500)] * 5
    with pytest.raises(TryLater):
        nights.read("late_replies", at(0), at(41))
    assert old in ids(nights.read("late_replies", at(0), at(42)))


def test_comments_that_are_switched_off_do_not_stop_the_others(
    studio: Studio, nights: StudioNights
) -> None:
    first, second, third = (studio.publishes(OTHER, at(0)) for _ in range(3))
    said = [studio.says("ana", at(1), each) for each in (first, second, third)]
    studio.says("bob", at(1), studio.publishes(OTHER, at(0)))
    studio.off = {first}
    nights.options = {"videos": [first, second, third, "a-gone-vid0"]}
    items = nights.read("elsewhere", at(0), at(2))
    assert ids(items) == [first, second, third, *said[1:]]
    assert nights.aside("elsewhere", at(2)) == [
        SetAside(first, "comments are switched off here", 1)
    ]
    assert gone(nights.read("elsewhere", at(0), at(3))) == [], "each video has its own list"
    studio.troubles[THREADS] = [refusal(403, "commentsDisabled")]
    assert nights.read("threads", at(0), at(2)) == []
    studio.deletes(said[2])
    del studio.videos[third]
    assert gone(nights.read("elsewhere", at(0), at(4))) == [third, said[2]]


def test_a_channel_that_does_not_exist_is_no_silence(studio: Studio, nights: StudioNights) -> None:
    studio.troubles[THREADS] = [refusal(404, "channelNotFound")]
    with pytest.raises(NotThere):
        nights.read("threads", at(0), at(2))
    studio.troubles["channels"] = [listed([])]
    with pytest.raises(NotThere, match="no such channel"):
        nights.read("videos", at(0), at(2))


def test_profiles_are_read_once_a_month(
    studio: Studio, nights: StudioNights, asked_for: Callable[[], list[str]]
) -> None:
    studio.descriptions["ana"] = "Me elsewhere: https://social.example/@ana."
    top = studio.says("ana", at(1), studio.publishes(ACME, at(0)))
    studio.replies_to(top, None, at(1, 1))
    nights.read("threads", at(0), at(2))
    (said,) = nights.said("people", nights.read("people", at(0), at(2)))
    assert said == AccountSeen(
        account_id=f"youtube::{channel('ana')}",
        handle="ana",
        display_name="Ana",
        profile_url=f"https://www.youtube.com/channel/{channel('ana')}",
        follower_count=7,
        profile_links=("https://social.example/@ana",),
    )
    asked_for()
    assert nights.read("people", at(0), at(3)) == []
    assert asked_for() == []
    nights.is_rewalk = True
    assert len(nights.read("people", at(0), at(4))) == 1


def test_a_channel_that_was_closed_is_gone_when_old_days_are_looked_through(
    studio: Studio, nights: StudioNights
) -> None:
    studio.says("ana", at(1), studio.publishes(ACME, at(0)))
    nights.read("threads", at(0), at(2))
    nights.read("people", at(0), at(2))
    studio.closed = {channel("ana")}
    nights.is_rewalk = True
    (item,) = nights.read("people", at(0), at(3))
    assert nights.said("people", [item]) == [Gone(account_id=f"youtube::{channel('ana')}")]
    assert nights.read("people", at(0), at(4)) == []


def test_the_key_goes_into_a_header_and_nowhere_else(
    studio: Studio,
    nights: StudioNights,
    server: Loopback,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        (item,) = nights.read("channel", at(0), at(1))
        studio.troubles["channels"] = [refusal(403, "forbidden"), refusal(403, "quotaExceeded")]
        with pytest.raises(BadCredentials, match="HTTP 403"):
            nights.read("channel", at(0), at(1))
        with pytest.raises(TryLater) as caught:
            nights.read("channel", at(0), at(1))
    assert item["id"] == ACME
    assert server.asked[0].headers["X-Goog-Api-Key"] == KEY
    assert all(KEY not in str(each.query) for each in server.asked)
    assert KEY not in caplog.text + str(caught.value)


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(400, "keyInvalid"),
        Reply({"error": {"code": 400, "details": [{"reason": "API_KEY_INVALID"}]}}, 400),
        refusal(403, "accessNotConfigured"),
        Reply({"error": "no"}, 403),
        Reply(b"<html>", 401),
    ],
)
def test_a_wrong_key_is_for_a_human(studio: Studio, nights: StudioNights, trouble: Reply) -> None:
    studio.troubles[THREADS] = [trouble]
    with pytest.raises(BadCredentials):
        nights.read("threads", at(0), at(2))


def test_a_missing_key_is_told_before_anything_is_asked(
    nights: StudioNights, server: Loopback
) -> None:
    nights.secret = ""
    with pytest.raises(BadCredentials, match="is missing"):
        nights.read("threads", at(0), at(2))
    assert server.asked == []


def test_a_used_up_quota_is_for_after_midnight_in_california(
    studio: Studio, nights: StudioNights
) -> None:
    studio.troubles[THREADS] = [refusal(403, "quotaExceeded")]
    with pytest.raises(TryLater, match="the quota of today is used up") as caught:
        nights.read("threads", at(0), at(2))
    assert caught.value.after == 6 * 3600, "at 02:00 UTC it is 18:00 there"
    assert nights.clock.slept == []


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2026-03-08T08:00", 23),  # the day on which clocks go forward
        ("2026-11-01T07:00", 25),  # and back
        ("2026-07-01T06:59", 1 / 60),
    ],
)
def test_midnight_is_told_by_the_clocks_of_california(now: str, hours: float) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert seconds_to_midnight(moment) == pytest.approx(hours * 3600)


def test_who_asks_too_fast_waits_and_asks_again(studio: Studio, nights: StudioNights) -> None:
    said = studio.says("ana", at(1), studio.publishes(ACME, at(0)))
    studio.troubles[THREADS] = [
        refusal(403, "rateLimitExceeded"),
        Reply({}, 429, {"Retry-After": "7"}),
        Reply({"items": [{}]}, cut=4),
        Reply({}, 503),
    ]
    assert ids(nights.read("threads", at(0), at(2))) == [said]
    assert nights.clock.slept == [1, 7, 4, 8]


@pytest.mark.parametrize("name", ["@acme", "acme", "UCshort", "https://youtube.com/@acme"])
def test_the_account_is_a_channel_id(nights: StudioNights, name: str) -> None:
    assert YOUTUBE.base_url
    with pytest.raises(OrganisationError, match="the account is the channel's id"):
        YOUTUBE.base_url(AccountToRead(platform="youtube", account=name), None, None)
    assert YOUTUBE.base_url(nights.account, None, None) == "https://www.googleapis.com/youtube/v3"
