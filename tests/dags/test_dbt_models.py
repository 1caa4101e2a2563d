"""The step `models`, as far as it can be seen without a build."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

from dags import dbt_models


class TaskInstance:
    """As much of Airflow's as keeps XComs."""

    task_id = "models.dbt_producer_watcher"
    try_number = 2

    def __init__(self) -> None:
        self.pushed: list[tuple[str, object]] = []

    def xcom_push(self, key: str, value: object) -> None:
        self.pushed.append((key, value))


def test_missing_models_are_named_with_the_command_that_makes_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dbt_models, "MANIFEST", tmp_path / "manifest.json")
    with (
        DAG("nightly_acme", schedule=None),
        pytest.raises(FileNotFoundError, match="dbt parse --project-dir sql --profiles-dir sql"),
    ):
        dbt_models.dbt_models("acme", "UTC", after=EmptyOperator(task_id="interactions"))


def test_what_a_build_says_is_pushed_once_and_only_what_models_need() -> None:
    airflows = TaskInstance()
    gathering = dbt_models.Gathering(airflows)
    gathering.xcom_push(key="model__rapport__mart_ask_status", value="started")
    gathering.xcom_push(key="model__rapport__mart_ask_status", value="success")
    gathering.xcom_push(key="test__rapport__unique_mart_ask_dbt_event", value="pass")
    assert airflows.pushed == []
    gathering.push_all()
    assert airflows.pushed == [("model__rapport__mart_ask_status", "success")]


def test_a_cleared_build_is_built_as_if_for_the_first_time() -> None:
    gathering = dbt_models.Gathering(TaskInstance())
    assert gathering.try_number == 1
    assert gathering.task_id == "models.dbt_producer_watcher"
