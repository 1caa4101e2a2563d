"""What fake servers that speak Meta's Graph dialect share, and nights that read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING as MISSING_DEFAULT
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from requests.adapters import BaseAdapter

from extractors.client import Credentials
from extractors.observations import MessageSeen, Observation
from extractors.platform import Fetched, Item, Reading, SetAside, Window
from extractors.registry import PLATFORMS, open_client, options_of
from lake.organisation import AccountToRead
from tests.loopback import Asked, Clock, Reply

SECRET = "gr4ph-t0ken"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: int, hour: int = 0) -> datetime:
    """Midnight of day 0 is the first of January 2026."""
    return EPOCH + timedelta(days=day, hours=hour)


def told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S+0000}"


def error(code: int, status: int = 400, subcode: int | None = None, **headers: str) -> Reply:
    """A refusal as the Graph API words it."""
    body = {"message": f"(#{code}) about {SECRET}", "type": "OAuthException", "code": code}
    more = {"error_subcode": subcode} if subcode else {}
    return Reply({"error": body | more}, status, headers)


MISSING = error(100, subcode=33)


def listed(asked: Asked, items: list[Item], size: int = 100, *, tells_next: bool = True) -> Reply:
    """One page of a list; the address of the next holds the token, as Meta's does."""
    first = int(asked.query.get("after", "0"))
    size = min(size, int(asked.query.get("limit", "25")))
    body: dict[str, Any] = {"data": items[first : first + size]}
    after = first + size
    if body["data"]:
        body["paging"] = {"cursors": {"before": str(first), "after": str(after)}}
        if tells_next and after < len(items):
            query = {**asked.query, "after": after, "access_token": SECRET}
            body["paging"]["next"] = f"https://graph.example{asked.path}?{urlencode(query)}"
    return Reply(body)


@dataclass
class GraphNights:
    """Reads a server by nights or months, and keeps what came like the lake does."""

    platform: str
    name: str
    url: str
    adapter: BaseAdapter | None = None
    secret: str = SECRET
    options: dict[str, Any] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    raw: dict[tuple[str, datetime], list[Fetched | SetAside]] = field(default_factory=dict)

    @property
    def account(self) -> AccountToRead:
        return AccountToRead(platform=self.platform, account=self.name, options=self.options)

    def read(self, stream: str, start: datetime, end: datetime) -> list[Item]:
        """The items of one stream and interval, which replace what was kept of it."""
        self.raw.pop((stream, end), None)
        client = open_client(
            self.account,
            Credentials(base_url=self.url, secret=self.secret),
            now=self.clock,
            sleep=self.clock.sleep,
            adapter=self.adapter,
        )
        window = Window(start, end, end)
        reading = Reading(self.account, options_of(self.account), window, client, self.kept)
        fetch = PLATFORMS[self.platform].stream(stream).fetch
        self.raw[stream, end] = list(fetch(reading))
        return [each.item for each in self.raw[stream, end] if isinstance(each, Fetched)]

    def kept(self, stream: str, since: datetime | None = None) -> Iterator[Item]:
        for (name, end), items in sorted(self.raw.items(), key=lambda each: each[0], reverse=True):
            if name == stream and (since is None or end > since):
                yield from (each.item for each in items if isinstance(each, Fetched))

    def aside(self, stream: str, end: datetime) -> list[SetAside]:
        return [each for each in self.raw[stream, end] if isinstance(each, SetAside)]

    def said(self, stream: str, items: list[Item]) -> list[Observation]:
        read = PLATFORMS[self.platform].stream(stream).read
        return [said for item in items for said in read(item, self.account)]

    def messages(self, stream: str, items: list[Item]) -> list[MessageSeen]:
        return [each for each in self.said(stream, items) if isinstance(each, MessageSeen)]


def plain(said: Observation) -> dict[str, Any]:
    """An observation as an example file writes it: without what is not said."""
    shown: dict[str, Any] = {"says": type(said).__name__}
    for each in fields(said):
        value = getattr(said, each.name)
        if each.default is MISSING_DEFAULT or value != each.default:
            shown[each.name] = value.isoformat() if isinstance(value, datetime) else value
    return {key: list(value) if isinstance(value, tuple) else value for key, value in shown.items()}
