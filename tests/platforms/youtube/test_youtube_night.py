"""Whole nights of a made-up channel, from the first request to who spoke to whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from extractors.client import Credentials
from extractors.errors import TryLater
from extractors.extract import StreamReading, extract
from extractors.platform import Window
from lake.organisation import Organisation
from lake.store import Lake
from tests.loopback import Clock, Loopback, loopback
from tests.platforms.youtube.studio import ACME, EPOCH, KEY, OTHER, Studio, at, channel
from transforms.interactions import interactions
from transforms.people import people
from transforms.read import read


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def server(studio: Studio) -> Iterator[Loopback]:
    with loopback(studio) as running:
        yield running


class Channel:
    """One organisation that reads the channel `acme` into a lake of its own."""

    def __init__(self, home: Path, server: Loopback, **options: Any) -> None:
        self.lake, self.credentials = Lake.of("acme", str(home)), Credentials(server.url, "", KEY)
        self.organisation = Organisation.model_validate(
            {
                "name": "acme",
                "title": "Acme",
                "history_from": EPOCH.date(),
                "read": [{"platform": "youtube", "account": ACME, "options": options}],
                "ours": [{"name": "Acme", "kind": "brand", "accounts": [f"youtube::{ACME}"]}],
            }
        )

    def extract(self, day: int) -> list[StreamReading]:
        window = Window(at(day), at(day + 1), at(day + 1))
        (account,) = self.organisation.read
        clock = Clock(window.end + timedelta(hours=2))
        return extract(
            self.lake,
            self.organisation,
            account,
            window,
            self.credentials,
            now=clock,
            sleep=clock.sleep,
        )

    def night(self, day: int) -> Channel:
        self.extract(day)
        read(self.lake, self.organisation)
        people(self.lake, self.organisation)
        interactions(self.lake, self.organisation, at(day + 1))
        return self

    def core(self, table: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.lake.core_table(table).to_pylist()
        return rows

    def edges(self) -> set[tuple[str, str, str, str]]:
        """Message, from, to and by which evidence, by short names."""
        return {
            (
                short(row["message_id"]),
                short(row["from_account_id"]),
                short(row["to_account_id"]),
                row["addressee_method"],
            )
            for row in self.core("interaction")
            if row["kind"] in {"reply", "mention"}
        }


def short(one: str | None) -> str:
    name = (one or "nobody").rpartition(":")[2]
    return name[2:].rstrip("-") if name.startswith("UC") else name


def test_who_spoke_to_whom_is_found(studio: Studio, server: Loopback, tmp_path: Path) -> None:
    video, theirs = studio.publishes(ACME, at(1)), studio.publishes(OTHER, at(2))
    ask = studio.says("ana", at(2), video, "Does it work?")
    peer = studio.replies_to(ask, "bob", at(2, 1), "For me it does")
    answer = studio.replies_to(ask, "acme", at(2, 2), "@bob is right")
    thanks = studio.replies_to(ask, "bob", at(2, 3), "@acme thanks")
    nobody = studio.says(None, at(3), video, "Anonymous here")
    about = studio.says("cai", at(3), theirs, "Better than Acme")
    there = studio.replies_to(about, "acme", at(3, 1), "Sorry to hear")
    world = Channel(tmp_path, server, videos=[theirs]).night(4)
    assert world.edges() >= {
        (ask, "ana", "acme", "parent"),
        (peer, "bob", "ana", "parent"),
        (answer, "acme", "ana", "parent"),
        (answer, "acme", "bob", "mention"),
        (thanks, "bob", "ana", "parent"),
        (thanks, "bob", "acme", "mention"),
        (nobody, "nobody", "acme", "parent"),
        (about, "cai", "other", "parent"),
        (there, "acme", "cai", "parent"),
    }
    messages = {short(row["message_id"]): row for row in world.core("message")}
    assert {messages[one]["conversation_id"] for one in (ask, peer, thanks)} == {
        f"youtube::{video}"
    }
    assert (messages[ask]["home"], messages[about]["home"]) == ("own_space", "beyond")
    assert messages[thanks]["depth"] == 2
    names = {row["account_id"]: row["display_name"] for row in world.core("account")}
    assert names[f"youtube::{channel('bob')}"] == "Bob"
    assert all(row["parent_state"] in {"root", "resolved"} for row in messages.values())


def test_late_replies_edits_and_deletions_reach_the_messages(
    studio: Studio, server: Loopback, tmp_path: Path
) -> None:
    video = studio.publishes(ACME, at(1))
    old, spam = studio.says("ana", at(2), video), studio.says("bob", at(2, 1), video)
    world = Channel(tmp_path, server).night(30)
    late = studio.replies_to(old, "acme", at(31, 5), "Sorry for the wait")
    world.night(31)
    studio.deletes(spam)
    world.night(32)
    messages = {short(row["message_id"]): row for row in world.core("message")}
    assert messages[late]["text"] == "Sorry for the wait"
    assert messages[late]["parent_state"] == "resolved"
    assert (messages[spam]["text"], messages[spam]["deleted_at"]) == (None, at(33))
    assert messages[old]["deleted_at"] is None


def test_a_visit_that_ends_at_its_budget_goes_on_next_time(
    studio: Studio, server: Loopback, tmp_path: Path
) -> None:
    studio.page_size = 5
    video = studio.publishes(ACME, at(1))
    for day in range(60):
        studio.says("ana", at(day, 12), video)
    world = Channel(tmp_path, server, budget=25)
    with pytest.raises(TryLater, match="the budget of 25 requests is used up") as caught:
        world.extract(60)
    assert (len(server.asked), caught.value.after) == (25, 6 * 3600), "midnight in California"
    failed = world.lake.partitions("reading", "youtube", ACME)
    assert {(each.stream, each.start.date()) for each in failed} >= {
        ("threads", at(0).date()),
        ("late_replies", at(60).date()),
        ("people", at(0).date()),
    }
    world.extract(60)
    assert world.lake.partitions("reading", "youtube", ACME) == []
    read(world.lake, world.organisation)
    people(world.lake, world.organisation)
    interactions(world.lake, world.organisation, at(61))
    assert len(world.core("message")) == 61
