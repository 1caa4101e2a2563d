"""What is measured: each step runs in a process of its own, on files that are there."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pyarrow as pa

from lake.schemas import OBSERVED
from lake.store import Lake
from tests.bench.baselines import bare_loop, pandas_script, plain_pass
from tests.bench.files import write_night, write_observed, write_raw
from tests.bench.history import END, NIGHT_END, History, organisation
from tests.bench.models import build_models, scan_core
from transforms.engine import engine, open_core, open_files
from transforms.interactions import interactions, write_messages
from transforms.people import people
from transforms.read import read
from transforms.signals.language import languages
from transforms.signals.sentiment import Vader
from transforms.signals.shapes import SHAPE, bands
from transforms.signals.texts import BATCH, OURS, tell_text_signals
from transforms.signals.words import TEXT_WORDS


@dataclass(frozen=True)
class Bench:
    """A history of `count` messages under a folder: items in one lake, observations in another."""

    folder: str
    count: int

    @property
    def history(self) -> History:
        return History(self.count)

    @property
    def items(self) -> Lake:
        return Lake.of("items", self.folder)

    @property
    def observations(self) -> Lake:
        return Lake.of("observations", self.folder)


@dataclass(frozen=True)
class Measured:
    """What a step took, of the clock, of processors and of memory, and how many rows it was for."""

    step: str
    count: int
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float

    @property
    def per_second(self) -> float:
        return self.count / self.wall_seconds

    @property
    def per_core_second(self) -> float:
        return self.count / self.cpu_seconds


def _generate(bench: Bench) -> int:
    write_raw(bench.items, bench.history)
    return write_observed(bench.observations, bench.history)


def _read(bench: Bench) -> int:
    return read(bench.items, organisation())["MessageSeen"]


def _add_night(bench: Bench) -> int:
    return write_night(bench.items, bench.observations, bench.history)


def _people(bench: Bench) -> int:
    people(bench.observations, organisation())
    return bench.count


@contextmanager
def _texts(bench: Bench) -> Iterator[duckdb.DuckDBPyConnection]:
    """All that signals of texts need, before anything else was worked out."""
    with engine() as connection:
        open_core(connection, bench.observations, "account")
        paths = bench.observations.paths("observed")
        open_files(connection, "observed", bench.observations, paths, OBSERVED, is_numbered=True)
        connection.execute("create view fresh as from observed where observation = 'MessageSeen'")
        connection.execute(
            "create view conversed as select *, md5(text) as content_hash from fresh"
        )
        yield connection


def _words(bench: Bench) -> int:
    """Signals but language and sentiment; of ours, the shapes by which templates are found."""
    count = 0
    with _texts(bench) as connection, connection.cursor() as worker:
        for which, query in ("", TEXT_WORDS), (OURS, SHAPE):
            texts = f"select content_hash, text from conversed {which}"
            with connection.sql(texts).to_arrow_reader(BATCH) as reader:
                for batch in reader:
                    worker.register("batch", pa.Table.from_batches([batch]))
                    told = worker.sql(query).to_arrow_table()
                    if query is SHAPE:
                        bands(told.column("shingles").to_pylist())
                    count += batch.num_rows
    return count


def _sample(bench: Bench, count: int) -> list[str]:
    with _texts(bench) as connection:
        texts = connection.sql(f"select text from fresh limit {count}")
        return [text for (text,) in texts.fetchall()]


def _language(bench: Bench) -> int:
    return len(languages(_sample(bench, 100_000)))


def _sentiment(bench: Bench) -> int:
    return len(Vader().scores(_sample(bench, 20_000)))


def _signals(bench: Bench) -> int:
    with _texts(bench) as connection:
        return tell_text_signals(connection, bench.observations)


def _messages(bench: Bench) -> int:
    """Fold, threads and interactions alone; the next step does them again, with all else."""
    _, _, counts = write_messages(bench.observations, organisation())
    return counts["message"]


def _interactions(bench: Bench, as_of: datetime = END) -> int:
    return interactions(bench.observations, organisation(), as_of)["message"]


def _night_interactions(bench: Bench) -> int:
    return _interactions(bench, NIGHT_END)


def _models(bench: Bench, as_of: datetime = END) -> int:
    return build_models(bench.observations, Path(bench.folder), as_of)


def _night_models(bench: Bench) -> int:
    return _models(bench, NIGHT_END)


def _scan(bench: Bench) -> int:
    return scan_core(bench.observations)


def _plain(bench: Bench) -> int:
    plain_pass(bench.observations)
    return bench.count


def _plain_written(bench: Bench) -> int:
    plain_pass(bench.observations, Path(bench.folder))
    return bench.count


def _bare(bench: Bench) -> int:
    return bare_loop(bench.items)


def _pandas(bench: Bench) -> int:
    pandas_script(bench.observations, Path(bench.folder))
    return bench.count


STEPS: dict[str, Callable[[Bench], int]] = {
    "generate": _generate,
    "read": _read,
    "json.loads": _bare,
    "people": _people,
    "signals: words": _words,
    "signals: language": _language,
    "signals: sentiment": _sentiment,
    "signals": _signals,
    "fold, threads, acts": _messages,
    "interactions": _interactions,
    "duckdb": _plain,
    "duckdb, written": _plain_written,
    "pandas": _pandas,
    "core: one scan": _scan,
    "models": _models,
    "add night": _add_night,
    "night: read": _read,
    "night: people": _people,
    "night: interactions": _night_interactions,
    "night: models": _night_models,
}


def _measure(step: str, bench: Bench) -> Measured:
    started, used = time.perf_counter(), os.times()
    count = STEPS[step](bench)
    wall, now = time.perf_counter() - started, os.times()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(
        step=step,
        count=count,
        wall_seconds=wall,
        cpu_seconds=now.user + now.system - used.user - used.system,
        peak_mib=peak,
    )


def measured(bench: Bench, steps: list[str]) -> Iterator[Measured]:
    """Run the steps one after another, each in a fresh process: its peak memory is its own."""
    for step in steps:
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            yield process.submit(_measure, step, bench).result()
