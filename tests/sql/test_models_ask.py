"""Asks, against a walk through each conversation that keeps no more than what a reader would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from community import AS_OF
from dbt_build import Build
from story import US, Story, at

ASKED, MEANWHILE, ANSWERED = range(3)


@dataclass
class Ask:
    first: dict[str, Any]
    messages: list[dict[str, Any]]
    peer_at: datetime | None = None
    bot_at: datetime | None = None
    answer: dict[str, Any] | None = None


def speaker(story: Story, message: dict[str, Any]) -> str | None:
    return story.people.get(message["author_id"] or "")


def spoken_to(story: Story) -> dict[str, set[str]]:
    """By message before AS_OF: the people, or unknown authors' messages, that it speaks to."""
    story = story.until(AS_OF)
    found: dict[str, set[str]] = defaultdict(set)
    for act in story.tables["interaction"]:
        if act["kind"] == "reply" and act["to_account_id"] is not US:
            found[act["message_id"]].add(story.people[act["to_account_id"]])
    unknown = {row["message_id"] for row in story.tables["message"] if row["author_id"] is None}
    for row in story.tables["message"]:
        if row.get("parent_id") in unknown:
            found[row["message_id"]].add("unknown " + row["parent_id"])
    return found


def walked(story: Story) -> list[Ask]:
    """Every ask before AS_OF, found by going through what each asker said and heard, in order."""
    story = story.until(AS_OF)
    heard = spoken_to(story)
    lines: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in story.tables["message"]:
        role = story.roles.get(row["author_id"] or "", "unknown")
        if row["is_addressed_to_us"] and role in ("person", "unknown"):
            asker = speaker(story, row) or "unknown " + row["message_id"]
            lines[row["conversation_id"], asker].append((row, ASKED, role))
        for listener in heard[row["message_id"]]:
            when = ANSWERED if role in ("ours_brand", "ours_person") else MEANWHILE
            lines[row["conversation_id"], listener].append((row, when, role))
    asks: list[Ask] = []
    for (_, asker), line in lines.items():
        line.sort(key=lambda each: (each[0]["sent_at"], each[1], each[0]["message_id"]))
        asks += walk(story, asker, line)
    return asks


def walk(story: Story, asker: str, line: list[Any]) -> list[Ask]:
    asks: list[Ask] = []
    waiting: Ask | None = None
    for row, what, role in line:
        if what == ASKED:
            if waiting is None:
                waiting = Ask(row, [])
                asks.append(waiting)
            waiting.messages.append(row)
        elif waiting is None:
            continue
        elif what == ANSWERED:
            waiting.answer, waiting = row, None
        elif role == "ours_bot":
            waiting.bot_at = waiting.bot_at or row["sent_at"]
        elif (
            role == "person"
            and speaker(story, row) != asker
            and row["sent_at"] > waiting.first["sent_at"]
        ):
            waiting.peer_at = waiting.peer_at or row["sent_at"]
    return asks


def told(story: Story, ask: Ask) -> dict[str, Any]:
    """What the mart must say about an ask."""
    thanks = {row["message_id"]: row["is_thanks"] for row in story.tables["message_signal"]}
    asked_at = ask.first["sent_at"]
    answered_at = ask.answer["sent_at"] if ask.answer else None
    deletions = [row["deleted_at"] for row in ask.messages]
    is_only_thanks = all(thanks[row["message_id"]] for row in ask.messages)
    humans = [moment for moment in (answered_at, ask.peer_at) if moment]
    if ask.answer:
        outcome, end = "answered", answered_at
    elif all(deletions):
        outcome, end = "withdrawn", max(deletions)
    elif is_only_thanks:
        outcome, end = "closed_by_thanks", AS_OF
    elif ask.peer_at:
        outcome, end = "peer_answered", AS_OF
    else:
        is_old = AS_OF - asked_at > timedelta(days=30)
        outcome, end = "expired" if is_old else "open", AS_OF
    return {
        "ask_id": ask.first["message_id"],
        "person_id": speaker(story, ask.first),
        "asked_at": asked_at,
        "message_count": len(ask.messages),
        "is_only_thanks": is_only_thanks,
        "outcome": outcome,
        "human_answer_message_id": ask.answer["message_id"] if ask.answer else None,
        "person_answered_at": min(humans, default=None),
        "is_peer_answered": ask.peer_at is not None,
        "automatic_answered_at": ask.bot_at,
        "waited_seconds": (end - asked_at).total_seconds(),
    }


