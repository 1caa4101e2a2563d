"""The marts become the file that analysts open: checked, then replaced in one step.

Every publication is a new file: in DuckDB neither `DELETE` nor `VACUUM` removes erased bytes.
Whoever holds the old file open keeps reading the old one until opening it again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import duckdb

from transforms.catalogue import write_catalogue
from transforms.engine import value
from transforms.night_check import write_night_check
from transforms.published_macros import write_macros
from transforms.published_table import quoted

STORAGE = "v1.5.0"  # the oldest DuckDB that can open the file
SNAPSHOTS_KEPT = 14
MODELS = Path(__file__).resolve().parents[1] / "sql" / "models" / "marts"
MARTS = tuple(sorted(file.stem.removeprefix("mart_") for file in MODELS.glob("mart_*.sql")))


class PublishError(RuntimeError):
    """The file cannot be published as it is; one line that says what to do."""


def publish(build: Path, published: Path, night: date, built_at: datetime) -> dict[str, int]:
    """Replace `published` by the marts in `build`, and keep a snapshot named by the night.

    Beside the marts stand `catalogue`, which tells `built_at`, `night_check` and the macros.
    Returns the rows of each table. Raises `PublishError`, with the old file left as it was, if a
    mart is missing or a `.wal` lies beside either file.
    """
    for file in (build, published):
        _refuse_wal(file)
    if not build.exists():
        raise PublishError(f"{build}: there are no marts to publish; run the models first")
    snapshots = published.parent / "snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    fresh = published.with_name(".unfinished.duckdb")
    fresh.unlink(missing_ok=True)
    counts = _write(build, fresh, sorted(snapshots.glob("[0-9]*.duckdb")), built_at)
    _refuse_wal(fresh)
    _check(fresh, counts)
    unfinished = snapshots / ".unfinished.duckdb"
    shutil.copyfile(fresh, unfinished)
    unfinished.replace(snapshots / f"{night}.duckdb")
    fresh.replace(published)
    for old in sorted(snapshots.glob("*.duckdb"))[:-SNAPSHOTS_KEPT]:
        old.unlink()
    return counts


def _refuse_wal(file: Path) -> None:
    wal = file.with_name(file.name + ".wal")
    if wal.exists():
        raise PublishError(
            f"{wal}: somebody is writing to {file.name}, or was cut off while doing so; "
            "close that program, or open and close the file once with duckdb, then publish again"
        )


def _write(
    build: Path, fresh: Path, snapshots: Iterable[Path], built_at: datetime
) -> dict[str, int]:
    """Write the new file whole; returns the rows of each table."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {quoted(build)} as build (read_only)")
        connection.execute(f"attach {quoted(fresh)} as fresh (storage_version '{STORAGE}')")
        counts = _copy_marts(connection, build)
        counts |= write_night_check(connection, counts, snapshots)
        counts |= write_catalogue(connection, counts, built_at)
        connection.execute("use fresh")
        write_macros(connection, counts)
        connection.execute("use memory")
        connection.execute("detach fresh")
    return counts


def _copy_marts(connection: duckdb.DuckDBPyConnection, build: Path) -> dict[str, int]:
    """Copy every mart with its comments into the new file; returns their row counts."""
    tables = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables() "
            "where database_name = 'build' and schema_name = 'main'"
        ).fetchall()
    )
    missing = sorted(set(MARTS) - set(tables))
    if missing:
        raise PublishError(f"{build}: marts are missing: {', '.join(missing)}; run the models")
    counts = {name: _copy_mart(connection, name, tables[name]) for name in MARTS}
    if counts["headline"] != 1:
        raise PublishError(f"{build}: headline must have one row; look at the models")
    return counts


def _copy_mart(connection: duckdb.DuckDBPyConnection, name: str, comment: str | None) -> int:
    connection.execute(f'create table fresh."{name}" as from build.main."{name}"')
    if comment:
        connection.execute(f'comment on table fresh."{name}" is {quoted(comment)}')
    columns = connection.execute(
        "select column_name, comment from duckdb_columns() where database_name = 'build' "
        "and schema_name = 'main' and table_name = ? and comment is not null",
        [name],
    ).fetchall()
    for column, told in columns:
        connection.execute(f'comment on column fresh."{name}"."{column}" is {quoted(told)}')
    return int(value(connection, f'select count(*) from build.main."{name}"'))


def _check(fresh: Path, counts: dict[str, int]) -> None:
    """Open the new file as an analyst would and compare it with what was built."""
    with duckdb.connect(str(fresh), read_only=True) as connection:
        for name, count in counts.items():
            if value(connection, f'select count(*) from "{name}"') != count:
                raise PublishError(f"{fresh}: {name} did not arrive whole; run publish again")
