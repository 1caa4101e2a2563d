"""Run by tests in a process of its own: the extracts of nights, without all that follows them."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module

from dags.settings import set_environment


def main(organisation: str, nights: list[str]) -> None:
    set_environment()
    night = import_module("dags.night")  # not before: Airflow reads its settings
    night.prepare_airflow()
    dag = night._dag_of(organisation)
    night.get_listener_manager().add_listener(night.Progress(sys.stdout, dag))
    for each in nights:
        midnight = datetime.combine(date.fromisoformat(each) + timedelta(days=1), time(), UTC)
        dag.test(
            logical_date=midnight + timedelta(seconds=1), mark_success_pattern=r"(?!extract_).*"
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
