"""One night in this process, step after step, without a scheduler."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO

from airflow.configuration import write_default_airflow_configuration_if_needed
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.jobs.job import most_recent_job
from airflow.listeners import hookimpl
from airflow.models.dagrun import DagRun
from airflow.models.pool import Pool
from airflow.sdk import DAG
from airflow.sdk.listener import get_listener_manager
from airflow.utils.db import check_migrations, initdb
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState

from dags.settings import SetUpError
from extractors.errors import TryLater

FOLDER = Path(__file__).resolve().parent
STEPS = {"people", "interactions", "publish"}
BUILD = "models.dbt_producer_watcher"
OURS = ("extractors.", "lake.", "transforms.", "airflow.", "cosmos.")


def prepare_airflow() -> None:
    """Make Airflow's database, its key for what is secret and the pools, where not yet done."""
    write_default_airflow_configuration_if_needed()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        check_migrations(timeout=1)
    except TimeoutError:
        initdb()
    pools = json.loads((FOLDER / "pools.json").read_text(encoding="utf-8"))
    for name, pool in pools.items():
        Pool.create_or_update_pool(name, **pool)


def run_night(organisation: str, night: date, terminal: TextIO) -> bool:
    """Run the night that begins on `night`, UTC, and tell its steps; returns whether all went well.

    A night that was run here before is run anew and takes its place. Raises `SetUpError` if
    another Airflow would run the same steps.
    """
    dag = _dag_of(organisation)
    scheduler = most_recent_job("SchedulerJob")
    if scheduler and scheduler.is_alive():
        raise SetUpError("Airflow is running: start the night in its UI, or stop it first")
    progress = Progress(terminal, dag)
    get_listener_manager().add_listener(progress)
    began_at = datetime.now(UTC)
    # The interval is the last whole day before the logical date. A second past midnight, because a
    # scheduled run has midnight itself, which two runs cannot share.
    midnight = datetime.combine(night + timedelta(days=1), time(), UTC)
    run = dag.test(logical_date=midnight + timedelta(seconds=1))
    _date_from(run, began_at)
    for each in run.get_task_instances():
        if each.state == TaskInstanceState.UPSTREAM_FAILED and each.task_id in STEPS:
            progress.say(each.task_id, "not run, as a step before it failed")
    return bool(run.state == DagRunState.SUCCESS)


def _dag_of(organisation: str) -> DAG:
    bag = BundleDagBag(dag_folder=FOLDER, bundle_path=FOLDER, bundle_name="dags-folder")
    for error in bag.import_errors.values():
        raise SetUpError(f"the DAGs cannot be read: {error.strip().splitlines()[-1]}")
    return bag.dags[f"nightly_{organisation}"]


def _date_from(run: DagRun, began_at: datetime) -> None:
    """Say when the run began; `dag.test` writes its logical date there, months ago perhaps."""
    with create_session() as session:
        session.merge(run).start_date = began_at


class Progress:
    """Hears of every step that ends, and tells it in one line."""

    def __init__(self, terminal: TextIO, dag: DAG) -> None:
        self._terminal, self._dag = terminal, dag

    def say(self, step: str, outcome: str, began_at: datetime | None = None) -> None:
        """Write one line at once: the step, how long it took, and what became of it."""
        took = f"{(datetime.now(UTC) - began_at).total_seconds():.1f} s" if began_at else ""
        self._terminal.write(f"  {step:<34} {took:>8}   {outcome}\n")
        self._terminal.flush()

    @hookimpl
    def on_task_instance_success(self, previous_state: object, task_instance: Any) -> None:  # noqa: ARG002 (Airflow passes it by name)
        if task_instance.task_id == BUILD:
            count = sum(task.startswith("models.") for task in self._dag.task_ids) - 2
            self.say("models", f"{count} built, their tests passed", task_instance.start_date)
        elif task_instance.task_id.startswith("models.") or task_instance.task_id == "complete":
            return
        else:
            facts = task_instance.xcom_pull(
                task_ids=task_instance.task_id, map_indexes=task_instance.map_index
            )
            self.say(_name(task_instance), _told(facts or {}), task_instance.start_date)

    @hookimpl
    def on_task_instance_failed(
        self,
        previous_state: object,  # noqa: ARG002 (Airflow passes it by name)
        task_instance: Any,
        error: BaseException | str | None,
    ) -> None:
        outcome = f"FAILED: {_in_one_line(error)}"
        if task_instance.state == TaskInstanceState.UP_FOR_RETRY:
            outcome = f"{_pause(task_instance, error)}: {_in_one_line(error)}"
        self.say(_name(task_instance), outcome, task_instance.start_date)


def _name(task_instance: Any) -> str:
    name = "models" if task_instance.task_id == BUILD else task_instance.task_id
    return f"{name} {task_instance.rendered_map_index or ''}".strip()


def _told(facts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in facts.items() if count)


def _pause(task_instance: Any, error: BaseException | str | None) -> str:
    pause = task_instance.task.retry_delay
    if isinstance(error, TryLater) and error.after is not None:
        pause = timedelta(seconds=error.after)
    return f"tried again in {pause.total_seconds():.0f} s"


def _in_one_line(error: BaseException | str | None) -> str:
    """What our own errors say; of others only the kind, as they might cite what people wrote."""
    if isinstance(error, OSError) or type(error).__module__.startswith(OURS):
        return str(error).strip().splitlines()[0]
    return f"{type(error).__name__}, the log says more"
