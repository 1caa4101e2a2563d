"""Relationships, against going through each person's acts one by one."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import networkx as nx
import pytest
from community import AS_OF
from dbt_build import Build
from story import Story

WEIGHTS = {"reply": 1.0, "reaction": 0.2, "repost": 0.5}
Act = tuple[datetime, str, str, str]  # when, message, direction, kind


def acts_of_people(story: Story) -> dict[str, list[Act]]:
    """What each person and our humans did towards each other before AS_OF, each act once."""
    found: dict[str, set[Any]] = defaultdict(set)
    for act in story.until(AS_OF).tables["interaction"]:
        who, whom = act["from_account_id"], act["to_account_id"]
        roles = story.roles.get(who or ""), story.roles.get(whom or "")
        if not act["occurred_at"] or not who:
            continue
        key = (act["occurred_at"], act["message_id"], act["direction"], act["kind"], who)
        if act["direction"] == "inbound" and roles[0] == "person":
            found[story.people[who]].add(key)
        elif roles[0] in ("ours_brand", "ours_person") and roles[1] == "person":
            found[story.people[whom]].add(key)
    return {person: sorted(key[:4] for key in keys) for person, keys in found.items()}


def two_way_contacts(acts: list[Act]) -> list[datetime]:
    """The moments at which one side spoke within a week after the other."""
    latest: dict[str, datetime] = {}
    contacts = []
    for when, _, direction, kind in acts:
        other = latest.get("outbound" if direction == "inbound" else "inbound")
        if kind == "reply":
            if other and when - other <= timedelta(days=7):
                contacts.append(when)
            latest[direction] = when
    return contacts


@pytest.fixture(scope="module")
def relationships(built: Build) -> dict[str, dict[str, Any]]:
    rows = built.rows("select * from relationship")
    return {row["person_id"]: row for row in rows}


def test_two_way_contact_is_a_word_within_a_week_after_the_other_sides(
    story: Story, relationships: dict[str, dict[str, Any]]
) -> None:
    acts = acts_of_people(story)
    assert set(relationships) == {
        name for account, name in story.people.items() if story.roles[account] == "person"
    }
    for person, row in relationships.items():
        contacts = two_way_contacts(acts.get(person, []))
        days = sorted({contact.date() for contact in contacts})
        gaps = [(after - before).days for before, after in pairwise(days)]
        silence = (AS_OF - contacts[-1]) / timedelta(days=1) if contacts else None
        assert row["two_way_contact_count"] == len(contacts)
        assert row["first_two_way_contact_at"] == (contacts[0] if contacts else None)
        assert row["last_two_way_contact_at"] == (contacts[-1] if contacts else None)
        assert row["is_in_contact"] == (silence is not None and silence <= 90)
        assert row["median_gap_days"] == (median(gaps) if gaps else None)
        assert row["overdue_ratio"] == (
            pytest.approx(silence / max(median(gaps), 7), abs=1e-6) if len(days) >= 3 else None
        )


def test_strength_is_what_each_side_did_faded_by_half_a_month(
    story: Story, relationships: dict[str, dict[str, Any]]
) -> None:
    for person, acts in acts_of_people(story).items():
        faded: dict[str, float] = defaultdict(float)
        for when, _, direction, kind in acts:
            faded[direction] += WEIGHTS[kind] * 0.5 ** ((AS_OF - when) / timedelta(days=30))
        row = relationships[person]
        assert row["decayed_inbound"] == pytest.approx(faded["inbound"], abs=1e-6)
        assert row["decayed_outbound"] == pytest.approx(faded["outbound"], abs=1e-6)
        strength = (faded["inbound"] * faded["outbound"]) ** 0.5
        assert row["strength"] == pytest.approx(strength, abs=1e-6)


def test_reciprocity_is_that_of_the_graph_of_messages(
    story: Story, relationships: dict[str, dict[str, Any]]
) -> None:
    graph = nx.DiGraph()
    for person, acts in acts_of_people(story).items():
        for _, _, direction, kind in acts:
            ends = (person, "us") if direction == "inbound" else ("us", person)
            if kind == "reply":
                weight = graph.get_edge_data(*ends, {"weight": 0})["weight"]
                graph.add_edge(*ends, weight=weight + 1)
    for person, row in relationships.items():
        said = graph.get_edge_data(person, "us", {"weight": 0})["weight"]
        heard = graph.get_edge_data("us", person, {"weight": 0})["weight"]
        assert (row["inbound_count"], row["outbound_count"]) == (said, heard)
        if said or heard:
            assert (row["reciprocity_ratio"] > 0) == (nx.reciprocity(graph, person) == 1)
            assert row["imbalance_ratio"] == pytest.approx(
                (said - heard) / (said + heard), abs=1e-6
            )
            balance = 1 - abs(row["imbalance_ratio"])
            assert row["reciprocity_ratio"] == pytest.approx(balance, abs=1e-6)
        else:
            assert row["reciprocity_ratio"] is None


def test_the_headline_counts_what_the_marts_list(built: Build) -> None:
    (headline,) = built.rows("from headline")
    (expected,) = built.rows("""
        select
            (select count(*) from relationship where is_in_contact) as people_in_contact_count,
            (select count(distinct person_id) from waiting_now) as people_waiting_count,
            (select count(*) from waiting_now) as waiting_ask_count,
            median_reply_seconds, ask_count, people_asked_count, people_answered_count,
            people_answered_ratio, people_answered_low_ratio, people_answered_high_ratio
        from responsiveness
        where
            period_kind = 'all' and channel = 'all' and segment_kind = 'all' and clock = 'wall'
    """)
    assert headline == expected | {"as_of": AS_OF, "definition_version": "2"}
