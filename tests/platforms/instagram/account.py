"""A made-up Instagram account, and how the Graph API tells of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extractors.platform import Item
from tests.graph import MISSING, SECRET, error, listed, told
from tests.loopback import Asked, Reply

NUMBER = "17841400000000001"


@dataclass
class Account:
    """Media, what stands under them, and tags. Change them between nights as you like."""

    media: dict[str, Item] = field(default_factory=dict)
    comments: dict[str, tuple[str, Item]] = field(default_factory=dict)
    tags: list[Item] = field(default_factory=list)
    size: int = 100
    inline: int = 50
    hidden_count: int = 0
    troubles: defaultdict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))

    def publishes(self, when: datetime, **more: Any) -> str:
        key = str(18000000000000000 + len(self.media))
        self.media[key] = {"id": key, "username": "acme", "timestamp": told(when), **more}
        return key

    def says(
        self, when: datetime, name: str, media: str, to: str | None = None, **more: Any
    ) -> str:
        key = str(17900000000000000 + len(self.comments))
        item = {"id": key, "username": name, "timestamp": told(when), "text": "…", **more}
        item |= {"parent_id": to} if to else {}
        self.comments[key] = (media, item)
        return key

    def told(self, media: str) -> Item:
        count = sum(place == media for place, _ in self.comments.values()) + self.hidden_count
        return {**self.media[media], "comments_count": count}

    def below(self, media: str) -> list[Item]:
        """Comments newest first, each with its first answers."""
        found = [item for place, item in self.comments.values() if place == media]
        return [self.with_answers(each) for each in found[::-1] if "parent_id" not in each]

    def answers(self, comment: str) -> list[Item]:
        return [item for _, item in self.comments.values() if item.get("parent_id") == comment]

    def with_answers(self, comment: Item) -> Item:
        found = self.answers(comment["id"])
        replies: Item = {"data": found[: self.inline]}
        if len(found) > self.inline:
            following = f"https://graph.example/x?access_token={SECRET}"
            replies["paging"] = {"cursors": {"after": str(self.inline)}, "next": following}
        return {**comment, "replies": replies} if found else comment

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix("/v25.0/")
        if self.troubles[path]:
            return self.troubles[path].pop(0)
        if asked.headers.get("Authorization") != f"Bearer {SECRET}":
            return error(190)
        one, _, edge = path.partition("/")
        if one == NUMBER:
            return self.of_account(asked, edge)
        if one in self.media:
            below = self.below(one) if edge else []
            return listed(asked, below, self.size) if edge else Reply(self.told(one))
        if one in self.comments:
            found = self.answers(one) if edge else []
            return listed(asked, found, self.size) if edge else Reply(self.comments[one][1])
        return MISSING

    def of_account(self, asked: Asked, edge: str) -> Reply:
        if edge == "media":
            newest = sorted(map(self.told, self.media), key=lambda each: str(each["timestamp"]))
            return listed(asked, newest[::-1], self.size)
        if edge == "tags":
            return listed(asked, self.tags, self.size, tells_next=False)
        return Reply({"id": NUMBER, "username": "Acme", "name": "Acme", "followers_count": 12})
