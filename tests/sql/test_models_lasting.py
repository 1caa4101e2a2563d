"""Whether relationships last: cohorts by plain counting, lifetimes of ties against lifelines."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from community import AS_OF
from dbt_build import Build, Rows
from lifelines import KaplanMeierFitter
from statsmodels.stats.proportion import proportion_confint
from story import LONG_AGO, at

DAY = timedelta(days=1)
Tie = tuple[int, bool, int | None]  # days lived, whether it lapsed, age when first seen


def people(*names: str, kind: str = "person") -> Rows:
    return [
        {"person_id": name, "person_kind": kind, "account_count": 1, "first_seen_at": LONG_AGO}
        for name in names
    ]


def contact_days(moments: dict[str, list[datetime]]) -> Rows:
    """Rows of int_contact_day."""
    rows: Rows = []
    for name, contacts in moments.items():
        before: date | None = None
        for day in sorted({each.date() for each in contacts}):
            those = [each for each in contacts if each.date() == day]
            rows.append(
                {
                    "person_id": name,
                    "contact_date": day,
                    "contact_count": len(those),
                    "first_contact_at": min(those),
                    "last_contact_at": max(those),
                    "gap_days": (day - before).days if before else None,
                }
            )
            before = day
    return rows


@pytest.fixture(scope="module")
def moments() -> dict[str, list[datetime]]:
    """Two-way contacts of made-up people over three years: some often, some once, some long ago."""
    chance = random.Random(5)
    told = {}
    for number in range(300):
        start = at("2023-06-01 00:00") + chance.randrange(1120) * DAY
        pace, count = chance.choice([0.2, 3, 10, 40]), chance.choice([1, 1, 2, 3, 8, 40])
        contacts = [start]
        while len(contacts) < count:
            contacts.append(contacts[-1] + timedelta(minutes=chance.randrange(int(3000 * pace))))
        told[f"person{number:03}"] = [each for each in contacts if each < AS_OF]
    return told


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def assert_is_the_cohorts_of(rows: Rows, days: Iterable[tuple[str, date]]) -> None:
    months: dict[str, set[int]] = defaultdict(set)
    for name, day in days:
        months[name].add(month_of(day))
    cohorts: dict[int, list[set[int]]] = defaultdict(list)
    for visited in months.values():
        cohorts[min(visited)].append(visited)
    last = month_of((AS_OF - timedelta(microseconds=1)).date())
    found = {(month_of(row["cohort_from"]), row["month_number"]): row for row in rows}
    assert found.keys() == {(each, k) for each in cohorts for k in range(last - each + 1)}
    for (cohort, number), row in found.items():
        members, month = cohorts[cohort], cohort + number
        here = [each for each in members if month in each]
        before = [each for each in members if month - 1 in each]
        assert month_of(row["month_from"]) == month
        assert row["month_from"].day == row["cohort_from"].day == 1
        assert row["is_complete"]
        assert (row["people_count"], row["contact_count"]) == (len(members), len(here))
        assert row["retention_ratio"] == pytest.approx(len(here) / len(members), abs=1e-6)
        interval = (row["retention_low_ratio"], row["retention_high_ratio"])
        wilson = proportion_confint(len(here), len(members), method="wilson")
        assert interval == pytest.approx(wilson, abs=1e-6)
        if number == 0:
            assert row["previous_contact_count"] is row["continued_count"] is None
        else:
            both = sum(month in each for each in before)
            assert (row["previous_contact_count"], row["continued_count"]) == (len(before), both)
        if number == 0 or not before:
            assert row["rolling_retention_ratio"] is None
        else:
            rolling = pytest.approx(both / len(before), abs=1e-6)
            assert row["rolling_retention_ratio"] == rolling


def test_cohorts_of_the_community_are_those_counted_one_by_one(built: Build) -> None:
    days = built.rows("select person_id, contact_date from intermediate.int_contact_day")
    told = [(day["person_id"], day["contact_date"]) for day in days]
    assert_is_the_cohorts_of(built.rows("from cohort"), told)


def test_cohorts_of_three_years_are_those_counted_one_by_one(
    built: Build, moments: dict[str, list[datetime]]
) -> None:
    rows = built.model(
        "mart_cohort",
        int_contact_day=contact_days(moments | {"zoe": [at("2024-01-01 00:00")]}),
        stg_person=people(*moments) + people("zoe", kind="ours_person"),
    )
    told = [(name, each.date()) for name, contacts in moments.items() for each in contacts]
    assert_is_the_cohorts_of(rows, told)
    assert any(row["rolling_retention_ratio"] is None and row["month_number"] for row in rows)


def tie_of(contacts: list[datetime], history_from: datetime | None) -> Tie:
    """A tie's life by its definition."""
    contacts = sorted(contacts)
    days = sorted({each.date() for each in contacts})
    gaps = [(after - before).days for before, after in pairwise(days)]
    pace = max(median(gaps), 7) if len(days) >= 3 else 30
    is_lapsed = AS_OF - contacts[-1] > 6 * pace * DAY
    lived = (contacts[-1] - contacts[0]) // DAY
    if history_from is None or contacts[0] >= history_from:
        return lived, is_lapsed, None
    return lived, is_lapsed, (history_from - contacts[0]) // DAY


