"""How relationships stood, week by week, against plain loops over what had happened before."""

from __future__ import annotations

import random
import runpy
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest
from community import AS_OF, community
from dbt_build import SQL, Build, Rows
from jinja2 import Template
from scipy.stats import mannwhitneyu
from standing_walk import known_at, standing
from story import Story, at

from transforms.standings import keep_standings

Row = dict[str, Any]
EXACT = (
    "stage",
    "inbound_count",
    "outbound_count",
    "two_way_contact_count",
    "contact_day_count",
    "last_two_way_contact_at",
    "ask_count",
    "answered_ask_count",
    "open_ask_count",
)
MEASURED = (
    "confidence_ratio",
    "strength",
    "decayed_inbound",
    "decayed_outbound",
    "silent_days",
    "overdue_ratio",
    "personal_answer_ratio",
    "warmth_ratio",
    "warmth_coverage_ratio",
)


def walked(story: Story, moment: datetime) -> dict[str, Row]:
    """How everybody stood, by people's ids."""
    words = {row["message_id"]: row for row in story.tables["message_signal"]}
    gone: dict[str, list[Any]] = defaultdict(list)
    for row in story.tables["account"]:
        gone[story.people[row["account_id"]]].append(row.get("gone_at"))
    people = {row["person_id"] for row in story.tables["person"] if row["person_kind"] == "person"}
    return {
        person: standing(
            dealings, moment, words, is_gone=all(each and each <= moment for each in gone[person])
        )
        for person, dealings in known_at(story, moment).items()
        if person in people
    }


def assert_stands_as(row: Row, expected: Row) -> None:
    assert {name: row[name] for name in EXACT} == {name: expected[name] for name in EXACT}
    for name in MEASURED:
        assert row[name] == (
            None if expected[name] is None else pytest.approx(expected[name], abs=2e-6)
        ), name
    assert row["score"] == (
        None if expected["score"] is None else pytest.approx(expected["score"], abs=0.0051)
    )
    drivers = [side for _, side in expected["drivers"]][:2]
    assert [row["first_driver"], row["second_driver"]] == [*drivers, None, None][:2]


def test_everybody_stands_now_as_a_walk_through_all_that_happened_says(
    story: Story, built: Build
) -> None:
    expected = walked(story, AS_OF)
    rows = built.rows("from relationship")
    assert len(rows) == len(expected)
    for row in rows:
        assert_stands_as(row, expected[row["person_id"]])
    assert len({row["stage"] for row in rows}) >= 4


def test_each_past_week_is_told_as_if_nothing_later_had_happened(
    story: Story, built: Build
) -> None:
    weeks: dict[datetime, dict[str, Row]] = defaultdict(dict)
    for row in built.rows("from relationship_history"):
        weeks[row["week_at"]][row["person_id"]] = row
    assert len(weeks) > 20
    stages = Counter(row["stage"] for rows in weeks.values() for row in rows.values())
    assert set(stages) >= {"heard", "conversing", "recurring", "close", "drifting", "lapsing"}
    for week, rows in weeks.items():
        expected = {who: row for who, row in walked(story, week).items() if row["is_alive"]}
        assert set(rows) == set(expected)
        for person, row in rows.items():
            assert_stands_as(row, expected[person])


def test_a_change_is_told_against_the_week_before_only(built: Build) -> None:
    rows = built.rows("from relationship_history")
    scores = {(row["person_id"], row["week_at"]): row for row in rows}
    for row in rows:
        before = scores.get((row["person_id"], row["week_at"] - timedelta(days=7)))
        assert row["stage_before"] == (before["stage"] if before else None)
        change = round(row["score"] - before["score"], 2) if before else None
        assert row["score_change"] == (None if change is None else pytest.approx(change))


