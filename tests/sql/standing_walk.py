"""How a relationship stood at a moment, told by plain loops over what had happened before it."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from story import US, Story

WEIGHTS = {"reply": 1.0, "reaction": 0.2, "repost": 0.5}
HUMANS = ("ours_brand", "ours_person")
SIDE_WEIGHTS = {
    "silence": 2, "strength": 2, "rhythm": 1, "depth": 1, "balance": 1, "answers": 1, "warmth": 0.5,
}  # fmt: skip
Row = dict[str, Any]


@dataclass
class Dealings:
    """What one person and our humans did towards each other, and how the person's asks fared."""

    acts: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    asked: list[Row] = field(default_factory=list)


def days_of(gap: timedelta) -> float:
    return gap / timedelta(days=1)


def known_at(story: Story, moment: datetime) -> dict[str, Dealings]:
    """Everybody's dealings with us, of what had happened before the moment."""
    early = story.until(moment)
    found = {name: Dealings() for name in early.people.values()}
    seen = set()
    for act in early.tables["interaction"]:
        who, whom = act["from_account_id"], act["to_account_id"]
        side = early.roles.get(who or "", ""), early.roles.get(whom or "", "")
        is_inbound = act["direction"] == "inbound" and side[0] == "person"
        is_outbound = side[0] in HUMANS and side[1] == "person"
        if act["occurred_at"] and (is_inbound or is_outbound):
            person = early.people[who if is_inbound else whom]
            direction = "in" if is_inbound else "out"
            key = (act["occurred_at"], act["message_id"], direction, act["kind"])
            if (person, who, key) not in seen:
                seen.add((person, who, key))
                found[person].acts.append(key)
    for dealings in found.values():
        dealings.acts.sort()
    for ask in asks(early, moment):
        found[ask["person"]].asked.append(ask)
    return found


def asks(early: Story, moment: datetime) -> list[Row]:
    """The asks of known people: whether more than thanks, answered, personally, and waiting."""
    thanks = {row["message_id"]: row["is_thanks"] for row in early.tables["message_signal"]}
    by_machine = {row["message_id"] for row in early.tables["automated_message"]}
    canned = {row["message_id"] for row in early.tables["reply_signal"] if row.get("canned_at")}
    told = []
    for ask in blocks(early):
        age = moment - ask["messages"][0]["sent_at"]
        is_withdrawn = all(row["deleted_at"] for row in ask["messages"])
        if not all(thanks[row["message_id"]] for row in ask["messages"]):
            answer = ask["answer"]
            told.append(
                {
                    "person": ask["person"],
                    "is_answered": answer is not None,
                    "is_personal": answer is not None
                    and answer not in canned
                    and answer not in by_machine,
                    "is_waiting": answer is None and not is_withdrawn and age <= timedelta(days=30),
                }
            )
    return told


def blocks(early: Story) -> list[Row]:
    """A person's messages in a conversation up to the next answer of a human of ours."""
    heard = defaultdict(set)
    for act in early.tables["interaction"]:
        if act["kind"] == "reply" and act["to_account_id"] is not US:
            heard[act["message_id"]].add(early.people[act["to_account_id"]])
    open_asks: dict[tuple[str, str], Row] = {}
    found = []
    for row in sorted(early.tables["message"], key=lambda row: in_order(early, row)):
        role = early.roles.get(row["author_id"] or "", "unknown")
        if row["is_addressed_to_us"] and role == "person":
            person = early.people[row["author_id"]]
            key = (row["conversation_id"], person)
            if key not in open_asks:
                open_asks[key] = {"person": person, "messages": [], "answer": None}
                found.append(open_asks[key])
            open_asks[key]["messages"].append(row)
        for person in heard[row["message_id"]] if role in HUMANS else ():
            ask = open_asks.pop((row["conversation_id"], person), None)
            if ask:
                ask["answer"] = row["message_id"]
    return found


def in_order(story: Story, row: Row) -> tuple[datetime, bool, str]:
    """Who asks in the instant of an answer is answered by it."""
    is_ours = story.roles.get(row["author_id"] or "") in HUMANS
    return row["sent_at"], is_ours, row["message_id"]


def contacts(acts: list[tuple[datetime, str, str, str]]) -> tuple[list[datetime], set[str]]:
    """When one side spoke within a week after the other, and which sides ever spoke otherwise."""
    latest: dict[str, datetime] = {}
    met, begun = [], set()
    for when, _, direction, kind in acts:
        if kind == "reply":
            other = latest.get("out" if direction == "in" else "in")
            if other and when - other <= timedelta(days=7):
                met.append(when)
            else:
                begun.add(direction)
            latest[direction] = when
    return met, begun


