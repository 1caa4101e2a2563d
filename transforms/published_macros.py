"""What can be called in the published file: the macros of `sql/published_macros`, one a file."""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path

import duckdb

from transforms.published_table import quoted

FOLDER = Path(__file__).resolve().parents[1] / "sql" / "published_macros"
HEAD = re.compile(r"create macro (?P<name>\w+)\([^)]*\) as(?P<kind> table)?\b")


def write_macros(connection: duckdb.DuckDBPyConnection, published: Container[str]) -> list[str]:
    """Make, in the database in use, every macro whose tables are there; returns their names.

    The comment on top of a file goes along, but for the line `Reads:`, which names the tables. A
    macro finds its tables where it is called: in the file that is open, or that `use` names.
    """
    written = []
    for file in sorted(FOLDER.glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        if not all(table in published for table in tables_read(text)):
            continue
        [head] = HEAD.finditer(text)
        connection.execute(text)
        told = " ".join(line for line in told_on_top(text) if not line.startswith("Reads: "))
        kind = "macro table" if head["kind"] else "macro"
        connection.execute(f"comment on {kind} {head['name']} is {quoted(told)}")
        written.append(head["name"])
    return written


def tables_read(text: str) -> list[str]:
    """The tables that the comment on top of a query says it reads; none if it names none."""
    for line in told_on_top(text):
        if line.startswith("Reads: "):
            return line.removeprefix("Reads: ").rstrip(".").split(", ")
    return []


def told_on_top(text: str) -> list[str]:
    """The lines of the comment on top of a query."""
    lines = text.splitlines()
    code = next(place for place, line in enumerate(lines) if not line.startswith("--"))
    return [line.removeprefix("--").strip() for line in lines[:code]]
