"""DuckDB as the transforms' engine: in memory, bounded, in UTC, spilling beside the data."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from lake.schemas import CORE
from lake.store import Lake


@contextmanager
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that keeps to `RAPPORT_MEMORY` (default 4GB) and spills to its own folder."""
    with (
        tempfile.TemporaryDirectory(prefix="rapport-") as spill,
        duckdb.connect(":memory:") as connection,
    ):
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set memory_limit = '{os.environ.get('RAPPORT_MEMORY', '4GB')}'")
        connection.execute(f"set temp_directory = '{spill}'")
        connection.execute("set preserve_insertion_order = false")
        yield connection


def open_files(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    lake: Lake,
    paths: Iterable[str],
    schema: pa.Schema,
) -> None:
    """Make the view `name` over files of one schema; an empty one where there are no files."""
    files = [lake.uri(path) for path in paths]
    if files:
        connection.read_parquet(files, union_by_name=False).create_view(name)
    else:
        connection.from_arrow(schema.empty_table()).create_view(name)


def open_core(connection: duckdb.DuckDBPyConnection, lake: Lake, *tables: str) -> None:
    """Make views over core tables, under their own names."""
    for table in tables:
        open_files(connection, table, lake, [lake.core(table)], CORE[table])


def write_core(
    connection: duckdb.DuckDBPyConnection, lake: Lake, table: str, order: str, query: str = ""
) -> int:
    """Replace a core table by `query` (default: everything of the same name), ordered by `order`.

    Columns are taken by name and cast to the table's schema. Returns the number of rows.
    """
    schema = CORE[table]
    columns = ", ".join(schema.names)
    rows = connection.sql(f"select {columns} from ({query or f'from {table}'}) order by {order}")
    with rows.to_arrow_reader(65_536) as reader:
        return lake.replace(lake.core(table), (batch.cast(schema) for batch in reader), schema)


def value(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The only value of a query with one row and one column."""
    [(found,)] = connection.execute(query).fetchall()
    return found
