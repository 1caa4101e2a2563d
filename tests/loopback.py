"""A real HTTP server on 127.0.0.1 whose answers a test scripts."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    path: str
    query: Mapping[str, str]  # the last value of a name that is told several times
    headers: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...] = ()  # the query as it came
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """An answer. A `body` that is no bytes is sent as JSON; `cut` leaves off so many last bytes.

    `slow`: so many real seconds pass in the midst of the body.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    slow: float = 0

    @property
    def sent(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Script = Callable[[Asked], Reply]


@dataclass
class Loopback:
    """A running server: where it is, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [each.path for each in self.asked]


def in_turn(replies: Mapping[str, list[Reply]]) -> Script:
    """Answer each path with its replies in turn, the last for ever; 404 for other paths."""
    counts: defaultdict[str, int] = defaultdict(int)

    def script(asked: Asked) -> Reply:
        mine = replies.get(asked.path)
        if not mine:
            return Reply({"error": "Record not found"}, 404)
        counts[asked.path] += 1
        return mine[min(counts[asked.path], len(mine)) - 1]

    return script


@contextmanager
def loopback(script: Script) -> Iterator[Loopback]:
    """Serve `script` while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            pairs, headers = parse_qsl(parts.query), dict(self.headers)
            body = self.rfile.read(int(headers.get("Content-Length", "0")))
            asked = Asked(parts.path, dict(pairs), headers, tuple(pairs), self.command, body)
            server.asked.append(asked)
            self.answer(script(asked))

        do_POST = do_GET  # noqa: N815

        def answer(self, reply: Reply) -> None:
            # No Date header: the test's clock is the only one.
            self.send_response_only(reply.status)
            headers = {"Content-Length": str(len(reply.sent)), **reply.headers}
            for name, value in headers.items():
                self.send_header(name, value.replace("{url}", server.url))
            self.end_headers()
            told = reply.sent[: len(reply.sent) - reply.cut]
            if reply.slow:
                self.wfile.write(told[:1])
                time.sleep(reply.slow)
                told = told[1:]
            with suppress(ConnectionError):  # nobody waits any more
                self.wfile.write(told)

        def log_message(self, *_: Any) -> None:
            """Say nothing on the test's output."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Loopback(f"http://127.0.0.1:{http.server_port}")
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: datetime = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
