"""What is true of the sample community at some moment, told by plain loops over what happened.

Nothing here comes from the pipeline: whom a message is meant for is what its story decided, open
time is counted minute by minute. `as_of` is exclusive: late messages, edits and deletions that the
platform tells at or after it are not known yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from extractors.observations import make_id
from extractors.sample_community import community
from extractors.sample_community.people import (
    DAY,
    Account,
    Introduction,
    Message,
    Reaction,
    Settings,
)
from extractors.sample_community.traces import SILENCE
from lake.organisation import WEEKDAYS, BusinessHours, Organisation

EXPIRE_DAYS, ANSWER_DAYS, HEADLINE_DAYS, INTRODUCTION_DAYS = 30, 7, 90, 30
Heard = Mapping[Message, tuple[Account, ...]]


@dataclass(frozen=True)
class Ask:
    """A person spoke to us once, in one or several messages, and what became of it."""

    ask_id: str
    conversation_id: str  # the message that opened the thread, or the session of the chat
    channel: str
    account_id: str
    asked_at: datetime
    message_ids: tuple[str, ...]
    outcome: str
    human_reply_seconds: int | None
    person_reply_seconds: int | None
    automatic_reply_seconds: int | None
    human_reply_business_seconds: int | None
    is_only_thanks: bool

    @property
    def message_count(self) -> int:
        return len(self.message_ids)


@dataclass(frozen=True)
class Word:
    """A message between a person and us; one that speaks to two people is one for each."""

    message_id: str
    account_id: str  # the person's
    said_by_id: str  # the same, or one of ours
    said_at: datetime


@dataclass(frozen=True)
class Introduced:
    """One of us introduced two people, and since when they have spoken both ways."""

    message_id: str
    introducer_id: str
    introduced_at: datetime
    account_ids: tuple[str, str]
    first_two_way_at: datetime | None

    @property
    def knew_each_other(self) -> bool:
        return self.first_two_way_at is not None and self.first_two_way_at < self.introduced_at

    @property
    def is_formed(self) -> bool:
        """Whether strangers spoke both ways within 30 days."""
        if self.first_two_way_at is None or self.knew_each_other:
            return False
        return self.first_two_way_at - self.introduced_at <= timedelta(days=INTRODUCTION_DAYS)


@dataclass(frozen=True)
class Template:
    """A canned text and the replies that used it; the first one is its origin."""

    name: str
    message_ids: tuple[str, ...]

    @property
    def origin_id(self) -> str:
        return self.message_ids[0]


@dataclass(frozen=True)
class LifeEvent:
    """Somebody arrived, drifted, lapsed or came_back."""

    account_id: str
    kind: str
    at: datetime


@dataclass(frozen=True)
class Reacted:
    """A person reacted to a message of ours, or a human of ours to one of a person's."""

    account_id: str  # the person's
    message_id: str
    is_ours: bool
    at: datetime
    kind: str


@dataclass(frozen=True)
class Truth:
    """All that tests may hold the pipeline against, as of one moment."""

    as_of: datetime
    message_count: int
    asks: tuple[Ask, ...]  # by asked_at
    waiting: tuple[str, ...]  # ask ids, longest wait first
    words: tuple[Word, ...]  # in order of time
    two_way_contacts: Mapping[str, tuple[datetime, ...]]  # person's account -> when
    late_message_ids: tuple[str, ...]
    edited_message_ids: tuple[str, ...]
    deleted_message_ids: tuple[str, ...]
    deleted_account_ids: tuple[str, ...]
    introductions: tuple[Introduced, ...]
    templates: tuple[Template, ...]
    two_accounts: tuple[str, str]  # the accounts of one person
    reactions: tuple[Reacted, ...]  # in order of time
    our_names: Mapping[str, str]  # account of ours -> name
    our_bot_ids: tuple[str, ...]
    foreign_bot_ids: tuple[str, ...]
    storm: tuple[datetime, datetime]  # the viral week, [from, to)
    life_events: tuple[LifeEvent, ...]

    @property
    def in_two_way_contact(self) -> tuple[str, ...]:
        """Accounts of people with a two-way contact in the last 90 days."""
        since = self.as_of - timedelta(days=HEADLINE_DAYS)
        return tuple(who for who, moments in self.two_way_contacts.items() if moments[-1] >= since)


