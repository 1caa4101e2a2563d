"""How quickly platforms are read, against a bare loop that only fetches the same pages.

A dialect's server tells of the sample community once; what it answered is served again from memory
by a process of its own, to the extractor and to the bare loop in turn.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import requests

from tests.bench.ratios import Ratio
from tests.loopback import Asked, Reply, Script, loopback
from tests.platforms.dialect import Dialect
from tests.platforms.dialects import DIALECTS
from tests.platforms.town import Town, at, sample_town
from tests.platforms.visits import Visits

DAYS, PEOPLE, ROUNDS = 60, 1500, 3
NOW = at(DAYS + 1, 2)


@dataclass(frozen=True)
class Pace:
    """A platform's reading and the bare loop: medians of seconds, over rounds in turn."""

    platform: str
    item_count: int
    request_count: int
    seconds: float
    bare_seconds: float

    @property
    def ratio(self) -> Ratio:
        """Speed against that of the bare loop; 1 is as quick."""
        value = self.bare_seconds / self.seconds
        return Ratio(f"{self.platform}: speed against a bare loop", value, at_least=0.7)


def paces() -> Iterator[Pace]:
    """Each platform's in turn."""
    for dialect in DIALECTS.values():
        town = sample_town(dialect.channel, people=PEOPLE, days=DAYS)
        yield _pace(dialect, dialect.settle(town).until(NOW))


def _pace(dialect: Dialect, town: Town) -> Pace:
    heard, answers, ours, bare = list[Asked](), dict[_Key, Reply](), list[float](), list[float]()
    server = dialect.serve(town, NOW)

    def record(asked: Asked) -> Reply:
        heard.append(asked)
        return answers.setdefault(_key(asked), server(asked))

    with loopback(record) as running:
        items = _read(dialect, running.url)
    with _served(answers) as url:
        for _ in range(ROUNDS):
            ours.append(_timed(lambda: _read(dialect, url)))
            bare.append(_timed(lambda: _fetch(heard, url)))
    return Pace(dialect.name, items, len(heard), median(ours), median(bare))


def _read(dialect: Dialect, url: str) -> int:
    """One night and the history before it, into a lake; returns the items."""
    with tempfile.TemporaryDirectory() as home:
        readings = Visits(dialect, Path(home)).night_at(url, DAYS)
    return sum(each.item_count for each in readings)


def _fetch(heard: list[Asked], url: str) -> None:
    with requests.Session() as session:
        for asked in heard:
            headers = {name: asked.headers[name] for name in _KEPT if name in asked.headers}
            session.request(
                asked.method,
                f"{url}{asked.path}",
                params=asked.pairs,
                data=asked.body or None,
                headers=headers,
                timeout=60,
            )


_Key = tuple[str, str, tuple[tuple[str, str], ...], bytes]
_KEPT = ("Authorization", "Content-Type", "x-goog-api-key")


def _key(asked: Asked) -> _Key:
    return asked.method, asked.path, asked.pairs, asked.body


@contextmanager
def _served(answers: Mapping[_Key, Reply]) -> Iterator[str]:
    """Answers from memory, by another process, on a port that stays."""
    ready = {key: Reply(each.sent, each.status, each.headers) for key, each in answers.items()}
    context = get_context("fork")
    mine, its = context.Pipe()
    process = context.Process(target=_serve, args=(ready, its))
    process.start()
    try:
        yield mine.recv()
    finally:
        mine.send("enough")
        process.join()


def _serve(answers: Mapping[_Key, Reply], pipe: Connection) -> None:
    script: Script = lambda asked: answers[_key(asked)]  # noqa: E731
    with loopback(script) as running:
        pipe.send(running.url)
        pipe.recv()


def _timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began
