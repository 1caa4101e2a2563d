"""A small made-up server that speaks Mastodon's dialect."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zlib import crc32

from extractors.platform import Item
from lake.organisation import AccountToRead
from tests.loopback import Asked, Reply
from tests.platforms.nights import Nights
from tests.platforms.town import START

SECRET = "pond-t0ken"
NUMBERS = {"acme": "1", "ada": "2", "bob@far.example": "3", "carl": "4"}
NOT_FOUND = Reply({"error": "Record not found"}, 404)


def account(acct: str) -> Item:
    name = acct.partition("@")[0]
    number = NUMBERS.get(acct) or str(10 + crc32(acct.encode()))
    return {"id": number, "username": name, "acct": acct, "display_name": name.title()}


@dataclass
class Pond:
    """The server: what was said there, and how it answers. Change it between nights as you like."""

    statuses: dict[str, Item] = field(default_factory=dict)
    notifications: list[Item] = field(default_factory=list)
    favourites: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    boosts: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    quotes: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    followers: list[str] = field(default_factory=list)
    answers: defaultdict[str | None, list[str]] = field(default_factory=lambda: defaultdict(list))
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    page_size: int = 40

    def says(self, acct: str, when: datetime, number: int | None = None, **more: Any) -> str:
        """Add a status; returns its id, which like Mastodon's own follows from its time."""
        if number is None:
            number = int((when - START).total_seconds()) * 10 + 10**6 + len(self.statuses)
        to = more.pop("to", None)
        self.answers[to].append(str(number))
        told = {
            "id": str(number),
            "created_at": when.isoformat().replace("+00:00", ".000Z"),
            "edited_at": None,
            "in_reply_to_id": to,
            "in_reply_to_account_id": self.statuses[to]["account"]["id"] if to else None,
            "visibility": "public",
            "spoiler_text": "",
            "content": "<p>…</p>",
            "account": account(acct),
            "mentions": [account(each) for each in more.pop("mentions", [])],
            "reblog": None,
            **more,
        }
        self.statuses[str(number)] = told
        if any(each["acct"] == "acme" for each in told["mentions"]):
            self.notify("mention", acct, when, status=told["id"])
        return str(number)

    def notify(self, kind: str, acct: str, when: datetime, status: str | None = None) -> None:
        number = str(len(self.notifications) + 1)
        self.notifications.append(
            {"id": number, "type": kind, "created_at": when.isoformat(), "by": acct, "on": status}
        )

    def told(self, status_id: str) -> Item:
        """A status as the API tells it now."""
        return {
            **self.statuses[status_id],
            "replies_count": len(self.children(status_id)),
            "favourites_count": len(self.favourites[status_id]),
            "reblogs_count": len(self.boosts[status_id]),
            "quotes_count": len(self.quotes[status_id]),
        }

    def children(self, status_id: str) -> list[str]:
        return [each for each in self.answers[status_id] if each in self.statuses]

    def __call__(self, asked: Asked) -> Reply:
        if self.troubles[asked.path]:
            return self.troubles[asked.path].pop(0)
        for pattern, answer in self.routes.items():
            if found := re.fullmatch(pattern, asked.path):
                return answer(asked, *found.groups())
        return NOT_FOUND

    @property
    def routes(self) -> dict[str, Callable[..., Reply]]:
        one = r"/api/v1/statuses/(\d+)"
        return {
            "/api/v1/accounts/lookup": lambda asked: Reply(account(asked.query["acct"])),
            r"/api/v1/accounts/(\d+)/statuses": self.statuses_of,
            r"/api/v1/accounts/\d+/followers": lambda asked: self.people(asked, self.followers),
            "/api/v1/notifications": self.notified,
            r"/api/v1/timelines/tag/(\w+)": self.tagged,
            "/api/v2/search": self.search,
            one: self.status,
            f"{one}/context": self.context,
            f"{one}/quotes": lambda asked, i: self.page(asked, [*map(self.told, self.quotes[i])]),
            f"{one}/favourited_by": lambda asked, i: self.people(asked, self.favourites[i]),
            f"{one}/reblogged_by": lambda asked, i: self.people(asked, self.boosts[i]),
        }

    def statuses_of(self, asked: Asked, number: str) -> Reply:
        own = [each for each in self.statuses.values() if each["account"]["id"] == number]
        return self.page(asked, [self.told(each["id"]) for each in own])

    def notified(self, asked: Asked) -> Reply:
        if asked.headers.get("Authorization") != f"Bearer {SECRET}":
            return Reply({"error": "The access token is invalid"}, 401)
        told = [
            {
                **{key: each[key] for key in ("id", "type", "created_at")},
                "account": account(each["by"]),
                "status": self.told(each["on"]) if each["on"] in self.statuses else None,
            }
            for each in self.notifications
        ]
        return self.page(asked, told)

    def tagged(self, asked: Asked, tag: str) -> Reply:
        return self.page(asked, [self.told(one) for one in self.holding(f"#{tag}")])

    def search(self, asked: Asked) -> Reply:
        found = self.page(asked, [self.told(one) for one in self.holding(asked.query["q"])])
        return Reply({"accounts": [], "statuses": found.body, "hashtags": []})

    def holding(self, words: str) -> list[str]:
        return [key for key, each in self.statuses.items() if words in each["content"]]

    def status(self, _: Asked, status_id: str) -> Reply:
        return Reply(self.told(status_id)) if status_id in self.statuses else NOT_FOUND

    def context(self, asked: Asked, status_id: str) -> Reply:
        if status_id not in self.statuses:
            return self.status(asked, status_id)
        ancestors: list[Item] = []
        above = self.statuses[status_id]["in_reply_to_id"]
        while above in self.statuses:
            ancestors.insert(0, self.told(above))
            above = self.statuses[above]["in_reply_to_id"]
        return Reply({"ancestors": ancestors, "descendants": list(self.below(status_id))})

    def below(self, status_id: str) -> Iterator[Item]:
        for each in self.children(status_id):
            yield self.told(each)
            yield from self.below(each)

    def people(self, asked: Asked, accts: list[str]) -> Reply:
        """Pages of people go by numbers that only the Link header tells."""
        first = int(asked.query.get("max_id", "0"))
        more = first + self.page_size < len(accts)
        after = f'<{{url}}{asked.path}?max_id={first + self.page_size}>; rel="next"'
        people = [account(acct) for acct in accts[first : first + self.page_size]]
        return Reply(people, headers={"Link": after} if more else {})

    def page(self, asked: Asked, items: list[Item]) -> Reply:
        """Newest first, below `max_id`."""
        limit = min(int(asked.query["limit"]), self.page_size)
        below = int(asked.query.get("max_id", 10**30))
        items = sorted(items, key=lambda each: -int(each["id"]))
        found = [each for each in items if int(each["id"]) < below]
        if len(found) <= limit:
            return Reply(found)
        last = found[limit - 1]["id"]
        link = f'<{{url}}{asked.path}?limit={limit}&max_id={last}>; rel="next"'
        return Reply(found[:limit], headers={"Link": link})


@dataclass
class PondNights(Nights):
    """Nights at the pond."""

    platform: str = "mastodon"
    name: str = "acme"
    secret: str = SECRET

    @property
    def account(self) -> AccountToRead:
        return AccountToRead(
            platform=self.platform,
            account=self.name,
            options={"instance": self.url, **self.options},
        )
