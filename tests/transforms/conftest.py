"""A lake that is told observations, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from extractors.observations import AccountSeen, MessageSeen, Observation
from lake.organisation import Organisation
from lake.schemas import OBSERVED
from lake.store import Lake, Partition
from transforms.interactions import interactions
from transforms.people import people
from transforms.read import tabulated

START = datetime(2025, 3, 1, tzinfo=UTC)
AS_OF = datetime(2025, 4, 1, tzinfo=UTC)
CORE_TABLES = (
    "account",
    "identity",
    "person",
    "message",
    "message_signal",
    "interaction",
    "conversation",
    "set_aside",
)


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment of March 2025."""
    return datetime(2025, 3, day, hour, minute, second, tzinfo=UTC)


def message(name: str, author: str | None, sent_at: datetime, **more: Any) -> MessageSeen:
    """A message of the forum; itself, parents, mentions and authors by their short names."""
    for key in ("parent_id", "root_id", "quoted_id"):
        if key in more:
            more[key] = f"sample::{more[key]}"
    more["mentions"] = tuple(f"sample::{each}" for each in more.get("mentions", ()))
    told = {"text": f"text of {name}", "kind": "post", "channel": "forum", "is_own_space": True}
    return MessageSeen(
        message_id=f"sample::{name}",
        author_id=author and f"sample::{author}",
        sent_at=sent_at,
        **(told | more),
    )


def account(name: str, **more: Any) -> AccountSeen:
    return AccountSeen(account_id=f"sample::{name}", handle=name, **more)


class World:
    """One organisation's lake, told what was observed night by night."""

    def __init__(self, folder: Path, organisation: Organisation) -> None:
        self.lake = Lake.of("acme", str(folder))
        self.organisation = organisation

    def night(self, number: int, observations: Iterable[Observation]) -> None:
        """What the night of March `number` observed; telling again replaces it."""
        start = START + timedelta(days=number - 1)
        end = start + timedelta(days=1)
        self.tell(start, end, [(end, each) for each in observations])

    def tell(
        self, start: datetime, end: datetime, said: list[tuple[datetime, Observation]]
    ) -> None:
        where = ("sample", "community", "messages")
        path = f"observed/{Partition(*where, start, end).path}"
        self.lake.replace(path, tabulated(said, where), OBSERVED)

    def build(self, as_of: datetime = AS_OF) -> World:
        people(self.lake, self.organisation)
        interactions(self.lake, self.organisation, as_of)
        return self

    def core(self, table: str) -> pa.Table:
        return self.lake.core_table(table)

    def rows(self, table: str, key: str) -> dict[str, dict[str, Any]]:
        return {row[key].removeprefix("sample::"): row for row in self.core(table).to_pylist()}

    def tables(self) -> dict[str, pa.Table]:
        return {table: self.core(table) for table in CORE_TABLES}


@pytest.fixture
def organisation() -> Organisation:
    return Organisation.model_validate(
        {
            "name": "acme",
            "title": "Acme",
            "history_from": START.date(),
            "read": [{"platform": "sample", "account": "community"}],
            "ours": [
                {"name": "Acme", "kind": "brand", "accounts": ["sample::acme"]},
                {"name": "Zoe", "kind": "person", "accounts": ["sample::zoe", "sample::zoe2"]},
                {"name": "Helper", "kind": "bot", "accounts": ["sample::helper"]},
            ],
        }
    )


@pytest.fixture
def world(tmp_path: Path, organisation: Organisation) -> World:
    return World(tmp_path, organisation)
