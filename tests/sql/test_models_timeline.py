"""The timeline of a person, against gathering each person's events and sorting them."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from community import AS_OF, HUMANS, PEOPLE
from dbt_build import Build
from story import Story

SPOKEN = ("post", "reply", "mention", "quote", "direct")
Tables = dict[str, dict[str, dict[str, Any]]]  # rows by the message they are about
Event = tuple[datetime, str, str, str, str]  # when, message, kind, direction, by which account


def events_of_people(story: Story) -> dict[str, list[Event]]:
    """What happened between each person and us before AS_OF, each event once."""
    told = story.until(AS_OF)
    found: dict[str, set[Event]] = defaultdict(set)
    for act in told.tables["interaction"]:
        who, whom = act["from_account_id"], act["to_account_id"]
        if not act["occurred_at"] or not who or act["direction"] not in ("inbound", "outbound"):
            continue
        person = who if act["direction"] == "inbound" else whom
        if story.roles[person] == "person":
            kind = "message" if act["kind"] in SPOKEN else act["kind"]
            event = (act["occurred_at"], act["message_id"], kind, act["direction"], who)
            found[story.people[person]].add(event)
    return {person: sorted(events) for person, events in found.items()}


def by_message(story: Story) -> Tables:
    return {
        name: {row["message_id"]: row for row in story.tables[name]}
        for name in ("message", "reply_signal", "automated_message")
    }


def expected_row(
    story: Story, tables: Tables, person: str, number: int, event: Event
) -> dict[str, Any]:
    when, message_id, kind, direction, by = event
    message = tables["message"][message_id]
    reply = tables["reply_signal"].get(message_id, {}) if kind == "message" else {}
    is_deleted = bool(message["deleted_at"] and message["deleted_at"] <= AS_OF)
    return {
        "person_id": person,
        "event_number": number,
        "person_name": person.title(),
        "happened_at": when,
        "direction": direction,
        "kind": kind,
        "by_person_id": story.people[by],
        "by_name": story.people[by].title(),
        "is_automated": story.roles[by] == "ours_bot"
        or bool(reply and message_id in tables["automated_message"]),
        "is_canned": bool(reply.get("canned_at") and reply["canned_at"] < AS_OF),
        "channel": message["channel"],
        "conversation_id": message["conversation_id"],
        "message_id": message_id,
        "text": message["text"] if kind == "message" and not is_deleted else None,
        "is_deleted": is_deleted,
        "was_edited": False,
        "permalink": message["permalink"],
    }


def test_timelines_of_the_community_tell_everything_between_each_person_and_us(
    story: Story, built: Build
) -> None:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in built.rows("select * exclude (as_of, definition_version) from person_timeline"):
        found[row["person_id"]].append(row)
    everything, tables = events_of_people(story), by_message(story)
    assert found.keys() == everything.keys()
    for person, events in everything.items():
        expected = [
            expected_row(story, tables, person, number, event)
            for number, event in enumerate(events, 1)
        ]
        assert sorted(found[person], key=lambda row: row["event_number"]) == expected
    rows = [row for told in found.values() for row in told]
    for column in ("is_automated", "is_canned", "is_deleted"):
        assert {row[column] for row in rows} == {True, False}
    assert {row["kind"] for row in rows} == {"message", "reaction", "repost"}


def test_follows_have_their_place_between_what_is_said(story: Story, built: Build) -> None:
    chance = random.Random(2)
    acts = built.rows("from staging.stg_interaction")
    for number in range(60):
        pair = [chance.choice(PEOPLE), chance.choice([*HUMANS, "helper"])]
        is_inbound = chance.random() < 0.5
        who, whom = pair if is_inbound else reversed(pair)
        when = AS_OF - timedelta(minutes=chance.randrange(1, 200_000))
        acts.append(
            {
                "interaction_id": f"follow{number}",
                "kind": "follow",
                "occurred_at": when if number % 10 else None,
                "from_account_id": who,
                "to_account_id": whom,
                "direction": "inbound" if is_inbound else "outbound",
                "addressee_method": "platform",
                "is_inferred": False,
            }
        )
    inputs = {
        "int_account": built.rows("from intermediate.int_account"),
        "stg_person": built.rows("from staging.stg_person"),
        "stg_message": built.rows("from staging.stg_message"),
    }
    rows = built.model("int_event", stg_interaction=acts, **inputs)
    followed = [act for act in acts if act["kind"] == "follow" and act["occurred_at"]]
    found = [row for row in rows if row["kind"] == "follow"]
    assert len(found) == len({(act["from_account_id"], act["to_account_id"]) for act in followed})
    by_person: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["event_number"]):
        by_person[row["person_id"]].append(row)
    for told in by_person.values():
        assert [row["event_number"] for row in told] == list(range(1, len(told) + 1))
        times = [row["happened_at"] for row in told]
        assert times == sorted(times)
