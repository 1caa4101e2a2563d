"""The catalogue: what every published table says of itself, found in one place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.transforms.made_build import BUILT_AT, make_build
from transforms.publish import publish

NIGHT = date(2026, 2, 4)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    hours = [{"opened_at": f"2026-02-0{day}T08:00:00+00:00"} for day in (2, 3, 4)]
    return make_build(tmp_path / "build.duckdb", NIGHT, version="7", opening_hours=hours)


def catalogue(build: Path) -> dict[str, dict[str, Any]]:
    """The rows of the catalogue that the build is published with, by table."""
    published = build.with_name("relationships.duckdb")
    counts = publish(build, published, NIGHT, BUILT_AT)
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute("from catalogue")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    assert [row["table_name"] for row in rows] == sorted(counts)
    return {row["table_name"]: row for row in rows}


def test_every_table_says_what_a_row_is_what_to_ask_and_what_not_to_conclude(build: Path) -> None:
    for row in catalogue(build).values():
        assert None not in row.values(), row["table_name"]
        assert not any("\n" in str(cell) for cell in row.values()), row["table_name"]


def test_words_are_those_of_the_description_each_in_its_column(build: Path) -> None:
    with duckdb.connect(str(build)) as connection:
        connection.execute(
            "comment on table ask is 'What was asked.\nAnd what not.\nGrain: ask_id, asked_at.\n"
            "Questions: Who?\nWhen?\nCaveats: Grain: is not\nflour.'"
        )
    row = catalogue(build)["ask"]
    assert row["description"] == "What was asked. And what not."
    assert row["grain"] == "ask_id, asked_at"
    assert row["questions"] == "Who? When?"
    assert row["caveats"] == "Grain: is not flour."


@pytest.mark.parametrize("comment", ["'Only\nthis.'", "null"])
def test_a_table_that_lacks_the_words_is_told_without_them(build: Path, comment: str) -> None:
    with duckdb.connect(str(build)) as connection:
        connection.execute(f"comment on table ask is {comment}")
    row = catalogue(build)["ask"]
    assert row["description"] == ("Only this." if "Only" in comment else None)
    assert (row["grain"], row["questions"], row["caveats"]) == (None, None, None)
    assert row["row_count"] == 0


def test_rows_versions_and_moments_are_told_of_each_table(build: Path) -> None:
    rows = catalogue(build)
    counts = {name: row["row_count"] for name, row in rows.items() if row["row_count"]}
    night_check = counts.pop("night_check")
    assert night_check > 20
    assert counts == {"catalogue": len(rows), "headline": 1, "opening_hours": 3}
    assert {row["as_of"] for row in rows.values()} == {datetime(2026, 2, 5, tzinfo=UTC)}
    assert {row["built_at"] for row in rows.values()} == {BUILT_AT}
    assert {row["definition_version"] for row in rows.values()} == {"7"}
