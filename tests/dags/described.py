"""Run by tests in a process of its own: parses the DAGs as Airflow does and prints them as JSON."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

DAGS = Path(__file__).resolve().parents[2] / "dags"
HEAVY = ("dbt", "duckdb", "numpy", "pandas", "pyarrow", "transforms")


def main() -> None:
    bag = BundleDagBag(dag_folder=DAGS, bundle_path=DAGS, bundle_name="dags-folder")
    said = {
        "errors": list(bag.import_errors.values()),
        "heavy": [name for name in HEAVY if name in sys.modules],
        "dags": {name: _dag(dag) for name, dag in bag.dags.items()},
    }
    print(json.dumps(said))


def _dag(dag: DAG) -> dict[str, Any]:
    known_to_the_scheduler = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    noon = datetime(2026, 2, 5, 12, tzinfo=UTC)
    interval = known_to_the_scheduler.timetable.infer_manual_data_interval(run_after=noon)
    return {
        "interval": [interval.start.isoformat(), interval.end.isoformat()],
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "start_date": dag.start_date.isoformat(),
        "tags": sorted(dag.tags),
        "page": dag.doc_md,
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


def _task(task: Any) -> dict[str, Any]:
    told = {
        "after": sorted(task.upstream_task_ids),
        "rule": task.trigger_rule.value,
        "pool": task.pool,
        "retries": task.retries,
        "is_mapped": task.is_mapped,
        "assets": [asset.name for asset in task.outlets],
    }
    if task.is_mapped:
        told["accounts"] = task.op_kwargs_expand_input.value["account"]
    return told


if __name__ == "__main__":
    main()
