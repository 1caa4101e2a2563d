"""What happens to messages once they are said: edits, deletions, late arrival, reactions, follows.

Also settles the chat, so that nobody can doubt whom a message without a mention is meant for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from extractors.sample_community import words
from extractors.sample_community.cast import LURKER, Cast
from extractors.sample_community.people import (
    DAY,
    HOUR,
    MINUTE,
    Account,
    Follow,
    Message,
    Reaction,
    Settings,
)
from extractors.sample_community.record import Record
from extractors.sample_community.words import TONGUES, Dice

SILENCE = DAY  # a chat falls apart into sessions where nobody speaks for longer than this


def settle_chat(record: Record, cast: Cast, settings: Settings, dice: Dice) -> set[Message]:
    """Open every session clearly and leave out some mentions that the last speaker makes needless.

    Returns the messages on which the reading of others rests: openers of sessions, and whoever
    spoke before a message without a mention.
    """
    chat = [each for each in record.before(settings.end) if each.channel == "chat"]
    for previous, opener in _openers(chat):
        if not opener.author.is_ours and not opener.speaks_to_us:
            earliest = previous.sent + SILENCE + 1 if previous else 0
            at = max(earliest, opener.sent - dice.between(MINUTE, 10 * MINUTE))
            colleague = dice.pick(cast.on_duty(opener.sent))
            record.say(colleague, at, dice.pick(words.MORNINGS), "greeting", channel="chat")
    chat = [each for each in record.before(settings.end) if each.channel == "chat"]
    bearing = {opener for _, opener in _openers(chat)}
    spoke_last: dict[Message, Message] = {}  # message -> the last one by somebody else
    for previous, message in zip([None, *chat], chat, strict=False):
        if previous and message not in bearing:
            same = previous.author is message.author
            before = spoke_last.get(previous) if same else previous
            if before:
                spoke_last[message] = before
    for message, before in spoke_last.items():
        if _leave_out_mention(message, before, cast, dice):
            bearing.add(before)
    return bearing


def _openers(chat: list[Message]) -> Iterator[tuple[Message | None, Message]]:
    """Each message that opens a session, and the last one before that silence."""
    for previous, message in zip([None, *chat], chat, strict=False):
        if previous is None or message.sent - previous.sent > SILENCE:
            yield previous, message


def _leave_out_mention(message: Message, before: Message, cast: Cast, dice: Dice) -> bool:
    """Whether the message goes without a mention; it then is meant for the author of `before`."""
    if message.act == "mumble":
        if before.author.kind == "person":
            return True
        listeners = [life.account for life in cast.lives if life.account is not message.author]
        message.mentions = (dice.pick(listeners),)
        return False
    is_clear = message.mentions == (before.author,) and before.author.kind == "person"
    if is_clear and dice.chance(0.35):
        message.mentions = ()
        return True
    return False


def change_messages(messages: list[Message], bearing: set[Message], end: int, dice: Dice) -> None:
    """Let some arrive late, be edited, be deleted; all of it before `end`."""
    quoted = {each.quoted for each in messages if each.quoted}
    movable = _movable(messages, bearing | {each for each in quoted if each})
    was_late = False
    for message in messages:
        is_free = message in movable and not message.is_thanks
        continues = any(reply.author is message.author for reply in message.replies)
        arrives = message.sent + int(dice.between(1, 6) * DAY)
        was_late = is_free and not continues and not was_late and dice.chance(0.012)
        if was_late and arrives < end:
            message.visible = arrives
        if is_free and not message.template and dice.chance(0.03):
            _edit(message, end, dice)
        chance = 0.03 if message.act in ("ask", "story") and not message.replies else 0.009
        gone = [*message.changes()][-1] + int(dice.around(20 * HOUR, 1.6)) + MINUTE
        if is_free and gone < end and dice.chance(chance):
            message.deleted = gone


def _movable(messages: list[Message], bearing: set[Message]) -> set[Message]:
    """Messages whose late arrival or deletion changes nothing about how others are read."""
    chat = [each for each in messages if each.channel == "chat"]
    within = {
        message
        for before, message, after in zip(chat, chat[1:], chat[2:], strict=False)
        if after.sent - before.sent < SILENCE // 2
    }
    return {each for each in messages if each.channel != "chat" or each in within} - bearing


def _edit(message: Message, end: int, dice: Dice) -> None:
    body, at = message.body, message.visible
    for _ in range(1 + dice.chance(0.15)):
        at += int(dice.around(9 * HOUR, 1.4)) + MINUTE
        note = dice.pick(TONGUES[message.author.language].edits).format(number=dice.whole(2, 90))
        body = f"{body} {note}"
        if at < end:
            message.edits.append((at, body))


def delete_account(messages: list[Message], cast: Cast, settings: Settings, dice: Dice) -> None:
    """Somebody who fell silent in the middle of the story deletes the account."""
    last: dict[Account, int] = {}
    for message in messages:
        for moment in message.changes():
            last[message.author] = max(moment, last.get(message.author, 0))
    span = settings.end - settings.start
    silent = [
        life.account
        for life in cast.lives
        if not life.second and 0.25 < (last.get(life.account, 0) - settings.start) / span < 0.6
    ]
    if silent:
        account = dice.pick(silent)
        account.deleted = last[account] + int(dice.between(0.02, 0.1) * span)


def react(messages: list[Message], cast: Cast, settings: Settings, dice: Dice) -> list[Reaction]:
    """Hearts and reposts, in order of time."""
    accounts = [account for account in cast.accounts if account.kind in ("person", "colleague")]
    accounts = sorted((a for a in accounts if a.deleted is None), key=lambda each: each.joined)
    joined = [account.joined for account in accounts]
    seen: set[tuple[Account, Message]] = set()
    reactions = []
    for message in messages:
        for _ in range(_reaction_count(message, settings, dice)):
            at = message.visible + int(dice.around(5 * HOUR, 1.2)) + 5
            known = bisect_left(joined, at)
            account = accounts[dice.whole(0, known - 1)]
            kind = "repost" if message.channel == "social" and dice.chance(0.2) else "reaction"
            is_new = (account, message) not in seen and account is not message.author
            if is_new and at < min(settings.end, message.deleted or settings.end):
                seen.add((account, message))
                reactions.append(Reaction(at, account, message, kind))
    return sorted(reactions, key=lambda each: each.at)


def _reaction_count(message: Message, settings: Settings, dice: Dice) -> int:
    if message.body == words.VIRAL_POST:
        return settings.people // 2
    if message.act == "broadcast":
        return dice.whole(2, 14)
    return dice.whole(1, 2) if dice.chance(0.2) else 0


def follow(cast: Cast, settings: Settings, dice: Dice) -> list[Follow]:
    """Who follows us, and whom our colleagues follow back, in order of time."""
    follows = []
    for life in cast.lives:
        at = life.arrives + dice.wait(3 * DAY) + MINUTE
        if dice.chance(0.6):
            follows.append(Follow(int(at), life.account, cast.brand))
        if life.habit is not LURKER and dice.chance(0.2):
            at += dice.wait(9 * DAY) + MINUTE
            follows.append(Follow(int(at), life.account, life.colleague))
            if dice.chance(0.3):
                at += dice.wait(2 * DAY) + MINUTE
                follows.append(Follow(int(at), life.colleague, life.account))
    kept = [each for each in follows if each.at < (each.follower.deleted or settings.end)]
    return sorted((each for each in kept if each.at < settings.end), key=lambda each: each.at)