def ground_truth(settings: Settings, as_of: datetime, organisation: Organisation) -> Truth:
    """What is true of the community at `as_of`, for the opening hours of `organisation`."""
    told, now = community(settings), int(as_of.timestamp())
    known = [each for each in told.messages if each.visible < now]
    conversations, heard = _listening(known)
    asks = _every_ask(conversations, heard, now, organisation)
    expired = as_of - timedelta(days=EXPIRE_DAYS)
    owed = (ask for ask in asks if ask.outcome in ("open", "peer_answered"))
    return Truth(
        as_of=as_of,
        message_count=len(known),
        asks=asks,
        waiting=tuple(ask.ask_id for ask in owed if ask.asked_at >= expired),
        words=tuple(
            Word(_id(word), _id(person), _id(word.author), _instant(word.sent))
            for word, person in _words(known, heard)
        ),
        two_way_contacts=_two_way_contacts(known, heard),
        late_message_ids=_ids(each for each in known if each.visible > each.sent),
        edited_message_ids=_ids(each for each in known if each.edits and each.edits[0][0] < now),
        deleted_message_ids=_ids(each for each in known if _is_past(each.deleted, now)),
        introductions=_introductions(told.introductions, known, heard),
        templates=_templates(known),
        two_accounts=(_id(told.two_accounts[0]), _id(told.two_accounts[1])),
        reactions=tuple(_reactions(each for each in told.reactions if each.at < now)),
        our_names={_id(each): each.profiles[0].name for each in told.accounts if each.is_ours},
        our_bot_ids=_ids(each for each in told.accounts if each.kind == "helper"),
        foreign_bot_ids=_ids(each for each in told.accounts if each.kind == "bot"),
        deleted_account_ids=_ids(each for each in told.accounts if _is_past(each.deleted, now)),
        storm=(_instant(told.storm[0]), _instant(told.storm[1])),
        life_events=tuple(
            LifeEvent(_id(each.account), each.kind, _instant(each.at))
            for each in told.life_events
            if each.at < now
        ),
    )


def _listening(known: list[Message]) -> tuple[dict[Message, list[Message]], Heard]:
    """Every conversation under the message that opened it, and whom each message is meant for."""
    conversations: dict[Message, list[Message]] = {}
    heard = {message: message.listeners for message in known}
    session: list[Message] = []
    for message in known:
        if message.channel != "chat":
            conversations.setdefault(message.root, []).append(message)
            continue
        if not session or message.sent - session[-1].sent > SILENCE:
            session = []
            conversations[message] = session
        spoke_before = [each.author for each in session if each.author is not message.author]
        heard[message] = message.mentions or tuple(spoke_before[-1:])
        session.append(message)
    return conversations, heard


def _every_ask(
    conversations: dict[Message, list[Message]], heard: Heard, now: int, organisation: Organisation
) -> tuple[Ask, ...]:
    asks: list[Ask] = []
    for opener, conversation in conversations.items():
        asks += _asks(opener, conversation, heard, now=now, organisation=organisation)
    return tuple(sorted(asks, key=lambda ask: ask.asked_at))


def _asks(
    opener: Message,
    conversation: list[Message],
    heard: Heard,
    *,
    now: int,
    organisation: Organisation,
) -> Iterable[Ask]:
    """A person's words up to the next answer of a human of ours are one ask."""
    people = dict.fromkeys(m.author for m in conversation if m.author.kind == "person")
    for person in people:
        replies = [m for m in conversation if person in heard[m] and m.author is not person]
        answers = [reply for reply in replies if reply.author.is_our_human]
        blocks: dict[Message | None, list[Message]] = {}
        for word in conversation:
            if word.author is person and word.speaks_to_us:
                answer = next((each for each in answers if each.sent >= word.sent), None)
                blocks.setdefault(answer, []).append(word)
        for answer, block in blocks.items():
            yield _ask(block, answer, replies, opener=opener, now=now, organisation=organisation)


def _ask(
    block: list[Message],
    answer: Message | None,
    replies: list[Message],
    *,
    opener: Message,
    now: int,
    organisation: Organisation,
) -> Ask:
    first = block[0]
    until = answer.sent if answer else now
    by_person = [answer.sent] if answer else []
    by_person += [r.sent for r in replies if r.author.kind == "person" and r.sent > first.sent]
    by_bot = [
        r.sent for r in replies if r.author.kind == "helper" and first.sent <= r.sent <= until
    ]
    return Ask(
        ask_id=_id(first),
        conversation_id=_id(opener),
        channel=first.channel,
        account_id=_id(first.author),
        asked_at=_instant(first.sent),
        message_ids=_ids(block),
        outcome=_outcome(block, answer, bool(by_person), now),
        human_reply_seconds=answer.sent - first.sent if answer else None,
        person_reply_seconds=min(by_person) - first.sent if by_person else None,
        automatic_reply_seconds=min(by_bot) - first.sent if by_bot else None,
        human_reply_business_seconds=(
            open_seconds(organisation, first.sent, answer.sent) if answer else None
        ),
        is_only_thanks=all(word.is_thanks for word in block),
    )


