"""Who holds the relationships: walked through message by message; spread by numpy and scipy."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from community import AS_OF
from dbt_build import Build, Rows
from scipy.stats import entropy
from story import Story

Words = dict[str, Counter[str]]  # person -> messages by each of our people
SPREAD = ("effective_holder_count", "herfindahl_ratio", "gini_ratio", "absence_factor")


def after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def words_by_month(story: Story) -> dict[date, Words]:
    """What our humans said to people in the 90 days before each month's end."""
    said = {
        (act["occurred_at"], act["message_id"], story.people[act["to_account_id"]]): story.people[
            act["from_account_id"]
        ]
        for act in story.until(AS_OF).tables["interaction"]
        if act["kind"] == "reply"
        and story.roles.get(act["from_account_id"]) in ("ours_brand", "ours_person")
        and story.roles.get(act["to_account_id"]) == "person"
    }
    month = min(said)[0].date().replace(day=1)
    found = {}
    while month < AS_OF.date():
        end = datetime.combine(after(month), datetime.min.time(), UTC)
        words: Words = defaultdict(Counter)
        for (when, _, person), holder in said.items():
            if timedelta() < end - when <= timedelta(days=90):
                words[person][holder] += 1
        found[month] = words
        month = after(month)
    return found


def spread(counts: list[int]) -> tuple[float, float, float, int]:
    """Effective number, Herfindahl, Gini and absence factor, each by its own definition."""
    values, total = np.array(counts, float), sum(counts)
    differences = np.abs(values[:, None] - values[None, :]).mean()
    largest = np.cumsum(sorted(counts, reverse=True))
    return (
        float(np.exp(entropy(values))),
        float(((values / total) ** 2).sum()),
        float(differences / (2 * values.mean())),
        int(np.argmax(largest * 2 >= total)) + 1,
    )


def test_holders_of_the_community_are_those_who_wrote(story: Story, built: Build) -> None:
    months = words_by_month(story)
    rows = {
        (row["month_from"], row["person_id"]): row for row in built.rows("from relationship_holder")
    }
    names = {(month, who) for month in months for each in months[month].values() for who in each}
    assert rows.keys() == names | {(month, "all") for month in months}
    for (month, who), row in rows.items():
        words = months[month]
        everything = sum(each.total() for each in words.values())
        theirs = [each for each in words.values() if who == "all" or who in each]
        if who == "all":
            held = sum(max(each.values()) * 2 >= each.total() for each in theirs)
            said = everything
            by_holder = sum(theirs, Counter[str]())
            assert tuple(row[name] for name in SPREAD) == pytest.approx(
                spread([*by_holder.values()]), abs=1e-6
            )
            assert row["holder_count"] == len(by_holder)
        else:
            held = sum(each[who] * 2 >= each.total() for each in theirs)
            said = sum(each[who] for each in theirs)
            assert {row[name] for name in SPREAD} == {row["holder_count"], None} == {None}
        only = sum(len(each) == 1 for each in theirs)
        counts = (row["people_count"], row["held_count"], row["only_count"], row["message_count"])
        assert counts == (len(theirs), held, only, said)
        assert row["only_ratio"] == pytest.approx(only / len(theirs), abs=1e-6)
        assert row["message_ratio"] == pytest.approx(said / everything, abs=1e-6)
        assert row["person_name"] == (None if who == "all" else who.title())
        assert row["person_kind"] == ("all" if who == "all" else story.roles[who])
    assert {row["person_kind"] for row in rows.values()} == {"all", "ours_brand", "ours_person"}


def test_our_people_are_listed_by_name_and_not_by_what_they_did(built: Build) -> None:
    listed = built.rows(
        "select month_from, coalesce(person_name, '') as name from relationship_holder"
    )
    assert listed == sorted(listed, key=lambda row: (row["month_from"], row["name"]))


def test_how_unevenly_we_write_agrees_with_numpy_and_scipy(built: Build) -> None:
    chance = random.Random(11)
    samples = {
        date(2000 + number, 1, 1): [
            chance.choice([1, 1, 2, 5, 90, 4000]) for _ in range(chance.choice([1, 2, 3, 9, 60]))
        ]
        for number in range(40)
    }
    samples[date(1999, 1, 1)] = [50, 20, 10, 10, 5, 5]  # worked example O9
    holdings: Rows = [
        {
            "month_from": month,
            "person_id": f"person{number:02}",
            "holder_id": f"holder{number:02}",
            "message_count": count,
            "person_message_count": count,
        }
        for month, counts in samples.items()
        for number, count in enumerate(counts)
    ]
    rows = {
        row["month_from"]: row for row in built.model("int_holding_spread", int_holding=holdings)
    }
    assert rows.keys() == samples.keys()
    for month, counts in samples.items():
        found = tuple(rows[month][name] for name in SPREAD)
        assert found == pytest.approx(spread(counts), abs=1e-6)
        assert rows[month]["holder_count"] == len(counts)
    o9 = rows[date(1999, 1, 1)]
    assert (o9["absence_factor"], o9["gini_ratio"], o9["herfindahl_ratio"]) == (1, 0.45, 0.315)
    assert 1 / o9["herfindahl_ratio"] == pytest.approx(3.17, abs=5e-3)
    assert o9["effective_holder_count"] == pytest.approx(4.17, abs=5e-3)
