"""Every raw row becomes observations or is set aside and counted; nothing stops the night."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from extractors.observations import AccountSeen, Observation
from extractors.platform import Item, Platform, Stream
from extractors.registry import PLATFORMS
from lake.organisation import AccountToRead, Organisation
from lake.schemas import RAW
from lake.store import DamagedFile, Lake, Partition
from tests.transforms.conftest import at, message
from transforms.read import read

NIGHT = Partition("tiny", "community", "posts", at(10), at(11))


def read_item(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """A reader as naive as they come."""
    author = AccountSeen(account_id=item["by"], follower_count=item.get("followers"))
    yield author
    sent_at = at(10) + timedelta(days=item.get("in_days", 0))
    if item.get("has_no_zone"):
        sent_at = sent_at.replace(tzinfo=None)
    yield message(item["id"], account.account, sent_at, text=item["text"].strip())


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    stream = Stream("posts", fetch=lambda reading: (), read=read_item)
    monkeypatch.setitem(PLATFORMS, "tiny", Platform("tiny", (stream,)))
    return Lake.of("acme", str(tmp_path))


def put(lake: Lake, *items: str | Item, set_aside: str | None = None, row_count: int = 1) -> None:
    texts = [each if isinstance(each, str) else json.dumps(each) for each in items]
    rows = [
        {
            "platform": "tiny",
            "account": "community",
            "stream": "posts",
            "observed_at": at(11),
            "extractor_version": "1",
            "position": position,
            "page": position + 1,
            "item": text,
            "set_aside_reason": set_aside,
            "row_count": row_count,
        }
        for position, text in enumerate(texts)
    ]
    lake.replace(f"raw/{NIGHT.path}", [pa.RecordBatch.from_pylist(rows, schema=RAW)], RAW)


def set_asides(lake: Lake) -> list[tuple[int, str, int]]:
    rows = lake.read(f"observed/{NIGHT.path}").to_pylist()
    return [
        (row["page"], row["reason"], row["row_count"])
        for row in rows
        if row["observation"] == "SetAside"
    ]


def test_a_good_item_becomes_observations(lake: Lake, organisation: Organisation) -> None:
    put(lake, {"id": "1", "by": "ana", "text": "hello"})
    assert read(lake, organisation) == {"partitions": 1, "AccountSeen": 1, "MessageSeen": 1}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ('{"id": "1", "by": "ana", "te', "the item has another shape than expected"),
        ('["not", "an", "object"]', "the item has another shape than expected (TypeError)"),
        ({"id": "1", "text": "secret words"}, "a field is missing: by"),
        ({"id": "1", "by": "ana", "text": None}, "another shape than expected (AttributeError)"),
        ({"id": "1", "by": "ana", "text": "a", "in_days": 3}, "sent in the future"),
        ({"id": "1", "by": "ana", "text": "a", "has_no_zone": 1}, "a time without a zone"),
        ({"id": "1", "by": "ana", "text": "a", "followers": 2**70}, "does not fit its column"),
        ({"id": "1", "by": "ana", "text": "a", "followers": "many"}, "does not fit its column"),
    ],
)
def test_a_bad_item_is_set_aside_with_its_reason_and_the_rest_is_read(
    lake: Lake, organisation: Organisation, item: str | Item, reason: str
) -> None:
    good = {"id": "2", "by": "bob", "text": "fine"}
    put(lake, item, good)
    counts = read(lake, organisation)
    assert counts["SetAside"] == 1
    [(_, told, _)] = set_asides(lake)
    assert reason in told
    assert "secret words" not in told
    rows = lake.read(f"observed/{NIGHT.path}").to_pylist()
    assert "sample::2" in {row["message_id"] for row in rows}


def test_what_extraction_set_aside_stays_counted(lake: Lake, organisation: Organisation) -> None:
    put(lake, "", set_aside="empty row", row_count=1_000_000)
    read(lake, organisation)
    assert set_asides(lake) == [(1, "empty row", 1_000_000)]


def test_lone_surrogates_become_replacement_marks(lake: Lake, organisation: Organisation) -> None:
    put(lake, '{"id": "1", "by": "ana", "text": "cut \\ud83d"}')
    read(lake, organisation)
    texts = [row["text"] for row in lake.read(f"observed/{NIGHT.path}").to_pylist()]
    assert "cut ?" in texts


def test_only_what_is_new_or_replaced_is_read_again(lake: Lake, organisation: Organisation) -> None:
    put(lake, {"id": "1", "by": "ana", "text": "hello"})
    assert read(lake, organisation)["partitions"] == 1
    assert read(lake, organisation)["partitions"] == 0
    put(lake, {"id": "1", "by": "ana", "text": "hello again"})
    assert read(lake, organisation)["partitions"] == 1
    lake.remove(f"raw/{NIGHT.path}")
    assert read(lake, organisation)["partitions"] == 0
    assert lake.paths("observed") == []


def test_a_damaged_raw_file_is_named_after_all_others_were_read_and_stays(
    lake: Lake, organisation: Organisation
) -> None:
    put(lake, {"id": "1", "by": "ana", "text": "hello"})
    whole = Path(lake.root, "raw", NIGHT.path)
    other = whole.with_name(NIGHT.file_name.replace("2025-03-10", "2025-03-09"))
    other.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(DamagedFile, match="not a whole Parquet file"):
        read(lake, organisation)
    assert other.exists()
    assert len(lake.paths("observed")) == 1
    other.unlink()
    assert read(lake, organisation)["partitions"] == 0


def test_damaged_observations_are_made_again(lake: Lake, organisation: Organisation) -> None:
    put(lake, {"id": "1", "by": "ana", "text": "hello"})
    read(lake, organisation)
    made = Path(lake.root, "observed", NIGHT.path)
    made.write_bytes(b"PAR1")
    assert read(lake, organisation)["partitions"] == 1
