"""A night never costs more than it may, and what it could not pay is told and made up for."""

from __future__ import annotations

from contextlib import suppress

import pytest

from extractors.errors import TryLater
from extractors.platform import NOT_TOLD
from extractors.platforms.x.money import OverBudget
from tests.loopback import Loopback, Reply
from tests.platforms.town import at
from tests.platforms.x.nights import Nights, plainly
from tests.platforms.x.square import Square

PEOPLE = ("ada", "bob", "carl", "dora")


@pytest.fixture
def square() -> Square:
    """A busy place: five days of our posts, answers to them, quotes, likes and reposts."""
    square = Square()
    for day in range(5):
        root = square.says("acme", at(day, 8))
        for hour in range(9, 21):
            ask = square.says(PEOPLE[hour % 4], at(day, hour), to=root)
            square.says("acme", at(day, hour + 0.5), to=ask)
        square.says("dora", at(day, 22), quotes=root)
        square.likes[root], square.reposts[root] = ["ada", "bob"], ["carl"]
    return square


def run(nights: Nights, day: int, budget: float) -> None:
    """Read a night, whether or not the money is enough for it."""
    nights.options["budget"] = budget
    with suppress(OverBudget):
        nights.run(day)


@pytest.mark.parametrize("budget", [0, 0.009, 0.05, 0.1, 0.25, 0.4, 0.6, 0.8, 1.0, 2.0])
def test_no_night_costs_more_than_it_may(nights: Nights, budget: float) -> None:
    nights.options.update(searches=["…"], followers=True, direct_messages=True, archive=True)
    nights.keeps_messages = True
    for day in range(5):
        nights.square.writes("ada", at(day, 3), to="acme")
        nights.square.posts.pop(nights.square.there("mentions", "1000")[day])
        run(nights, day, budget)
        assert nights.square.bill <= budget
    assert bool(nights.ids("mentions")) == (budget >= 0.25)


def test_without_money_nothing_is_asked_for(nights: Nights, server: Loopback) -> None:
    nights.options["budget"] = 0
    with pytest.raises(OverBudget, match=r"stream=mentions page=1: the budget of \$0.00"):
        nights.run(0)
    assert server.paths == []


def test_a_price_of_nothing_is_no_limit(nights: Nights) -> None:
    free = {"post": 0, "user": 0, "follower": 0, "owned": 0, "message": 0}
    nights.options.update(prices=free, budget=0)
    nights.run(0)
    assert len(nights.ids("mentions")) == 12


def test_own_posts_are_cheaper_where_the_app_is_ours(nights: Nights) -> None:
    home = nights.home / "cheap"
    dear, cheap = nights, Nights(plainly(), home, url=nights.url, square=nights.square)
    dear.options["budget"] = cheap.options["budget"] = 0.3
    cheap.options["owned_reads"] = True
    with pytest.raises(OverBudget, match="stream=posts page=1"):
        dear.run(0)
    with suppress(OverBudget):
        cheap.run(0)
    assert len(cheap.ids("mentions")) > len(dear.ids("mentions")) > 0


def test_what_is_unread_is_told_and_read_by_a_later_night(nights: Nights) -> None:
    asks = nights.square.there("mentions", "1000")
    run(nights, 0, 0.3)
    told = nights.ids("mentions")
    assert 0 < len(told) < 12
    oldest = nights.square.posts[told[-1]]["created_at"].replace("00.000Z", "01Z")
    reason = (
        f"{NOT_TOLD}the budget of $0.30 for a night is used up: 2026-01-01T00:00:00Z to {oldest}"
    )
    assert nights.aside("mentions") == [("", f"{reason} is unread", 1)]

    run(nights, 1, 0.3)
    poor = set(nights.ids("mentions"))
    assert len(nights.aside("mentions", 1)) == 1, (
        "there was no money to make up for the first night"
    )
    run(nights, 2, 100)
    assert set(nights.ids("mentions")) == set(asks[:36]) > poor
    assert nights.aside("mentions", 2) == []
    run(nights, 3, 100)
    assert set(nights.ids("mentions", 3)) == set(asks[36:48]), "only once"


