"""The sample organisation's night through Airflow, held against what is true of it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from extractors.registry import options_of
from extractors.sample_community.truth import Truth, ground_truth
from lake.organisation import load_organisation
from tests.night.airflow_night import ask, published, run_night
from tests.night.pipeline import ROOT
from transforms.publish import MARTS
from transforms.published_macros import tables_read

NIGHT, AS_OF = date(2026, 2, 4), datetime(2026, 2, 5, tzinfo=UTC)
ANALYSES = sorted((ROOT / "sql" / "analyses").glob("*.sql"))
COLUMNS = (
    "account_id",
    "asked_at",
    "message_count",
    "outcome",
    "is_only_thanks",
    "human_reply_seconds",
    "person_reply_seconds",
    "automatic_reply_seconds",
    "human_reply_business_seconds",
)

pytestmark = pytest.mark.night


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    done = run_night(home, "sample", NIGHT)
    assert done.returncode == 0, done.stdout + done.stderr
    (home / "told.txt").write_text(done.stdout, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def truth() -> Truth:
    sample = load_organisation(ROOT / "organisations" / "sample.toml")
    return ground_truth(options_of(sample.read[0]).settings, AS_OF, sample)  # type: ignore[attr-defined]


def test_every_ask_its_outcome_and_all_clocks_are_exactly_true(home: Path, truth: Truth) -> None:
    columns = ", ".join(("ask_id", *COLUMNS))
    found = {row[0]: row[1:] for row in ask(home, "sample", f"select {columns} from ask")}
    expected = {
        each.ask_id: tuple(getattr(each, column) for column in COLUMNS) for each in truth.asks
    }
    assert len(expected) > 10_000
    assert {each.outcome for each in truth.asks} == {
        "answered",
        "closed_by_thanks",
        "expired",
        "open",
        "peer_answered",
        "withdrawn",
    }
    assert found == expected


def test_the_waiting_list_is_exactly_true(home: Path, truth: Truth) -> None:
    waiting = ask(home, "sample", "select ask_id from waiting_now")
    assert sorted(name for (name,) in waiting) == sorted(truth.waiting)


def test_people_in_two_way_contact_are_exactly_those(home: Path, truth: Truth) -> None:
    query = "select person_id from relationship where is_in_contact"
    found = ask(home, "sample", query)
    assert sorted(name for (name,) in found) == sorted(truth.in_two_way_contact)


def test_the_night_ends_with_a_table_that_says_what_the_file_says(home: Path) -> None:
    told = (home / "told.txt").read_text(encoding="utf-8")
    [(in_contact, waiting)] = ask(
        home, "sample", "select people_in_contact_count, people_waiting_count from headline"
    )
    assert re.search(rf"People in two-way contact\s+{in_contact}\n", told)
    assert re.search(rf"People waiting\s+{waiting}, ", told)
    assert str(published(home, "sample")) in told
    assert "Jump since last night" not in told


def test_the_step_publish_tells_few_rows_and_the_number_of_tables(home: Path) -> None:
    told = (home / "told.txt").read_text(encoding="utf-8")
    [counted] = ask(
        home,
        "sample",
        "select map_from_entries(list((table_name, row_count))), count(*) from catalogue",
    )
    rows, tables = counted
    telling = ", ".join(f"{rows[name]:,} {name}" for name in ("ask", "waiting_now", "relationship"))
    assert re.search(rf"  publish .* {telling}, {tables} tables\n", told)


def test_hours_counted_by_the_macro_are_the_business_seconds_of_every_ask(home: Path) -> None:
    different = """
        select ask_id from ask
        where round(working_hours(asked_at, human_answered_at) * 3600)
                is distinct from human_reply_business_seconds
            or round(working_hours(asked_at, censored_at) * 3600) <> waited_business_seconds
    """
    assert ask(home, "sample", different) == []
    known = "select count(*) from ask where human_reply_business_seconds > 0"
    assert ask(home, "sample", known) > [(1_000,)]


def test_a_person_is_found_with_the_figures_of_the_mart(home: Path) -> None:
    [(name, *figures)] = ask(
        home,
        "sample",
        "select person_name, person_id, strength, open_ask_count from relationship "
        "where open_ask_count > 0 order by strength desc limit 1",
    )
    query = "select person_id, strength, open_ask_count, waiting_since_at from person('{}')"
    *found, waiting_since_at = ask(home, "sample", query.format(name.upper()))[0]
    since = "select min(asked_at) from waiting_now where person_id = '{}'"
    assert found == figures
    assert ask(home, "sample", since.format(figures[0])) == [(waiting_since_at,)]


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_every_ready_question_has_an_answer_that_fits_a_screen(home: Path, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    missing = {*tables_read(text)} - {*MARTS}
    if missing:
        pytest.skip(f"needs {', '.join(sorted(missing))}")
    assert 1 <= len(ask(home, "sample", text)) <= 40


def test_the_catalogue_tells_of_every_table_all_there_is_to_tell(home: Path) -> None:
    tables = ask(home, "sample", "select table_name from duckdb_tables() order by all")
    assert ask(home, "sample", "select table_name from catalogue order by all") == tables
    assert not any(None in row for row in ask(home, "sample", "from catalogue"))


def readme_query() -> tuple[str, list[list[str]]]:
    """The README's first query and the cells of the result that it shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```sql\n(.+?)```\s+```text\n(.+?)```", text, re.DOTALL)
    assert found
    rows = [
        [cell.strip() for cell in line.strip("│ ").split("│")]
        for line in found[2].splitlines()
        if line.startswith("│")
    ]
    return found[1], rows


def test_the_query_of_the_readme_gives_the_result_of_the_readme(home: Path) -> None:
    query, [header, _types, *rows] = readme_query()
    with duckdb.connect(str(published(home, "sample")), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.sql(query)
        assert found.columns == header
        assert [
            ["NULL" if cell is None else str(cell) for cell in row] for row in found.fetchall()
        ] == rows


def test_tables_and_columns_say_what_they_mean_inside_the_file(home: Path) -> None:
    untold = ask(home, "sample", "select table_name from duckdb_tables() where comment is null")
    assert untold == []
    columns = "select table_name, column_name from duckdb_columns()"
    assert ask(home, "sample", f"{columns} where not internal and comment is null") == []
    macros = "select function_name from duckdb_functions()"
    assert ask(home, "sample", f"{macros} where not internal and comment is null") == []
