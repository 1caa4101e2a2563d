"""Who is answered alike, by which doors, and who never is: against walks from ask to ask."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from community import AS_OF
from dbt_build import Build
from lifelines import KaplanMeierFitter
from segments import EQUITY, Asks, month_of, people_of, segmented
from statsmodels.stats.proportion import proportion_confint
from story import Story

DETOUR = timedelta(hours=72)


@pytest.fixture(scope="module")
def asks(story: Story) -> Asks:
    return segmented(story)


def median_of(asks: Asks) -> float | None:
    """When half of them are answered, as lifelines says; null if more than half still wait."""
    waits = [int(ask["waited_seconds"]) for ask in asks]
    curve = KaplanMeierFitter().fit(waits, [ask["is_answered"] for ask in asks])
    survival = curve.survival_function_["KM_estimate"]
    reached = survival[survival <= 0.5 + 1e-9].index
    return reached[0] if len(reached) else None


def wilson(part: int, whole: int) -> tuple[Any, ...]:
    if not whole:
        return None, None
    return pytest.approx(proportion_confint(part, whole, method="wilson"), abs=1e-6)


def share(part: float, whole: float) -> Any:
    return pytest.approx(part / whole, abs=1e-6) if whole else None


def test_equity_is_what_a_count_of_each_cells_people_says(asks: Asks, built: Build) -> None:
    months: dict[Any, Asks] = defaultdict(list)
    cells: dict[Any, Asks] = defaultdict(list)
    for ask in asks:
        month = month_of(ask["asked_at"])
        months[month].append(ask)
        for dimension in EQUITY:
            if ask[dimension] is not None:
                cells[dimension, ask[dimension], month].append(ask)
    rows = built.rows("select * from equity")
    keys = [(row["dimension"], row["cell"], row["month_from"]) for row in rows]
    assert keys == sorted(cells)
    compared = set()
    for key, row in zip(keys, rows, strict=True):
        dimension, _, month = key
        cell, everybody = cells[key], months[month]
        known = [ask for ask in everybody if ask[dimension] is not None]
        people, answered = people_of(cell), people_of(cell, "is_answered")
        assert row["ask_count"] == len(cell)
        assert row["people_asked_count"] == len(people)
        assert row["people_unknown_count"] == len(people_of(everybody) - people_of(known))
        assert row["coverage_ratio"] == share(len(known), len(everybody))
        if len(people) < 20:
            hidden = [name for name in row if name.startswith(("people_answered", "people_pers"))]
            hidden += ["median_reply_seconds", "answered_of_reference_ratio"]
            assert {row[name] for name in hidden} == {None}
            continue
        personally = people_of(cell, "is_personally_answered")
        assert row["people_answered_count"] == len(answered)
        assert row["people_answered_ratio"] == share(len(answered), len(people))
        interval = (row["people_answered_low_ratio"], row["people_answered_high_ratio"])
        assert interval == wilson(len(answered), len(people))
        assert row["people_personally_answered_count"] == len(personally)
        assert row["people_personally_answered_ratio"] == share(len(personally), len(people))
        assert row["median_reply_seconds"] == median_of(cell)
        if dimension == "follower_quartile":
            known = cells[dimension, "highest", month]
        if len(people_of(known)) >= 20:
            alike = len(people_of(known, "is_answered")) / len(people_of(known))
            assert row["answered_of_reference_ratio"] == share(len(answered) / len(people), alike)
            compared.add(dimension)
        else:
            assert row["answered_of_reference_ratio"] is None
    assert compared == set(EQUITY)


def detoured(asks: Asks, ask: dict[str, Any]) -> bool:
    """Whether the person asked elsewhere, soon after, while nobody of ours had answered."""
    answer_at = ask["asked_at"] + timedelta(seconds=ask["waited_seconds"])
    return any(
        other["channel"] != ask["channel"]
        and timedelta() < other["asked_at"] - ask["asked_at"] <= DETOUR
        and not (ask["is_answered"] and answer_at <= other["asked_at"])
        for other in asks
        if other["person_id"] == ask["person_id"] is not None
    )


def dead_doors(asks: Asks) -> set[Any]:
    doors: dict[Any, Asks] = defaultdict(list)
    for ask in asks:
        doors[ask["channel"], month_of(ask["asked_at"])].append(ask)
    return {
        door
        for door, there in doors.items()
        if len(people_of(there)) >= 5
        and len(people_of(there, "is_answered")) / len(people_of(there)) < 0.2
    }


def test_a_door_is_what_each_of_its_askers_met_there(
    story: Story, asks: Asks, built: Build
) -> None:
    doors: dict[Any, Asks] = defaultdict(list)
    for ask in asks:
        doors[ask["channel"], month_of(ask["asked_at"])].append(ask)
    rows = built.rows("select * from open_door")
    assert [(row["channel"], row["month_from"]) for row in rows] == sorted(doors)
    for row in rows:
        channel, month = row["channel"], row["month_from"]
        there = doors[channel, month]
        people, answered = people_of(there), people_of(there, "is_answered")
        personally = people_of(there, "is_personally_answered")
        assert row["ask_count"] == len(there)
        assert row["people_asked_count"] == len(people)
        assert row["people_answered_count"] == len(answered)
        assert row["people_personally_answered_ratio"] == share(len(personally), len(people))
        assert (
            row["people_personally_answered_low_ratio"],
            row["people_personally_answered_high_ratio"],
        ) == wilson(len(personally), len(people))
        assert row["median_reply_seconds"] == median_of(there)
        assert row["is_dead_door"] == ((channel, month) in dead_doors(asks))
        forced = {ask["person_id"] for ask in there if detoured(asks, ask)}
        assert row["detour_people_count"] == len(forced)
        assert row["detour_ratio"] == share(len(forced), len(people))
        elsewhere = {
            person
            for (other, when), found in doors.items()
            if other != channel and when == month
            for person in people_of(found)
        }
        assert row["multi_channel_people_count"] == len(people & elsewhere)
        answerers = [story.roles[ask["answered_by"]] for ask in there if ask["is_answered"]]
        humans = {ask["answered_by"] for ask in there if ask["answered_by"] in ("zoe", "max")}
        assert row["answering_human_count"] == len(humans)
        assert row["brand_answer_ratio"] == share(answerers.count("ours_brand"), len(answerers))
    assert {row["is_dead_door"] for row in rows} == {True, False}
    assert sum(row["detour_people_count"] for row in rows) > 10


def test_unheard_are_those_whom_a_reader_never_finds_answered(
    story: Story, asks: Asks, built: Build
) -> None:
    thanked = built.rows("select person_id from ask where is_only_thanks and outcome = 'answered'")
    heard = people_of(asks, "is_answered") | {row["person_id"] for row in thanked}
    dead = dead_doors(asks)
    links = {row["message_id"]: row["permalink"] for row in story.tables["message"]}
    rows = built.rows("select * from unheard")
    assert [row["person_id"] for row in rows] == sorted(people_of(asks) - heard)
    assert len(rows) > 4
    totals: dict[str, int] = defaultdict(int)
    for row in rows:
        mine = [ask for ask in asks if ask["person_id"] == row["person_id"]]
        last = max(mine, key=lambda ask: (ask["asked_at"], ask["ask_id"]))
        kept = [ask for ask in mine if ask["outcome"] != "withdrawn"]
        young = [ask for ask in kept if AS_OF - ask["asked_at"] <= timedelta(days=30)]
        alone = [ask for ask in kept if not ask["is_peer_answered"]]
        doors = [(ask["channel"], month_of(ask["asked_at"])) for ask in mine]
        expected = {
            "ask_count": len(mine),
            "withdrawn_ask_count": len(mine) - len(kept),
            "peer_answered_ask_count": len(kept) - len(alone),
            "bot_answered_ask_count": sum(ask["has_bot_answer"] for ask in alone),
            "ignored_ask_count": sum(not ask["has_bot_answer"] for ask in alone),
            "waiting_ask_count": len(young),
            "expired_ask_count": len(kept) - len(young),
            "dead_door_ask_count": sum(door in dead for door in doors),
            "first_asked_at": min(ask["asked_at"] for ask in mine),
            "last_asked_at": last["asked_at"],
            "channels": ", ".join(sorted({ask["channel"] for ask in mine})),
            "last_ask_permalink": links[last["ask_id"]],
            "last_ask_language": last["language"],
        }
        assert {name: row[name] for name in expected} == expected
        phrases = {
            "nobody answered": "ignored",
            "only our bot answered": "bot_answered",
            "only another person answered": "peer_answered",
            "taken back": "withdrawn",
            "expired": "expired",
            "waiting still": "waiting",
            "asked at a dead door": "dead_door",
        }
        said = []
        for words, name in phrases.items():
            count = expected[f"{name}_ask_count"]
            totals[name] += count
            if count:
                said.append(words if count == len(mine) else f"{words} {count} of {len(mine)}")
        assert row["reason"] == "; ".join(said)
    assert min(totals.values()) > 0


def test_whoever_presses_most_stands_first_and_the_link_leads_to_what_still_stands(
    asks: Asks, built: Build
) -> None:
    by_id = {ask["ask_id"]: ask for ask in asks}
    unheard = {row["person_id"] for row in built.rows("select person_id from unheard")}
    rows = built.rows("select * from waiting_now")
    order, moved = [], 0
    for row in rows:
        ask = by_id[row["ask_id"]]
        has_gone = detoured(asks, ask)
        assert row["has_asked_again"] == (has_gone or ask["message_count"] > 1)
        assert ("asked again on another channel" in row["priority_reason"]) == has_gone
        assert row["is_unheard"] == (row["person_id"] in unheard)
        assert ("we never answered them" in row["priority_reason"]) == row["is_unheard"]
        assert row["age_seconds"] == (AS_OF - row["asked_at"]) // timedelta(seconds=1)
        standing = [each for each in ask["messages"] if not each["deleted_at"]]
        first = min(standing, key=lambda each: (each["sent_at"], each["message_id"]))
        assert row["permalink"] == first["permalink"]
        moved += first["message_id"] != row["ask_id"]
        order.append(
            (
                row["is_peer_answered"], not row["has_question"], not row["has_asked_again"],
                not row["is_unheard"], row["asked_at"], row["ask_id"],
            )
        )  # fmt: skip
    assert order == sorted(order)
    assert moved
    for name in ("has_asked_again", "is_unheard"):
        assert {row[name] for row in rows} == {True, False}