def test_what_is_unread_stays_so_while_there_is_no_money_for_it(nights: Nights) -> None:
    posts, asks = nights.square.posts, nights.square.there("mentions", "1000")
    for later in asks[13:]:
        del posts[later]
    run(nights, 0, 0.3)
    told = len(nights.ids("mentions"))
    run(nights, 1, 0.24)  # enough for the one ask of that day, and no page more
    assert nights.ids("mentions", 1) == [asks[12]]
    assert nights.aside("mentions", 1) == []
    assert len(nights.ids("mentions")) == told + 1 < 13
    run(nights, 2, 100)
    assert set(nights.ids("mentions")) == set(asks[:13])


def test_a_history_dearer_than_a_night_is_read_over_many(nights: Nights) -> None:
    """Each night goes on where the last one stopped, and pays for nothing that is read again."""
    asks = set(nights.square.there("mentions", "1000"))
    read: list[int] = []
    for day in range(10, 40):
        run(nights, day, 0.35)
        assert nights.square.bill <= 0.35
        read.append(len(nights.ids("mentions")))
    assert read == sorted(read), "nothing that was read is lost"
    assert set(nights.ids("mentions")) == asks
    assert len(nights.ids("mentions")) < 1.2 * len(asks), "ends of parts may overlap"
    assert set(nights.ids("posts")) == set(nights.square.there("by", "1000"))


def test_a_night_tried_again_on_the_same_day_costs_no_more(nights: Nights) -> None:
    for _ in range(3):
        run(nights, 0, 0.5)
        assert nights.square.bill <= 0.5


def test_a_retry_goes_on_with_what_is_left_of_the_night_s_money(nights: Nights) -> None:
    """It reads only what failed, with a client that has bought nothing yet."""
    (first, *_) = nights.square.there("by", "1000")
    nights.square.likes[first] = [f"person{number}" for number in range(100)]
    nights.square.troubles[f"/2/tweets/{first}/liking_users"] = [Reply(status=503)] * 5
    nights.options["budget"] = 0.8
    with pytest.raises(TryLater, match="stream=likes"):
        nights.run(0)
    before = nights.square.bill
    nights.run(0, is_retry=True)
    assert before + 0.1 < nights.square.bill <= 0.8
    assert nights.aside("likes")


def test_what_the_money_leaves_of_direct_messages_and_followers_is_told(
    square: Square, nights: Nights
) -> None:
    square.posts.clear()
    square.followers = [f"person{number}" for number in range(200)]
    for minute in range(130):
        square.writes("ada", at(0, minute / 60), to="acme")
    nights.keeps_messages = True
    nights.options.update(user_id="1000", direct_messages=True, followers=True, budget=3.1)
    nights.run(0)
    spent = f"{NOT_TOLD}the budget of $3.10 for a night is used up"
    assert nights.aside("messages") == []
    assert nights.aside("followers") == [("", f"{spent}: all further followers are unread", 1)]
    run(nights, 0, 1.2)
    before = "direct messages from before those that were told are unread"
    assert nights.aside("messages") == [("", f"{spent}: {before}".replace("3.10", "1.20"), 1)]
    assert square.bill <= 3.1


def test_followers_are_cheaper_where_the_app_is_ours(square: Square, nights: Nights) -> None:
    square.posts.clear()
    square.followers = [f"person{number}" for number in range(200)]
    nights.options.update(user_id="1000", followers=True, owned_reads=True, budget=0.25)
    nights.run(0)
    assert len(nights.items("followers")) == 200


def test_a_thread_cut_by_the_budget_is_read_again(nights: Nights) -> None:
    nights.square.posts = {
        one: post for one, post in nights.square.posts.items() if post["created_at"] < "2026-01-02"
    }
    nights.options["user_id"] = "1000"
    run(nights, 0, 1.2)
    cut = nights.aside("conversations")
    run(nights, 1, 100)
    answers = [one for one, post in nights.square.posts.items() if "in_reply_to_user_id" in post]
    assert set(nights.ids("conversations")) >= set(answers), cut
