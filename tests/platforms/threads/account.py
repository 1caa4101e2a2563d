"""A made-up Threads account, and how its API tells of it: no counters, no addresses of pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from extractors.platform import Item
from tests.graph import MISSING, GraphServer, error, listed, told, within
from tests.loopback import Asked, Reply


@dataclass
class Account(GraphServer):
    """All that was said. Change it between nights as you like."""

    version: ClassVar[str] = "v1.0"
    said: dict[str, Item] = field(default_factory=dict)
    answers: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    mentions: list[str] = field(default_factory=list)

    def says(
        self, when: datetime, name: str, to: str | None = None, key: str = "", **more: Any
    ) -> str:
        key = key or str(18100000000000000 + len(self.said))
        item = {"id": key, "username": name, "timestamp": told(when), "text": "…", **more}
        if to:
            root = self.said[to].get("root_post", {"id": to})
            item |= {"replied_to": {"id": to}, "root_post": root}
            self.answers[to].append(key)
        self.said[key] = item
        return key

    def told(self, item: Item) -> Item:
        return {**item, "has_replies": any(self.directly_below(item["id"]))}

    def directly_below(self, key: str) -> Iterator[Item]:
        return (self.said[each] for each in self.answers[key] if each in self.said)

    def below(self, key: str) -> Iterator[Item]:
        """All answers, however deep."""
        for each in self.directly_below(key):
            yield each
            yield from self.below(each["id"])

    def answer(self, asked: Asked, one: str, edge: str) -> Reply:
        if one == "keyword_search":
            return self.list(asked, self.found(asked))
        if one == "me":
            me = {"id": "1", "username": "acme", "name": "Acme"}
            bio = {"threads_biography": "We. https://acme.example/us, and more"}
            return self.list(asked, self.own(edge)) if edge else Reply(me | bio)
        if one not in self.said:
            return MISSING
        if not edge:
            return Reply(self.told(self.said[one]))
        assert asked.query["reverse"] == "false"
        return self.thread(asked, one, edge)

    def list(self, asked: Asked, items: Iterator[Item]) -> Reply:
        found = within(asked, items, "timestamp")
        return listed(asked, found, self.size, tells_next=False, tell=self.told)

    def own(self, edge: str) -> Iterator[Item]:
        if edge == "mentions":
            return (self.said[key] for key in self.mentions if key in self.said)
        is_reply = edge == "replies"
        return (
            each
            for each in self.said.values()
            if each["username"] == "acme" and ("replied_to" in each) == is_reply
        )

    def found(self, asked: Asked) -> Iterator[Item]:
        """Only posts that are for everybody: who hid what is not told."""
        assert asked.query["search_type"] == "RECENT"
        sign = {"KEYWORD": "", "TAG": "#"}[asked.query["search_mode"]]
        for each in self.said.values():
            if f"{sign}{asked.query['q']}" in each["text"]:
                yield {key: each[key] for key in each if key != "hide_status"}

    def thread(self, asked: Asked, key: str, edge: str) -> Reply:
        """Whole conversations are for our own posts, answers for all that is ours."""
        if self.said[key]["username"] != "acme":
            return error(10)
        found = self.below(key) if edge == "conversation" else self.directly_below(key)
        items = sorted(found, key=lambda each: str(each["timestamp"]))
        return listed(asked, items, self.size, tells_next=False, tell=self.told)