def test_flows_are_the_changes_from_week_to_week(built: Build) -> None:
    levels = {"close": 5, "recurring": 4, "recovered": 3, "conversing": 3, "drifting": 2,
              "heard": 2, "lapsing": 1, "noticed": 1}  # fmt: skip
    last: dict[str, Row] = {}
    flows: Counter[tuple[datetime, str, str]] = Counter()
    for row in built.rows("from relationship_history order by week_at, person_id"):
        before = last.get(row["person_id"])
        flows[row["week_at"], before["stage"] if before else "new", row["stage"]] += 1
        last[row["person_id"]] = row
    rows = built.rows("from stage_flow")
    found = {(row["week_at"], row["from_stage"], row["to_stage"]): row for row in rows}
    assert {key: row["people_count"] for key, row in found.items()} == flows
    for (week, before, after), row in found.items():
        alive = sum(count for key, count in flows.items() if key[0] == week)
        assert row["alive_people_count"] == alive
        gain = levels.get(after, 0) ** 2 - levels.get(before, 0) ** 2
        assert row["gravity_change"] == pytest.approx(row["people_count"] * gain / alive, abs=1e-6)


def test_evidence_is_a_message_or_an_ask_that_exists(built: Build) -> None:
    [row] = built.rows("""
        with evidence as (
            select unnest([first_driver, second_driver]) as driver,
                unnest([first_driver_evidence_id, second_driver_evidence_id]) as evidence_id
            from relationship
        )
        select
            count(*) filter (where driver is not null) as driver_count,
            count(*) filter (where evidence_id in (
                select message_id from staging.stg_message
            )) as found_count,
            count(*) filter (where driver is null and evidence_id is not null) as stray_count
        from evidence
    """)
    assert row["driver_count"] == row["found_count"] > 20
    assert row["stray_count"] == 0


def marts_of(build: Build) -> dict[str, Rows]:
    return {
        mart: build.rows(f"from {mart} order by all")
        for mart in ("relationship", "relationship_history", "stage_flow", "score_backtest")
    }


def moments_worked_out(build: Build) -> set[datetime]:
    rows = build.rows("select distinct moment_at from intermediate.int_standing_new")
    return {row["moment_at"] for row in rows}


def test_a_night_works_out_only_the_weeks_of_which_something_changed(
    story: Story, built: Build, new_build: Callable[[Story], Build]
) -> None:
    earlier = at("2026-06-10 00:00")
    build = new_build(story.until(earlier))
    assert build.dbt("run", as_of=earlier).returncode == 0
    keep_standings(build.lake, build.file)
    story.write(build.folder / "core")
    assert build.dbt("run").returncode == 0
    new = {moment for moment in moments_worked_out(built) if moment >= earlier}
    assert moments_worked_out(build) == new
    assert marts_of(build) == marts_of(built)

    keep_standings(build.lake, build.file)
    late = community()
    late.says("person01", at("2026-05-05 10:00"), "c-late", "zoe")
    late.says("zoe", at("2026-05-05 11:00"), "c-late", "person01")
    late.write(build.folder / "core")
    assert build.dbt("run").returncode == 0
    touched = {moment for moment in moments_worked_out(built) if moment > at("2026-05-05 00:00")}
    assert moments_worked_out(build) == touched
    clean = new_build(late)
    assert clean.dbt("run").returncode == 0
    assert marts_of(build) == marts_of(clean)


def test_the_backtest_agrees_with_scipy_on_who_stayed(built: Build) -> None:
    standings = built.rows("from intermediate.int_standing where is_month")
    days = built.rows("from intermediate.int_contact_day")
    stayed = defaultdict(set)
    for day in days:
        for moment in {row["moment_at"] for row in standings}:
            if moment.date() <= day["contact_date"] < (moment + timedelta(days=90)).date():
                stayed[moment].add(day["person_id"])
    rows = built.rows("from score_backtest where population = 'everyone'")
    assert {row["month_at"] for row in rows} == {
        row["moment_at"] for row in standings if row["moment_at"] + timedelta(days=90) <= AS_OF
    }
    for row in rows:
        people = [each for each in standings if each["moment_at"] == row["month_at"]]
        if row["model"] == "rfm":
            continue
        sign, column = {
            "score": (1, "score"),
            "recency": (-1, "silent_days"),
            "frequency": (1, "contact_day_count"),
        }[row["model"]]
        is_still = np.array([each["person_id"] in stayed[row["month_at"]] for each in people])
        predicted = np.array([sign * each[column] for each in people])
        assert (row["people_count"], row["still_count"]) == (len(people), is_still.sum())
        still, gone = predicted[is_still], predicted[~is_still]
        if len(still) and len(gone):
            u = mannwhitneyu(still, gone).statistic
            assert row["auc_ratio"] == pytest.approx(u / (len(still) * len(gone)), abs=1e-6)
            assert row["auc_low_ratio"] <= row["auc_ratio"] <= row["auc_high_ratio"]
        else:
            assert row["auc_ratio"] is None