def told_ties(rows: Rows) -> dict[str, Tie]:
    return {
        row["person_id"]: (row["lived_days"], row["is_lapsed"], row["entered_days"]) for row in rows
    }


def test_ties_of_the_community_live_as_long_as_their_contacts_say(built: Build) -> None:
    contacts: dict[str, list[datetime]] = defaultdict(list)
    for act in built.rows("select * from intermediate.int_contact where is_two_way"):
        contacts[act["person_id"]].append(act["occurred_at"])
    found = told_ties(built.rows("from intermediate.int_tie"))
    assert found == {name: tie_of(each, None) for name, each in contacts.items()}


@pytest.mark.parametrize("history_from", [None, at("2024-09-10 12:00")])
def test_ties_of_three_years_lapse_and_are_seen_by_the_definition(
    built: Build, moments: dict[str, list[datetime]], history_from: datetime | None
) -> None:
    reading = {"platform": "test", "account": "acme", "stream": "posts", "observed_at": AS_OF}
    failed = {"status": "failed", "interval_from": LONG_AGO}
    read = [{"status": "read", "interval_from": each} for each in (history_from, AS_OF - DAY)]
    rows = built.model(
        "int_tie",
        int_contact_day=contact_days(moments | {"zoe": [at("2024-01-01 00:00")]}),
        stg_person=people(*moments) + people("zoe", kind="ours_person"),
        stg_reading=[reading | each for each in [failed, *read]] if history_from else [],
    )
    expected = {name: tie_of(each, history_from) for name, each in moments.items()}
    assert told_ties(rows) == expected
    assert {is_lapsed for _, is_lapsed, _ in expected.values()} == {True, False}


def assert_is_the_curve_of(rows: Rows, ties: list[Tie]) -> None:
    """A tie is at risk only above the age at which it was first seen.

    For lifelines all are a day older, so that those seen from the beginning enter before day 0.
    """
    seen = [each for each in ties if each[2] is None or each[0] > each[2]]
    entries = [0 if entered is None else entered + 1 for _, _, entered in seen]
    lived, lapsed = [each[0] + 1 for each in seen], [each[1] for each in seen]
    curve = KaplanMeierFitter().fit(lived, lapsed, entry=entries)
    survival = curve.survival_function_["KM_estimate"]
    interval = curve.confidence_interval_survival_function_
    table = curve.event_table
    reached = survival[survival <= 0.5 + 1e-9].index
    assert [row["lived_days"] + 1 for row in rows] == sorted(set(lived))
    for row in rows:
        day = row["lived_days"] + 1
        assert row["at_risk_count"] == table.at_risk[day] - table.entrance[day]
        assert row["lapsed_count"] == table.observed[day]
        assert row["censored_count"] == table.censored[day]
        assert row["survival_ratio"] == pytest.approx(survival[day], abs=1e-6)
        ends = (row["survival_low_ratio"], row["survival_high_ratio"])
        if 1e-9 < survival[day] < 1 - 1e-9:
            assert ends == pytest.approx(tuple(interval.loc[day]), abs=1e-6)
        else:
            assert ends == (None, None)
        assert row["median_lived_days"] == (reached[0] - 1 if len(reached) else None)


def survival_of(built: Build, ties: list[Tie]) -> Rows:
    rows = [
        {
            "person_id": f"person{number:04}",
            "first_contact_at": LONG_AGO,
            "last_contact_at": LONG_AGO,
            "cadence_days": 30.0,
            "lived_days": lived,
            "is_lapsed": is_lapsed,
            "entered_days": entered,
        }
        for number, (lived, is_lapsed, entered) in enumerate(ties)
    ]
    return built.model("mart_tie_survival", int_tie=rows)


def test_survival_of_the_ties_of_the_community_agrees_with_lifelines(built: Build) -> None:
    ties = list(told_ties(built.rows("from intermediate.int_tie")).values())
    assert_is_the_curve_of(built.rows("from tie_survival"), ties)


@pytest.mark.parametrize("seed", range(12))
def test_survival_of_ties_seen_late_agrees_with_lifelines(built: Build, seed: int) -> None:
    chance = random.Random(seed)
    longest, count = chance.choice([4, 30, 900]), chance.choice([3, 20, 400])
    late = chance.choice([0.0, 0.2, 0.5, 0.9])
    ties: list[Tie] = [
        (
            chance.randrange(longest),
            chance.random() < 0.6,
            chance.randrange(longest) if chance.random() < late else None,
        )
        for _ in range(count)
    ]
    ties.append((longest, False, None))
    assert_is_the_curve_of(survival_of(built, ties), ties)


def test_the_median_is_found_where_the_running_product_drifts(built: Build) -> None:
    ended = [0.5, 1, 1, 2, 4, 6, 6, 12, 24, 30]  # the waits of worked example O2, in half days
    ties = [(int(2 * each), number < 6, None) for number, each in enumerate(ended)]
    rows: list[dict[str, Any]] = survival_of(built, ties)
    assert_is_the_curve_of(rows, ties)
    assert rows[0]["median_lived_days"] == 8
