"""A made-up Facebook Page, and how the Graph API tells of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extractors.platform import Item
from tests.graph import MISSING, GraphServer, listed, number_of, told, within
from tests.loopback import Asked, Reply

PAGE, ELSEWHERE = "100000000000000001", "100000000000000777"
PEOPLE = {"acme": PAGE, "ada": "2", "bob": "3", "carl": "4"}


def who(name: str) -> Item:
    return {"id": PEOPLE.get(name) or number_of(name), "name": name.title()}


def by(name: str | None) -> Item:
    return {"from": who(name)} if name else {}


@dataclass
class Page(GraphServer):
    """What stands on the Page. Change it between nights as you like.

    `uses_the_app`: only of such people is told that they reacted.
    """

    posts: dict[str, Item] = field(default_factory=dict)
    comments: dict[str, Item] = field(default_factory=dict)
    under: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    reactions: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    conversations: dict[str, list[Item]] = field(default_factory=dict)
    hidden_count: int = 0
    uses_the_app: Callable[[str], bool] = lambda _: True

    def posts_at(
        self, when: datetime, name: str | None = "acme", key: str | None = None, **more: Any
    ) -> str:
        key = key or f"{PAGE}_{1000 + len(self.posts)}"
        times = {"created_time": told(when), "updated_time": told(when)}
        self.posts[key] = {"id": key, **by(name), "message": "…", **times, **more}
        return key

    def tags_at(self, when: datetime, key: str = f"{ELSEWHERE}_1", **more: Any) -> str:
        """Somebody tags the Page elsewhere; who, is not told."""
        return self.posts_at(when, None, key, **more)

    def comments_at(
        self,
        when: datetime,
        name: str | None,
        post: str,
        to: str | None = None,
        key: str | None = None,
        **more: Any,
    ) -> str:
        key = key or f"{post.split('_')[1]}_{5000 + len(self.comments)}"
        item = {"id": key, **by(name), "created_time": told(when), "message": "…", **more}
        if to:
            answered = self.comments[to]
            item["parent"] = {each: answered[each] for each in ("id", "from") if each in answered}
        self.comments[key] = item
        self.under[post].append(key)
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
        return [self.comments[key] for key in self.under[post] if key in self.comments]

    def told(self, post: Item) -> Item:
        """A post; of one elsewhere nothing is told that others said or did."""
        key = post["id"]
        if not key.startswith(PAGE):
            return post
        count = len(self.below(key)) + self.hidden_count
        return {
            **post,
            "comments": {"data": [], "summary": {"order": "chronological", "total_count": count}},
            "reactions": {"data": [], "summary": {"total_count": len(self.reactions[key])}},
        }

    def answer(self, asked: Asked, one: str, edge: str) -> Reply:
        if one == PAGE:
            return self.of_page(asked, edge)
        if one in self.conversations:
            return listed(asked, self.conversations[one], self.size)
        if one in self.posts:
            return self.of_post(asked, one, edge)
        return Reply(self.comments[one]) if one in self.comments else MISSING

    def of_page(self, asked: Asked, edge: str) -> Reply:
        if edge == "conversations":
            return listed(asked, self.inbox(), self.size)
        if edge in {"feed", "tagged"}:
            found = (
                each
                for key, each in self.posts.items()
                if edge == "feed" or not key.startswith(PAGE)
            )
            posts = within(asked, found, "created_time")
            return listed(asked, posts, self.size, tell=self.told)
        return Reply({"id": PAGE, "name": "Acme", "username": "acme", "website": "acme.example"})

    def inbox(self) -> list[Item]:
        told_of = [
            {"id": key, "updated_time": each[0]["created_time"], "message_count": len(each)}
            for key, each in self.conversations.items()
        ]
        return sorted(told_of, key=lambda each: str(each["updated_time"]), reverse=True)

    def of_post(self, asked: Asked, post: str, edge: str) -> Reply:
        if edge == "comments":
            assert (asked.query["filter"], asked.query["order"]) == ("stream", "chronological")
            return listed(asked, self.below(post) if post.startswith(PAGE) else [], self.size)
        if edge == "reactions":
            names = filter(self.uses_the_app, self.reactions[post])
            return listed(asked, [{**who(each), "type": "LIKE"} for each in names], self.size)
        return Reply(self.told(self.posts[post]))
