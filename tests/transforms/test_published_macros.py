"""What can be called in the published file, and the ready questions that an analyst runs on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.transforms.made_build import BUILT_AT, make_build
from transforms.publish import MARTS, publish
from transforms.published_macros import FOLDER, tables_read, told_on_top, write_macros

NIGHT = date(2026, 1, 19)  # a Monday
MACROS = sorted(FOLDER.glob("*.sql"))
ANALYSES = sorted((FOLDER.parent / "analyses").glob("*.sql"))
PUBLISHED = {*MARTS, "catalogue", "night_check"}


def office_hours() -> list[dict[str, Any]]:
    """Nine to six in Madrid on the weekdays of 5 to 20 January 2026; the 6th is a holiday."""
    madrid, days = ZoneInfo("Europe/Madrid"), [5, 7, 8, 9, *range(12, 17), 19, 20]
    return [
        {
            "opened_at": datetime(2026, 1, day, 9, tzinfo=madrid).astimezone(UTC).isoformat(),
            "closed_at": datetime(2026, 1, day, 18, tzinfo=madrid).astimezone(UTC).isoformat(),
        }
        for day in days
    ]


def person(name: str | None, person_id: str, strength: float) -> dict[str, Any]:
    return {"person_name": name, "person_id": person_id, "strength": strength}


PEOPLE = [
    person("Ana Núñez", "p1", 1.0),
    person("HANA 100%", "p2", 3.0),
    person("Bob", "p3", 2.0),
    person(None, "p4", 9.0),
]
ASKS = [
    {"ask_id": "m1", "asked_at": "2026-01-10 08:00Z", "is_waiting": False, "permalink": "first"}
    | {"human_answered_at": "2026-01-10 09:00Z", "answered_by_name": "Zoe"}
    | {"is_personal_answer": True},
    {"ask_id": "m2", "asked_at": "2026-01-12 08:00Z", "is_waiting": True, "permalink": "second"},
    {"ask_id": "m3", "asked_at": "2026-01-11 08:00Z", "is_waiting": True, "permalink": "between"},
]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published file as an analyst opens it."""
    folder = tmp_path_factory.mktemp("published")
    asks = [each | {"person_id": "p1", "is_only_thanks": False} for each in ASKS]
    build = make_build(
        folder / "build.duckdb",
        NIGHT,
        opening_hours=office_hours(),
        relationship=PEOPLE,
        ask=asks,
    )
    publish(build, folder / "relationships.duckdb", NIGHT, BUILT_AT)
    with duckdb.connect(str(folder / "relationships.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def only(file: duckdb.DuckDBPyConnection, expression: str) -> Any:
    [(found,)] = file.execute(f"select {expression}").fetchall()
    return found


@pytest.mark.parametrize(
    ("asked_at", "answered_at", "hours"),
    [
        ("'2026-01-16 16:00Z'", "'2026-01-19 09:00Z'", 2),
        ("'2026-01-19 06:00Z'", "'2026-01-19 08:30Z'", 0.5),
        ("'2026-01-19 19:00Z'", "'2026-01-19 21:00Z'", 0),
        ("'2026-01-05 16:30Z'", "'2026-01-07 08:30Z'", 1),
        ("'2026-01-16 16:59:59Z'", "timestamptz '2026-01-19 08:00:00.5Z'", 1.5 / 3600),
        ("date '2026-01-19'", "'2026-01-21 00:00Z'", 18),
        ("'2026-01-19'", "'2026-01-21 00:00:01Z'", None),
        ("'2026-01-19 09:00Z'", "'2026-01-16 16:00Z'", 0),
        ("null", "'2026-01-19 09:00Z'", None),
        ("'2026-01-19 09:00Z'", "null", None),
    ],
)
def test_working_hours_are_those_in_which_we_were_open(
    file: duckdb.DuckDBPyConnection, asked_at: str, answered_at: str, hours: float | None
) -> None:
    """The first four are worked example O3; the calendar ends a day after as_of."""
    found = only(file, f"working_hours({asked_at}, {answered_at})")
    assert found == (hours if hours is None else pytest.approx(hours, abs=1e-12))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ana", ["HANA 100%", "Ana Núñez"]),
        ("NUNEZ", ["Ana Núñez"]),
        ("núñ", ["Ana Núñez"]),
        ("0%", ["HANA 100%"]),
        ("_", []),
        ("p3", ["Bob"]),
        ("", ["HANA 100%", "Bob", "Ana Núñez"]),
    ],
)
def test_a_person_is_found_by_part_of_the_name_whatever_its_case_and_accents(
    file: duckdb.DuckDBPyConnection, text: str, found: list[str]
) -> None:
    rows = file.execute("select person_name from person($text)", {"text": text}).fetchall()
    assert [name for (name,) in rows] == found


