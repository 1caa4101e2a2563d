"""Which ids messages and accounts have, and whether texts are still there, does not matter."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from extractors.observations import AccountSeen, FollowSeen, Gone, Observation, ReactionSeen
from lake.organisation import Organisation
from lake.schemas import CORE
from tests.transforms.conftest import START, World, at, message

PEOPLE = ("ana", "bob", "cai", "dee", "eva")
EVERYBODY = (*PEOPLE, "zoe", "acme", "helper")
ASKED = (
    "My heavy mount slips under the camera, what can I do about it?",
    "¿Cómo cambio la batería del mando? No encuentro la tapa.",
    "Thanks!",
    "Great, my parcel is lost again.",
    None,
)
TEMPLATE = (
    "Hi {}, thank you for reaching out to us! Your case {} will be looked at as soon as we can."
)
ANSWERED = (
    TEMPLATE,
    TEMPLATE,
    "The camera is too heavy for the mount, {}: tighten its left screw. ^Z",
    "Sorry {}, we will look into it and send you a new one.",
    "Order yours now for only 20 € at https://acme.example/shop?utm_source=us",
    None,
)


@dataclass(frozen=True)
class Said:
    """A message by the number of its place in time."""

    number: int
    author: str
    night: int
    text: str | None
    more: Mapping[str, Any]

    def told(self, names: Mapping[str, str]) -> Observation:
        """What the platform says of it, with ids by these names."""
        parent = self.more["parent"]
        return message(
            names[f"m{self.number}"],
            names[self.author],
            START + self.number * timedelta(hours=5, minutes=7),
            text=self.text,
            parent_id=None if parent is None else names[f"m{parent}"],
            mentions=[names[each] for each in self.more["mentions"]],
            is_flat=self.more["is_flat"],
            channel="chat" if self.more["is_flat"] else "forum",
            is_own_space=self.more["is_own_space"],
        )


@st.composite
def conversations(draw: st.DrawFn) -> list[Said]:
    """Three people are answered with a template; then anybody may go on from anything."""
    said: list[Said] = []
    for who in draw(st.permutations(PEOPLE))[:3]:
        said.append(draw(a_message(said, who, ASKED[:2], None)))
        said.append(draw(a_message(said, "zoe", (TEMPLATE,), said[-1])))
    for _ in range(draw(st.integers(3, 12))):
        answer_to = draw(st.none() | st.sampled_from(said))
        is_ours = answer_to is not None and answer_to.author in PEOPLE and draw(st.booleans())
        author = draw(st.sampled_from(EVERYBODY[5:] if is_ours else EVERYBODY))
        said.append(draw(a_message(said, author, ANSWERED if is_ours else ASKED, answer_to)))
    return said


@st.composite
def a_message(
    draw: st.DrawFn,
    before: list[Said],
    author: str,
    texts: tuple[str | None, ...],
    answer_to: Said | None,
) -> Said:
    text = draw(st.sampled_from(texts))
    return Said(
        len(before),
        author,
        draw(st.integers(0, 2)),
        text and text.format(answer_to and answer_to.author.title(), len(before)),
        {
            "parent": answer_to and answer_to.number,
            "mentions": draw(st.lists(st.sampled_from(EVERYBODY), max_size=2, unique=True)),
            "is_flat": draw(st.sampled_from((False, False, True))),
            "is_own_space": draw(st.booleans()),
        },
    )


def built(world: World, said: list[Said], names: Mapping[str, str]) -> World:
    """What three nights told, worked out at once."""
    for night in range(3):
        told: list[Observation] = [
            AccountSeen(account_id=f"sample::{names[each]}", handle=each, display_name=each.title())
            for each in EVERYBODY
        ]
        told += [each.told(names) for each in said if each.night == night]
        told += [
            ReactionSeen(
                account_id=f"sample::{names[who]}",
                message_id=f"sample::{names[f'm{each.number}']}",
                kind="reaction",
            )
            for each in said
            if each.night == night
            for who in EVERYBODY[each.number % 3 :: 3]
        ]
        told.append(
            FollowSeen(
                follower_id=f"sample::{names[PEOPLE[night]]}",
                followed_id=f"sample::{names['acme']}",
            )
        )
        world.night(15 + night, told)
    return world.build()


def ids(numbers: list[int]) -> dict[str, str]:
    """Names of accounts and messages, numbered in this order."""
    names = {each: f"u{numbers[place]}" for place, each in enumerate(EVERYBODY)}
    return names | {f"m{place}": f"m{number}" for place, number in enumerate(numbers)}


def renamed(world: World, table: str, names: Mapping[str, str]) -> list[str]:
    """A table's rows with other ids, in an order that does not depend on them."""
    rows = world.core(table)
    # Marks of whole rows, ids included: what later nights compare, and nobody reads.
    rows = rows.drop_columns([each for each in rows.column_names if each == "fold"])
    return sorted(
        re.sub(r"\b([um]\d+)\b", lambda found: names[found[1]], repr(row))
        for row in rows.to_pylist()
    )


SEVERAL = settings(
    phases=[Phase.generate],
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SEVERAL
@given(said=conversations(), numbers=st.permutations(range(20)))
def test_other_ids_of_messages_and_accounts_change_nothing_else(
    organisation: Organisation, said: list[Said], numbers: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        first, second = ids(list(range(20))), ids(numbers)
        world = built(World(Path(one), organisation), said, first)
        other = built(World(Path(two), organisation), said, second)
        for table in CORE:
            back = {new: old for old, new in second.items()}
            expected = {new: old for old, new in first.items()}
            assert renamed(other, table, back) == renamed(world, table, expected), table


SIGNALS = ("message_signal", "reply_signal", "automated_message")
Signals = dict[str, dict[str, dict[str, Any]]]


def signals(world: World) -> Signals:
    return {table: world.rows(table, "message_id") for table in SIGNALS}


@SEVERAL
@given(said=conversations(), data=st.data())
def test_erasing_texts_leaves_every_number_made_of_them(
    organisation: Organisation, said: list[Said], data: st.DataObject
) -> None:
    gone = {f"m{each.number}" for each in data.draw(st.lists(st.sampled_from(said), min_size=1))}
    with tempfile.TemporaryDirectory() as folder:
        world = built(World(Path(folder), organisation), said, ids(list(range(20))))
        before = signals(world)
        world.night(25, [Gone(message_id=f"sample::{name}", gone_at=at(25)) for name in gone])
        messages = world.build().rows("message", "message_id")
        assert {messages[name]["text"] for name in gone} == {None}
        assert signals(world) == before
