"""The formulas of style accommodation, as macros of the dbt project, on their worked numbers."""

from __future__ import annotations

import duckdb
import pytest
from dbt_build import SQL
from jinja2 import Template

STYLE = Template((SQL / "macros/style.sql").read_text()).module


def told(query: str) -> float:
    with duckdb.connect() as connection:
        [(number,)] = connection.execute(query).fetchall()
    return float(number)


def test_style_matches_by_the_worked_numbers() -> None:
    assert round(told(f"select {STYLE.style_match('0.10', '0.06')}"), 6) == 0.750156
    kinds = "(values (0.10, 0.06), (0.05, 0.05), (0.02, 0.0)) as kind (p, q)"
    assert round(told(f"select avg({STYLE.style_match('p', 'q')}) from {kinds}"), 6) == 0.585044


def test_coordination_has_its_worked_number_and_none_where_nothing_was_shown() -> None:
    pairs = "(values (1, 1), (1, 1), (1, 0), (0, 1), (0, 0), (0, 0)) as pair (answered, reply)"
    query = f"select {STYLE.coordination('reply = 1', 'answered = 1')} from {pairs}"
    assert told(query) == pytest.approx(0.166667, abs=1e-6)
    assert told(f"select ({query} where answered = 0) is null") == 1
