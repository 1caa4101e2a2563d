"""A build file as dbt leaves it, with every mart as its contract says and the rows one gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from transforms.publish import MARTS, MODELS

Rows = Sequence[Mapping[str, Any]]
BUILT_AT = datetime(2026, 2, 5, 0, 30, tzinfo=timezone(timedelta(hours=1)))


@cache
def contract(mart: str) -> dict[str, Any]:
    """What a mart's file promises: description, and columns with data type and description."""
    told = yaml.safe_load((MODELS / f"mart_{mart}.yml").read_text(encoding="utf-8"))
    [model] = told["models"]
    return dict(model)


def make_build(file: Path, night: date, version: str = "1", **rows: Rows) -> Path:
    """Make the build of a night anew; without rows of its own `headline` has one of zeros."""
    file.unlink(missing_ok=True)
    as_of = datetime.combine(night + timedelta(days=1), time()).isoformat() + "+00:00"
    told = {"as_of": as_of, "definition_version": version}
    with duckdb.connect(str(file)) as connection:
        connection.execute("set timezone = 'UTC'")
        for mart in MARTS:
            _make_mart(connection, mart)
            for row in rows.get(mart, [{}] if mart == "headline" else []):
                columns = ", ".join(f"${name} as {name}" for name in (told | dict(row)))
                connection.execute(f"insert into {mart} by name select {columns}", told | dict(row))
    return file


def _make_mart(connection: duckdb.DuckDBPyConnection, mart: str) -> None:
    columns = contract(mart)["columns"]
    typed = ", ".join(f"{each['name']} {each['data_type']}" for each in columns)
    connection.execute(f"create table {mart} ({typed})")
    connection.execute(f"comment on table {mart} is {_text(contract(mart)['description'])}")
    for each in columns:
        told = _text(each["description"])
        connection.execute(f"comment on column {mart}.{each['name']} is {told}")


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
