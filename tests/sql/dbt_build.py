"""The dbt project run on a folder of core tables, and single models of it on rows of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from community import AS_OF
from pyarrow.fs import LocalFileSystem

from lake.store import Lake
from transforms.standings import prepare_standings

SQL = Path(__file__).resolve().parents[2] / "sql"
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Build:
    """A folder with core tables, a database file made from them, and what dbt left beside it."""

    folder: Path

    @property
    def lake(self) -> Lake:
        return Lake(str(self.folder), LocalFileSystem())

    @property
    def file(self) -> Path:
        return self.folder / "build.duckdb"

    def dbt(self, *words: str, as_of: datetime | None = AS_OF) -> subprocess.CompletedProcess[str]:
        """Run dbt as a night does; `as_of` None leaves the variable out."""
        prepare_standings(self.lake)
        variables = ["--vars", f"{{as_of: '{as_of.isoformat()}'}}"] if as_of else []
        paths = ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder)]
        return subprocess.run(
            [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *words, *variables, *paths],
            cwd=SQL,
            env=os.environ
            | {
                "RAPPORT_BUILD": str(self.file),
                "RAPPORT_CORE": str(self.folder / "core"),
                "RAPPORT_STATE": self.lake.uri("state"),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def rows(self, query: str) -> Rows:
        """What an analyst gets."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return _rows(connection, query)

    def model(self, name: str, **inputs: Rows) -> Rows:
        """What one model makes of the given input rows, each by the name of its model."""
        query = next((self.folder / "target/compiled").rglob(f"{name}.sql")).read_text()
        with duckdb.connect() as connection:
            connection.execute("attach ':memory:' as build; set timezone = 'UTC'")
            for table, rows in inputs.items():
                schema = "staging" if table.startswith("stg") else "intermediate"
                columns = ", ".join(
                    f"{column['column_name']} {column['column_type']}"
                    for column in self.rows(f"describe {schema}.{table}")
                )
                connection.execute(f"create schema if not exists build.{schema}")
                connection.execute(f"create table build.{schema}.{table} ({columns})")
                if rows:
                    connection.register("given", pa.Table.from_pylist(rows))
                    connection.execute(f"insert into build.{schema}.{table} by name from given")
            return _rows(connection, query)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    connection.execute("set timezone = 'UTC'")
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
