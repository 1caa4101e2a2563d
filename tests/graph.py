"""What made-up servers that speak Meta's Graph dialect share, and their dialects of a town."""

from __future__ import annotations

import json
import math
import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode
from zlib import crc32

from extractors.client import Credentials
from extractors.platform import Item
from tests.loopback import Asked, Loopback, Reply, Script, loopback
from tests.platforms.dialect import Dialect
from tests.platforms.nights import Nights
from tests.platforms.town import Said, Town

SECRET = "gr4ph-t0ken"


def told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S+0000}"


def error(code: int, status: int = 400, subcode: int | None = None, **headers: str) -> Reply:
    """A refusal as the Graph API words it."""
    body = {"message": f"(#{code}) about {SECRET}", "type": "OAuthException", "code": code}
    more = {"error_subcode": subcode} if subcode else {}
    return Reply({"error": body | more}, status, headers)


MISSING = error(100, subcode=33)


def as_is(item: Item) -> Item:
    return item


def listed(
    asked: Asked,
    items: Sequence[Item],
    size: int = 100,
    *,
    tells_next: bool = True,
    tell: Callable[[Item], Item] = as_is,
) -> Reply:
    """One page of a list; the address of the next holds the token, as Meta's does."""
    first = int(asked.query.get("after", "0"))
    size = min(size, int(asked.query.get("limit", "25")))
    body: dict[str, Any] = {"data": [tell(each) for each in items[first : first + size]]}
    after = first + size
    if body["data"]:
        body["paging"] = {"cursors": {"before": str(first), "after": str(after)}}
        if tells_next and after < len(items):
            query = {**asked.query, "after": after, "access_token": SECRET}
            body["paging"]["next"] = f"https://graph.example{asked.path}?{urlencode(query)}"
    return Reply(body)


def within(asked: Asked, items: Iterator[Item], time_key: str) -> list[Item]:
    """What a list told newest first holds of the period asked for."""
    since, until = int(asked.query.get("since", "0")), int(asked.query.get("until", "99999999999"))
    found = [
        (each[time_key], place, each)
        for place, each in enumerate(items)
        if since < datetime.fromisoformat(each[time_key]).timestamp() < until
    ]
    return [each for *_, each in sorted(found, key=lambda one: one[:2], reverse=True)]


@dataclass
class GraphServer(ABC):
    """A server that wants the token in a header alone; `troubles` are what a path answers first."""

    version: ClassVar[str] = "v25.0"
    size: int = 100
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix(f"/{self.version}/")
        if self.troubles[path]:
            return self.troubles[path].pop(0)
        assert SECRET not in str(asked.query)
        if asked.headers.get("Authorization") != f"Bearer {SECRET}":
            return error(190)
        one, _, edge = path.partition("/")
        return self.answer(asked, one, edge)

    @abstractmethod
    def answer(self, asked: Asked, one: str, edge: str) -> Reply:
        """What is told of an object, or of one of its lists."""


@dataclass
class GraphNights(Nights):
    """Nights with a token of Meta's."""

    secret: str = SECRET
    server: Loopback | None = None

    def asked_for(self) -> list[str]:
        """Paths asked for since the last time, below the version."""
        assert self.server
        paths = [each.split("/", 2)[2] for each in self.server.paths]
        self.server.asked.clear()
        return paths

    def ids(self, stream: str, start: datetime, end: datetime) -> list[str]:
        return [item["id"] for item in self.read(stream, start, end)]


@contextmanager
def nights_at(script: Script, platform: str, name: str, **options: Any) -> Iterator[GraphNights]:
    """Nights at a server that runs while the block does."""
    with loopback(script) as server:
        yield GraphNights(server.url, platform, name, options=options, server=server)


class GraphDialect(Dialect):
    """What the dialects of Facebook, Instagram and Threads have in common."""

    time_key: ClassVar[str]
    author_key: ClassVar[str]

    def credentials(self, url: str) -> Credentials:
        return Credentials(base_url=url, secret=SECRET)

    def elements(self, body: Any) -> list[Item]:
        found: list[Item] = body["data"]
        return found

    def redate(self, element: Item, when: datetime) -> None:
        element[self.time_key] = told(when)

    def forget_author(self, element: Item) -> None:
        element[self.author_key] = None

    def limits(self, now: datetime, seconds: int) -> Mapping[str, Reply]:
        """Whole minutes are told, beside one of several codes."""
        minutes = math.ceil(seconds / 60)
        usage = {"call_count": 100, "total_cputime": 20, "total_time": 20, "type": "pages"}
        told_usage = json.dumps({"1": [{**usage, "estimated_time_to_regain_access": minutes}]})
        header = {"X-Business-Use-Case-Usage": told_usage}
        return {
            f"error {code}": error(code, status, **header)
            for code, status in ((80001, 400), (4, 403))
        }


def number_of(name: str) -> str:
    """The number of a person, beyond what a float can hold."""
    return str(10**17 + crc32(name.encode()))


def words(text: str, *names: str) -> str:
    """A text that names nobody but these, the first of them at its beginning."""
    bare = re.sub(r"@\S+\s*", "", text)
    first, *others = names or ("",)
    return " ".join(word for word in (first, bare, *others) if word)


def two_levels(town: Town) -> Town:
    """The town where answers to answers stand beside these, and go with what they stand under.

    Whoever is answered so is mentioned first.
    """

    def settled(said: Said) -> Said:
        above = town.above(said)
        gone = [each.deleted for each in (said, *above) if each.deleted]
        said = replace(said, deleted=min(gone, default=None))
        if len(above) < 2:
            return said
        answered = [above[0].by] if len(above) > 2 and above[0].by else []
        names = dict.fromkeys([*answered, *said.mentions])
        return replace(said, to=above[-2].number, mentions=tuple(names))

    return replace(town, said={number: settled(each) for number, each in town.said.items()})
