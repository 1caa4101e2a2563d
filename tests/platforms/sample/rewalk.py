"""The sample read as the pipeline reads it, and its asks found again from observations alone.

Knows the rules of asks, and nothing of the story behind the messages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from extractors.observations import AccountSeen, Gone, MessageSeen, Observation
from extractors.platform import Item, Reading, Window
from extractors.platforms.sample import SAMPLE, SampleOptions
from extractors.registry import open_client
from extractors.sample_community.words import THANKS
from lake.organisation import AccountToRead, Organisation

DAY = timedelta(days=1)
ACCOUNT = AccountToRead(platform="sample", account="community")


def items(options: SampleOptions, stream: str, window: Window) -> list[Item]:
    """What one stream tells about one window."""
    client = open_client(ACCOUNT, None, now=lambda: window.observed_at, sleep=lambda _: None)
    reading = Reading(ACCOUNT, options, window, client, lambda *_: iter(()))
    return [each.item for each in SAMPLE.stream(stream).fetch(reading)]


def observations(options: SampleOptions, window: Window) -> Iterator[Observation]:
    """What all streams say about one window."""
    for stream in SAMPLE.streams:
        for item in items(options, stream.name, window):
            yield from stream.read(item, ACCOUNT)


def windows(options: SampleOptions, until: datetime, days: int = 1) -> Iterator[Window]:
    """Consecutive windows from the first day on, each told as of its end."""
    start = datetime.fromtimestamp(options.settings.start, UTC)
    while start < until:
        end = min(start + days * DAY, until)
        yield Window(start, end, end)
        start = end


@dataclass
class Known:
    """The latest state of everything."""

    messages: dict[str, MessageSeen] = field(default_factory=dict)
    accounts: dict[str, AccountSeen] = field(default_factory=dict)
    gone: dict[str, datetime] = field(default_factory=dict)
    others: set[Observation] = field(default_factory=set)
    first_told: dict[str, datetime] = field(default_factory=dict)  # start of that window

    def read(self, options: SampleOptions, nights: Iterable[Window]) -> Known:
        for window in nights:
            for said in observations(options, window):
                self._hear(said, window)
        return self

    def copy(self) -> Known:
        return Known(*(copy(getattr(self, each.name)) for each in fields(self)))

    def _hear(self, said: Observation, window: Window) -> None:
        if isinstance(said, MessageSeen):
            self.messages[said.message_id] = said
            self.first_told.setdefault(said.message_id, window.start)
        elif isinstance(said, AccountSeen):
            self.accounts[said.account_id] = said
        elif isinstance(said, Gone):
            gone_id = said.message_id or said.account_id
            assert gone_id
            assert said.gone_at
            self.gone[gone_id] = said.gone_at
        else:
            self.others.add(said)


class Walk:
    """The contract's rules, one message after the other."""

    def __init__(self, known: Known, organisation: Organisation, as_of: datetime) -> None:
        self.known, self.organisation, self.as_of = known, organisation, as_of
        self.roles = {each: self._role(each) for each in known.accounts}
        self.spoken = sorted(
            (each for each in known.messages.values() if each.sent_at < as_of),
            key=lambda each: (each.sent_at, each.message_id),
        )
        self.conversation: dict[str, str] = {}
        self.heard: dict[str, set[str]] = {}
        self.is_to_us: dict[str, bool] = {}
        sessions: list[MessageSeen] = []
        for message in self.spoken:
            if message.is_flat:
                sessions = self._hear_in_session(message, sessions)
            else:
                self._hear_in_thread(message)

    def _role(self, account_id: str) -> str:
        handle = (self.known.accounts[account_id].handle or "").casefold()
        for ours in self.organisation.ours:
            if f"sample::{handle}" in ours.accounts:
                return ours.role
        return "bot" if self.known.accounts[account_id].declared_kind == "bot" else "person"

    def _is_ours(self, account_id: str | None) -> bool:
        return self.roles.get(account_id or "", "").startswith("ours")

    def _hear_in_thread(self, message: MessageSeen) -> None:
        parent = self.known.messages.get(message.parent_id or "")
        heard = {message.parent_author_id, *message.mentions}
        if message.quoted_id in self.known.messages:
            heard.add(self.known.messages[message.quoted_id].author_id)
        heard -= {None, message.author_id}
        opens = message.parent_id is None and message.is_own_space
        to_us = opens or any(self._is_ours(each) for each in heard)
        if parent and parent.author_id == message.author_id:
            heard |= self.heard[parent.message_id]
            to_us = to_us or self.is_to_us[parent.message_id]
        assert message.root_id
        self.conversation[message.message_id] = message.root_id
        self._note(message, {each for each in heard if each}, to_us)

    def _hear_in_session(
        self, message: MessageSeen, session: list[MessageSeen]
    ) -> list[MessageSeen]:
        if not session or message.sent_at - session[-1].sent_at > DAY:
            session = []
        session.append(message)
        self.conversation[message.message_id] = session[0].message_id
        heard = set(message.mentions)
        others = [each.author_id for each in session if each.author_id != message.author_id]
        if not heard and others and others[-1]:
            heard = {others[-1]}
            # Nothing in the sample depends on how this is read.
            assert not self._is_ours(others[-1])
        elif not heard:
            assert self._is_ours(message.author_id)
        self._note(message, heard, any(self._is_ours(each) for each in heard))
        return session

    def _note(self, message: MessageSeen, heard: set[str], to_us: bool) -> None:
        self.heard[message.message_id] = heard
        self.is_to_us[message.message_id] = to_us and not self._is_ours(message.author_id)

    def asks(self) -> dict[str, dict[str, Any]]:
        """Every ask by its id, with what the ground truth says of one."""
        replies = defaultdict(list)
        for message in self.spoken:
            for account_id in self.heard[message.message_id]:
                replies[self.conversation[message.message_id], account_id].append(message)
        blocks: dict[tuple[str, str, str], list[MessageSeen]] = defaultdict(list)
        answers: dict[str, MessageSeen] = {}
        for message in self.spoken:
            author = message.author_id
            if not author or not self.is_to_us[message.message_id]:
                continue
            if self.roles[author] != "person":
                continue
            where = self.conversation[message.message_id], author
            answer = next(
                (
                    each
                    for each in replies[where]
                    if self.roles[each.author_id or ""] in ("ours_brand", "ours_person")
                    and each.sent_at >= message.sent_at
                ),
                None,
            )
            if answer:
                answers[answer.message_id] = answer
            blocks[(*where, answer.message_id if answer else "")].append(message)
        return {
            block[0].message_id: self._ask(block, answers.get(key[2]), replies[key[:2]])
            for key, block in blocks.items()
        }

    def _ask(
        self, block: list[MessageSeen], answer: MessageSeen | None, replies: list[MessageSeen]
    ) -> dict[str, Any]:
        first = block[0]
        answered_at = answer.sent_at if answer else None
        peers = [
            each.sent_at
            for each in replies
            if self.roles[each.author_id or ""] == "person"
            and each.author_id != first.author_id
            and each.sent_at > first.sent_at
        ]
        automatic = [
            each.sent_at
            for each in replies
            if self.roles[each.author_id or ""] == "ours_bot"
            and first.sent_at <= each.sent_at
            and (answered_at is None or each.sent_at <= answered_at)
        ]
        by_person = min([*peers, *([answered_at] if answered_at else [])], default=None)
        return {
            "conversation_id": self.conversation[first.message_id],
            "account_id": first.author_id,
            "asked_at": first.sent_at,
            "message_ids": tuple(each.message_id for each in block),
            "outcome": self._outcome(block, answer, bool(peers)),
            "human_reply_seconds": _seconds(first.sent_at, answered_at),
            "person_reply_seconds": _seconds(first.sent_at, by_person),
            "automatic_reply_seconds": _seconds(first.sent_at, min(automatic, default=None)),
            "human_reply_business_seconds": self._business_seconds(first.sent_at, answered_at),
            "is_only_thanks": all(is_thanks(each.text) for each in block),
        }

    def _outcome(self, block: list[MessageSeen], answer: MessageSeen | None, by_peer: bool) -> str:
        if answer:
            return "answered"
        if all(each.message_id in self.known.gone for each in block):
            return "withdrawn"
        if all(is_thanks(each.text) for each in block):
            return "closed_by_thanks"
        if by_peer:
            return "peer_answered"
        return "expired" if self.as_of - block[0].sent_at > 30 * DAY else "open"

    def _business_seconds(self, start: datetime, end: datetime | None) -> int | None:
        if end is None:
            return None
        spans = self.organisation.opening_spans(start.date() - DAY, end.date() + DAY)
        overlaps = (min(end, closes) - max(start, opens) for opens, closes in spans)
        return int(sum(max(each.total_seconds(), 0) for each in overlaps))


def is_thanks(text: str | None) -> bool:
    """Whether a text, handles left out, is one of the sample's thanks."""
    return bare(text or "") in THANKS


def bare(text: str) -> str:
    """A text without the handles in front."""
    return " ".join(word for word in text.split() if not word.startswith("@"))


def _seconds(start: datetime, end: datetime | None) -> int | None:
    return int((end - start).total_seconds()) if end else None
