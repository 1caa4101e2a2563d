"""One account's night: fetch what is due of each stream into raw partitions."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain

import pyarrow as pa

from extractors import VERSION
from extractors.client import Client, Credentials
from extractors.errors import ReadingError, TryLater, Unreadable
from extractors.kept import FreshItems, KeptItems
from extractors.parsing import written
from extractors.platform import Fetched, Reading, SetAside, Stream, Window
from extractors.privacy import admitted
from extractors.registry import open_client, options_of, platform_of
from extractors.spending import Spending
from extractors.tokens import Keep
from lake.organisation import AccountToRead, Organisation
from lake.schemas import INSTANT, RAW, READING
from lake.store import Lake, Partition, Writing, folder_of

log = logging.getLogger(__name__)
CHUNK = 4096
NIGHTS_REMEMBERED = 7  # as many may fail or be left out, and the re-walk still goes on


@dataclass(frozen=True)
class StreamReading:
    """What became of one interval of one stream: how much came, or why it failed."""

    partition: Partition
    item_count: int
    request_count: int
    error: ReadingError | None = None
    news_count: int = 0  # items of which no other partition says the same, word for word


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Seldom look for cycles, which items have none of: it would take a third of the time.

    As a decorator, so that what a visit remembered is gone before the usual collector comes back.
    """
    usual = gc.get_threshold()
    gc.set_threshold(1_000_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@_patient_collector()
def extract(
    lake: Lake,
    organisation: Organisation,
    account: AccountToRead,
    window: Window,
    credentials: Credentials | None = None,
    *,
    keep: Keep | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> list[StreamReading]:
    """Read one account for `window`, and whatever of its history is still missing.

    A stream that fails does not stop the others. What it fetched is kept as an incomplete
    partition, and the failure is noted in the lake for `coverage`. Raises the failure in the end:
    of those that may pass the one that takes longest, else the first. Where such a note says that
    an earlier try left something unread, only that is read, and nothing twice.
    """
    lake.sweep(f"raw/{folder_of(account.platform, account.account)}")
    streams = [
        each for each in platform_of(account).streams if _can_read(each, account, credentials)
    ]
    nights = [_night(account, stream, window) for stream in streams]
    goes_on = bool(lake.partitions("reading", account.platform, account.account))
    try:
        spending = Spending(lake, account, now)
        spent = spending.before()
        client = open_client(account, credentials, keep=keep, now=now, sleep=sleep, spent=spent)
    except ReadingError as error:
        for night in nights:
            _note_failure(lake, StreamReading(night, 0, 0, error), window)
        raise
    cost = _cost_of_tries(lake, account, window) if goes_on else 0
    kept = KeptItems(lake, account.platform, account.account)
    visit = _Visit(lake, organisation, account, window, client, kept, spending, goes_on, cost)
    readings: list[StreamReading] = []
    failed: dict[str, ReadingError] = {}
    for stream, night in zip(streams, nights, strict=True):
        done = list(visit.read_stream(stream, night, failed.get(stream.hangs_on)))
        if done and done[-1].error:
            failed[stream.name] = done[-1].error
        readings += done
    failures = [each.error for each in readings if each.error]
    if failures:
        raise max(failures, key=_patience)
    return readings


def _patience(error: ReadingError) -> float:
    """How long a failure asks us to wait; less than nothing where waiting does not help."""
    return (error.after or 0) if isinstance(error, TryLater) else -1


def _can_read(stream: Stream, account: AccountToRead, credentials: Credentials | None) -> bool:
    if not stream.needs_token or (credentials and credentials.secret):
        return True
    log.warning(
        "extract platform=%s account=%s stream=%s left out: it needs a token",
        account.platform,
        account.account,
        stream.name,
    )
    return False


def _cost_of_tries(lake: Lake, account: AccountToRead, window: Window) -> float:
    """What earlier tries of the night cost, without what is read anew because it failed."""
    if not platform_of(account).cost:
        return 0
    kept = lake.partitions("raw", account.platform, account.account)
    facts = [lake.facts(f"raw/{each.path}") for each in kept if each.is_complete]
    told_at = window.observed_at.isoformat()
    return sum(float(each.get("cost", 0)) for each in facts if each.get("observed_at") == told_at)


def _night(account: AccountToRead, stream: Stream, window: Window) -> Partition:
    return Partition(account.platform, account.account, stream.name, window.start, window.end)


@dataclass(frozen=True)
class _Visit:
    """One account, read for one window; or what an earlier try of it left unread."""

    lake: Lake
    organisation: Organisation
    account: AccountToRead
    window: Window
    client: Client
    kept: KeptItems
    spending: Spending
    goes_on: bool
    cost_before: float

    def read_stream(
        self, stream: Stream, night: Partition, failure: ReadingError | None = None
    ) -> Iterator[StreamReading]:
        """Read the night, then the gaps before it, newest first; note what a failure leaves unread.

        With a `failure` of the stream it hangs on, all of it is left unread.
        """
        due = [night] if stream.is_snapshot else self._due(night)
        is_read = self.goes_on and self._is_read(night)
        self._forget_failures(due)
        if is_read:
            due.remove(night)
        for partition in due:
            if failure:
                done = StreamReading(partition, 0, 0, failure)
                _note_failure(self.lake, done, self.window)
                yield done
                continue
            asked = self._asked(stream, partition, due)
            for done in self._read_partition(stream, partition, asked):
                _tell(done)
                failure = done.error
                yield done

    def _asked(self, stream: Stream, partition: Partition, due: list[Partition]) -> Window:
        """What to ask for: the partition, and a look-back before the night and before old gaps.

        A gap looks back only where what lies before it is not read in its own right as well.
        """
        looks_back = partition.end == self.window.end or all(
            each.end != partition.start for each in due
        )
        look_back = timedelta(days=stream.lookback_days if looks_back else 0)
        start = max(partition.start - look_back, self.organisation.history_start)
        return replace(self.window, start=start, end=partition.end)

    def _is_read(self, night: Partition) -> bool:
        failed = self.lake.partitions("reading", night.platform, night.account, night.stream)
        return night in self.kept.partitions(night.stream) and night not in failed

    def _forget_failures(self, due: list[Partition]) -> None:
        """Remove notes of failures of what is tried again now, in whichever pieces it was then."""
        night = due[0]
        for noted in self.lake.partitions("reading", night.platform, night.account, night.stream):
            if any(each.start <= noted.start and noted.end <= each.end for each in due):
                self.lake.remove(f"reading/{noted.path}")

    def _due(self, night: Partition) -> list[Partition]:
        """The night, and by months what lies unread from `history_from` on, newest first.

        A first contact, a failure in its midst and missed nights are all the same thing: gaps.
        """
        have = self.kept.partitions(night.stream)
        read = sorted((each.start, each.end) for each in have if each.is_complete and each != night)
        beginning = self.organisation.history_start
        due, end = [night], night.start
        for start, until in [*reversed(read), (beginning, beginning)]:
            due += _months(night, max(until, beginning), end)
            end = min(end, start)
        return due

    def _read_partition(
        self, stream: Stream, partition: Partition, asked: Window
    ) -> list[StreamReading]:
        """Replace one raw partition; after a failure keep what came beside it, as incomplete.

        Of a gap whose younger days have been told these are complete, and only the older ones are
        left unread: so even a gap that is larger than a budget is filled some day.
        """
        lake, account, client = self.lake, self.account, self.client
        raw, reached, fresh = partial(self.kept.items, partition), list[datetime](), FreshItems()
        reading = Reading(
            account,
            options_of(account),
            asked,
            client,
            raw,
            told_since=reached.append,
            cost_before=self.cost_before,
        )
        privacy, platform = self.organisation.privacy, platform_of(account)
        cost = platform.cost or (lambda _: 0)
        before, cost_then, failure = client.request_count, cost(client), None
        kept = left = partition
        again = self._rewalk(stream, partition, asked.start)
        with lake.writing(f"raw/{partition.path}", RAW) as writing:
            try:
                told = chain(
                    _named(stream.fetch(reading), partition),
                    self._rewalked(stream, partition, reading, again, writing),
                )
                for chunk, texts in _chunks(admitted(told, privacy, platform, stream)):
                    writing.write(_envelopes(chunk, texts, partition, asked, writing.row_count))
                    fresh.take(chunk, texts)
            except ReadingError as error:
                failure = error
                if reached and partition.end < self.window.end:
                    kept, left = _parted(partition, min(reached))
                else:
                    kept = partition.incomplete
                writing.path = f"raw/{kept.path}"
            requests = client.request_count - before
            writing.note(
                request_count=requests,
                observed_at=asked.observed_at.isoformat(),
                asked_from=min(asked.start, again.start if again else asked.start).isoformat(),
                cost=cost(client) - cost_then,
            )
        self.spending.note(client.spent)
        if kept.is_complete:
            lake.remove(f"raw/{partition.incomplete.path}")
        self.kept.replace(kept, fresh)
        news = self._news_count(kept, fresh.fingerprints, asked)
        done = StreamReading(kept, writing.row_count, requests, news_count=news)
        if not failure:
            return [done]
        if kept.is_complete:
            readings = [done, StreamReading(left, 0, 0, failure)]
        else:
            readings = [replace(done, partition=left, error=failure)]
        _note_failure(lake, readings[-1], asked)
        return readings

    def _news_count(self, mine: Partition, said: set[int], asked: Window) -> int:
        """How many fingerprints of items no other partition of the time asked for has."""
        others = (
            each
            for each in self.kept.partitions(mine.stream)
            if asked.start < each.end and each.start < asked.end and each != mine
        )
        known = (
            hash(text)
            for each in others
            for batch in self.lake.batches(f"raw/{each.path}", ["item"])
            for text in batch.column("item").cast(pa.binary()).to_pylist()
        )
        return len(said.difference(known)) if said else 0

    def _rewalked(
        self,
        stream: Stream,
        night: Partition,
        reading: Reading,
        again: Window | None,
        writing: Writing,
    ) -> Iterator[Fetched | SetAside]:
        """A few old days once more, on from where the night before ended; in the night itself only.

        What they told then stays in the partitions of its own. A failure is set aside: those days
        come again tomorrow.
        """
        if not again:
            return
        looking = replace(reading, window=again, is_rewalk=True)
        try:
            yield from _named(stream.fetch(looking), night)
        except ReadingError as error:
            days = f"{again.start:%Y-%m-%d} to {again.end:%Y-%m-%d}"
            yield SetAside("", f"{days} was not looked through again: {error.reason}", error.page)
        else:
            writing.note(rewalked_to=again.end.isoformat())

    def _rewalk(self, stream: Stream, night: Partition, until: datetime) -> Window | None:
        """The old days whose turn it is."""
        step, beginning = timedelta(self.organisation.rewalk_days), self.organisation.history_start
        if not (stream.rewalks and step and night.end == self.window.end):
            return None
        have = self.kept.partitions(night.stream)
        before = [each for each in have if each.is_complete and each.end <= night.start]
        latest = before[:NIGHTS_REMEMBERED]
        notes = (self.lake.facts(f"raw/{each.path}").get("rewalked_to") for each in latest)
        start = datetime.fromisoformat(next(filter(None, notes), beginning.isoformat()))
        start = start if beginning <= start <= until - step else beginning
        end = min(start + step, until)
        return replace(self.window, start=start, end=end) if before and start < end else None


def _tell(done: StreamReading) -> None:
    log.info(
        "extract platform=%s account=%s stream=%s from=%s to=%s items=%d news=%d requests=%d "
        "requests_per_news=%s error=%s",
        done.partition.platform,
        done.partition.account,
        done.partition.stream,
        done.partition.start,
        done.partition.end,
        done.item_count,
        done.news_count,
        done.request_count,
        f"{done.request_count / done.news_count:.2f}" if done.news_count else None,
        type(done.error).__name__ if done.error else None,
    )


def _months(night: Partition, start: datetime, end: datetime) -> Iterator[Partition]:
    """`[start, end)` in pieces of a calendar month, newest first."""
    while start < end:
        last = end - timedelta(microseconds=1)
        begin = max(start, last.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
        yield replace(night, start=begin, end=end)
        end = begin


def _parted(partition: Partition, since: datetime) -> tuple[Partition, Partition]:
    """What a failure leaves of a partition of which all younger than `since` has been told.

    The days to keep, or what came as incomplete; and the days unread.
    """
    midnight = datetime.combine(since.date() + timedelta(days=1), datetime.min.time(), UTC)
    if partition.start < midnight < partition.end:
        return replace(partition, start=midnight), replace(partition, end=midnight)
    return partition.incomplete, partition


def _named(
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


def _chunks(
    kept: Iterable[Fetched | SetAside],
) -> Iterator[tuple[list[Fetched | SetAside], list[bytes]]]:
    """What was fetched, and as text, in lists of bounded size; a failure comes after all of it."""
    chunk, texts, failure = list[Fetched | SetAside](), list[bytes](), None
    try:
        for each in kept:
            chunk.append(each)
            texts.append(_as_text(each))
            if len(chunk) == CHUNK:
                yield chunk, texts
                chunk, texts = [], []
    except ReadingError as error:
        failure = error
    if chunk:
        yield chunk, texts
    if failure:
        raise failure


def _envelopes(
    chunk: list[Fetched | SetAside],
    texts: list[bytes],
    partition: Partition,
    window: Window,
    position: int,
) -> pa.RecordBatch:
    aside = [each if isinstance(each, SetAside) else None for each in chunk]
    count = len(chunk)
    columns = {
        "platform": pa.repeat(partition.platform, count),
        "account": pa.repeat(partition.account, count),
        "stream": pa.repeat(partition.stream, count),
        "observed_at": pa.repeat(pa.scalar(window.observed_at, INSTANT), count),
        "extractor_version": pa.repeat(VERSION, count),
        "position": range(position, position + count),
        "page": [each.page for each in chunk],
        "item": texts,
        "set_aside_reason": [each.reason if each else None for each in aside],
        "row_count": [each.row_count if each else 1 for each in aside],
    }
    return pa.RecordBatch.from_pydict(columns, schema=RAW)


def _as_text(each: Fetched | SetAside) -> bytes:
    """An item's JSON; set-aside text, without lone surrogates, which cannot be stored."""
    if isinstance(each, SetAside):
        return each.text.encode("utf-8", "replace")
    return written(each.item)


def _note_failure(lake: Lake, done: StreamReading, window: Window) -> None:
    """Leave a trace of a failure beside the raw zone, for `coverage`."""
    partition = done.partition
    row = {
        "platform": partition.platform,
        "account": partition.account,
        "stream": partition.stream,
        "interval_from": partition.start,
        "interval_to": partition.end,
        "observed_at": window.observed_at,
        "item_count": done.item_count,
        "request_count": done.request_count,
        "status": "failed",
        "error_kind": type(done.error).__name__,
        "error": str(done.error),
    }
    batch = pa.RecordBatch.from_pylist([row], schema=READING)
    lake.replace(f"reading/{partition.path}", [batch], READING)
