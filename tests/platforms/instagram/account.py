"""A made-up Instagram account, and how the Graph API tells of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extractors.platform import Item
from tests.graph import MISSING, SECRET, GraphServer, listed, told, within
from tests.loopback import Asked, Reply

NUMBER = "17841400000000001"


@dataclass
class Account(GraphServer):
    """Media, what stands under them, tags and the inbox. Change them between nights as you like.

    `under_tags` are the media of the last day by tag: nobody is told to have published them.
    """

    media: dict[str, Item] = field(default_factory=dict)
    comments: dict[str, Item] = field(default_factory=dict)
    under: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    tags: list[Item] = field(default_factory=list)
    under_tags: dict[str, list[Item]] = field(default_factory=dict)
    conversations: dict[str, list[Item]] = field(default_factory=dict)
    inline: int = 50
    hidden_count: int = 0

    def publishes(self, when: datetime, key: str = "", **more: Any) -> str:
        key = key or str(18000000000000000 + len(self.media))
        self.media[key] = {"id": key, "username": "acme", "timestamp": told(when), **more}
        return key

    def says(
        self,
        when: datetime,
        name: str,
        media: str,
        to: str | None = None,
        key: str = "",
        **more: Any,
    ) -> str:
        """A comment under media, or an answer to one."""
        key = key or str(17900000000000000 + len(self.comments))
        item = {"id": key, "username": name, "timestamp": told(when), "text": "…", **more}
        self.comments[key] = {**item, "parent_id": to} if to else item
        self.under[to or media].append(key)
        return key

    def writes(self, when: datetime, name: str, conversation: str) -> str:
        messages = self.conversations.setdefault(conversation, [])
        key = f"m_{conversation}{len(messages)}"
        other = "ada" if name == "acme" else "acme"
        sender, receiver = ({"id": f"1{each}", "username": each} for each in (name, other))
        item = {"id": key, "created_time": told(when), "message": "…", "from": sender}
        messages.insert(0, {**item, "to": {"data": [receiver]}})
        return key

    def below(self, key: str) -> list[Item]:
        """The comments under media, or the answers to a comment, in order."""
        return [self.comments[each] for each in self.under[key] if each in self.comments]

    def told(self, media: Item) -> Item:
        found = self.below(media["id"])
        count = len(found) + sum(len(self.below(each["id"])) for each in found)
        return {**media, "comments_count": count + self.hidden_count}

    def with_answers(self, comment: Item) -> Item:
        found = self.below(comment["id"])
        replies: Item = {"data": found[: self.inline]}
        if len(found) > self.inline:
            following = f"https://graph.example/x?access_token={SECRET}"
            replies["paging"] = {"cursors": {"after": str(self.inline)}, "next": following}
        return {**comment, "replies": replies} if found else comment

    def answer(self, asked: Asked, one: str, edge: str) -> Reply:
        if one == NUMBER:
            return self.of_account(asked, edge)
        if one == "ig_hashtag_search":
            return Reply({"data": [{"id": f"tag-{asked.query['q']}"}]})
        if edge == "recent_media":
            return self.recent(asked, one.removeprefix("tag-"))
        if one in self.media:
            return self.of_media(asked, one, edge)
        if one in self.comments:
            return listed(asked, self.below(one), self.size) if edge else Reply(self.comments[one])
        return MISSING

    def of_account(self, asked: Asked, edge: str) -> Reply:
        if edge == "media":
            media = within(asked, iter(self.media.values()), "timestamp")
            return listed(asked, media, self.size, tell=self.told)
        if edge == "tags":
            return listed(asked, self.tags, self.size, tells_next=False)
        if edge == "conversations":
            return listed(asked, self.inbox(), self.size)
        links = {"website": "https://acme.example", "biography": "We: https://acme.example/us."}
        me = {"id": NUMBER, "username": "Acme", "name": "Acme", "followers_count": 12}
        return Reply(me | links)

    def of_media(self, asked: Asked, media: str, edge: str) -> Reply:
        """Media, or what is said under them, newest first."""
        if not edge:
            return Reply(self.told(self.media[media]))
        return listed(asked, self.below(media)[::-1], self.size, tell=self.with_answers)

    def recent(self, asked: Asked, tag: str) -> Reply:
        """Of all pages the cursor is the same."""
        assert asked.query["user_id"] == NUMBER
        found = self.under_tags.get(tag, [])[: int(asked.query["limit"])]
        nameless = [{key: each[key] for key in each if key != "username"} for each in found]
        return Reply({"data": nameless, "paging": {"cursors": {"after": "same"}}})

    def inbox(self) -> list[Item]:
        """Each conversation with its last twenty messages."""
        found = [
            {"id": key, "updated_time": each[0]["created_time"], "messages": {"data": each[:20]}}
            for key, each in self.conversations.items()
        ]
        return sorted(found, key=lambda each: str(each["updated_time"]), reverse=True)
