"""Whatever the order of requests: never past a limit, and no wait that is not needed."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.pace import RESERVE, SPREAD, Limit, Pace, Rate, seconds_until

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LIMIT, LEFT, RESET = "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"
WINDOW = 60

lists = st.sampled_from(["posts", "likes", "search"])
pauses = st.integers(0, 25)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def of_list(url: str) -> Rate:
    """A limit for each list, known or told."""
    return Rate(99, WINDOW, LEFT, RESET, of=url, limit_header=LIMIT)


@given(st.lists(st.tuples(lists, pauses)), st.integers(1, 4), st.integers(0, 5))
def test_a_known_rate_is_kept_for_every_list_and_no_longer_than_needed(
    asks: list[tuple[str, int]], most: int, apart: int
) -> None:
    pace = Pace(lambda url: Rate(most, WINDOW, of=url, apart=apart))
    sent: defaultdict[str, list[datetime]] = defaultdict(list)
    now = NOW
    for name, pause in asks:
        limit, mine = pace.limit(name), sent[name]
        now += timedelta(seconds=pause)
        wait = limit.seconds_left(now)
        now += timedelta(seconds=wait)
        recent = [each for each in mine if now - each < timedelta(seconds=WINDOW)]
        assert len(recent) < most
        assert not mine or now - mine[-1] >= timedelta(seconds=apart)
        if wait:
            leaves = mine[-most] + timedelta(seconds=WINDOW) if len(mine) >= most else NOW
            assert now in {leaves, mine[-1] + timedelta(seconds=apart)}, "not a second longer"
        limit.count(now)
        mine.append(now)


class Server:
    """Counts requests by list in windows of a minute, and tells what is left."""

    def __init__(self, most: int) -> None:
        self.most, self.counts = most, Counter[tuple[str, int]]()

    def asked(self, name: str, second: int) -> dict[str, str]:
        window = second // WINDOW
        self.counts[name, window] += 1
        left = self.most - self.counts[name, window]
        assert left >= 0, "past the limit"
        reset = after((window + 1) * WINDOW).timestamp()
        return {LIMIT: str(self.most), LEFT: str(left), RESET: str(int(reset))}


@given(
    st.integers(1, RESERVE),
    st.lists(st.tuples(lists, st.integers(0, 2), st.integers(1, RESERVE)), min_size=1, max_size=9),
    st.integers(4 * RESERVE, 9 * RESERVE),
)
def test_tasks_that_share_a_key_never_go_past_a_limit_though_none_knows_of_the_others(
    count: int, rounds: list[tuple[str, int, int]], most: int
) -> None:
    """In every round some tasks send what they may, and only then all of them are answered."""
    server, second = Server(most), 0
    tasks = [Pace(of_list) for _ in range(count)]
    for name, pause, acting in islice(cycle(rounds), 300):
        second += pause
        limits = [each.limit(name) for each in tasks[:acting]]
        sending = [each for each in limits if not each.seconds_left(after(second))]
        answers = [(each, server.asked(name, second)) for each in sending]
        for limit, headers in answers:
            limit.learn(headers, b"", after(second))


@given(st.lists(st.tuples(lists, st.integers(0, 3)), max_size=300))
def test_one_task_waits_for_its_own_list_only_and_never_beyond_the_reset(
    asks: list[tuple[str, int]],
) -> None:
    server, pace, second = Server(40), Pace(of_list), 0.0
    told: dict[str, dict[str, str]] = {}
    for name, pause in asks:
        second += pause
        limit, before = pace.limit(name), told.get(name, {LEFT: "40", RESET: "0"})
        wait = limit.seconds_left(after(second))
        left, reset = int(before[LEFT]), int(before[RESET]) - NOW.timestamp()
        assert not wait or (left < 20 and second + wait <= reset)
        assert wait <= SPREAD or left <= RESERVE
        second += wait
        limit.count(after(second))
        told[name] = server.asked(name, int(second))
        limit.learn(told[name], b"", after(second))


def waits(*left: float, most: int = 100) -> list[float]:
    """What one task waits after each answer, if each tells of a reset a minute later."""
    limit, found = Limit(Rate(most, WINDOW, LEFT, RESET)), list[float]()
    for each in left:
        limit.learn({LEFT: str(each), RESET: str(WINDOW)}, b"", NOW)
        found.append(limit.seconds_left(NOW))
    return found


def test_half_is_asked_for_at_once_the_rest_is_spread_and_the_last_is_left_to_others() -> None:
    assert waits(99, 50) == [0, 0]
    assert waits(99, 38, 20, 10) == [0, 2, 5, 30]
    assert waits(99, 8, 1, 0) == [0, 60, 60, 60]


def test_a_small_limit_is_used_to_three_quarters() -> None:
    assert waits(14, 8, 6, 4, 3, most=15) == [0, 0, 20, 30, 60]
    assert waits(2, 1, 0, most=3) == [0, 30, 60]


def test_a_reset_far_away_is_not_spread_over() -> None:
    limit = Limit(Rate(100, WINDOW, LEFT, RESET))
    for left in ("99", "30"):
        limit.learn({LEFT: left, RESET: "86400"}, b"", NOW)
    assert limit.seconds_left(NOW) == SPREAD


def test_an_unheard_of_rate_header_tells_nothing() -> None:
    assert [seconds_until(told, NOW) for told in (None, "", "soon", "nan", "inf")] == [None] * 5
    assert seconds_until("2026-02-28T23:00:00Z", NOW) == 0
    assert seconds_until("2026-03-01T00:00:05", NOW) == 5
    assert seconds_until("9" * 30, NOW) == 1e9


@pytest.mark.parametrize("told", ["", "soon", "nan"])
def test_a_number_left_that_is_none_stops_nobody(told: str) -> None:
    limit = Limit(Rate(100, WINDOW, LEFT, RESET))
    limit.learn({LEFT: told, RESET: "60"}, b"", NOW)
    assert limit.seconds_left(NOW) == 0
