"""How quickly platforms are read, against a bare loop that only fetches the same pages.

A dialect's server tells of the sample community once, and what it answered is remembered. Then
both, the extractor and the bare loop, ask a process of its own in turn: the made-up server, which
works out each answer, and once more memory, as quick as no platform is.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import requests

from tests.bench.ratios import Ratio
from tests.loopback import Asked, Reply, Script, loopback
from tests.platforms.dialect import Dialect
from tests.platforms.dialects import DIALECTS
from tests.platforms.town import at, sample_town
from tests.platforms.visits import Visits

DAYS, PEOPLE = 60, 1500
ROUNDS, SECONDS = 5, 15  # at least, of each kind of server: the quicker, the more others disturb
NOW = at(DAYS + 1, 2)


@dataclass(frozen=True)
class Pace:
    """A platform's reading and the bare loop: seconds of the quickest of rounds in turn."""

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
    """Each platform's in turn, in a process of its own, as a task of Airflow is one."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        yield from pool.map(_pace, DIALECTS)


def _pace(platform: str) -> Pace:
    dialect = DIALECTS[platform]
    town = dialect.settle(sample_town(dialect.channel, people=PEOPLE, days=DAYS)).until(NOW)
    heard, answers = list[Asked](), dict[_Key, Reply]()
    server = dialect.serve(town, NOW)

    def record(asked: Asked) -> Reply:
        heard.append(asked)
        return answers.setdefault(_key(asked), server(asked))

    with loopback(record) as running:
        items, _ = _read(dialect, running.url)
    ready = {key: Reply(each.sent, each.status, each.headers) for key, each in answers.items()}

    def from_memory(asked: Asked) -> Reply:
        return ready[_key(asked)]

    def at_work(asked: Asked) -> Reply:
        """The same answer, which does not depend on who asks, after the work that it takes."""
        _ = server(asked).sent
        return from_memory(asked)

    gc.freeze()  # the bench's own answers are nothing that a reading, or a server, looks through
    seconds = []
    for script in (at_work, from_memory):
        with _served(script) as url:
            rounds: list[tuple[float, float]] = []
            while len(rounds) < ROUNDS or sum(map(sum, rounds)) < SECONDS:
                rounds.append((_read(dialect, url)[1], _fetch(heard, url)))
        seconds += [min(each) for each in zip(*rounds, strict=True)]
    return Pace(dialect.name, items, len(heard), *seconds)


def _read(dialect: Dialect, url: str) -> tuple[int, float]:
    """One night and the history before it, into a lake: items and seconds."""
    with tempfile.TemporaryDirectory() as home:
        visits, began = Visits(dialect, Path(home)), time.perf_counter()
        readings = visits.night_at(url, DAYS)
        seconds = time.perf_counter() - began
    return sum(each.item_count for each in readings), seconds


def _fetch(heard: list[Asked], url: str) -> float:
    """The same requests, and nothing made of the answers: seconds."""
    began = time.perf_counter()
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
    return time.perf_counter() - began


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
