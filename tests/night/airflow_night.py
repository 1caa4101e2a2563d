"""A night as people start it: `python -m dags NAME --night DATE`, through Airflow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tests.night.pipeline import ROOT


def run_night(
    home: Path,
    name: str,
    night: date,
    organisations: Path | None = None,
    more: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run one night with its data under `home`; what it said is in the answer."""
    places = {"RAPPORT_HOME": str(home)}
    if organisations:
        places["RAPPORT_ORGANISATIONS"] = str(organisations)
    return subprocess.run(
        [sys.executable, "-m", "dags", name, "--night", str(night)],
        cwd=ROOT,
        env=os.environ | places | dict(more or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def published(home: Path, name: str) -> Path:
    return home / "published" / name / "relationships.duckdb"


def ask(home: Path, name: str, query: str) -> list[tuple[Any, ...]]:
    """The published file's answer to a query."""
    with duckdb.connect(str(published(home, name)), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(query).fetchall()
