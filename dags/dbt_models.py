"""The step `models`: one `dbt build`, and one task for each model that shows what became of it."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException
from cosmos import settings
from cosmos.airflow.task_group import DbtTaskGroup
from cosmos.config import ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import (
    PRODUCER_WATCHER_TASK_ID,
    ExecutionMode,
    InvocationMode,
    LoadMode,
    TestBehavior,
)
from cosmos.operators._watcher.aggregation import get_tests_status_xcom_key

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context

PROJECT = Path(__file__).resolve().parents[1] / "sql"
MANIFEST = PROJECT / "target" / "manifest.json"
settings.enable_watcher_reliable_retry = False  # a copy of all XComs with each, which nobody reads


def dbt_models(organisation: str, time_zone: str, after: BaseOperator) -> DbtTaskGroup:
    """The task group `models`, to run when `after` has succeeded.

    The build comes first, as one dbt process may write the DuckDB file; the models' tasks then
    report, so they take no time, cannot wait for a build that never gets its turn, and are safe to
    clear together with it. A model whose data tests failed is red, one that dbt skipped as well.
    """
    if not MANIFEST.exists():
        raise FileNotFoundError(
            f"{MANIFEST} is missing: run `dbt parse --project-dir sql --profiles-dir sql`"
        )
    models = DbtTaskGroup(
        group_id="models",
        project_config=ProjectConfig(
            PROJECT, manifest_path=MANIFEST, install_dbt_deps=False, partial_parse=False
        ),
        profile_config=ProfileConfig(
            "rapport", "nightly", profiles_yml_filepath=PROJECT / "profiles.yml"
        ),
        execution_config=ExecutionConfig(
            ExecutionMode.WATCHER,
            InvocationMode.DBT_RUNNER,
            setup_operator_args={
                "task_display_name": "dbt build",
                # Unit tests say the same every night: they belong to `make test`.
                "dbt_cmd_flags": ["--resource-type", "test"],
                "pool": "duckdb",
                "pre_execute": partial(_begin, organisation),
                "post_execute": None,
                "callback": _end,
                "trigger_rule": "all_success",
            },
        ),
        render_config=RenderConfig(
            emit_datasets=False,
            test_behavior=TestBehavior.NONE,  # as tasks; the build runs them after each model
            load_method=LoadMode.DBT_MANIFEST,
            normalize_task_id=_name,
            normalize_task_display_name=_name,
        ),
        operator_args={
            "vars": {"as_of": "{{ data_interval_end.isoformat() }}", "time_zone": time_zone},
            "retries": 0,
            # With `after` or a parent succeeded and the build failed, a model still reports.
            "trigger_rule": "all_done_min_one_success",
            "pre_execute": _only_report,
            "post_execute": _fail_with_its_tests,
        },
    )
    after >> models
    build = models.tasks_map[PRODUCER_WATCHER_TASK_ID]
    build.on_failure_callback = build.on_retry_callback = []  # a backup that nobody would read
    build >> [task for task in models.tasks_map.values() if task is not build]
    return models


def _name(node: Any) -> str:
    return str(node.name)


class Gathering:
    """A task instance that keeps its XComs until the end, as nobody reads them before.

    Pushing each of the thousand things that dbt says takes longer than building the models. The
    first try it always is, because Cosmos would skip a second: it fears for models that build at
    the same time, but here they come after.
    """

    try_number = 1

    def __init__(self, task_instance: Any) -> None:
        self._task_instance, self._kept = task_instance, {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._task_instance, name)

    def xcom_push(self, key: str, value: Any) -> None:
        self._kept[key] = value

    def push_all(self) -> None:
        """Push what models and their tests came to, the last word on each."""
        for key, value in self._kept.items():
            if not key.startswith("test__"):
                self._task_instance.xcom_push(key, value)


def _begin(organisation: str, context: Context) -> None:
    context["task"].env = import_module("steps").begin_build(organisation)
    context["ti"] = Gathering(context["ti"])


def _end(_project: str, context: Context) -> None:
    """Say what became of the models; close the DuckDB file, which dbt would hold open."""
    context["ti"].push_all()
    import_module("dbt.adapters.duckdb.connections").DuckDBConnectionManager.close_all_connections()


def _only_report(context: Context) -> None:
    """Keep a cleared model, or one of a build that broke off, from building itself alone."""
    context["ti"].try_number = 1
    context["task"].poke_retry_number = 1


def _fail_with_its_tests(context: Context, _result: object) -> None:
    """Fail a model that was built but did not pass its data tests."""
    model = context["task"].model_unique_id
    tests = context["ti"].xcom_pull(
        task_ids=context["task"].producer_task_id, key=get_tests_status_xcom_key(model)
    )
    if tests == "fail":
        raise AirflowFailException(
            f"{model}: its tests did not all pass, the log of the build says which"
        )
