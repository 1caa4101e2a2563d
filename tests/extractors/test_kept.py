"""What raw holds is told the same, whether it is remembered or read again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from extractors import kept
from extractors.kept import FreshItems, KeptItems
from extractors.platform import Fetched, Item, SetAside
from lake.schemas import RAW
from lake.store import Lake, Partition

START = datetime(2026, 3, 1, tzinfo=UTC)
NIGHT = Partition("tiny", "acme", "likes", START, START + timedelta(days=1))


def partition(day: int) -> Partition:
    start = START + timedelta(days=day)
    return Partition("tiny", "acme", "posts", start, start + timedelta(days=1))


def keep(lake: Lake, where: Partition, *told: Item | SetAside) -> FreshItems:
    """Write a partition as a night does, and return what it was written with."""
    chunk = [each if isinstance(each, SetAside) else Fetched(each) for each in told]
    texts = [
        each.text.encode() if isinstance(each, SetAside) else json.dumps(each.item).encode()
        for each in chunk
    ]
    envelope = {
        "platform": where.platform,
        "account": where.account,
        "stream": where.stream,
        "observed_at": where.end,
        "extractor_version": "1",
        "row_count": 1,
    }
    rows = [
        envelope
        | {
            "position": position,
            "item": text.decode(),
            "set_aside_reason": each.reason if isinstance(each, SetAside) else None,
        }
        for position, (each, text) in enumerate(zip(chunk, texts, strict=True))
    ]
    lake.replace(f"raw/{where.path}", [pa.RecordBatch.from_pylist(rows, schema=RAW)], RAW)
    fresh = FreshItems()
    fresh.take(chunk, texts)
    return fresh


def number(item: Item) -> int | None:
    """A fact about an item: its number, where it has one."""
    found: int | None = item.get("number")
    return found


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake.of("acme", str(tmp_path))
    keep(lake, partition(0), {"number": 1}, SetAside("{", "torn"), {"name": "ada"})
    keep(lake, partition(1), {"number": 2})
    return lake


def told(items: KeptItems, of: Any = None) -> list[Any]:
    return list(items.items(NIGHT, "posts", of=of))


@pytest.mark.parametrize(
    "bounds",
    [{}, {"REMEMBERED": 0}, {"FACTS_REMEMBERED": 0}, {"REMEMBERED": 16, "FACTS_REMEMBERED": 2}],
    ids=["all remembered", "no items", "no facts", "some"],
)
def test_items_and_facts_are_told_newest_first_however_much_is_remembered(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, bounds: dict[str, int]
) -> None:
    for name, bound in bounds.items():
        monkeypatch.setattr(kept, name, bound)
    items = KeptItems(lake, "tiny", "acme")
    for _ in range(2):
        assert told(items) == [{"number": 2}, {"number": 1}, {"name": "ada"}]
        assert told(items, number) == [2, 1, None]


def test_facts_are_made_once_a_visit(lake: Lake) -> None:
    items, seen = KeptItems(lake, "tiny", "acme"), list[Item]()

    def noted(item: Item) -> int | None:
        seen.append(item)
        return number(item)

    assert told(items, noted) == told(items, noted) == [2, 1, None]
    assert len(seen) == 3


def test_what_was_just_written_is_known_without_being_read(lake: Lake) -> None:
    items = KeptItems(lake, "tiny", "acme")
    assert told(items, number) == [2, 1, None]
    fresh = keep(lake, partition(1), {"number": 3}, SetAside("[", "torn"))
    items.replace(partition(1), fresh)
    keep(lake, partition(2), {"number": 4})
    later = keep(lake, partition(2), {"number": 5})
    items.replace(partition(2), later)
    assert told(items, number) == [5, 3, 1, None]
    assert told(items) == told(KeptItems(lake, "tiny", "acme"))
