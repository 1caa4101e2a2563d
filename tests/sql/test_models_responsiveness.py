"""Waiting, against lifelines and scipy: on the community, and on samples with many ties."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from statistics import mean, median
from typing import Any

import pytest
from community import AS_OF
from dbt_build import Build, Rows
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from scipy.stats import binomtest

HOUR = 3600
Waits = list[tuple[float, bool]]


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


def test_every_curve_of_the_community_agrees_with_lifelines(built: Build) -> None:
    scopes: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for ask in built.rows("select * from ask where not is_only_thanks"):
        month = ask["asked_at"].date().replace(day=1)
        for period in (("all", date(2026, 1, 1)), ("month", month)):
            for channel in ("all", ask["channel"]):
                scopes[*period, channel].append(ask)
    rows = built.rows("select * from responsiveness")
    assert len(rows) == 2 * len(scopes) > 40
    for row in rows:
        asks = scopes[row["period_kind"], row["period_from"], row["channel"]]
        clock = "waited_seconds" if row["clock"] == "wall" else "waited_business_seconds"
        waits = [(ask[clock], ask["outcome"] == "answered") for ask in asks]
        assert_is_the_curve_of(row, waits)
        assert_flatters_as_it_should(row, waits)
        people = {ask["person_id"] for ask in asks} - {None}
        answered = {ask["person_id"] for ask in asks if ask["outcome"] == "answered"} - {None}
        assert (row["people_asked_count"], row["people_answered_count"]) == (
            len(people),
            len(answered),
        )
        interval = binomtest(len(answered), len(people)).proportion_ci(method="wilson")
        assert (row["people_answered_low_ratio"], row["people_answered_high_ratio"]) == (
            pytest.approx(tuple(interval), abs=1e-6)
        )


def responsiveness(built: Build, samples: dict[str, Waits]) -> dict[str, dict[str, Any]]:
    """What the models make of samples of waits, each told as if it were a channel."""
    waits: Rows = [
        {
            "ask_id": f"{name}-{number:04}",
            "person_id": f"{name}-{number:04}",
            "period_kind": "all",
            "period_from": date(2026, 1, 1),
            "period_to": AS_OF.date(),
            "channel": name,
            "clock": "wall",
            "outcome": "answered" if is_answered else "open",
            "waited_seconds": int(seconds),
            "is_answered": is_answered,
            "is_in_badge": False,
        }
        for name, sample in samples.items()
        for number, (seconds, is_answered) in enumerate(sample)
    ]
    survival = built.model("int_survival", int_wait=waits)
    rows = built.model("mart_responsiveness", int_wait=waits, int_survival=survival)
    return {row["channel"]: row for row in rows}


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
