"""The history as files of the lake: what a platform answered, and what was read from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors import VERSION
from lake.schemas import OBSERVED, RAW, TEXTS
from lake.store import Lake, Partition, Writing
from tests.bench.history import (
    END,
    NIGHT_END,
    PLACES,
    STRAY,
    History,
    Numbers,
    account_ids,
    chance,
    display_names,
    message_ids,
)

NOBODY = np.array([], dtype=np.int64)
RAW_BATCH, OBSERVED_BATCH = 4096, 8192  # as extraction and reading write them


@dataclass(frozen=True)
class Shown:
    """What one reading shows: messages for the first time, others again, and what became of some.

    Of those shown again `History.edited` are edited, and all of `edited`.
    """

    start: datetime
    end: datetime
    first: Numbers
    again: Numbers
    deleted: Numbers
    edited: Numbers = field(default_factory=lambda: NOBODY)

    def at(self, place: int, history: History) -> tuple[Numbers, Numbers, Numbers]:
        """Messages of a place, which of them are edited, and those that are deleted."""
        every = np.concatenate([self.again, self.first])
        numbers = every[history.place(every) == place]
        is_edited = np.isin(numbers, self.again) & history.edited(numbers)
        deleted = self.deleted[history.place(self.deleted) == place]
        return numbers, is_edited | np.isin(numbers, self.edited), deleted


def _months(history: History) -> Iterator[tuple[int, Shown]]:
    for start, end, first, again in history.partitions():
        for place in range(len(PLACES)):
            yield place, Shown(start, end, first, again, history.deleted(again))


def write_raw(lake: Lake, history: History) -> int:
    """Every month of every place as items of the layout `conversations`; how many there are."""
    return sum(_write_raw(lake, history, place, shown) for place, shown in _months(history))


def write_observed(lake: Lake, history: History) -> int:
    """Every month of every place as observations of the platform `sample`; how many messages."""
    return sum(_write_observed(lake, history, place, shown) for place, shown in _months(history))


def write_night(lake: Lake, observed: Lake, history: History) -> int:
    """One night more: a thousandth of the history, in both lakes; how many messages it shows.

    It brings new messages, answers to old ones, a look-back at the day before, and of each of a
    late parent, an edit and a deletion in the past one for every million messages.
    """
    night, few = history.night(), max(1, history.count // 1_000_000)
    again = history.between(END - timedelta(hours=8), END)
    old = (chance(np.arange(few), 30) * history.count * 0.9).astype(np.int64)
    named = history.named_parent(np.arange(history.count // 2, history.count // 2 + 10_000 * few))
    strays = named[named >= STRAY][:few]
    shown = Shown(
        END,
        NIGHT_END,
        first=np.concatenate([strays, night]),
        again=np.concatenate([again, old]),
        deleted=old + 1,
        edited=old,
    )
    total = 0
    for place in range(len(PLACES)):
        _write_raw(lake, history, place, shown)
        total += _write_observed(observed, history, place, shown)
    return total


def _write_raw(lake: Lake, history: History, place: int, shown: Shown) -> int:
    partition = Partition("conversations", PLACES[place], "messages", shown.start, shown.end)
    numbers, is_edited, _ = shown.at(place, history)
    columns = {
        "platform": "conversations",
        "account": PLACES[place],
        "stream": "messages",
        "observed_at": shown.end,
        "extractor_version": VERSION,
        "position": pa.array(np.arange(len(numbers))),
        "item": _items(history, numbers, is_edited),
        "row_count": 1,
    }
    with lake.writing(f"raw/{partition.path}", RAW) as writing:
        _write(writing, columns, len(numbers), RAW, RAW_BATCH)
        writing.note(observed_at=shown.end.isoformat(), request_count=0)
    return len(numbers)


def _items(history: History, numbers: Numbers, is_edited: Numbers) -> pa.Array:
    """JSON as extraction keeps it of a CSV file: all columns, empty ones as empty text."""
    sent_at = pa.array(history.sent_at(numbers), pa.timestamp("us")).cast(pa.timestamp("ms"))
    names = [account_ids(each, "").fill_null("") for each in history.mentioned(numbers)]
    text = history.text(numbers, is_edited)
    for letter in "ßñöç":
        text = pc.replace_substring(text, letter, f"\\u{ord(letter):04x}")
    channel = pc.binary_join_element_wise(
        "channel", pa.array(history.channel(numbers)).cast(pa.string()), ""
    )
    cells = {
        "message_id": message_ids(numbers, ""),
        "author_id": account_ids(history.author(numbers), ""),
        "sent_at": pc.strftime(sent_at, format="%Y-%m-%dT%H:%M:%SZ"),
        "text": text,
        "in_reply_to": message_ids(history.named_parent(numbers), ""),
        "mentions": pc.utf8_trim_whitespace(pc.binary_join_element_wise(*names, " ")),
        "channel": channel,
        "author_name": display_names(history.author(numbers)),
        "is_bot": pa.array(np.where(history.author(numbers) == -1, "true", "false")),
    }
    parts: list[Any] = []
    for mark, (name, cell) in zip("{" + "," * len(cells), cells.items(), strict=False):
        parts += [f'{mark}"{name}":"', cell.fill_null(""), '"']
    return pc.binary_join_element_wise(*parts, "}", "")


def _write_observed(lake: Lake, history: History, place: int, shown: Shown) -> int:
    partition = Partition("sample", PLACES[place], "messages", shown.start, shown.end)
    numbers, is_edited, deleted = shown.at(place, history)
    where = {
        "platform": "sample",
        "account": PLACES[place],
        "stream": "messages",
        "observed_at": shown.end,
    }
    gone = {"observation": "Gone", "message_id": message_ids(deleted, "sample::")}
    with lake.writing(f"observed/{partition.path}", OBSERVED) as writing:
        for begin in range(0, len(numbers), OBSERVED_BATCH):
            these = slice(begin, begin + OBSERVED_BATCH)
            batch = numbers[these]
            for columns in (
                _accounts(history, batch),
                _messages(history, batch, is_edited[these], place),
            ):
                _write(writing, where | columns, len(batch), OBSERVED, OBSERVED_BATCH)
        _write(writing, where | gone, len(deleted), OBSERVED, OBSERVED_BATCH)
        writing.note(read_from=f"{VERSION} {shown.end}")
    return len(numbers)


def _accounts(history: History, numbers: Numbers) -> dict[str, Any]:
    authors = history.author(numbers)
    return {
        "observation": "AccountSeen",
        "account_id": account_ids(authors, "sample::"),
        "handle": account_ids(authors, ""),
        "display_name": display_names(authors),
        "declared_kind": pa.array(np.where(authors == -1, "bot", "person")),
        "profile_links": _lists([], len(numbers)),
    }


def _messages(history: History, numbers: Numbers, is_edited: Numbers, place: int) -> dict[str, Any]:
    sent_at, parent = history.sent_at(numbers), history.parent(numbers)
    tells_edits = PLACES[place] == "social"
    told = history.author(np.maximum(parent, 0))
    replies = pa.array(parent >= 0)
    return {
        "observation": "MessageSeen",
        "message_id": message_ids(numbers, "sample::"),
        "author_id": account_ids(history.author(numbers), "sample::"),
        "sent_at": pa.array(sent_at, pa.timestamp("us", tz="UTC")),
        "text": history.text(numbers, is_edited),
        "kind": pc.if_else(replies, "reply", "post"),
        "channel": pc.binary_join_element_wise(
            "channel", pa.array(history.channel(numbers)).cast(pa.string()), ""
        ),
        "visibility": "public",
        "parent_id": message_ids(history.named_parent(numbers), "sample::"),
        "parent_author_id": account_ids(
            np.where((parent >= 0) & tells_edits, told, -99), "sample::"
        ),
        "quoted_id": message_ids(history.quoted(numbers), "sample::"),
        "mentions": _lists(
            [account_ids(each, "sample::") for each in history.mentioned(numbers)], len(numbers)
        ),
        "is_own_space": PLACES[place] == "forum",
        "is_flat": PLACES[place] == "chat",
        "edited_at": pa.array(
            sent_at + 3_600_000_000, pa.timestamp("us", tz="UTC"), mask=~(is_edited & tells_edits)
        ),
    }


def _lists(columns: list[pa.Array], count: int) -> pa.Array:
    """One list a row, of what the columns hold there."""
    if not columns:
        return pa.ListArray.from_arrays(
            pa.array([0] * (count + 1), pa.int32()), pa.array([], pa.string())
        )
    by_row = np.arange(count * len(columns)).reshape(len(columns), count).T
    flat = pa.concat_arrays(columns).take(pa.array(by_row.ravel()))
    lengths = np.sum([each.is_valid().to_numpy(zero_copy_only=False) for each in columns], axis=0)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, flat.drop_null()).cast(TEXTS)


def _write(
    writing: Writing, columns: dict[str, Any], count: int, schema: pa.Schema, size: int
) -> None:
    """Write columns, those that are one value spread over all rows, the missing ones as null."""
    arrays = []
    for told in schema:
        column = columns.get(told.name)
        if not isinstance(column, pa.Array | pa.ChunkedArray):
            column = pa.repeat(pa.scalar(column, told.type), count)
        arrays.append(column.cast(told.type))
    table = pa.Table.from_arrays(arrays, schema=schema)
    for batch in table.combine_chunks().to_batches(max_chunksize=size):
        writing.write(batch)