def test_asks_are_those_that_a_reader_of_the_conversations_finds(
    story: Story, built: Build
) -> None:
    expected = sorted((told(story, ask) for ask in walked(story)), key=lambda row: row["ask_id"])
    found = [
        {column: row[column] for column in expected[0]}
        for row in built.rows("select * from ask order by ask_id")
    ]
    assert len(found) > 400
    assert {row["outcome"] for row in found} == {
        "answered", "withdrawn", "closed_by_thanks", "peer_answered", "expired", "open",
    }  # fmt: skip
    assert any(row["person_id"] is None for row in found)
    assert found == expected


def test_those_wait_whom_we_owe_a_word_for_no_longer_than_a_month(
    story: Story, built: Build
) -> None:
    expected = {
        row["ask_id"]
        for row in (told(story, ask) for ask in walked(story))
        if row["outcome"] in ("open", "peer_answered")
        and AS_OF - row["asked_at"] <= timedelta(days=30)
    }
    found = built.rows("select ask_id, priority, is_peer_answered from waiting_now")
    assert {row["ask_id"] for row in found} == expected
    assert [row["priority"] for row in found] == list(range(1, len(found) + 1))
    assert [row["is_peer_answered"] for row in found] == sorted(
        row["is_peer_answered"] for row in found
    )


def test_the_last_word_is_our_humans_last_one_to_the_person_anywhere(
    story: Story, built: Build
) -> None:
    heard = spoken_to(story)
    last: dict[str, tuple[datetime, str]] = {}
    for row in story.until(AS_OF).tables["message"]:
        if story.roles.get(row["author_id"] or "") in ("ours_brand", "ours_person"):
            for listener in heard[row["message_id"]] if not row["deleted_at"] else ():
                word = (row["sent_at"], row["message_id"])
                last[listener] = max(word, last.get(listener, word))
    found = built.rows("select person_id, last_word_at, last_word_message_id from waiting_now")
    assert any(row["last_word_message_id"] for row in found)
    for row in found:
        word = (row["last_word_at"], row["last_word_message_id"])
        assert word == last.get(row["person_id"] or "", (None, None))


def test_worked_example_p1_from_core_to_marts(new_build: Callable[[Story], Build]) -> None:
    day, story = "2026-03-10 ", Story()
    for name in ("ana", "bob", "cai", "dan"):
        story.person(name)
    story.person("zoe", "ours_person")
    story.person("robo", "ours_bot")
    story.says("ana", at(day + "08:00"), "c1", US)
    story.says("ana", at(day + "08:05"), "c1", US)
    story.says("robo", at(day + "08:05:03"), "c1", "ana")
    story.says("zoe", at(day + "10:00"), "c1", "ana")
    story.says("ana", at(day + "10:30"), "c1", "zoe")
    story.says("zoe", at(day + "10:40"), "c1", "ana")
    story.says("ana", at("2026-03-20 08:00"), "c1", "zoe")
    story.says("bob", at(day + "09:00"), "c2", US)
    story.says("cai", at(day + "09:20"), "c2", "bob")
    story.says("dan", at(day + "09:00"), "c3", US)
    story.says("robo", at(day + "09:00:05"), "c3", "dan")
    build = new_build(story)
    done = build.dbt("run", as_of=at("2026-03-21 00:00"))
    assert done.returncode == 0, done.stdout[-4000:]
    assert [
        tuple(row.values())
        for row in build.rows("""
            select person_id, message_count, human_reply_seconds // 60, person_reply_seconds // 60,
                automatic_reply_seconds
            from ask order by conversation_id, asked_at
        """)
    ] == [
        ("ana", 2, 120, 120, 303),
        ("ana", 1, 10, 10, None),
        ("ana", 1, None, None, None),
        ("bob", 1, None, 20, None),
        ("dan", 1, None, None, 5),
    ]
    waiting = build.rows("select person_id from waiting_now order by priority")
    assert [row["person_id"] for row in waiting] == ["dan", "ana", "bob"]
    assert build.rows("select people_waiting_count, people_answered_count from headline") == [
        {"people_waiting_count": 3, "people_answered_count": 1}
    ]
