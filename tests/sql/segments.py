"""By what asks are told apart, found by looking at one ask after the other."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from community import AS_OF
from story import Story
from test_models_ask import speaker, spoken_to, told, walked

EQUITY = ("follower_quartile", "newcomer", "language", "weekday", "tone")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
QUARTERS = ("lowest", "second", "third", "highest")
Asks = list[dict[str, Any]]


def month_of(moment: datetime) -> date:
    return moment.date().replace(day=1)


def week_of(moment: datetime) -> date:
    return moment.date() - timedelta(days=moment.weekday())


def people_of(asks: Asks, condition: str = "ask_id") -> set[str]:
    """The known people of those asks of which something holds, each once."""
    return {ask["person_id"] for ask in asks if ask[condition]} - {None}


def segmented(story: Story) -> Asks:
    """Every ask but thanks as the mart must tell it, with channel, segments, and who answered."""
    early = story.until(AS_OF)
    signals = {row["message_id"]: row for row in early.tables["message_signal"]}
    first_words = _first_words(early)
    personal = _personal_replies(early)
    asks: Asks = []
    for ask in walked(story):
        row = told(story, ask)
        if row["is_only_thanks"]:
            continue
        signal, person, when = signals[row["ask_id"]], row["person_id"], row["asked_at"]
        line = (ask.first["conversation_id"], person or "unknown " + row["ask_id"])
        asks.append(
            row
            | {
                "channel": ask.first["channel"],
                "is_answered": row["outcome"] == "answered",
                "is_personally_answered": any(reply >= when for reply in personal[line]),
                "answered_by": speaker(story, ask.answer) if ask.answer else None,
                "messages": ask.messages,
                "has_bot_answer": ask.bot_at is not None,
                "weekday": WEEKDAYS[when.weekday()],
                "weekday_hour": f"{WEEKDAYS[when.weekday()]} {when.hour:02}",
                "newcomer": None,
                "follower_quartile": None,
                "language": signal.get("language"),
                "tone": _tone(signal),
            }
        )
        if person:
            is_new = when - first_words[person] < timedelta(days=90)
            asks[-1]["newcomer"] = "newcomer" if is_new else "regular"
    _place_in_quarters(story, asks)
    return asks


def _first_words(story: Story) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for row in story.tables["message"]:
        role = story.roles.get(row["author_id"] or "", "")
        if row["is_addressed_to_us"] and role in ("person", "unknown"):
            person = story.people[row["author_id"]]
            found[person] = min(row["sent_at"], found.get(person, row["sent_at"]))
    return found


def _personal_replies(story: Story) -> dict[tuple[str, str], list[datetime]]:
    """By conversation and person: when a human of ours spoke to them in words of their own."""
    canned = {row["message_id"] for row in story.tables["reply_signal"] if row.get("canned_at")}
    canned |= {row["message_id"] for row in story.tables["automated_message"]}
    replies = {row["message_id"] for row in story.tables["reply_signal"]} - canned
    heard, found = spoken_to(story), defaultdict(list)
    for row in story.tables["message"]:
        is_human = story.roles.get(row["author_id"] or "") in ("ours_brand", "ours_person")
        if is_human and row["message_id"] in replies:
            for listener in heard[row["message_id"]]:
                found[row["conversation_id"], listener].append(row["sent_at"])
    return found


def _tone(signal: dict[str, Any]) -> str | None:
    score = signal.get("sentiment_score")
    if signal.get("language") != "en" or score is None:
        return None
    return "critique" if score <= -0.05 else "praise" if score >= 0.05 else "neutral"


def _place_in_quarters(story: Story, asks: Asks) -> None:
    """A person stands above as many quarters as the share of people with fewer followers fills."""
    audience: dict[str, int] = {}
    for account in story.tables["account"]:
        count, person = account.get("follower_count"), story.people[account["account_id"]]
        if count is not None and account["role"] in ("person", "unknown"):
            audience[person] = max(count, audience.get(person, 0))
    for month in {month_of(ask["asked_at"]) for ask in asks}:
        of_month = [ask for ask in asks if month_of(ask["asked_at"]) == month]
        people = {ask["person_id"] for ask in of_month} & set(audience)
        for ask in of_month:
            if ask["person_id"] in people:
                mine = audience[ask["person_id"]]
                below = sum(audience[other] < mine for other in people)
                ask["follower_quartile"] = QUARTERS[4 * below // len(people)]
