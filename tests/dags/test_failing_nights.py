"""Nights that go wrong, run by Airflow from end to end."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.dags.conftest import ROOT, own_environment

pytestmark = pytest.mark.night

NIGHT = "2026-02-04"
ORGANISATION = """
name = "acme"
title = "Acme"
history_from = 2025-12-01
[[read]]
platform = "sample"
account = "community"
options = {{ people = 60{more} }}
[[read]]
platform = "conversations"
account = "helpdesk"
options = {{ path = "{path}" }}
[[ours]]
name = "Acme Instruments"
kind = "brand"
accounts = ["sample::acme"]
"""


def run_night(
    home: Path, project: Path = ROOT, *, more: str = ""
) -> subprocess.CompletedProcess[str]:
    text = ORGANISATION.format(path=home / "export.csv", more=more)
    (home / "acme.toml").write_text(text, encoding="utf-8")
    return run(home, project, "acme", "--night", NIGHT)


def run(home: Path, project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dags", *words],
        cwd=project,
        env=own_environment(home, RAPPORT_ORGANISATIONS=home, PYTHONPATH=project),
        capture_output=True,
        text=True,
        check=False,
    )


def copy_rooms(project: Path) -> None:
    """A project of its own, for a test to change."""
    for room in ("dags", "extractors", "lake", "sql", "transforms"):
        shutil.copytree(ROOT / room, project / room, ignore=shutil.ignore_patterns("target"))


def states(home: Path) -> dict[str, str]:
    """What Airflow holds of the newest run: the state of each task, and of the run as ''."""
    with closing(sqlite3.connect(home / "airflow" / "airflow.db")) as database:
        [(run_id, state)] = database.execute("select run_id, state from dag_run").fetchall()
        tasks = database.execute(
            "select task_id, state from task_instance where run_id = ?", [run_id]
        )
        return {"": state, **dict(tasks.fetchall())}


def published(home: Path) -> Path:
    return home / "published" / "acme" / "relationships.duckdb"


def test_a_failing_platform_fails_the_night_and_the_others_are_published(tmp_path: Path) -> None:
    done = run_night(tmp_path)
    assert done.returncode == 1, done.stdout
    assert "FAILED: NotThere platform=conversations account=helpdesk" in done.stdout
    found = states(tmp_path)
    assert found["extract_conversations"] == "failed"
    assert {found[step] for step in ("extract_sample", "models.mart_ask", "publish")} == {"success"}
    assert (found["complete"], found[""]) == ("upstream_failed", "failed")
    with duckdb.connect(str(published(tmp_path)), read_only=True) as connection:
        asks = connection.execute("select count(*) from ask").fetchone()
        gap = connection.execute(
            "select distinct status from coverage where platform = 'conversations' "
            "and coverage_date = date '2026-02-04'"
        ).fetchall()
    assert asks > (0,)
    assert gap == [("failed",)]


def test_a_failed_data_test_is_red_and_publishes_nothing(tmp_path: Path) -> None:
    project, home = tmp_path / "project", tmp_path / "home"
    home.mkdir()
    copy_rooms(project)
    (project / "sql" / "tests" / "never_passes.sql").write_text(
        "select count(*) from {{ ref('mart_ask') }}\n", encoding="utf-8"
    )
    done = run_night(home, project, more=', outage = "BadCredentials"')
    assert done.returncode == 1, done.stdout
    assert "FAILED: BadCredentials platform=sample account=community" in done.stdout
    assert "never_passes" in done.stdout
    found = states(home)
    assert {found[step] for step in ("extract_sample", "extract_conversations")} == {"failed"}
    assert {found[step] for step in ("read", "interactions", "models.stg_message")} == {"success"}
    assert {found[f"models.{mart}"] for mart in ("mart_ask", "mart_waiting_now")} == {"failed"}
    assert (found["publish"], found[""]) == ("upstream_failed", "failed")
    assert not published(home).exists()
    assert not (home / "build" / "acme" / "relationships.duckdb.wal").exists()


def test_two_marts_that_disagree_are_named_in_red_and_the_old_file_stays(tmp_path: Path) -> None:
    project, home = tmp_path / "project", tmp_path / "home"
    copy_rooms(project)
    model = project / "sql" / "models" / "marts" / "mart_headline.sql"
    text = model.read_text(encoding="utf-8")
    assert text.count("count(*) as waiting_ask_count") == 1
    changed = text.replace("count(*) as waiting_ask_count", "count(*) + 1 as waiting_ask_count")
    model.write_text(changed, encoding="utf-8")
    published(home).parent.mkdir(parents=True)
    published(home).write_bytes(b"of the night before")
    done = run_night(home, project)
    assert done.returncode == 1, done.stdout
    [line] = [each for each in done.stdout.splitlines() if each.startswith("  models ")]
    assert "FAILED: " in line
    assert "the_headline_says_what_its_marts_say" in line
    found = states(home)
    assert found["models.mart_waiting_now"] == "failed"
    assert (found["publish"], found[""]) == ("upstream_failed", "failed")
    assert published(home).read_bytes() == b"of the night before"
    assert [each.name for each in published(home).parent.iterdir()] == [published(home).name]


def test_a_night_is_not_run_beside_a_running_airflow_that_would_run_its_steps_too(
    tmp_path: Path,
) -> None:
    assert run(tmp_path, ROOT, "airflow", "version").returncode == 0
    with closing(sqlite3.connect(tmp_path / "airflow" / "airflow.db")) as database:
        database.execute(
            "insert into job (job_type, state, start_date, latest_heartbeat) "
            "values ('SchedulerJob', 'running', datetime('now'), datetime('now', '+1 hour'))"
        )
        database.commit()
    done = run_night(tmp_path)
    assert done.returncode == 1
    assert "Airflow is running: start the night in its UI, or stop it first\n" in done.stdout
    assert not (tmp_path / "lake").exists()
