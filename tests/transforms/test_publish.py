"""Publishing: checked, in one step, readable by older clients, and refused when in doubt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from transforms.publish import MARTS, SNAPSHOTS_KEPT, PublishError, publish

NIGHT = date(2026, 2, 4)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    file = tmp_path / "build.duckdb"
    with duckdb.connect(str(file)) as connection:
        for mart in MARTS:
            connection.execute(f"create table {mart} as select 1 as person_count, [1, 2] as years")
            connection.execute(f"comment on table {mart} is 'What''s in {mart}'")
            connection.execute(f"comment on column {mart}.person_count is 'people'")
        connection.execute("create schema intermediate")
        connection.execute("create table intermediate.int_ask as select 'never published' as text")
    return file


def test_marts_arrive_with_their_comments_and_nothing_else(tmp_path: Path, build: Path) -> None:
    published = tmp_path / "published" / "relationships.duckdb"
    assert publish(build, published, NIGHT) == dict.fromkeys(sorted(MARTS), 1)
    with duckdb.connect(str(published), read_only=True) as connection:
        tables = connection.execute("select table_name, comment from duckdb_tables()").fetchall()
        assert sorted(tables) == [(mart, f"What's in {mart}") for mart in sorted(MARTS)]
        told = connection.execute(
            "select distinct comment from duckdb_columns() where column_name = 'person_count'"
        ).fetchall()
        assert told == [("people",)]
    assert b"never published" not in published.read_bytes()
    assert (published.parent / "snapshots" / "2026-02-04.duckdb").exists()
    assert sorted(each.name for each in published.parent.iterdir()) == [
        "relationships.duckdb",
        "snapshots",
    ]


def test_the_file_is_written_in_the_format_of_duckdb_1_5(tmp_path: Path, build: Path) -> None:
    published = tmp_path / "relationships.duckdb"
    publish(build, published, NIGHT)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as it (read_only)")
        [(tags,)] = connection.execute(
            "select tags from duckdb_databases() where database_name = 'it'"
        ).fetchall()
    assert tags["storage_version"].startswith("v1.5")


@pytest.mark.parametrize("side", ["build", "published"])
def test_a_wal_beside_either_file_refuses_and_keeps_the_old_file(
    tmp_path: Path, build: Path, side: str
) -> None:
    published = tmp_path / "relationships.duckdb"
    publish(build, published, NIGHT)
    before = published.read_bytes()
    beside = build if side == "build" else published
    beside.with_name(beside.name + ".wal").write_bytes(b"x")
    with pytest.raises(PublishError, match="somebody is writing"):
        publish(build, published, NIGHT)
    assert published.read_bytes() == before


def test_a_missing_mart_or_build_is_named_and_keeps_the_old_file(
    tmp_path: Path, build: Path
) -> None:
    published = tmp_path / "relationships.duckdb"
    publish(build, published, NIGHT)
    with duckdb.connect(str(build)) as connection:
        connection.execute("drop table waiting_now")
    with pytest.raises(PublishError, match="marts are missing: waiting_now"):
        publish(build, published, NIGHT)
    with pytest.raises(PublishError, match="run the models first"):
        publish(tmp_path / "none.duckdb", published, NIGHT)
    assert published.exists()


def test_a_headline_of_no_row_is_not_published(tmp_path: Path, build: Path) -> None:
    with duckdb.connect(str(build)) as connection:
        connection.execute("delete from headline")
    with pytest.raises(PublishError, match="headline must have one row"):
        publish(build, tmp_path / "relationships.duckdb", NIGHT)
    assert not (tmp_path / "relationships.duckdb").exists()


def test_a_reader_of_the_old_file_keeps_it_and_old_snapshots_go(
    tmp_path: Path, build: Path
) -> None:
    published = tmp_path / "relationships.duckdb"
    publish(build, published, date(2026, 1, 1))
    with duckdb.connect(str(published), read_only=True) as reader:
        for day in range(2, SNAPSHOTS_KEPT + 3):
            publish(build, published, date(2026, 1, day))
        assert reader.execute("select person_count from headline").fetchall() == [(1,)]
    snapshots = sorted(each.stem for each in (tmp_path / "snapshots").iterdir())
    assert len(snapshots) == SNAPSHOTS_KEPT
    assert snapshots[0] == "2026-01-03"
