"""A made-up Facebook Page, and how the Graph API tells of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extractors.platform import Item
from tests.graph import MISSING, SECRET, error, listed, told
from tests.loopback import Asked, Reply

PAGE = "100"
PEOPLE = {"acme": PAGE, "ada": "2", "bob": "3", "carl": "4"}


def who(name: str) -> Item:
    return {"id": PEOPLE[name], "name": name.title()}


@dataclass
class Page:
    """What stands on the Page. Change it between nights as you like."""

    posts: dict[str, Item] = field(default_factory=dict)
    comments: dict[str, Item] = field(default_factory=dict)
    reactions: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    tagged: list[Item] = field(default_factory=list)
    conversations: dict[str, list[Item]] = field(default_factory=dict)
    hidden_count: int = 0
    size: int = 100
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))

    def posts_at(self, when: datetime, name: str = "acme", **more: Any) -> str:
        key = f"{PAGE}_{1000 + len(self.posts)}"
        times = {"created_time": told(when), "updated_time": told(when)}
        self.posts[key] = {"id": key, "from": who(name), "message": "…", **times, **more}
        return key

    def comments_at(
        self, when: datetime, name: str, post: str, to: str | None = None, **more: Any
    ) -> str:
        key = f"{post.split('_')[1]}_{5000 + len(self.comments)}"
        item = {"id": key, "from": who(name), "created_time": told(when), "message": "…", **more}
        if to:
            item["parent"] = {"id": to, "from": self.comments[to]["from"]}
        self.comments[key] = item
        self.posts[post]["updated_time"] = told(when)
        return key

    def writes(self, when: datetime, name: str, conversation: str) -> str:
        messages = self.conversations.setdefault(conversation, [])
        key = f"m_{conversation}{len(messages)}"
        to = {"data": [who("ada" if name == "acme" else "acme")]}
        messages.insert(
            0,
            {"id": key, "from": who(name), "to": to, "created_time": told(when), "message": "…"},
        )
        return key

    def below(self, post: str) -> list[Item]:
        root = post.split("_")[1]
        return [each for key, each in self.comments.items() if key.startswith(f"{root}_")]

    def told(self, post: str) -> Item:
        count = len(self.below(post)) + self.hidden_count
        return {
            **self.posts[post],
            "comments": {"data": [], "summary": {"order": "chronological", "total_count": count}},
            "reactions": {"data": [], "summary": {"total_count": len(self.reactions[post])}},
        }

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix("/v25.0/")
        if self.troubles[path]:
            return self.troubles[path].pop(0)
        if asked.headers.get("Authorization") != f"Bearer {SECRET}":
            return error(190)
        assert SECRET not in str(asked.query)
        one, _, edge = path.partition("/")
        if one == PAGE:
            return self.of_page(asked, edge)
        if one in self.conversations:
            return listed(asked, self.conversations[one], self.size)
        if one in self.posts:
            return self.of_post(asked, one, edge)
        return Reply(self.comments[one]) if one in self.comments else MISSING

    def of_page(self, asked: Asked, edge: str) -> Reply:
        if edge == "feed":
            return listed(asked, self.dated(asked, [*map(self.told, self.posts)]), self.size)
        if edge == "tagged":
            return listed(asked, self.dated(asked, self.tagged), self.size)
        if edge == "conversations":
            return listed(asked, self.inbox(), self.size)
        return Reply({"id": PAGE, "name": "Acme", "username": "acme", "website": "acme.example"})

    def dated(self, asked: Asked, items: list[Item]) -> list[Item]:
        since, until = int(asked.query["since"]), int(asked.query["until"])
        newest = sorted(items, key=lambda each: each["created_time"], reverse=True)
        return [
            each
            for each in newest
            if since < datetime.fromisoformat(each["created_time"]).timestamp() < until
        ]

    def inbox(self) -> list[Item]:
        told_of = [
            {"id": key, "updated_time": each[0]["created_time"], "message_count": len(each)}
            for key, each in self.conversations.items()
        ]
        return sorted(told_of, key=lambda each: str(each["updated_time"]), reverse=True)

    def of_post(self, asked: Asked, post: str, edge: str) -> Reply:
        if edge == "comments":
            assert (asked.query["filter"], asked.query["order"]) == ("stream", "chronological")
            return listed(asked, self.below(post), self.size)
        if edge == "reactions":
            people = [{**who(each), "type": "LIKE"} for each in self.reactions[post]]
            return listed(asked, people, self.size)
        return Reply(self.told(post))
