"""The record of everything said in the sample community; whoever speaks, speaks through it."""

from __future__ import annotations

from typing import Any

from extractors.sample_community.people import Account, Message
from extractors.sample_community.words import Dice


class Record:
    """All messages so far, in the order in which the story came to them."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.messages: list[Message] = []
        self._taken: set[int] = set()

    def say(
        self, author: Account, at: float, body: str, act: str, *, channel: str, **more: Any
    ) -> Message:
        """Add one message; it is sent at `at`, or at the next second in which nobody speaks."""
        parent: Message | None = more.get("parent")
        sent = max(int(at), parent.sent + 1 if parent else 0)
        while sent in self._taken:
            sent += 1
        self._taken.add(sent)
        # Ids look like those of many platforms: distinct, in no order, some all digits.
        source_id = f"{(len(self._taken) * 2_654_435_761) % 2**32:08x}"
        message = Message(source_id, author, sent, channel, body, act, **more)
        self.messages.append(message)
        return message

    def reply(
        self, author: Account, at: float, body: str, act: str, to: Message, **more: Any
    ) -> Message:
        """Answer the author of `to`: below it, or by mention in the chat, which has no threads."""
        if to.channel == "chat":
            more.setdefault("mentions", (to.author,))
            return self.say(author, at, body, act, channel="chat", **more)
        if to.channel == "social" and to.author is not author and self.dice.chance(0.7):
            more.setdefault("mentions", (to.author,))
        return self.say(author, at, body, act, channel=to.channel, parent=to, **more)

    def before(self, end: int) -> list[Message]:
        """What is said before `end`, in order of time."""
        return sorted((each for each in self.messages if each.sent < end), key=lambda m: m.sent)
