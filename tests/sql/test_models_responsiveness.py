"""Waiting, against lifelines and scipy: on the community, and on samples with many ties."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from statistics import mean, median
from typing import Any

import pytest
from dbt_build import Build, Rows
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from scipy.stats import binomtest
from segments import EQUITY, month_of, people_of, segmented, week_of
from story import Story

HOUR = 3600
Waits = list[tuple[float, bool]]
HIDDEN = (
    "answered_ask_count", "withdrawn_ask_count", "unanswered_ask_count", "median_reply_seconds",
    "within_1h_ratio", "within_4h_ratio", "within_24h_ratio", "restricted_mean_24h_seconds",
    "people_answered_count", "people_answered_ratio", "people_answered_low_ratio",
    "people_answered_high_ratio", "people_personally_answered_count",
    "people_personally_answered_ratio", "answered_only_mean_reply_seconds",
    "answered_only_median_reply_seconds", "badge_mean_reply_seconds",
)  # fmt: skip


def fitted(waits: Waits) -> KaplanMeierFitter:
    return KaplanMeierFitter().fit(*map(list, zip(*waits, strict=True)))


def assert_is_the_curve_of(row: dict[str, Any], waits: Waits) -> None:
    curve, longest = fitted(waits), max(seconds for seconds, _ in waits)
    survival = curve.survival_function_["KM_estimate"]
    reached = survival[survival <= 0.5 + 1e-9].index
    assert row["median_reply_seconds"] == (reached[0] if len(reached) else None)
    is_over = survival.iloc[-1] == 0
    for hours, name in ((1, "within_1h_ratio"), (4, "within_4h_ratio"), (24, "within_24h_ratio")):
        if longest >= hours * HOUR or is_over:
            assert row[name] == pytest.approx(1 - curve.predict(hours * HOUR), abs=1e-6)
        else:
            assert row[name] is None
    if longest >= 24 * HOUR or is_over:
        area = restricted_mean_survival_time(curve, t=24 * HOUR)
        assert row["restricted_mean_24h_seconds"] == pytest.approx(area, abs=0.51)
    else:
        assert row["restricted_mean_24h_seconds"] is None


def assert_flatters_as_it_should(row: dict[str, Any], waits: Waits) -> None:
    answered = sorted(seconds for seconds, is_answered in waits if is_answered)
    fastest = answered[: len(answered) * 9 // 10]
    for name, numbers, measure in (
        ("answered_only_mean_reply_seconds", answered, mean),
        ("answered_only_median_reply_seconds", answered, median),
        ("badge_mean_reply_seconds", fastest, mean),
    ):
        expected = pytest.approx(measure(numbers), abs=0.51) if numbers else None
        assert row[name] == expected


def scopes_of(ask: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Where an ask is told: period, channel and segment."""
    ever = ("all", date(2026, 1, 1))
    month, week = ("month", month_of(ask["asked_at"])), ("week", week_of(ask["asked_at"]))
    for period in (ever, month, week):
        yield (*period, "all", "all", "all")
        yield (*period, ask["channel"], "all", "all")
    yield (*ever, "all", "weekday_hour", ask["weekday_hour"])
    for kind in EQUITY:
        if ask[kind] is not None:
            yield (*ever, "all", kind, ask[kind])
            yield (*month, "all", kind, ask[kind])


def test_every_curve_of_the_community_agrees_with_lifelines(story: Story, built: Build) -> None:
    business = {
        row["ask_id"]: row["waited_business_seconds"]
        for row in built.rows("select ask_id, waited_business_seconds from ask")
    }
    scopes: dict[tuple[Any, ...], Rows] = defaultdict(list)
    for ask in segmented(story):
        for scope in scopes_of(ask):
            scopes[scope].append(ask)
    rows = built.rows("select * from responsiveness")
    assert len(rows) == 2 * len(scopes) > 800
    told = 0
    for row in rows:
        asks = scopes[
            row["period_kind"], row["period_from"], row["channel"],
            row["segment_kind"], row["segment"],
        ]  # fmt: skip
        people, answered = people_of(asks), people_of(asks, "is_answered")
        assert (row["ask_count"], row["people_asked_count"]) == (len(asks), len(people))
        if row["segment_kind"] in EQUITY and len(people) < 20:
            assert all(row[name] is None for name in HIDDEN)
            continue
        told += row["segment_kind"] in EQUITY
        seconds = [
            int(ask["waited_seconds"]) if row["clock"] == "wall" else business[ask["ask_id"]]
            for ask in asks
        ]
        waits = [(wait, ask["is_answered"]) for wait, ask in zip(seconds, asks, strict=True)]
        assert_is_the_curve_of(row, waits)
        assert_flatters_as_it_should(row, waits)
        assert row["answered_ask_count"] == sum(ask["is_answered"] for ask in asks)
        assert row["withdrawn_ask_count"] == sum(ask["outcome"] == "withdrawn" for ask in asks)
        assert row["people_answered_count"] == len(answered)
        personally = people_of(asks, "is_personally_answered")
        assert row["people_personally_answered_count"] == len(personally)
        found = (row["people_answered_low_ratio"], row["people_answered_high_ratio"])
        if people:
            interval = binomtest(len(answered), len(people)).proportion_ci(method="wilson")
            assert found == pytest.approx(tuple(interval), abs=1e-6)
        else:
            assert found == (None, None)
    assert told > 30


