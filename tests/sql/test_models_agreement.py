"""Marts that must agree: wherever one is made to say something else, the night's tests name it."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from dbt_build import SQL, Build

TESTS = sorted(path.stem for path in (SQL / "tests").glob("*.sql"))
HEADLINE = "the_headline_says_what_its_marts_say"
LISTED = "the_waiting_list_holds_the_asks_that_wait"
OPEN = "open_asks_of_people_are_those_that_wait"
MONTHS = "the_months_of_responsiveness_add_up_to_all_time"
PEOPLE = "responsiveness_counts_the_people_of_ask"
PERSON = "relationship_counts_the_asks_of_each_person"
MESSAGES = "every_message_to_us_is_part_of_one_ask"


def failed_tests(built: Build, folder: Path, break_it: str) -> set[str]:
    """Which of the tests between models fail on a build that somebody has changed."""
    file = folder / "build.duckdb"
    shutil.copy(built.file, file)
    compiled = built.folder / "target/compiled/rapport/tests"
    with duckdb.connect(str(file)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(break_it)
        return {
            test
            for test in TESTS
            if connection.execute((compiled / f"{test}.sql").read_text()).fetchall()
        }


def test_marts_that_nobody_has_changed_agree(built: Build, tmp_path: Path) -> None:
    assert failed_tests(built, tmp_path, "select 1") == set()


@pytest.mark.parametrize(
    ("break_it", "failed"),
    [
        ("update headline set people_in_contact_count = people_in_contact_count + 1", {HEADLINE}),
        (
            "update headline set median_reply_seconds = coalesce(median_reply_seconds, 0) + 1",
            {HEADLINE},
        ),
        ("update headline set people_answered_count = people_asked_count + 1", {HEADLINE}),
        (
            "delete from waiting_now where ask_id = (select min(ask_id) from waiting_now "
            "where person_id is not null)",
            {HEADLINE, LISTED, OPEN},
        ),
        ("update waiting_now set asked_at = asked_at - interval 1 day", {LISTED}),
        (
            "update responsiveness set people_answered_count = people_answered_count - 1 "
            "where period_kind = 'all' and channel <> 'all' and clock = 'business'",
            {PEOPLE},
        ),
        ("delete from responsiveness where period_kind = 'month'", {PEOPLE}),
        (
            "update relationship set answered_ask_count = answered_ask_count - 1 "
            "where answered_ask_count > 0",
            {PERSON},
        ),
        (
            "update relationship set open_ask_count = 0, "
            "is_in_contact = not is_in_contact where person_id = (select min(person_id) "
            "from relationship where open_ask_count > 0)",
            {HEADLINE, OPEN},
        ),
        (
            "delete from ask where ask_id = (select min(ask_id) from ask "
            "where outcome = 'answered' and not is_only_thanks)",
            {HEADLINE, MESSAGES, MONTHS, PEOPLE, PERSON},
        ),
    ],
)
def test_a_mart_that_says_something_else_fails_by_name(
    built: Build, tmp_path: Path, break_it: str, failed: set[str]
) -> None:
    assert failed_tests(built, tmp_path, break_it) == failed
