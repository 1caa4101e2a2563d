"""What happens in the sample community: who speaks when, to whom, and who answers.

An agenda of moments is worked off in order; each moment tells one exchange to its end, so that its
later messages may be sent days after. Where an exchange leads decides how its person lives on.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from extractors.sample_community import words
from extractors.sample_community.cast import LURKER, Cast, Life
from extractors.sample_community.hours import Calendar
from extractors.sample_community.people import (
    DAY,
    HOUR,
    MINUTE,
    Account,
    Introduction,
    LifeEvent,
    Message,
    Settings,
)
from extractors.sample_community.words import TONGUES, Dice, Matter

Mix = tuple[tuple[str, float], ...]

# How often an answer is of which kind: to a question, to a remark, to a word in the storm.
ASKED: Mix = (("personal", 50), ("canned", 15), ("late", 9), ("none", 17), ("bot_only", 9))
REMARKED: Mix = (("personal", 34), ("canned", 9), ("late", 4), ("none", 48), ("bot_only", 5))
STORMED: Mix = (("personal", 14), ("canned", 20), ("late", 6), ("none", 50), ("bot_only", 10))

# What people come for, and how an outcome changes the chance that they lapse.
ERRANDS: Mix = (("ask", 52), ("remark", 9), ("talk", 25), ("story", 8), ("stargaze", 6))
WEARINESS = {"personal": 0.6, "late": 1.4, "canned": 1.4, "bot_only": 2.0, "none": 2.2}


class Story:
    """The community's history while it is being told."""

    def __init__(self, settings: Settings, cast: Cast, dice: Dice) -> None:
        self.settings, self.cast, self.dice = settings, cast, dice
        self.calendar = Calendar(settings)
        self.messages: list[Message] = []
        self.introductions: list[Introduction] = []
        self.life_events: list[LifeEvent] = []
        storm = settings.start + int(settings.days * 0.52) * DAY
        self.storm = (storm, storm + 7 * DAY)
        self._taken: set[int] = set()
        self._agenda: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._numbered = 0
        self._present: list[Life] = []
        self._posts: list[Message] = []  # what we posted lately on social
        self._topics: list[Message] = []  # what people opened lately in the forum

    def tell(self) -> None:
        """Fill `messages` (those sent before the end, in order), `introductions`, `life_events`."""
        self._plan_days()
        self._plan_storm()
        for life in self.cast.lives:
            if life.habit is not LURKER and not life.comes_by_storm:
                first = life.arrives + self.dice.wait(min(life.gap_days, 20.0)) * DAY
                self._at(self._awake_after(first, life.arrives), self._visit, life)
        while self._agenda:
            moment, _, happening, of_whom = heapq.heappop(self._agenda)
            if moment < self.settings.end:
                happening(moment, *of_whom)
        end = self.settings.end
        self.messages = sorted((m for m in self.messages if m.sent < end), key=lambda m: m.sent)
        self.introductions = [each for each in self.introductions if each.message.sent < end]

    def say(
        self, author: Account, at: float, body: str, act: str, *, channel: str, **more: Any
    ) -> Message:
        """Add one message; it is sent at `at`, or at the next second in which nobody speaks."""
        sent = max(int(at), more["parent"].sent + 1 if more.get("parent") else 0)
        while sent in self._taken:
            sent += 1
        self._taken.add(sent)
        self._numbered += 1
        message_id = f"{self._numbered * 2_654_435_761 % 2**32:08x}"
        message = Message(message_id, author, sent, channel, body, act, **more)
        self.messages.append(message)
        return message

    def reply(
        self, author: Account, at: float, body: str, act: str, to: Message, **more: Any
    ) -> Message:
        """Say something to the author of `to`: below it, or by mention where nothing is threaded."""
        if to.channel == "chat":
            return self.say(
                author, at, body, act, channel="chat", mentions=(to.author,), **more
            )
        if to.channel == "social" and to.author is not author and self.dice.chance(0.7):
            more.setdefault("mentions", (to.author,))
        return self.say(author, at, body, act, channel=to.channel, parent=to, **more)

    # -- what is planned ----------------------------------------------------------------------

    def _at(self, moment: float, happening: Callable[..., None], *of_whom: object) -> None:
        self._agenda_number = len(self._taken)
        heapq.heappush(self._agenda, (moment, self._next_number(), happening, of_whom))
