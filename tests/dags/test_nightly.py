"""What a night looks like in Airflow."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.dags.conftest import ROOT, Described

MODELS = {file.stem for kind in ("*.sql", "*.py") for file in (ROOT / "sql" / "models").rglob(kind)}


def tasks_of(dag: Described) -> dict[str, Any]:
    return dag["tasks"]


def test_each_organisation_file_becomes_one_dag(parsed: Described) -> None:
    assert parsed["errors"] == []
    usable = {name for name, dag in parsed["dags"].items() if "unusable" not in dag["tags"]}
    assert usable == {"nightly_acme", "nightly_globex"}
    assert len(parsed["dags"]) == 8


def test_the_organisations_of_the_project_can_be_used(
    describe: Callable[[dict[str, str]], Described],
) -> None:
    files = (ROOT / "organisations").glob("*.toml")
    said = describe({file.stem: file.read_text(encoding="utf-8") for file in files})
    assert said["errors"] == []
    assert {tag for dag in said["dags"].values() for tag in dag["tags"]} == {"nightly"}


def test_parsing_imports_nothing_heavy(parsed: Described) -> None:
    assert parsed["heavy"] == []


def test_a_night_is_exactly_one_day_utc(acme: Described) -> None:
    assert acme["interval"] == ["2026-02-04T00:00:00+00:00", "2026-02-05T00:00:00+00:00"]


def test_one_night_at_a_time_from_the_beginning_of_the_history(acme: Described) -> None:
    assert (acme["catchup"], acme["max_active_runs"]) == (False, 1)
    assert acme["start_date"] == "2025-01-01T00:00:00+00:00"


def test_each_platform_is_a_task_mapped_over_its_accounts(acme: Described) -> None:
    accounts = {
        name: task["accounts"] for name, task in tasks_of(acme).items() if task["is_mapped"]
    }
    assert accounts == {
        "extract_mastodon": ["acme", "help"],
        "extract_sample": ["community"],
    }


def test_the_steps_follow_one_another(acme: Described) -> None:
    tasks = tasks_of(acme)
    assert tasks["read"]["after"] == ["extract_mastodon", "extract_sample"]
    assert tasks["people"]["after"] == ["read"]
    assert tasks["interactions"]["after"] == ["people"]
    assert tasks["models.dbt_producer_watcher"]["after"] == ["interactions"]
    assert tasks["complete"]["after"] == ["extract_mastodon", "extract_sample", "publish"]


def test_a_platform_that_fails_stops_nothing_but_the_end(acme: Described) -> None:
    tasks = tasks_of(acme)
    assert tasks["read"]["rule"] == "all_done"
    assert tasks["complete"]["rule"] == "all_success"
    steps = ("people", "interactions", "models.dbt_producer_watcher", "publish")
    assert {tasks[step]["rule"] for step in steps} == {"all_success"}


def test_each_model_is_a_task_that_comes_after_the_build(acme: Described) -> None:
    models = {
        name.removeprefix("models."): task
        for name, task in tasks_of(acme).items()
        if name.startswith("models.") and "dbt_producer_watcher" not in name
    }
    assert set(models) == MODELS
    assert all("models.dbt_producer_watcher" in task["after"] for task in models.values())


def test_models_follow_the_models_that_they_read(acme: Described) -> None:
    tasks = tasks_of(acme)
    assert "models.int_ask" in tasks["models.mart_ask"]["after"]
    assert "interactions" in tasks["models.stg_interaction"]["after"]


def test_only_a_whole_set_of_models_is_published(acme: Described) -> None:
    tasks = tasks_of(acme)
    last = {name for name in tasks if name.startswith("models.")}
    for task in tasks.values():
        last -= set(task["after"]) if "publish" not in task["assets"] else set()
    assert last == set()
    assert "models.dbt_producer_watcher_done" in tasks["publish"]["after"]
    assert {"models.mart_headline", "models.mart_coverage"} <= set(tasks["publish"]["after"])


def test_publishing_updates_an_asset_that_others_can_wait_for(acme: Described) -> None:
    assert tasks_of(acme)["publish"]["assets"] == ["relationships_acme"]


def test_models_are_not_tried_again_and_extracts_are(acme: Described) -> None:
    retries = {name: task["retries"] for name, task in tasks_of(acme).items()}
    assert retries["extract_sample"] == 3
    assert {count for name, count in retries.items() if name.startswith("models.")} == {0}


def test_every_pool_that_a_task_asks_for_is_set_up(acme: Described) -> None:
    pools = json.loads((ROOT / "dags" / "pools.json").read_text(encoding="utf-8"))
    asked = {task["pool"] for task in tasks_of(acme).values()}
    assert asked == {"default_pool", *pools}


def test_the_page_in_the_ui_tells_what_is_read_and_what_to_do(acme: Described) -> None:
    assert acme["page"].startswith("# Acme\n")
    assert "mastodon acme" in acme["page"]
    assert "**A model is red:**" in acme["page"]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("no_toml", "not valid TOML"),
        ("incomplete", "title: is missing; this key is required"),
        ("elsewhere", "unknown platform 'myspace'; there are: "),
        ("coloured", "options.colour: Extra inputs are not permitted; allowed options: "),
        ("misnamed", "name: 'acme' is not the file's own name; write \"misnamed\""),
        ("my Café", "name: 'acme' is not the file's own name"),
    ],
)
def test_an_unusable_file_is_a_red_dag_that_says_why(
    parsed: Described, file: str, reason: str
) -> None:
    dag = parsed["dags"]["nightly_my_Caf_" if file == "my Café" else f"nightly_{file}"]
    assert list(tasks_of(dag)) == ["organisation_file"]
    assert f"{file}.toml: " in dag["page"]
    assert reason in dag["page"]