FIT = runpy.run_path(str(SQL / "models/intermediate/int_alive_parameter.py"))["fit"]


@pytest.mark.filterwarnings("ignore")  # lifetimes is archived and calls much that is deprecated
def test_the_parameters_of_alive_are_those_that_lifetimes_finds() -> None:
    from lifetimes import BetaGeoFitter
    from lifetimes.generate_data import beta_geometric_nbd_model

    np.random.seed(11)
    seen = beta_geometric_nbd_model(52.0, r=0.6, alpha=1.5, a=0.5, b=3.0, size=3000)
    columns = [seen[name].to_numpy(float) for name in ("frequency", "recency", "T")]
    ours = FIT(*columns, np.ones(len(seen)))
    theirs = BetaGeoFitter().fit(*(seen[name] for name in ("frequency", "recency", "T")))
    assert ours == pytest.approx(
        [theirs.params_[name] for name in ("r", "alpha", "a", "b")], rel=5e-3
    )


def test_parameters_are_not_told_from_few() -> None:
    few = np.array([1.0] * 29 + [0.0] * 100)
    assert FIT(few, few, few + 1, np.ones(len(few))) is None


@pytest.mark.filterwarnings("ignore")
def test_alive_agrees_with_lifetimes(built: Build) -> None:
    from lifetimes import BetaGeoFitter

    chance, moment = random.Random(5), at("2026-07-01 00:00")
    cases = [(0, 0, 20)]
    cases += [(chance.randint(1, 30), *sorted((chance.uniform(0, 50), chance.uniform(0, 90))))
              for _ in range(50)]  # fmt: skip
    weeks = [(n, round(last * 7), round(now * 7)) for n, last, now in cases]
    states = [
        {
            "person_id": f"p{place:02}",
            "changed_at": at("2026-01-01 00:00"),
            "unchanged_to": at("2027-01-01 00:00"),
            "contact_day_count": repeats + 1,
            "first_two_way_contact_at": moment - timedelta(days=now),
            "last_two_way_contact_at": moment - timedelta(days=now - last),
            "cadence_days": 30.0,
        }
        for place, (repeats, last, now) in enumerate(weeks)
    ]
    mark = {
        "moment_at": moment, "is_week": False, "is_month": True, "is_now": True, "mark": 1,
        "rate_shape": 0.243, "rate_scale": 4.414, "end_shape_a": 0.793, "end_shape_b": 2.426,
    }  # fmt: skip
    rows = built.model(
        "int_standing_measure", int_standing_state=states, int_moment_mark=[mark], stg_standing=[]
    )
    found = {row["person_id"]: row["alive_ratio"] for row in rows}
    fitter = BetaGeoFitter()
    fitter.params_ = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    for place, (repeats, last, now) in enumerate(weeks):
        if repeats == 0:
            assert found[f"p{place:02}"] is None
            continue
        [expected] = np.atleast_1d(fitter.conditional_probability_alive(repeats, last / 7, now / 7))
        assert found[f"p{place:02}"] == pytest.approx(float(expected), abs=1e-6)


def test_worked_example_o8() -> None:
    text = (SQL / "macros/standing.sql").read_text()
    macros = Template(text, extensions=["jinja2.ext.do"]).module
    columns = "0.243 as rate_shape, 4.414 as rate_scale, 0.793 as end_shape_a, 2.426 as end_shape_b"
    for seen, expected in (
        ((2, 30.43, 38.86), 0.7265786),
        ((10, 30, 31), 0.9148563),
        ((10, 10, 38), 0.00022771),
        ((1, 5, 40), 0.3078563),
        ((0, 0, 40), None),
    ):
        alive = macros.alive(*map(str, seen))  # type: ignore[attr-defined]
        [(found,)] = duckdb.sql(f"select {alive} from (select {columns})").fetchall()
        assert found == (expected and pytest.approx(expected, rel=1e-4))