def cadence(days: list[date]) -> float:
    gaps = [(after - before).days for before, after in pairwise(days)]
    return max(median(gaps), 7) if len(days) >= 3 else 30


def days_since_return(days: list[date]) -> int:
    """Days of contact since the last gap that was a lapse; 0 if there was none."""
    count = 0
    for place in range(1, len(days)):
        if (days[place] - days[place - 1]).days > 6 * cadence(days[:place]):
            count = 1
        elif count:
            count += 1
    return count


def drawn(part: float, whole: float) -> float | None:
    return (part + 2.5) / (whole + 5) if whole else None


def standing(dealings: Dealings, moment: datetime, words: dict[str, Row], *, is_gone: bool) -> Row:
    """All that the marts tell of one relationship at a moment, but for `alive_ratio`."""
    said = [act for act in dealings.acts if act[3] == "reply"]
    count = {side: sum(act[2] == side for act in said) for side in ("in", "out")}
    faded: dict[str, float] = defaultdict(float)
    for when, _, direction, kind in dealings.acts:
        faded[direction] += WEIGHTS[kind] * 0.5 ** (days_of(moment - when) / 30)
    met, begun = contacts(dealings.acts)
    days = sorted({when.date() for when in met})
    silent = days_of(moment - met[-1]) if met else None
    strength = math.sqrt(faded["in"] * faded["out"])
    readable = [act for act in said if words[act[1]].get("language") in ("en", "es", "de")]
    kind_signals = ("has_thanks", "has_greeting", "has_apology")
    kind = [act for act in readable if any(words[act[1]][each] for each in kind_signals)]
    personal = sum(ask["is_personal"] for ask in dealings.asked)
    overdue = silent / cadence(days) if silent is not None else None
    both = count["in"] + count["out"]
    sides = {
        "silence": 1 / (1 + silent / 30) if silent is not None else None,
        "strength": min(math.log1p(strength) / math.log(11), 1),
        "rhythm": 1 / (1 + (overdue / 3) ** 2) if overdue is not None and len(days) > 2 else None,
        "depth": min(math.log1p(len(days)) / math.log(11), 1),
        "balance": drawn(2 * min(count.values()), both),
        "answers": drawn(personal, len(dealings.asked)),
        "warmth": min(2 * (drawn(len(kind), len(readable)) or 0), 1) if readable else None,
    }
    known = {side: value for side, value in sides.items() if value is not None}
    weight = sum(SIDE_WEIGHTS[side] for side in known)
    loss = {side: -SIDE_WEIGHTS[side] * math.log(max(v, 0.01)) for side, v in known.items()}
    stage = "stranger"
    if met and overdue is not None:
        stage = together(met, days, moment, is_close=strength >= 3 and begun == {"in", "out"})
        for limit, apart in ((1.5, "drifting"), (3, "lapsing"), (6, "lapsed")):
            stage = apart if overdue > limit else stage
    elif any(act[2] == "in" for act in dealings.acts):
        stage = "heard" if count["out"] else "noticed"
    return {
        "stage": "lost" if is_gone else stage,
        "score": 100 * math.exp(-sum(loss.values()) / weight) if met else None,
        "confidence_ratio": weight / 8.5 * len(days) / (len(days) + 2) if met else None,
        "drivers": sorted((-each, side) for side, each in loss.items() if each > 0) if met else [],
        "strength": strength,
        "decayed_inbound": faded["in"],
        "decayed_outbound": faded["out"],
        "inbound_count": count["in"],
        "outbound_count": count["out"],
        "two_way_contact_count": len(met),
        "contact_day_count": len(days),
        "last_two_way_contact_at": met[-1] if met else None,
        "silent_days": silent,
        "overdue_ratio": overdue if len(days) > 2 else None,
        "ask_count": len(dealings.asked),
        "answered_ask_count": sum(ask["is_answered"] for ask in dealings.asked),
        "open_ask_count": sum(ask["is_waiting"] for ask in dealings.asked),
        "personal_answer_ratio": personal / len(dealings.asked) if dealings.asked else None,
        "warmth_ratio": len(kind) / len(readable) if readable else None,
        "warmth_coverage_ratio": len(readable) / both if both else None,
        "is_alive": silent is not None and silent <= 6 * cadence(days) + 7,
    }


def together(met: list[datetime], days: list[date], moment: datetime, *, is_close: bool) -> str:
    """The stage of a relationship that is on time."""
    weeks = {
        when.date() - timedelta(days=when.weekday())
        for when in met
        if moment - when <= timedelta(days=90)
    }
    if days_since_return(days) in (1, 2):
        return "recovered"
    if len(weeks) >= 3:
        return "close" if is_close else "recurring"
    return "conversing" if len(met) >= 2 else "heard"