def test_an_ask_stands_in_the_segments_that_a_reader_finds(story: Story, built: Build) -> None:
    columns = ["ask_id", *EQUITY, "weekday_hour", "is_personally_answered"]
    expected = [{name: ask[name] for name in columns} for ask in segmented(story)]
    found = built.rows("""
        select
            ask_id, follower_quartile, newcomer, language, weekday_name as weekday, tone,
            weekday_hour, is_personally_answered
        from intermediate.int_ask_segment order by ask_id
    """)
    assert found == sorted(expected, key=lambda ask: ask["ask_id"])
    for name in columns[1:]:
        assert len({ask[name] for ask in found}) > (2 if name != "is_personally_answered" else 1)


def responsiveness(built: Build, samples: dict[str, Waits]) -> dict[str, dict[str, Any]]:
    """What the models make of samples of waits, each told as if it were a channel."""
    asks: Rows = [
        {
            "ask_id": f"{name}-{number:04}",
            "asker_number": number,
            "period_kind": "all",
            "period_from": date(2026, 1, 1),
            "channel": name,
            "segment_kind": "all",
            "segment": "all",
            "is_answered": is_answered,
            "is_personally_answered": False,
            "is_withdrawn": False,
            "waited_seconds": int(seconds),
            "waited_business_seconds": 0,
        }
        for name, sample in samples.items()
        for number, (seconds, is_answered) in enumerate(sample)
    ]
    scopes = built.model("int_scope", int_ask_scope=asks)
    waits = built.model("int_wait", int_ask_scope=asks, int_scope=scopes)
    survival = built.model("int_survival", int_wait=waits)
    rows = built.model("mart_responsiveness", int_scope=scopes, int_survival=survival)
    return {row["channel"]: row for row in rows if row["clock"] == "wall"}


def test_curves_of_samples_full_of_ties_agree_with_lifelines(built: Build) -> None:
    chance = random.Random(3)
    samples = {
        f"sample{number}": [
            (HOUR * chance.randrange(1, longest), chance.random() < share)
            for _ in range(chance.choice([1, 2, 3, 10, 200]))
        ]
        for number in range(60)
        for longest, share in [(chance.choice([3, 12, 60]), chance.choice([0.0, 0.5, 0.9, 1.0]))]
    }
    found = responsiveness(built, samples)
    for name, waits in samples.items():
        assert_is_the_curve_of(found[name], waits)
        assert_flatters_as_it_should(found[name], waits)


def test_worked_examples_o2_and_o2b(built: Build) -> None:
    hours, ends = [0.5, 1, 1, 2, 4, 6, 6, 12, 24, 30], [1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    o2 = [(hour * HOUR, bool(end)) for hour, end in zip(hours, ends, strict=True)]
    o2b = [(HOUR, True), (2 * HOUR, True), *[(10 * HOUR, False)] * 3]
    found = responsiveness(built, {"o2": o2, "o2b": o2b})
    assert found["o2"]["median_reply_seconds"] == 4 * HOUR
    assert found["o2"]["within_1h_ratio"] == 0.3
    assert found["o2"]["restricted_mean_24h_seconds"] == 11.05 * HOUR
    assert found["o2"]["answered_only_median_reply_seconds"] == 1.5 * HOUR
    assert found["o2"]["answered_only_mean_reply_seconds"] == 14.5 / 6 * HOUR
    assert found["o2b"]["median_reply_seconds"] is None


def test_worked_example_o22(built: Build) -> None:
    row = responsiveness(built, {"o22": [(60 * minute, True) for minute in [*range(1, 10), 600]]})
    assert row["o22"]["answered_only_mean_reply_seconds"] == 64.5 * 60
    assert row["o22"]["badge_mean_reply_seconds"] == 5 * 60
    assert row["o22"]["answered_only_median_reply_seconds"] == 5.5 * 60


@pytest.mark.parametrize(
    ("answered", "asked", "low", "high"),
    [(9, 10, 0.596, 0.982), (1, 1, 0.207, 1), (0, 5, 0, 0.434)],
)
def test_worked_examples_of_the_wilson_interval(
    built: Build, answered: int, asked: int, low: float, high: float
) -> None:
    waits = [(60, number < answered) for number in range(asked)]
    row = responsiveness(built, {"people": waits})["people"]
    assert row["people_answered_low_ratio"] == pytest.approx(low, abs=5e-4)
    assert row["people_answered_high_ratio"] == pytest.approx(high, abs=5e-4)
