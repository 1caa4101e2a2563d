"""Publishing: checked, in one step, readable by older clients, and refused when in doubt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.transforms.made_build import BUILT_AT, contract, make_build
from transforms.publish import MARTS, SNAPSHOTS_KEPT, PublishError, publish

NIGHT = date(2026, 2, 4)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    file = make_build(tmp_path / "build.duckdb", NIGHT)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema intermediate")
        connection.execute("create table intermediate.int_ask as select 'never published' as text")
    return file


def test_marts_arrive_with_their_comments_and_nothing_else(tmp_path: Path, build: Path) -> None:
    published = tmp_path / "published" / "relationships.duckdb"
    counts = publish(build, published, NIGHT, BUILT_AT)
    assert {mart: counts[mart] for mart in MARTS} == dict.fromkeys(MARTS, 0) | {"headline": 1}
    assert counts.keys() - {*MARTS} == {"catalogue", "night_check"}
    with duckdb.connect(str(published), read_only=True) as connection:
        tables = dict(
            connection.execute("select table_name, comment from duckdb_tables()").fetchall()
        )
        assert tables.keys() == counts.keys()
        for mart in MARTS:
            assert tables[mart] == contract(mart)["description"]
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() "
            "where not internal and table_name in (select unnest(?))",
            [MARTS],
        ).fetchall()
        assert sorted(columns) == sorted(
            (mart, column["name"], column["description"])
            for mart in MARTS
            for column in contract(mart)["columns"]
        )
    assert b"never published" not in published.read_bytes()
    assert (published.parent / "snapshots" / "2026-02-04.duckdb").exists()
    assert sorted(each.name for each in published.parent.iterdir()) == [
        "relationships.duckdb",
        "snapshots",
    ]


def test_tables_that_no_model_makes_have_comments_too(tmp_path: Path, build: Path) -> None:
    published = tmp_path / "relationships.duckdb"
    publish(build, published, NIGHT, BUILT_AT)
    with duckdb.connect(str(published), read_only=True) as connection:
        for what in ("duckdb_tables()", "duckdb_columns()", "duckdb_functions()"):
            untold = f"from {what} where not internal and coalesce(comment, '') = ''"
            assert connection.execute(untold).fetchall() == []


def test_the_file_is_written_in_the_format_of_duckdb_1_5(tmp_path: Path, build: Path) -> None:
    published = tmp_path / "relationships.duckdb"
    publish(build, published, NIGHT, BUILT_AT)
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
    publish(build, published, NIGHT, BUILT_AT)
    before = published.read_bytes()
    beside = build if side == "build" else published
    beside.with_name(beside.name + ".wal").write_bytes(b"x")
    with pytest.raises(PublishError, match="somebody is writing"):
        publish(build, published, NIGHT, BUILT_AT)
    assert published.read_bytes() == before


def test_a_missing_mart_or_build_is_named_and_keeps_the_old_file(
    tmp_path: Path, build: Path
) -> None:
    published = tmp_path / "relationships.duckdb"
    publish(build, published, NIGHT, BUILT_AT)
    before = published.read_bytes()
    with duckdb.connect(str(build)) as connection:
        connection.execute("drop table waiting_now")
    with pytest.raises(PublishError, match="marts are missing: waiting_now"):
        publish(build, published, NIGHT, BUILT_AT)
    with pytest.raises(PublishError, match="run the models first"):
        publish(tmp_path / "none.duckdb", published, NIGHT, BUILT_AT)
    assert published.read_bytes() == before


@pytest.mark.parametrize("rows", [[], [{}, {}]], ids=["none", "two"])
def test_a_headline_of_no_row_or_two_is_not_published(
    tmp_path: Path, rows: list[dict[str, object]]
) -> None:
    build = make_build(tmp_path / "build.duckdb", NIGHT, headline=rows)
    with pytest.raises(PublishError, match="headline must have one row"):
        publish(build, tmp_path / "relationships.duckdb", NIGHT, BUILT_AT)
    assert not (tmp_path / "relationships.duckdb").exists()


def test_a_reader_of_the_old_file_keeps_it_and_old_snapshots_go(tmp_path: Path) -> None:
    build, published = tmp_path / "build.duckdb", tmp_path / "relationships.duckdb"
    publish(make_build(build, date(2026, 1, 1)), published, date(2026, 1, 1), BUILT_AT)
    with duckdb.connect(str(published), read_only=True) as reader:
        [old] = reader.execute("select as_of from headline").fetchall()
        for day in range(2, SNAPSHOTS_KEPT + 3):
            night = date(2026, 1, day)
            publish(make_build(build, night), published, night, BUILT_AT)
        assert reader.execute("select as_of from headline").fetchall() == [old]
    snapshots = sorted(each.stem for each in (tmp_path / "snapshots").iterdir())
    assert len(snapshots) == SNAPSHOTS_KEPT
    assert snapshots[0] == "2026-01-03"
