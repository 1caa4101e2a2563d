"""Raw items become observations: pure, row by row, in batches, one file for one raw partition."""

from __future__ import annotations

import gc
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import pyarrow as pa

from extractors import VERSION
from extractors.observations import (
    AccountSeen,
    FollowSeen,
    Gone,
    MessageSeen,
    Observation,
    ReactionSeen,
)
from extractors.platform import Stream
from extractors.registry import PLATFORMS
from lake.organisation import AccountToRead, Organisation
from lake.schemas import OBSERVED
from lake.store import DamagedFile, Lake, Partition

log = logging.getLogger(__name__)

READS_AHEAD = timedelta(days=1)  # clocks of platforms and people may differ so much from ours
SAID = ("observation", "platform", "account", "stream", "observed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Input that could not be understood: where, why, and for how many rows it stands."""

    page: int | None
    reason: str
    row_count: int


Said = Observation | SetAside
KINDS = (AccountSeen, MessageSeen, ReactionSeen, FollowSeen, Gone, SetAside)


def read(lake: Lake, organisation: Organisation) -> dict[str, int]:
    """Read every raw partition that is new, replaced, or read by an older version before.

    Returns how many partitions were read, and how many observations of each kind came out.
    Observations of raw partitions that are no longer there are removed. A raw partition that is
    damaged stays where it is, and raises `DamagedFile` once all others are read.
    """
    lake.sweep("observed")
    accounts = {(each.platform, each.account): each for each in organisation.read}
    raw = lake.partitions("raw")
    for forgotten in set(lake.partitions("observed")) - set(raw):
        lake.remove(f"observed/{forgotten.path}")
    total: Counter[str] = Counter(partitions=0)
    damaged: DamagedFile | None = None
    for partition in raw:
        if _is_read(lake, partition):
            continue
        account = accounts.get((partition.platform, partition.account)) or AccountToRead(
            platform=partition.platform, account=partition.account
        )
        try:
            counts = _read_partition(lake, partition, account)
        except DamagedFile as error:
            damaged = damaged or error
            continue
        total.update(partitions=1, **counts)
        if counts.get("SetAside"):
            log.warning(
                "read platform=%s account=%s stream=%s from=%s set_aside=%d",
                partition.platform,
                partition.account,
                partition.stream,
                partition.start,
                counts["SetAside"],
            )
    if damaged:
        raise damaged
    return dict(total)


def _is_read(lake: Lake, partition: Partition) -> bool:
    """Whether the observations at hand were read from this very raw file by this very version."""
    path = f"observed/{partition.path}"
    try:
        return lake.facts(path).get("read_from") == _fingerprint(lake, partition)
    except (FileNotFoundError, DamagedFile):
        return False


def _fingerprint(lake: Lake, partition: Partition) -> str:
    return f"{VERSION} {lake.modified_at(f'raw/{partition.path}')}"


def _read_partition(lake: Lake, partition: Partition, account: AccountToRead) -> Counter[str]:
    stream = PLATFORMS[partition.platform].stream(partition.stream)
    read_from = _fingerprint(lake, partition)
    counts: Counter[str] = Counter()
    content = blake2b(VERSION.encode(), digest_size=16)
    with lake.writing(f"observed/{partition.path}", OBSERVED) as writing, _without_collector():
        columns = ["observed_at", "page", "item", "set_aside_reason", "row_count"]
        for rows in lake.batches(f"raw/{partition.path}", columns):
            for batch in observed(rows, stream, account):
                writing.write(batch)
                counts[batch.column("observation")[0].as_py()] += batch.num_rows
            content.update(rows.serialize())
        writing.note(read_from=read_from, content=content.hexdigest())
    return counts


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let reference counts alone free objects: a search for cycles would take a third of the time.

    Observations form no cycles, and none outlives its batch.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def observed(
    rows: pa.RecordBatch, stream: Stream, account: AccountToRead
) -> Iterator[pa.RecordBatch]:
    """What a batch of raw rows says: OBSERVED batches, one for each kind that occurs."""
    said = list(_understood(rows, stream, account))
    yield from tabulated(said, (account.platform, account.account, stream.name))


def tabulated(
    said: list[tuple[datetime, Said]], where: tuple[str, str, str]
) -> Iterator[pa.RecordBatch]:
    """Observations, each with when it was made, as OBSERVED batches, one for each kind.

    `where` is platform, account and stream.
    """
    by_kind: dict[type, list[tuple[datetime, Said]]] = {kind: [] for kind in KINDS}
    for each in said:
        by_kind[type(each[1])].append(each)
    for kind, these in by_kind.items():
        if these:
            yield from _as_batches(these, kind, where)


def _understood(
    rows: pa.RecordBatch, stream: Stream, account: AccountToRead
) -> Iterator[tuple[datetime, Said]]:
    columns = (rows.column(name).to_pylist() for name in rows.schema.names)
    for observed_at, page, item, set_aside_reason, row_count in zip(*columns, strict=True):
        if set_aside_reason is not None:
            reason = set_aside_reason
        else:
            try:
                said = list(stream.read(json.loads(item), account))
                _check(said, observed_at)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                reason = _reason(error)
            else:
                yield from ((observed_at, each) for each in said)
                continue
        yield observed_at, SetAside(page=page, reason=reason, row_count=row_count)


def _reason(error: Exception) -> str:
    """Name the fault without the words of the item: these never reach tables of faults or logs."""
    if isinstance(error, _Implausible):
        return str(error)
    if isinstance(error, KeyError):
        return f"a field is missing: {error.args[0]}"
    return f"the item has another shape than expected ({type(error).__name__})"


class _Implausible(ValueError):
    """An observation that is well-formed and cannot be true."""


def _check(said: Iterable[Observation], observed_at: datetime) -> None:
    for each in said:
        if type(each) is MessageSeen:
            if each.sent_at.tzinfo is None:
                raise _Implausible("a time without a zone")
            if each.sent_at > observed_at + READS_AHEAD:
                raise _Implausible("sent in the future")


@cache
def _getter(kind: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(each.name for each in fields(kind))
    return names, attrgetter(*names)


def _as_batches(
    said: list[tuple[datetime, Any]], kind: type, where: tuple[str, str, str]
) -> Iterator[pa.RecordBatch]:
    """Observations of one kind as one batch; those that do not fit a column are set aside."""
    try:
        yield _as_batch(said, kind, where)
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        if len(said) > 1:
            half = len(said) // 2
            yield from _as_batches(said[:half], kind, where)
            yield from _as_batches(said[half:], kind, where)
        else:
            misfit = SetAside(page=None, reason="a value does not fit its column", row_count=1)
            yield _as_batch([(said[0][0], misfit)], SetAside, where)


def _as_batch(
    said: list[tuple[datetime, Any]], kind: type, where: tuple[str, str, str]
) -> pa.RecordBatch:
    names, values = _getter(kind)
    count = len(said)
    columns: dict[str, Any] = dict(
        zip(names, zip(*(values(each) for _, each in said), strict=True), strict=True)
    )
    columns["observed_at"] = [when for when, _ in said]
    same = dict(zip(SAID, (kind.__name__, *where), strict=False))
    arrays = [
        _array(columns[field.name], field.type)
        if field.name in columns
        else pa.repeat(pa.scalar(same.get(field.name), field.type), count)
        for field in OBSERVED
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=OBSERVED)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # lone surrogates, as cut-off emoji leave them
        return pa.array([_encodable(value) for value in values], kind)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return [_encodable(each) for each in value] if isinstance(value, tuple) else value
