"""A table of the published file that no model makes, typed and with a comment on every column."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class PublishedTable:
    """Its comment, which tells grain, questions and caveats, and its columns.

    Of each column: name, type, comment.
    """

    name: str
    comment: str
    columns: tuple[tuple[str, str, str], ...]

    def create(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make it, without rows, in the attached database `fresh`."""
        typed = ", ".join(f"{name} {kind}" for name, kind, _ in self.columns)
        connection.execute(f"create table fresh.{self.name} ({typed})")
        connection.execute(f"comment on table fresh.{self.name} is {quoted(self.comment)}")
        for name, _, told in self.columns:
            connection.execute(f"comment on column fresh.{self.name}.{name} is {quoted(told)}")


def quoted(text: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"
