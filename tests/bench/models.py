"""All models of the dbt project over the core tables, and what each took."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from lake.schemas import CORE
from lake.store import Lake
from transforms.engine import engine, open_core
from transforms.standings import keep_standings, prepare_standings

SQL = Path(__file__).resolve().parents[2] / "sql"


def build_models(lake: Lake, folder: Path, as_of: datetime) -> int:
    """Build every model in this process, as a night does; returns how many there are."""
    prepare_standings(lake)
    build = folder / "build.duckdb"
    build.unlink(missing_ok=True)
    os.environ |= {
        "RAPPORT_CORE": lake.uri("core"),
        "RAPPORT_STATE": lake.uri("state"),
        "RAPPORT_BUILD": str(build),
    }
    words = ["run", "--quiet", "--project-dir", str(SQL), "--profiles-dir", str(SQL)]
    target = str(_target(folder, as_of))
    words += ["--target-path", target, "--log-path", target]
    done = dbtRunner().invoke([*words, "--vars", json.dumps({"as_of": as_of.isoformat()})])
    DuckDBConnectionManager.close_all_connections()  # dbt would hold the file open
    if not done.success:
        raise RuntimeError(f"the models could not be built: {done.exception or done.result}")
    keep_standings(lake, build)
    return len(model_seconds(folder, as_of))


def model_seconds(folder: Path, as_of: datetime) -> dict[str, float]:
    """Seconds of each model of a build, the slowest first."""
    results = _target(folder, as_of) / "run_results.json"
    told = json.loads(results.read_text(encoding="utf-8"))["results"]
    seconds = {each["unique_id"].rpartition(".")[2]: each["execution_time"] for each in told}
    return dict(sorted(seconds.items(), key=lambda each: -each[1]))


def _target(folder: Path, as_of: datetime) -> Path:
    return folder / f"target-{as_of.date()}"


def scan_core(lake: Lake) -> int:
    """One scan of every column that the staging models read; returns the number of tables."""
    with engine() as connection:
        open_core(connection, lake, *CORE)
        for table, schema in CORE.items():
            read = ", ".join(f"max({column})" for column in schema.names if column != "fold")
            connection.execute(f"select {read} from {table}").fetchall()
    return len(CORE)
