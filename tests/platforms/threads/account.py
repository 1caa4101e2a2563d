"""A made-up Threads account, and how its API tells of it: no counters, no addresses of pages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extractors.platform import Item
from tests.graph import MISSING, SECRET, error, listed, told
from tests.loopback import Asked, Reply


@dataclass
class Account:
    """All that was said. Change it between nights as you like."""

    said: dict[str, Item] = field(default_factory=dict)
    mentions: list[str] = field(default_factory=list)
    size: int = 100
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))

    def says(self, when: datetime, name: str, to: str | None = None, **more: Any) -> str:
        key = str(18100000000000000 + len(self.said))
        item = {"id": key, "username": name, "timestamp": told(when), "text": "…", **more}
        if to:
            root = self.said[to].get("root_post", {"id": to})
            item |= {"replied_to": {"id": to}, "root_post": root}
        self.said[key] = item
        return key

    def told(self, key: str) -> Item:
        has_replies = any(
            each.get("replied_to", {}).get("id") == key for each in self.said.values()
        )
        return {**self.said[key], "has_replies": has_replies}

    def below(self, root: str) -> list[Item]:
        found = (each for each in self.said.values() if each.get("root_post", {}).get("id") == root)
        return [self.told(each["id"]) for each in found]

    def own(self, asked: Asked, *, replies: bool) -> list[Item]:
        since, until = int(asked.query["since"]), int(asked.query["until"])
        found = [
            self.told(key)
            for key, each in self.said.items()
            if each["username"] == "acme" and ("replied_to" in each) == replies
        ]
        return [
            each
            for each in found[::-1]
            if since < datetime.fromisoformat(each["timestamp"]).timestamp() < until
        ]

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix("/v1.0/")
        if self.troubles[path]:
            return self.troubles[path].pop(0)
        if asked.headers.get("Authorization") != f"Bearer {SECRET}":
            return error(190)
        one, _, edge = path.partition("/")
        if one != "me" and one not in self.said:
            return MISSING
        if edge:
            return listed(asked, self.edge(asked, one, edge), self.size, tells_next=False)
        me = {"id": "1", "username": "acme", "name": "Acme"}
        return Reply(me if one == "me" else self.told(one))

    def edge(self, asked: Asked, one: str, edge: str) -> list[Item]:
        if edge == "mentions":
            return [self.told(key) for key in self.mentions[::-1]]
        if edge == "conversation":
            assert asked.query["reverse"] == "false"
            return self.below(one)
        return self.own(asked, replies=edge == "replies")
