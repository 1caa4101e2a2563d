"""Paths of partitions, and their replacement in one step."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.store import Lake, Partition

SCHEMA = pa.schema([pa.field("n", pa.int64())])
DAY = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))


def rows(*numbers: int) -> list[pa.RecordBatch]:
    return [pa.RecordBatch.from_pydict({"n": list(numbers)}, schema=SCHEMA)]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.of("acme", str(tmp_path))


@given(st.tuples(*[st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)] * 3))
def test_a_partition_is_found_again_whatever_its_account_is_called(
    names: tuple[str, str, str],
) -> None:
    for complete in (True, False):
        partition = Partition(*names, *DAY, is_complete=complete)
        assert partition.path.count("/") == 3
        assert Partition.from_path("raw/" + partition.path) == partition


def test_a_partition_may_start_within_a_day(lake: Lake) -> None:
    partition = Partition("x", "acme", "posts", datetime(2026, 1, 1, 5, 30, tzinfo=UTC), DAY[1])
    lake.replace(f"raw/{partition.path}", rows(1), SCHEMA)
    assert lake.partitions("raw", "x", "acme", "posts") == [partition]


def test_a_failed_write_leaves_the_old_file_and_no_litter(lake: Lake) -> None:
    lake.replace("core/t.parquet", rows(1), SCHEMA)

    def failing() -> object:
        yield from rows(2)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        lake.replace("core/t.parquet", failing(), SCHEMA)  # type: ignore[arg-type]
    assert lake.read("core/t.parquet").to_pydict() == {"n": [1]}
    assert [each.name for each in Path(lake.root, "core").iterdir()] == ["t.parquet"]


def test_what_a_killed_process_left_is_never_read_and_is_swept_away(lake: Lake) -> None:
    lake.replace("core/t.parquet", rows(1), SCHEMA)
    Path(lake.root, "core", ".unfinished-ab12-t.parquet").write_bytes(b"half")
    assert lake.paths("core") == ["core/t.parquet"]
    assert lake.sweep("core") == 1
    assert lake.sweep("core") == 0


def test_facts_are_kept_with_the_rows(lake: Lake) -> None:
    with lake.writing("raw/t.parquet", SCHEMA) as writing:
        writing.write(rows(1, 2)[0])
        writing.note(request_count=7)
    assert lake.facts("raw/t.parquet") == {
        "request_count": "7",
        "row_count": "2",
    } | {k: v for k, v in lake.facts("raw/t.parquet").items() if k.startswith("ARROW")}


def test_a_lake_may_lie_on_another_filesystem() -> None:
    lake = Lake.of("acme", "mock://bucket/rapport")
    lake.replace("core/t.parquet", rows(3), SCHEMA)
    assert lake.paths("core") == ["core/t.parquet"]
    assert lake.read("core/t.parquet").to_pydict() == {"n": [3]}
    assert lake.uri("core/t.parquet").startswith("mock://")
