"""The dbt project as a whole: what it demands, what it promises, and how it is kept."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from community import AS_OF
from dbt_build import SQL, Build
from story import Story, at

from lake.schemas import CORE

MARTS = tuple(sorted(file.stem[5:] for file in (SQL / "models/marts").glob("mart_*.sql")))
MODELS = sorted((SQL / "models").rglob("*.sql"))


def contents(build: Build) -> dict[str, list[dict[str, Any]]]:
    return {mart: build.rows(f"from {mart} order by all") for mart in MARTS}


@pytest.mark.parametrize(
    "as_of",
    [at("2026-03-15 12:34"), at("2026-05-01 00:00"), AS_OF],
    ids=lambda moment: f"{moment:%d_%B}",
)
def test_what_happens_later_or_in_another_order_changes_nothing(
    story: Story, built: Build, new_build: Callable[[Story], Build], as_of: datetime
) -> None:
    early = story.until(as_of)
    for rows in early.tables.values():
        random.Random(1).shuffle(rows)
    build = new_build(early)
    assert build.dbt("run", as_of=as_of).returncode == 0
    knowing = built
    if as_of != AS_OF:
        knowing = new_build(story)
        assert knowing.dbt("run", as_of=as_of).returncode == 0
    assert contents(build) == contents(knowing)
    assert len(contents(build)["ask"]) > 100


@pytest.fixture(scope="module")
def silent(new_build: Callable[[Story], Build]) -> Build:
    """An organisation whose core tables are all empty."""
    return new_build(Story())


def test_the_project_can_be_parsed_without_as_of_but_not_run(silent: Build) -> None:
    assert silent.dbt("parse", as_of=None).returncode == 0
    done = silent.dbt("run", "--select", "stg_message", as_of=None)
    assert done.returncode != 0
    assert "the variable as_of is missing" in done.stdout


def test_an_organisation_that_nobody_speaks_to_has_marts_too(silent: Build) -> None:
    done = silent.dbt("--warn-error", "build", "--exclude-resource-type", "unit_test")
    assert done.returncode == 0, done.stdout[-4000:]
    counts = {mart: len(rows) for mart, rows in contents(silent).items()}
    assert counts == dict.fromkeys(MARTS, 0) | {"headline": 1}


def test_the_project_can_be_documented_without_network(silent: Build) -> None:
    done = silent.dbt("docs", "generate", "--static")
    assert done.returncode == 0, done.stdout[-4000:]
    assert (silent.folder / "target/static_index.html").stat().st_size > 1_000_000


def test_every_core_table_is_staged_with_all_its_columns(built: Build) -> None:
    for name, schema in CORE.items():
        columns = built.rows(f"describe staging.stg_{name}")
        names = [name for name in schema.names if name != "fold"]  # kept for later nights
        assert [column["column_name"] for column in columns] == names


def test_the_file_holds_the_marts_under_their_own_names_with_all_comments(built: Build) -> None:
    tables = built.rows("""
        select table_name, comment from duckdb_tables() where schema_name = 'main' order by all
    """)
    assert [table["table_name"] for table in tables] == list(MARTS)
    assert all("Grain: " in table["comment"] for table in tables)
    columns = built.rows("""
        select table_name, column_name from duckdb_columns()
        where schema_name = 'main' and not internal and coalesce(comment, '') = ''
    """)
    assert columns == []


def test_the_file_can_be_opened_by_older_clients(built: Build) -> None:
    found = built.rows("select tags from duckdb_databases() where database_name = 'build'")
    assert found[0]["tags"]["storage_version"] == "v1.5.0+"


@pytest.mark.parametrize("path", sorted((SQL / "models/marts").glob("*.yml")), ids=lambda p: p.stem)
def test_a_mart_says_what_it_means_and_shows_two_worked_examples(path: Path) -> None:
    told = yaml.safe_load(path.read_text())
    (model,) = told["models"]
    assert model["name"] == path.stem
    assert path.with_suffix(".sql").exists()
    assert all(word in model["description"] for word in ("Grain: ", "Questions: ", "Caveats: "))
    assert all(column["description"] for column in model["columns"])
    examples = [each for each in told["unit_tests"] if each["model"] == path.stem]
    assert len(examples) >= 2
    assert any("oundary" in each.get("description", "") for each in examples)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_is_short_says_its_grain_and_has_a_description(path: Path, built: Build) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 120
    assert sum(line.endswith(" as (") and line[0] != " " for line in text.splitlines()) <= 7
    assert text.startswith("-- ")
    assert "Grain: " in text.split("with\n")[0] or path.stem == "stg_set_aside"
    manifest = json.loads((built.folder / "target/manifest.json").read_text())
    assert manifest["nodes"][f"model.rapport.{path.stem}"]["description"]
