"""Parts of a table are replaced whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.store import Lake
from transforms.engine import engine, open_parts, write_parts

FOLLOWS = "state/follow"


def follows(*rows: tuple[str | None, str, str]) -> str:
    listed = ", ".join(str(row).replace("None", "null") for row in rows)
    return f"""
        select *, '2025-03-01'::timestamptz as followed_at
        from (values {listed}) as row (follower_id, followed_id, part)
    """


def kept(lake: Lake) -> dict[str, list[str]]:
    return {
        path.removeprefix(f"{FOLLOWS}/").removesuffix(".parquet"): sorted(
            lake.read(path).column("follower_id").to_pylist()
        )
        for path in lake.paths(FOLLOWS)
    }


def test_each_part_is_a_file_and_those_without_rows_are_removed(tmp_path: Path) -> None:
    lake = Lake.of("acme", str(tmp_path))
    with engine() as connection:
        first = follows(
            ("ana", "us", "2025-01"), ("bob", "us", "2025-02"), ("cai", "us", "2025-02")
        )
        assert write_parts(connection, lake, FOLLOWS, first, []) == 3
        assert kept(lake) == {"2025-01": ["ana"], "2025-02": ["bob", "cai"], "unknown": []}
        again = follows(("dee", "us", "2025-02"))
        assert write_parts(connection, lake, FOLLOWS, again, ["2025-01", "2025-02"]) == 1
    assert kept(lake) == {"2025-02": ["dee"], "unknown": []}


def test_a_null_where_none_may_be_replaces_nothing(tmp_path: Path) -> None:
    lake = Lake.of("acme", str(tmp_path))
    with engine() as connection:
        write_parts(connection, lake, FOLLOWS, follows(("ana", "us", "2025-01")), [])
        for wrong in (
            follows((None, "us", "2025-01")),
            follows(("bob", "us", "2025-01"), (None, "us", "2025-02")),
        ):
            with pytest.raises(ValueError, match="state/follow: follower_id is null"):
                write_parts(connection, lake, FOLLOWS, wrong, ["2025-01"])
    assert kept(lake) == {"2025-01": ["ana"], "unknown": []}


def test_rows_of_a_numbered_view_have_numbers_of_their_own(tmp_path: Path) -> None:
    lake = Lake.of("acme", str(tmp_path))
    parts = ["2025-01", "2025-02", "unknown"]
    with engine() as connection:
        rows = follows(("ana", "us", "2025-01"), ("bob", "us", "2025-02"), ("cai", "us", "2025-02"))
        write_parts(connection, lake, FOLLOWS, rows, [])
        open_parts(connection, "follow", lake, FOLLOWS, parts)
        told = connection.execute("select follower_id, part, source from follow").fetchall()
        open_parts(connection, "nothing", lake, FOLLOWS, ["2024-12"])
        assert connection.execute("select part, source from nothing").fetchall() == []
    assert {(who, part) for who, part, _ in told} == {
        ("ana", "2025-01"),
        ("bob", "2025-02"),
        ("cai", "2025-02"),
    }
    assert len({source for _, _, source in told}) == 3


def test_what_a_killed_night_left_half_written_is_no_part_and_is_swept(tmp_path: Path) -> None:
    lake = Lake.of("acme", str(tmp_path))
    with engine() as connection:
        write_parts(connection, lake, FOLLOWS, follows(("ana", "us", "2025-01")), [])
        with lake.unfinished(FOLLOWS) as unfinished:
            connection.execute(
                f"copy ({follows(('bob', 'us', '2025-02'))}) to '{lake.uri(unfinished)}' "
                "(format parquet, partition_by (part))"
            )
            assert kept(lake) == {"2025-01": ["ana"], "unknown": []}
            assert lake.sweep("state") == 1
            assert not [*tmp_path.rglob("*unfinished*")]
            lake.files.create_dir(f"{lake.root}/{unfinished}")
    assert kept(lake) == {"2025-01": ["ana"], "unknown": []}