def test_a_person_comes_with_what_one_asks_first(file: duckdb.DuckDBPyConnection) -> None:
    found = file.execute(
        "select waiting_since_at, last_asked_at, last_asked_permalink, last_answered_by_name, "
        "personal_answer_count from person('p1')"
    ).fetchall()
    eleventh, twelfth = (datetime(2026, 1, day, 8, tzinfo=UTC) for day in (11, 12))
    assert found == [(eleventh, twelfth, "second", "Zoe", 1)]


@pytest.mark.parametrize(
    ("seconds", "duration", "days"),
    [
        ("null", None, None),
        ("0", "0 s", 0.0),
        ("59", "59 s", 0.0),
        ("60", "1 min", 0.0),
        ("3599", "59 min", 0.0),
        ("11520", "3 h 12 min", 0.1),
        ("86399", "23 h 59 min", 1.0),
        ("86400", "1 d 0 h", 1.0),
        ("223255", "2 d 14 h", 2.6),
    ],
)
def test_seconds_are_told_as_people_say_them(
    file: duckdb.DuckDBPyConnection, seconds: str, duration: str | None, days: float | None
) -> None:
    seconds = f"cast({seconds} as bigint)"
    assert only(file, f"duration({seconds})") == duration
    assert only(file, f"days({seconds})") == days


@pytest.mark.parametrize(("k", "n"), [(9, 10), (1, 1), (0, 5), (391, 526), (0, 1)])
def test_the_interval_of_a_share_is_that_of_statsmodels(
    file: duckdb.DuckDBPyConnection, k: int, n: int
) -> None:
    found = only(file, f"wilson_low({k}, {n})"), only(file, f"wilson_high({k}, {n})")
    assert found == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-6)


def test_the_interval_of_no_share_is_unknown(file: duckdb.DuckDBPyConnection) -> None:
    assert only(file, "wilson_low(0, 0)") is None
    assert only(file, "wilson_high(0, 0)") is None


def test_macros_are_those_of_the_folder_and_say_what_they_are_for(
    file: duckdb.DuckDBPyConnection,
) -> None:
    told = dict(
        file.execute(
            "select function_name, comment from duckdb_functions() where not internal"
        ).fetchall()
    )
    ready = [each for each in MACROS if {*tables_read(each.read_text())} <= PUBLISHED]
    assert sorted(told) == [each.stem for each in ready]
    assert all("Try: " in comment and "Reads: " not in comment for comment in told.values())


@pytest.mark.parametrize("path", MACROS, ids=lambda path: path.stem)
def test_what_a_macro_says_to_try_can_be_tried(file: duckdb.DuckDBPyConnection, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if not {*tables_read(text)} <= PUBLISHED:
        pytest.skip(f"needs {tables_read(text)}")
    [example] = [line for line in told_on_top(text) if line.startswith("Try: ")]
    assert f"{path.stem}(" in example
    file.execute(example.removeprefix("Try: ")).fetchall()


def test_a_macro_whose_tables_are_not_published_is_left_out() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table opening_hours (opened_at timestamptz)")
        connection.execute("alter table opening_hours add column closed_at timestamptz")
        connection.execute("alter table opening_hours add column as_of timestamptz")
        written = write_macros(connection, {"opening_hours", "ask"})
    assert "working_hours" in written
    assert not {"person", "timeline"} & {*written}


def test_there_are_ten_ready_questions() -> None:
    assert len(ANALYSES) == 10


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_an_analysis_says_what_it_answers_for_whom_and_how_to_read_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    told = "\n".join(told_on_top(text))
    assert re.match(r"[A-Z][^?]+\?", told)
    words = ("Asked by: ", "How to read it: ", "Reads: ")
    assert all(f"\n{word}" in told for word in words)
    code = text.splitlines()[len(told_on_top(text)) :]
    read = re.findall(r"\b(?:from|join) (\w+)", "\n".join(code))
    names = re.findall(r"^(?:with\s+)?(\w+) as \($", "\n".join(code), re.MULTILINE)
    assert {*read} - {*names} == {*tables_read(text)}
    assert text.endswith(";\n")


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_an_analysis_runs_on_the_file_as_it_is(file: duckdb.DuckDBPyConnection, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if not {*tables_read(text)} <= PUBLISHED:
        pytest.skip(f"needs {tables_read(text)}")
    file.execute(text).fetchall()
