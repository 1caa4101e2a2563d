"""One account's night: fetch what is due of each stream into raw partitions."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import pyarrow as pa

from extractors import VERSION
from extractors.client import Credentials
from extractors.errors import ReadingError, TryLater, Unreadable
from extractors.platform import Fetched, Item, Reading, SetAside, Stream, Window
from extractors.privacy import admitted
from extractors.registry import open_client, options_of, platform_of
from lake.organisation import AccountToRead, Organisation
from lake.schemas import RAW, READING
from lake.store import Lake, Partition, folder_of

log = logging.getLogger(__name__)
BATCH = 4096


@dataclass(frozen=True)
class StreamReading:
    """What became of one interval of one stream: how much came, or why it failed."""

    partition: Partition
    item_count: int
    request_count: int
    error: ReadingError | None = None


def extract(
    lake: Lake,
    organisation: Organisation,
    account: AccountToRead,
    window: Window,
    credentials: Credentials | None = None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> list[StreamReading]:
    """Read one account for `window`, and whatever of its history is still missing.

    A stream that fails does not stop the others. What it fetched is kept as an incomplete
    partition, and the failure is noted in the lake for `coverage`. Raises the failure in the end:
    a `TryLater` if there is one, because then trying again may help, else the first.
    """
    platform, options = platform_of(account), options_of(account)
    lake.sweep(f"raw/{folder_of(account.platform, account.account)}")
    client = open_client(account, credentials, now=now, sleep=sleep)
    reading = Reading(account, options, window, client, _raw_items(lake, account))
    readings: list[StreamReading] = []
    for stream in platform.streams:
        if stream.needs_token and not credentials:
            log.warning(
                "extract platform=%s account=%s stream=%s left out: it needs a token",
                account.platform,
                account.account,
                stream.name,
            )
            continue
        readings += _read_stream(lake, organisation, stream, reading)
    failures = [each.error for each in readings if each.error]
    if failures:
        raise min(failures, key=lambda error: not isinstance(error, TryLater))
    return readings


def _read_stream(
    lake: Lake, organisation: Organisation, stream: Stream, reading: Reading
) -> Iterator[StreamReading]:
    """Read the night, then the gaps before it, newest first; stop at the first failure."""
    for partition in _due(lake, organisation, stream, reading):
        done = _read_partition(lake, organisation, stream, partition, reading)
        log.info(
            "extract platform=%s account=%s stream=%s from=%s to=%s items=%d requests=%d error=%s",
            partition.platform,
            partition.account,
            partition.stream,
            partition.start,
            partition.end,
            done.item_count,
            done.request_count,
            type(done.error).__name__ if done.error else None,
        )
        yield done
        if done.error:
            return


def _due(
    lake: Lake, organisation: Organisation, stream: Stream, reading: Reading
) -> list[Partition]:
    """The window, and by months what lies unread between `history_from` and it, newest first.

    A first contact, a failure in the midst of it and missed nights are all the same thing: gaps.
    """
    account, window = reading.account, reading.window
    night = Partition(account.platform, account.account, stream.name, window.start, window.end)
    if stream.is_snapshot:
        return [night]
    have = lake.partitions("raw", account.platform, account.account, stream.name)
    read = sorted((each.start, each.end) for each in have if each.is_complete and each != night)
    beginning = organisation.history_start
    due, end = [night], window.start
    for start, until in [*reversed(read), (beginning, beginning)]:
        due += _months(night, max(until, beginning), end)
        end = min(end, start)
    return due


def _months(night: Partition, start: datetime, end: datetime) -> Iterator[Partition]:
    """`[start, end)` in pieces of a calendar month, newest first."""
    while start < end:
        last = end - timedelta(microseconds=1)
        begin = max(start, last.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
        yield replace(night, start=begin, end=end)
        end = begin


def _read_partition(
    lake: Lake,
    organisation: Organisation,
    stream: Stream,
    partition: Partition,
    reading: Reading,
) -> StreamReading:
    """Replace one raw partition; after a failure keep what came beside it, marked incomplete."""
    look_back = timedelta(days=stream.lookback_days)
    asked = replace(reading.window, start=partition.start - look_back, end=partition.end)
    account, client, failure = reading.account, reading.client, None
    before = client.request_count
    with lake.writing(f"raw/{partition.path}", RAW) as writing:
        try:
            fetched = stream.fetch(replace(reading, window=asked))
            kept = admitted(fetched, organisation.privacy, platform_of(account), stream, account)
            for batch in _batches(_patient(kept, partition), partition, asked):
                writing.write(batch)
        except ReadingError as error:
            failure = error
            writing.path = f"raw/{partition.incomplete.path}"
        requests = client.request_count - before
        writing.note(request_count=requests, observed_at=asked.observed_at.isoformat())
    done = StreamReading(partition, writing.row_count, requests, failure)
    if failure:
        _note_failure(lake, done, failure, asked.observed_at)
    else:
        lake.remove(f"raw/{partition.incomplete.path}")
        lake.remove(f"reading/{partition.path}")
    return done


def _patient(
    kept: Iterable[Fetched | SetAside], partition: Partition
) -> Iterator[Fetched | SetAside]:
    """Name an answer of an unexpected shape by what it is, so that what came before it is kept."""
    try:
        yield from kept
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise Unreadable(
            f"the answer has another shape than expected ({type(error).__name__})",
            platform=partition.platform,
            account=partition.account,
            stream=partition.stream,
        ) from error


def _batches(
    kept: Iterator[Fetched | SetAside], partition: Partition, window: Window
) -> Iterator[pa.RecordBatch]:
    """Envelopes in batches of bounded size; a failure comes only after what was fetched."""
    position, failure = 0, None

    def until_failure() -> Iterator[Fetched | SetAside]:
        nonlocal failure
        try:
            yield from kept
        except ReadingError as error:
            failure = error

    remaining = until_failure()
    while chunk := list(islice(remaining, BATCH)):
        yield _envelopes(chunk, partition, window, position)
        position += len(chunk)
    if failure:
        raise failure


def _envelopes(
    chunk: list[Fetched | SetAside], partition: Partition, window: Window, position: int
) -> pa.RecordBatch:
    aside = [each if isinstance(each, SetAside) else None for each in chunk]
    count = len(chunk)
    columns = {
        "platform": [partition.platform] * count,
        "account": [partition.account] * count,
        "stream": [partition.stream] * count,
        "observed_at": [window.observed_at] * count,
        "extractor_version": [VERSION] * count,
        "position": range(position, position + count),
        "page": [each.page for each in chunk],
        "item": [_as_text(each) for each in chunk],
        "set_aside_reason": [each.reason if each else None for each in aside],
        "row_count": [each.row_count if each else 1 for each in aside],
    }
    return pa.RecordBatch.from_pydict(columns, schema=RAW)


def _as_text(each: Fetched | SetAside) -> str:
    """JSON in ASCII, so that even lone surrogates survive; set-aside text with them replaced."""
    if isinstance(each, SetAside):
        return each.text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(each.item, separators=(",", ":"))


def _raw_items(lake: Lake, account: AccountToRead) -> Callable[..., Iterator[Item]]:
    def raw(stream: str, since: datetime | None = None) -> Iterator[Item]:
        found = lake.partitions("raw", account.platform, account.account, stream)
        for partition in sorted(found, key=lambda each: each.end, reverse=True):
            if since is None or partition.end > since:
                columns = ["item", "set_aside_reason"]
                for batch in lake.batches(f"raw/{partition.path}", columns):
                    for row in batch.to_pylist():
                        if row["set_aside_reason"] is None:
                            yield json.loads(row["item"])

    return raw


def _note_failure(
    lake: Lake, done: StreamReading, failure: ReadingError, observed_at: datetime
) -> None:
    """Leave a trace of a failure beside the raw zone, for `coverage`."""
    partition = done.partition
    row = {
        "platform": partition.platform,
        "account": partition.account,
        "stream": partition.stream,
        "interval_from": partition.start,
        "interval_to": partition.end,
        "observed_at": observed_at,
        "item_count": done.item_count,
        "request_count": done.request_count,
        "status": "failed",
        "error_kind": type(failure).__name__,
        "error": str(failure),
    }
    batch = pa.RecordBatch.from_pylist([row], schema=READING)
    lake.replace(f"reading/{partition.path}", [batch], READING)
