"""What `python -m dags` says when a night cannot be run: one line, and what to do."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from dags.__main__ import headline, jumps
from tests.dags.conftest import ORGANISATION, ROOT, own_environment


def run(home: Path, *words: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dags", *words],
        cwd=ROOT,
        env=own_environment(home, **more),
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unknown_organisation_is_named_beside_those_that_exist(tmp_path: Path) -> None:
    done = run(tmp_path, "nobody")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("no such organisation file; there are: sample\n")
    assert done.stderr.count("\n") == 1


def test_an_unknown_platform_is_named_beside_those_that_exist(tmp_path: Path) -> None:
    text = ORGANISATION.format(name="acme").replace('"sample"', '"myspace"')
    (tmp_path / "acme.toml").write_text(text, encoding="utf-8")
    done = run(tmp_path, "acme", RAPPORT_ORGANISATIONS=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "acme.toml: read: unknown platform 'myspace'; there are: " in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_home_that_cannot_be_written_to_is_named_with_what_to_do(tmp_path: Path) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("a file, where a folder should be", encoding="utf-8")
    done = run(occupied, "sample")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{occupied} cannot be written to (")
    assert "RAPPORT_HOME" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("home", ["s3://bucket/rapport", "gs://bucket"])
def test_a_home_on_another_machine_is_refused(home: str, tmp_path: Path) -> None:
    done = run(tmp_path, "sample", RAPPORT_HOME=home)
    assert done.returncode == 1
    assert done.stderr == f"RAPPORT_HOME is {home}: name a folder of this machine\n"


def test_a_night_must_be_a_date(tmp_path: Path) -> None:
    done = run(tmp_path, "sample", "--night", "yesterday")
    assert done.returncode == 2
    assert "'yesterday' is not a date such as 2026-02-04" in done.stderr


def told_of(folder: Path, **other: object) -> dict[str, str]:
    row = {
        "as_of": datetime(2026, 2, 5, tzinfo=UTC),
        "people_in_contact_count": 1234,
        "people_waiting_count": 5,
        "waiting_ask_count": 6,
        "median_reply_seconds": 11_520,
        "people_answered_ratio": 0.8,
        "people_answered_count": 8,
        "people_asked_count": 10,
        **other,
    }
    file = folder / "relationships.duckdb"
    with duckdb.connect(str(file)) as connection:
        columns = ", ".join(f"${name} as {name}" for name in row)
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"create table headline as select {columns}", row)
    return dict(headline(file))


def test_the_headline_says_what_the_night_came_to(tmp_path: Path) -> None:
    told = told_of(tmp_path)
    assert told["As of"] == "2026-02-05 00:00 UTC"
    assert told["People in two-way contact"] == "1,234"
    assert told["People waiting"] == "5, in 6 asks"
    assert told["Median real wait"] == "3 h 12 min"
    assert told["People answered"] == "80%: 8 of the 10 who spoke to us"


def test_the_headline_says_days_where_people_wait_for_days(tmp_path: Path) -> None:
    assert told_of(tmp_path, median_reply_seconds=223_255)["Median real wait"] == "2 d 14 h"


def test_the_headline_says_unknown_where_nothing_is_known(tmp_path: Path) -> None:
    told = told_of(tmp_path, median_reply_seconds=None, people_answered_ratio=None)
    assert told["Median real wait"].startswith("unknown")
    assert told["People answered"].startswith("unknown")


def test_what_jumped_is_told_in_one_line_each_the_strangest_first(tmp_path: Path) -> None:
    file = tmp_path / "relationships.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("""
            create table night_check as
            from (values
                ('ask.row_count', 10533::double, 9000::double, -6.5, true, 'usual is 8900 to 9100'),
                ('ask.week_canned_ratio', 0.2, 0.2, 0.1, false, null),
                ('coverage.week_message_count', 0, 1234567, 17.0, true, 'usual is 9 to 10'),
            ) as told (figure, value, value_before, robust_z, is_jump, note)
        """)
    assert [told for _, told in jumps(file)] == [
        "coverage.week_message_count 0, before 1,234,567; usual is 9 to 10",
        "ask.row_count 10,533, before 9,000; usual is 8900 to 9100",
    ]


def test_a_file_from_before_nights_were_compared_has_no_jumps(tmp_path: Path) -> None:
    told_of(tmp_path)
    assert [*jumps(tmp_path / "relationships.duckdb")] == []
