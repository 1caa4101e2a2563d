"""Which replies are canned: worked examples, and what may not matter."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from rensa import RMinHash

from tests.transforms.conftest import World, account, at, message
from transforms.signals.replies import jaccard, joined
from transforms.signals.shapes import MASKED, SHAPE, bands

TEMPLATE = (
    "Hi {}, thank you for reaching out to us! Your case {} will be looked at as soon as we can."
)


def shapes(*texts: str) -> list[dict[str, Any]]:
    rows = [{"content_hash": f"{place:06}", "text": text} for place, text in enumerate(texts)]
    with duckdb.connect(":memory:") as connection:
        connection.register("batch", pa.Table.from_pylist(rows))
        query = f"select *, (select {MASKED} from batch b where b.content_hash = s.content_hash)"
        found = connection.sql(f"{query} as masked from ({SHAPE}) s order by content_hash")
        return found.to_arrow_table().to_pylist()


def shingles(text: str) -> frozenset[int]:
    return frozenset(shapes(text)[0]["shingles"])


def test_names_numbers_links_and_signatures_do_not_tell_replies_apart() -> None:
    one, other = shapes(
        "Hi Ana, your order 23112 is on its way, see https://a.example/1 and tell @carrier. ^HSB",
        "@bob Hello Bob Smith! your order 7 is on its way, see https://b.example/2 and tell "
        "@post.\nKind regards\nZoe",
    )
    assert one["shingles"] == other["shingles"]
    assert (one["is_signed"], other["is_signed"]) == (True, True)


# METRICS 5, O11: one template without and with an order number, and words of its own.
O11 = (
    "Hi Ana, thank you for writing to us. We have found your order and it will leave our store "
    "tomorrow.",
    "Hi Bob, thank you for writing to us. We have found your order 23112 and it will leave our "
    "store tomorrow.",
    "The left screw of your mount is worn, so it slips; a new one is free and in the post.",
)


def test_one_more_order_number_leaves_three_quarters_alike() -> None:
    r0, r1, r2 = map(shingles, O11)
    assert (len(r0 & r1), len(r0 | r1)) == (15, 20)
    assert jaccard(r0, r1) == 0.75
    assert jaccard(r0, r2) == 0.0


def test_minhash_estimates_how_much_is_alike() -> None:
    """An estimate of 256 hashes has a standard error of 0.027 at 0.75."""
    sets = [sorted(shingles(text)) for text in O11]
    r0, r1, r2 = RMinHash.digest_matrix_from_token_hash_sets(sets, 256, 1).to_rows()

    def estimate(other: list[int]) -> float:
        return sum(a == b for a, b in zip(r0, other, strict=True)) / 256

    assert estimate(r1) == pytest.approx(0.75, abs=0.08)
    assert estimate(r2) == 0.0
    buckets = bands(sets)
    assert {*buckets[0]} & {*buckets[1]}
    assert not {*buckets[0]} & {*buckets[2]}


def test_a_short_courtesy_is_never_canned(world: World) -> None:
    [thanks] = shapes("Thanks!")
    assert thanks["shingles"] == []
    assert bands([thanks["shingles"]]) == [[]]
    people = ("ana", "bob", "cai", "dee", "eva")
    said = [(day, f"r{day}", who, "Thanks!") for day, who in enumerate(people, 1)]
    assert {row["canned_at"] for row in use(world, *said).values()} == {None}


def test_a_reply_joins_the_earliest_template_that_it_is_like() -> None:
    forms = [
        {"form": 1, "shingles": list(range(10)), "buckets": [7]},
        {"form": 2, "shingles": list(range(20, 30)), "buckets": [7]},
        {"form": 3, "shingles": [*range(9), 99], "buckets": [7]},
    ]
    assert joined(forms) == [(3, 1)]


def use(world: World, *said: tuple[int, str, str, str]) -> dict[str, dict[str, Any]]:
    """Zoe answers people on days of March; the rows of her replies."""
    told = [account("zoe", display_name="Zoe")]
    for day, name, person, text in said:
        told += [
            account(person, display_name=person.title()),
            message(
                f"q-{name}", person, at(day), text=f"My mount slips, says {person} number {day}"
            ),
            message(name, "zoe", at(day, 5), text=text, parent_id=f"q-{name}"),
        ]
    world.night(30, told)
    world.build()
    return world.rows("reply_signal", "message_id")


def test_the_third_person_makes_a_template_and_its_origin_is_not_canned(world: World) -> None:
    people = ("ana", "bob", "cai", "dee")
    replies = use(
        world,
        *((day, f"r{day}", who, TEMPLATE.format(who, day)) for day, who in enumerate(people, 1)),
        (
            9,
            "own",
            "ana",
            "The mount slips because its left screw is worn, a new one is on its way.",
        ),
    )
    assert [replies[f"r{day}"]["canned_at"] for day in (1, 2, 3, 4)] == [
        None,
        at(3, 5),
        at(3, 5),
        at(4, 5),
    ]
    assert {replies[f"r{day}"]["template_id"] for day in (1, 2, 3, 4)} == {"sample::r1"}
    assert [name for name, row in replies.items() if row["is_template_origin"]] == ["r1"]
    assert (replies["own"]["template_id"], replies["own"]["is_personal"]) == (None, True)
    assert replies["r4"]["is_personal"] is False


def test_the_same_words_to_the_same_two_people_are_no_template(world: World) -> None:
    said = [
        (day, f"r{day}", who, TEMPLATE.format(who, day))
        for day, who in enumerate(("ana", "bob") * 3, 1)
    ]
    assert {row["template_id"] for row in use(world, *said).values()} == {None}


def test_a_late_earlier_reply_becomes_the_origin_and_renames_nothing(world: World) -> None:
    people = ("ana", "bob", "cai")
    before = use(
        world,
        *((day, f"r{day}", who, TEMPLATE.format(who, day)) for day, who in enumerate(people, 2)),
    )
    world.night(
        31,
        [
            account("eva", display_name="Eva"),
            message("q-late", "eva", at(1), text="mine slips too"),
            message("late", "zoe", at(1, 5), text=TEMPLATE.format("Eva", 1), parent_id="q-late"),
        ],
    )
    world.build()
    after = world.rows("reply_signal", "message_id")
    assert {row["template_id"] for row in (before | after).values()} == {"sample::r2"}
    assert [name for name, row in after.items() if row["is_template_origin"]] == ["late"]


def test_other_message_ids_leave_the_templates_as_they_are(world: World, tmp_path: Path) -> None:
    people = ("ana", "bob", "cai", "dee", "eva")
    texts = [TEMPLATE.format(who, day) for day, who in enumerate(people, 1)]
    texts[4] = "Something else altogether was said here, by hand and only for Eva this time."
    told = use(world, *((d, f"r{d}", w, texts[d - 1]) for d, w in enumerate(people, 1)))
    other = World(tmp_path / "other", world.organisation)
    names = {f"r{day}": f"x{9 - day}" for day in range(1, 6)}
    again = use(other, *((d, names[f"r{d}"], w, texts[d - 1]) for d, w in enumerate(people, 1)))

    def groups(rows: dict[str, dict[str, Any]], by: dict[str, str]) -> set[frozenset[str]]:
        found: defaultdict[str | None, set[str]] = defaultdict(set)
        for name, row in rows.items():
            found[row["template_id"]].add(by.get(name, name))
        return {frozenset(each) for each in found.values()}

    assert groups(told, names) == groups(again, {})


def test_a_machine_is_told_by_the_first_evidence(world: World) -> None:
    told = [account("fast"), account("rss", declared_kind="bot"), account("ana")]
    for hour in range(12):
        told.append(message(f"q{hour}", "ana", at(1 + hour, hour), text="is it on?"))
        told.append(message(f"a{hour}", "fast", at(1 + hour, hour, 0, 3), parent_id=f"q{hour}"))
    told.append(message("bot", "rss", at(2), client_name="Buffer"))
    told.append(message("planned", "acme", at(2), client_name="Buffer"))
    told.append(message("help", "helper", at(2)))
    told += [account("acme"), account("helper")]
    world.night(30, told)
    world.build()
    reasons = {
        n: r["automation_reason"] for n, r in world.rows("automated_message", "message_id").items()
    }
    assert {n: reasons.get(n) for n in ("bot", "planned", "help", "q1", "a0", "a7", "a11")} == {
        "bot": "bot_account",
        "planned": "scheduling_client",
        "help": "our_bot",
        "q1": None,
        "a0": None,
        "a7": "quick_around_the_clock",
        "a11": "quick_around_the_clock",
    }


def test_the_order_in_which_messages_are_told_does_not_matter(world: World, tmp_path: Path) -> None:
    told = [account("zoe", display_name="Zoe"), account("ana", display_name="Ana")]
    for day in range(1, 20):
        told.append(message(f"q{day}", "ana", at(day), text=f"Question {day} about my mount?"))
        reply = TEMPLATE.format("Ana", day)
        told.append(message(f"r{day}", "zoe", at(day, 3), text=reply, parent_id=f"q{day}"))
    world.night(30, told)
    shuffled = World(tmp_path / "shuffled", world.organisation)
    shuffled.night(30, random.Random(1).sample(told, len(told)))
    for table in ("message_signal", "reply_signal", "automated_message"):
        assert world.build().core(table) == shuffled.build().core(table)
