"""DuckDB as the transforms' engine: in memory, bounded, in UTC, spilling beside the data."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

import duckdb
import pyarrow as pa

from lake.schemas import CORE, STATE
from lake.store import Lake

log = logging.getLogger(__name__)

BATCH = 65_536  # rows
NUMBERED = (
    ", parse_filename(filename, true) as part, (file_index << 40) + file_row_number as source"
)
UNKNOWN = "unknown"  # the part of what belongs to no message that anybody has seen


@contextmanager
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that keeps to `RAPPORT_MEMORY` (default 5.5GB) and spills to its own folder."""
    with (
        tempfile.TemporaryDirectory(prefix="rapport-") as spill,
        duckdb.connect(":memory:") as connection,
    ):
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set memory_limit = '{os.environ.get('RAPPORT_MEMORY', '5.5GB')}'")
        connection.execute(f"set temp_directory = '{spill}'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")
        # How many rows of a part are held back, and so lie in one row group.
        connection.execute(f"set partitioned_write_flush_threshold = {BATCH // 4}")
        yield connection


def open_files(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    lake: Lake,
    paths: Iterable[str],
    schema: pa.Schema,
    *,
    is_numbered: bool = False,
) -> None:
    """Make the view `name` over files of one schema; an empty one where there are no files.

    If it is numbered it has two columns more: `part`, the file's name, and `source`, a number of
    its own for each row, the same whenever the view is read.
    """
    files = [lake.uri(path) for path in paths]
    more = NUMBERED if is_numbered else ""
    if files:
        connection.execute(
            f"create or replace view {name} as select *{more} from read_parquet({files})"
        )
        return
    empty = schema.empty_table()
    for column, kind in (("part", pa.string()), ("source", pa.int64())) if is_numbered else ():
        empty = empty.append_column(column, pa.array([], kind))
    connection.from_arrow(empty).create_view(name, replace=True)


def open_parts(
    connection: duckdb.DuckDBPyConnection, view: str, lake: Lake, folder: str, parts: Iterable[str]
) -> None:
    """Make a numbered view over those of `parts` that a table of core or state has."""
    kept = {*lake.paths(folder)}
    paths = [path for part in parts if (path := f"{folder}/{part}.parquet") in kept]
    open_files(connection, view, lake, paths, _schema(folder), is_numbered=True)


def open_core(connection: duckdb.DuckDBPyConnection, lake: Lake, *tables: str) -> None:
    """Make views over core tables, under their own names."""
    for table in tables:
        open_files(connection, table, lake, lake.paths(f"core/{table}"), CORE[table])


def write_core(
    connection: duckdb.DuckDBPyConnection, lake: Lake, table: str, order: str, query: str = ""
) -> int:
    """Replace a core table by `query` (default: everything of the same name), ordered by `order`.

    Columns are taken by name and cast to the table's schema. Returns the number of rows.
    """
    schema = CORE[table]
    columns = ", ".join(schema.names)
    rows = connection.sql(f"select {columns} from ({query or f'from {table}'}) order by {order}")
    with rows.to_arrow_reader(BATCH) as reader:
        return lake.replace(lake.core(table), (batch.cast(schema) for batch in reader), schema)


def write_parts(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    folder: str,
    query: str,
    parts: Iterable[str],
) -> int:
    """Replace parts of a table: one file for each value of the query's column `part`.

    Columns are taken by name and cast to the table's schema. Of `parts`, those without rows are
    removed; the part `unknown` is always there. Returns the number of rows. Raises `ValueError` if
    a column is null that never may be.
    """
    schema = _schema(folder)
    with lake.unfinished(folder) as unfinished:
        told = connection.execute(
            f"copy (select {_cast(connection, schema)}, part from ({query})) "
            f"to '{lake.uri(unfinished)}' "
            "(format parquet, compression zstd, partition_by (part), return_stats)"
        ).fetchall()
        written = {values["part"]: row_count for _, row_count, *_, values, _ in told}
        if len(written) < len(told):
            raise ValueError(f"{folder}: a part was written as several files")
        for *_, statistics, _, _ in told:
            _refuse_nulls(folder, schema, statistics)
        for path, *_, values, _ in told:
            name = f"part={values['part']}/{PurePath(path).name}"
            lake.move(f"{unfinished}/{name}", f"{folder}/{values['part']}.parquet")
    if UNKNOWN not in written:
        lake.replace(f"{folder}/{UNKNOWN}.parquet", (), schema)
    for part in {*parts} - {*written, UNKNOWN}:
        lake.remove(f"{folder}/{part}.parquet")
    log.info("wrote table=%s parts=%s rows=%s", folder, len(written), sum(written.values()))
    return sum(written.values())


def _schema(folder: str) -> pa.Schema:
    layer, _, table = folder.partition("/")
    return (CORE if layer == "core" else STATE)[table]


def _cast(connection: duckdb.DuckDBPyConnection, schema: pa.Schema) -> str:
    typed = connection.from_arrow(schema.empty_table())
    return ", ".join(
        f"{name}::{kind} as {name}" for name, kind in zip(typed.columns, typed.types, strict=True)
    )


def _refuse_nulls(folder: str, schema: pa.Schema, statistics: dict[str, dict[str, str]]) -> None:
    for column in schema:
        if not column.nullable and statistics[f'"{column.name}"']["null_count"] != "0":
            raise ValueError(f"{folder}: {column.name} is null, which it never may be")


def drop(connection: duckdb.DuckDBPyConnection, *tables: str) -> None:
    """Give back the memory of tables that nothing reads any more."""
    for table in tables:
        connection.execute(f"drop table {table}")


def value(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The only value of a query with one row and one column."""
    [(found,)] = connection.execute(query).fetchall()
    return found
