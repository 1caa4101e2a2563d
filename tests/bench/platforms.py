"""How quickly platforms are read, against a bare loop that only fetches the same pages.

A dialect's server tells of the sample community once, and what it answered is remembered. Then
both, the extractor and the bare loop, ask a process of its own in turn: the made-up server, which
works out each answer, and once more memory, as quick as no platform is.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterator
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
    seconds_from_memory: float
    bare_seconds_from_memory: float

    @property
    def ratios(self) -> list[Ratio]:
        """Speed against that of the bare loop; 1 is as quick."""
        value = self.bare_seconds / self.seconds
        from_memory = self.bare_seconds_from_memory / self.seconds_from_memory
        return [
            Ratio(f"{self.platform}: speed against a bare loop", value, at_least=0.7),
            Ratio("  where the server answers from memory", from_memory),
        ]


def paces() -> Iterator[Pace]:
    """Each platform's in turn."""
    for dialect in DIALECTS.values():
        town = sample_town(dialect.channel, people=PEOPLE, days=DAYS)
        yield _pace(dialect, dialect.settle(town).until(NOW))


def _pace(dialect: Dialect, town: Town) -> Pace:
    heard, answers = list[Asked](), dict[_Key, Reply]()
    server = dialect.serve(town, NOW)

    def record(asked: Asked) -> Reply:
        heard.append(asked)
        return answers.setdefault(_key(asked), server(asked))

    with loopback(record) as running:
        items = _read(dialect, running.url)
    ready = {key: Reply(each.sent, each.status, each.headers) for key, each in answers.items()}

    def from_memory(asked: Asked) -> Reply:
        return ready[_key(asked)]

    def at_work(asked: Asked) -> Reply:
        """The same answer, which does not depend on who asks, after the work that it takes."""
        server(asked).sent  # noqa: B018
        return from_memory(asked)

    gc.freeze()  # the bench's own answers are nothing that a reading, or a server, looks through
    seconds = []
    for script in (at_work, from_memory):
        with _served(script) as url:
            rounds = [
                (_timed(lambda: _read(dialect, url)), _timed(lambda: _fetch(heard, url)))
                for _ in range(ROUNDS)
            ]
        seconds += [median(each) for each in zip(*rounds, strict=True)]
    gc.unfreeze()
    return Pace(dialect.name, items, len(heard), *seconds)


def _read(dialect: Dialect, url: str) -> int:
    """One night and the history before it, into a lake; returns the items."""
    with tempfile.TemporaryDirectory() as home:
        readings = Visits(dialect, Path(home)).night_at(url, DAYS)
    return sum(each.item_count for each in readings)


def _fetch(heard: list[Asked], url: str) -> None:
    with requests.Session() as session:
        for asked in heard:
            told = asked.headers.items()
            headers = {name: text for name, text in told if name.casefold() in _KEPT}
            session.request(
                asked.method,
                f"{url}{asked.path}",
                params=asked.pairs,
                data=asked.body or None,
                headers=headers,
                timeout=60,
            )


_Key = tuple[str, str, tuple[tuple[str, str], ...], bytes]
_KEPT = {"authorization", "content-type", "x-goog-api-key"}


def _key(asked: Asked) -> _Key:
    return asked.method, asked.path, asked.pairs, asked.body


@contextmanager
def _served(script: Script) -> Iterator[str]:
    """A server in a process of its own."""
    context = get_context("fork")
    mine, its = context.Pipe()
    process = context.Process(target=_serve, args=(script, its))
    process.start()
    try:
        yield mine.recv()
    finally:
        mine.send("enough")
        process.join()


def _serve(script: Script, pipe: Connection) -> None:
    with loopback(script) as running:
        pipe.send(running.url)
        pipe.recv()


def _timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began
