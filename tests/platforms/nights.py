"""Single streams of one platform, read by nights or months, for tests that look at one closely."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from requests.adapters import BaseAdapter

from extractors.client import Client, Credentials
from extractors.observations import MessageSeen, Observation
from extractors.platform import Fetched, Item, Reading, SetAside, Window
from extractors.registry import PLATFORMS, open_client, options_of
from lake.organisation import AccountToRead
from tests.loopback import Clock


@dataclass
class Nights:
    """Reads a server by nights or months, and keeps what came like the lake does.

    Every reading is a visit of its own, unless a `client` is given.
    """

    url: str
    platform: str = ""
    name: str = ""
    login: str = ""
    secret: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    adapter: BaseAdapter | None = None
    client: Client | None = None
    clock: Clock = field(default_factory=Clock)
    raw: dict[tuple[str, datetime], list[Fetched | SetAside]] = field(default_factory=dict)
    request_count: int = 0  # of the last reading
    is_rewalk: bool = False  # whether what is read was read long ago

    @property
    def account(self) -> AccountToRead:
        return AccountToRead(platform=self.platform, account=self.name, options=self.options)

    def visit(self) -> Client:
        """A client as one run has it."""
        credentials = Credentials(self.url, self.login, self.secret)
        return open_client(
            self.account,
            credentials,
            now=self.clock,
            sleep=self.clock.sleep,
            adapter=self.adapter,
        )

    def read(self, stream: str, start: datetime, end: datetime) -> list[Item]:
        """The items of one stream and interval, which replace what was kept of it."""
        self.raw.pop((stream, end), None)
        client = self.client or self.visit()
        before, window = client.request_count, Window(start, end, end)
        options = options_of(self.account)
        reading = Reading(self.account, options, window, client, self.kept, self.is_rewalk)
        try:
            self.raw[stream, end] = list(PLATFORMS[self.platform].stream(stream).fetch(reading))
        finally:
            self.request_count = client.request_count - before
        return [each.item for each in self.raw[stream, end] if isinstance(each, Fetched)]

    def kept(
        self,
        stream: str,
        since: datetime | None = None,
        _until: datetime | None = None,
        of: Callable[[Item], Any] | None = None,
    ) -> Iterator[Any]:
        for (name, end), items in sorted(self.raw.items(), key=lambda each: each[0], reverse=True):
            if name == stream and (since is None or end > since):
                told = (each.item for each in items if isinstance(each, Fetched))
                yield from map(of, told) if of else told

    def aside(self, stream: str, end: datetime) -> list[SetAside]:
        return [each for each in self.raw[stream, end] if isinstance(each, SetAside)]

    def said(self, stream: str, items: list[Item]) -> list[Observation]:
        read = PLATFORMS[self.platform].stream(stream).read
        return [said for item in items for said in read(item, self.account)]

    def messages(self, stream: str, items: list[Item]) -> list[MessageSeen]:
        return [each for each in self.said(stream, items) if isinstance(each, MessageSeen)]