def _outcome(block: list[Message], answer: Message | None, by_peer: bool, now: int) -> str:
    if answer:
        return "answered"
    if all(_is_past(word.deleted, now) for word in block):
        return "withdrawn"
    if all(word.is_thanks for word in block):
        return "closed_by_thanks"
    if by_peer:
        return "peer_answered"
    return "expired" if now - block[0].sent > EXPIRE_DAYS * DAY else "open"


def _reactions(reactions: Iterable[Reaction]) -> Iterable[Reacted]:
    for each in reactions:
        who, whom = each.account, each.message.author
        if who.is_our_human and whom.kind == "person":
            yield Reacted(_id(whom), _id(each.message), True, _instant(each.at), each.kind)
        elif who.kind == "person" and whom.is_ours:
            yield Reacted(_id(who), _id(each.message), False, _instant(each.at), each.kind)


def _words(known: list[Message], heard: Heard) -> Iterable[tuple[Message, Account]]:
    """Every message to us and every one of ours to a person, our bot's too, with the person."""
    for message in known:
        if message.author.is_ours:
            yield from ((message, each) for each in heard[message] if each.kind == "person")
        elif message.speaks_to_us and message.author.kind == "person":
            yield message, message.author


def _two_way_contacts(known: list[Message], heard: Heard) -> dict[str, tuple[datetime, ...]]:
    """When a word to us followed within 7 days on one of ours to that person, or the reverse."""
    spoke: dict[tuple[Account, bool], int] = {}
    contacts: dict[str, list[datetime]] = {}
    for word, person in _words(known, heard):
        if word.author.kind != "helper":
            before = spoke.get((person, not word.author.is_ours))
            if before is not None and word.sent - before <= ANSWER_DAYS * DAY:
                contacts.setdefault(_id(person), []).append(_instant(word.sent))
            spoke[person, word.author.is_ours] = word.sent
    return {who: tuple(moments) for who, moments in sorted(contacts.items())}


def _introductions(
    introductions: list[Introduction], known: list[Message], heard: Heard
) -> tuple[Introduced, ...]:
    first_word: dict[tuple[Account, Account], int] = {}
    for message in known:
        for listener in heard[message]:
            first_word.setdefault((message.author, listener), message.sent)
    introduced = []
    for each in introductions:
        if each.message in heard:
            a, b = each.first, each.second
            words = [first_word.get((a, b)), first_word.get((b, a))]
            both = [moment for moment in words if moment is not None]
            introduced.append(
                Introduced(
                    _id(each.message),
                    _id(each.message.author),
                    _instant(each.message.sent),
                    (_id(a), _id(b)),
                    _instant(max(both)) if len(both) == 2 else None,
                )
            )
    return tuple(introduced)


def _templates(known: list[Message]) -> tuple[Template, ...]:
    uses: dict[str, list[Message]] = {}
    for message in known:
        if message.template:
            uses.setdefault(message.template, []).append(message)
    return tuple(Template(name, _ids(messages)) for name, messages in sorted(uses.items()))


def open_seconds(organisation: Organisation, start: int, end: int) -> int:
    """Open seconds between two moments, in whole seconds since 1970; every minute looked at."""
    total = 0
    for day in range(start // DAY, end // DAY + 1):
        opened = _opened(
            organisation.time_zone, organisation.business_hours, organisation.holidays, day
        )
        since, until = max(start, day * DAY), min(end, (day + 1) * DAY)
        total += _seconds(opened, until - day * DAY) - _seconds(opened, since - day * DAY)
    return total


def _seconds(opened: tuple[int, ...], second: int) -> int:
    minute, rest = divmod(second, 60)
    is_open = minute < len(opened) - 1 and opened[minute + 1] > opened[minute]
    return opened[minute] * 60 + (rest if is_open else 0)


@cache
def _opened(
    zone: str, hours: BusinessHours, holidays: frozenset[date], day: int
) -> tuple[int, ...]:
    """How many minutes of this UTC day were open before each of its minutes, and in all."""
    local, opened = ZoneInfo(zone), [0]
    for minute in range(DAY // 60):
        moment = datetime.fromtimestamp(day * DAY + minute * 60, local)
        since_midnight = timedelta(hours=moment.hour, minutes=moment.minute)
        spans = getattr(hours, WEEKDAYS[moment.weekday()])
        is_open = moment.date() not in holidays and any(
            span.opens <= since_midnight < span.closes for span in spans
        )
        opened.append(opened[-1] + is_open)
    return tuple(opened)


def _is_past(moment: int | None, now: int) -> bool:
    return moment is not None and moment < now


def _instant(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _id(what: Account | Message) -> str:
    return make_id("sample", "", what.source_id)


def _ids(those: Iterable[Account | Message]) -> tuple[str, ...]:
    return tuple(_id(each) for each in those)
