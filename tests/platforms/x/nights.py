"""Nights that read a square, whose money is that of the whole night."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from extractors.extract import StreamReading
from extractors.observations import Observation
from extractors.platform import Item
from extractors.platforms.x import X
from lake.organisation import Organisation
from tests.platforms.town import at
from tests.platforms.visits import Visits
from tests.platforms.x.dialect import XDialect
from tests.platforms.x.square import Square


def plainly() -> XDialect:
    """X as it is read where the options ask for nothing more."""
    return XDialect(budget=1000.0, archive=False, followers=False)


@dataclass
class Nights(Visits):
    """Whole nights at one square, which may change between them."""

    dialect: XDialect
    square: Square = field(default_factory=Square)
    keeps_messages: bool = False

    @property
    def organisation(self) -> Organisation:
        found = super().organisation
        privacy = found.privacy.model_copy(update={"direct_messages": self.keeps_messages})
        return found.model_copy(update={"privacy": privacy})

    @property
    def options(self) -> dict[str, Any]:
        return self.dialect.options

    def run(self, day: int, *, is_retry: bool = False) -> list[StreamReading]:
        """Read one day, some hours after its end; on a day, X charges each thing once."""
        now = at(day + 1, 2)
        if self.square.now != now:
            self.square.charged.clear()
        self.square.now = now
        if not is_retry:
            self.clock.now = now
        return self.night_at(self.url, day)

    def rows(self, stream: str, day: int | None = None) -> list[Item]:
        """Raw rows of a stream, or only of the partition that ends with a day; newest first."""
        found = sorted(self.lake.partitions("raw", "x", "@acme", stream), key=lambda one: one.end)
        return [
            row
            for partition in reversed(found)
            if day is None or partition.end == at(day + 1)
            for row in self.lake.read(f"raw/{partition.path}").to_pylist()
        ]

    def items(self, stream: str, day: int | None = None) -> list[Item]:
        """Items without our own notes."""
        rows = (row for row in self.rows(stream, day) if not row["set_aside_reason"])
        found = [json.loads(row["item"]) for row in rows]
        return [each for each in found if "note" not in each]

    def ids(self, stream: str, day: int | None = None) -> list[str]:
        return [each["id"] for each in self.items(stream, day)]

    def aside(self, stream: str, day: int | None = None) -> list[tuple[str, str, int]]:
        return [
            (row["item"], row["set_aside_reason"], row["row_count"])
            for row in self.rows(stream, day)
            if row["set_aside_reason"]
        ]

    def said(self, stream: str, day: int | None = None) -> list[Observation]:
        (account,) = self.organisation.read
        read = X.stream(stream).read
        return [said for item in self.items(stream, day) for said in read(item, account)]
