"""A night against those before it: what jumped is told, and nothing is stopped."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.transforms.made_build import BUILT_AT, make_build
from transforms.publish import SNAPSHOTS_KEPT, publish

FIRST = date(2026, 1, 5)
WAITING = "headline.people_waiting_count"
P9 = (5, 6, 5, 7, 6, 5, 6)


def run_night(folder: Path, night: int, version: str = "1", **headline: Any) -> dict[str, Any]:
    """Publish the night that is so many days after the first; returns its checks by figure."""
    date = FIRST + timedelta(days=night)
    build = make_build(folder / "build.duckdb", date, version, headline=[headline])
    publish(build, folder / "relationships.duckdb", date, BUILT_AT)
    return checks(folder)


def run_nights(folder: Path, values: Iterable[float | None]) -> dict[str, Any]:
    """Nights one after the other with so many people waiting; returns the last one's check."""
    for night, value in enumerate(values):
        found = run_night(folder, night, people_waiting_count=value)
    return dict(found[WAITING])


def checks(folder: Path) -> dict[str, Any]:
    with duckdb.connect(str(folder / "relationships.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute("from night_check")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {row["figure"]: row for row in rows}


def test_worked_example_p9_is_told_in_the_table_and_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = run_nights(tmp_path, (*P9, 30))
    assert round(found["robust_z"], 2) == 16.19
    assert found == found | {
        "value": 30,
        "value_before": 6,
        "median_before": 6,
        "night_count": 7,
        "is_jump": True,
        "note": "usual is 0 to 13.413",
        "as_of": datetime(2026, 1, 13, tzinfo=UTC),
        "definition_version": "1",
    }
    [line] = caplog.messages
    assert line.startswith(f"jump figure={WAITING} value=30.0 value_before=6.0 median_before=6.0 ")


def test_the_same_night_twice_is_compared_with_the_same_nights(tmp_path: Path) -> None:
    for night in range(SNAPSHOTS_KEPT + 2):
        once = run_night(tmp_path, night, people_waiting_count=night * night)
    assert run_night(tmp_path, SNAPSHOTS_KEPT + 1, people_waiting_count=15 * 15) == once
    assert once[WAITING]["night_count"] == SNAPSHOTS_KEPT - 1


def test_a_past_night_run_again_is_not_compared_with_later_ones(tmp_path: Path) -> None:
    run_nights(tmp_path, (*P9, 30))
    found = run_night(tmp_path, 6, people_waiting_count=6)[WAITING]
    assert (found["night_count"], found["value_before"]) == (6, 5)


def test_with_fewer_than_five_nights_nothing_is_judged(tmp_path: Path) -> None:
    found = run_nights(tmp_path, (5, 6, 5, 7, 3000))
    assert (found["robust_z"], found["is_jump"]) == (None, False)
    assert found["note"] == "not judged: 4 earlier nights of 5 that are needed"
    assert found["value_before"] == 7


def test_the_first_night_ever_is_compared_with_nothing(tmp_path: Path) -> None:
    found = run_nights(tmp_path, [5])
    assert (found["value_before"], found["median_before"]) == (None, None)
    assert (found["night_count"], found["is_jump"]) == (0, False)


@pytest.mark.parametrize(
    ("usual", "tonight", "is_jump"),
    [
        (0, 7, False),
        (0, 8, True),
        (441, 441, False),
        (441, 450, False),
        (441, 600, False),
        (441, 610, True),
        (441, 280, False),
        (441, 270, True),
    ],
)
def test_a_figure_that_never_moved_may_move_a_little(
    tmp_path: Path, usual: int, tonight: int, is_jump: bool
) -> None:
    """A spread of one, or of 5 % of 441, times 1.4826 times 5: 7.4, or 163.5 to either side."""
    assert run_nights(tmp_path, [usual] * 5 + [tonight])["is_jump"] is is_jump


def test_shares_and_seconds_have_floors_of_their_own(tmp_path: Path) -> None:
    usual = {"people_answered_ratio": 0.01, "median_reply_seconds": 60}
    for night in range(5):
        run_night(tmp_path, night, **usual)
    near = run_night(tmp_path, 5, people_answered_ratio=0.04, median_reply_seconds=500)
    far = run_night(tmp_path, 5, people_answered_ratio=0.05, median_reply_seconds=510)
    for figure in ("people_answered_ratio", "median_reply_seconds"):
        assert near[f"headline.{figure}"]["is_jump"] is False
        assert far[f"headline.{figure}"]["is_jump"] is True


def test_what_is_unknown_tonight_is_no_jump_and_what_was_unknown_does_not_count(
    tmp_path: Path,
) -> None:
    found = run_nights(tmp_path, (5, None, 5, 5, None, 5, 5, None))
    assert found == found | {"value": None, "robust_z": None, "is_jump": False, "night_count": 5}
    assert (found["note"], found["value_before"]) == ("unknown tonight", 5)


def test_nights_of_other_formulas_are_not_compared(tmp_path: Path) -> None:
    run_nights(tmp_path, P9)
    found = run_night(tmp_path, 7, version="2", people_waiting_count=30)[WAITING]
    assert (found["night_count"], found["is_jump"]) == (0, False)


def test_a_snapshot_that_is_damaged_or_older_than_the_check_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run_nights(tmp_path, P9)
    snapshots = sorted((tmp_path / "snapshots").iterdir())
    snapshots[0].write_bytes(b"cut off")
    with duckdb.connect(str(snapshots[1])) as connection:
        connection.execute("drop table night_check")
    found = run_night(tmp_path, 7, people_waiting_count=30)[WAITING]
    assert (found["night_count"], found["is_jump"]) == (5, True)
    assert "snapshot not compared file=2026-01-05.duckdb error=IOException" in caplog.messages


def test_rows_of_every_mart_and_figures_of_the_week_are_checked(tmp_path: Path) -> None:
    night = date(2026, 2, 4)
    asked = {"person_id": "ana", "is_only_thanks": False, "is_canned_answer": False}
    rows = [
        asked | {"asked_at": "2026-01-29T00:00:00+00:00", "human_answered_at": "2026-01-30 12:00Z"},
        asked | {"asked_at": "2026-02-03T00:00:00+00:00"},
        asked | {"asked_at": "2026-02-04T00:00:00+00:00", "is_only_thanks": True},
        asked
        | {"asked_at": "2026-01-28T23:59:59+00:00", "human_answered_at": "2026-01-29 00:00Z"}
        | {"is_canned_answer": True},
    ]
    days = [
        {"platform": "a", "coverage_date": "2026-02-04", "platform_message_count": 40},
        {"platform": "a", "coverage_date": "2026-02-04", "platform_message_count": 40},
        {"platform": "b", "coverage_date": "2026-01-29", "platform_message_count": 2},
        {"platform": "b", "coverage_date": "2026-01-28", "platform_message_count": 100},
    ]
    coverage = [
        day
        | {"account": str(number), "is_gap": number > 1, "set_aside_count": 1, "untold_count": 2}
        for number, day in enumerate(days)
    ]
    build = make_build(tmp_path / "build.duckdb", night, ask=rows, coverage=coverage)
    publish(build, tmp_path / "relationships.duckdb", night, BUILT_AT)
    found = {figure: row["value"] for figure, row in checks(tmp_path).items()}
    assert found == found | {
        "ask.row_count": 4,
        "coverage.row_count": 4,
        "waiting_now.row_count": 0,
        "ask.week_ask_count": 2,
        "ask.week_people_count": 1,
        "ask.week_answer_count": 2,
        "ask.week_canned_ratio": 0.5,
        "coverage.week_message_count": 42,
        "coverage.week_gap_count": 1,
        "coverage.week_set_aside_count": 3,
        "coverage.week_untold_count": 6,
    }
