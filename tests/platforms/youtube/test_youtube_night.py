"""Whole nights of a made-up channel, from the first request to who spoke to whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
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
from tests.night.pipeline import Pipeline
from tests.platforms.town import START, at
from tests.platforms.youtube.studio import ACME, KEY, OTHER, Studio, channel


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
        self.home, self.lake = home, Lake.of("acme", str(home))
        self.credentials = Credentials(server.url, "", KEY)
        self.organisation = Organisation.model_validate(
            {
                "name": "acme",
                "title": "Acme",
                "history_from": START.date(),
                "read": [{"platform": "youtube", "account": ACME, "options": options}],
                "ours": [{"name": "Acme", "kind": "brand", "accounts": [f"youtube::{ACME}"]}],
            }
        )

    def extract(self, day: int, hours_later: int = 2) -> list[StreamReading]:
        window = Window(at(day), at(day + 1), at(day + 1))
        (account,) = self.organisation.read
        clock = Clock(window.end + timedelta(hours=hours_later))
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
        Pipeline(self.home, self.organisation).core(at(day).date())
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


def test_late_replies_and_old_deletions_reach_the_messages(
    studio: Studio, server: Loopback, tmp_path: Path
) -> None:
    video = studio.publishes(ACME, at(1))
    old, spam = studio.says("ana", at(2), video), studio.says("bob", at(2, 1), video)
    below = studio.replies_to(spam, "bob", at(2, 2))
    world = Channel(tmp_path, server).night(30)
    late = studio.replies_to(old, "acme", at(31, 5), "Sorry for the wait")
    world.night(31)
    studio.deletes(spam)
    world.night(32)
    messages = {short(row["message_id"]): row for row in world.core("message")}
    assert messages[late]["text"] == "Sorry for the wait"
    assert messages[late]["parent_state"] == "resolved"
    for gone in (spam, below):
        assert (messages[gone]["text"], messages[gone]["deleted_at"]) == (None, at(33))
    assert messages[old]["deleted_at"] is None


def test_the_quota_of_a_day_holds_however_often_a_task_is_tried(
    studio: Studio, server: Loopback, tmp_path: Path
) -> None:
    studio.page_size = 5
    video = studio.publishes(ACME, at(1))
    for day in range(60):
        studio.says("ana", at(day, 12), video)
    world = Channel(tmp_path, server, budget=25)
    for hours_later in (2, 4):
        with pytest.raises(TryLater, match="the budget of 25 requests is used up") as caught:
            world.extract(60, hours_later)
        assert len(server.asked) == 25
        assert caught.value.after == (8 - hours_later) * 3600, "midnight in California"
    failed = world.lake.partitions("reading", "youtube", ACME)
    assert {each.stream for each in failed} >= {"threads", "late_replies", "people"}
    world.extract(60, 8)
    assert world.lake.partitions("reading", "youtube", ACME) == []
    Pipeline(tmp_path, world.organisation).core(at(60).date())
    assert len(world.core("message")) == 61


def test_a_month_that_is_larger_than_the_budget_is_read_over_several_days(
    studio: Studio, server: Loopback, tmp_path: Path
) -> None:
    studio.page_size = 2
    video = studio.publishes(ACME, at(0))
    said = [studio.says("ana", at(day, hour), video) for day in range(31) for hour in range(4)]
    world = Channel(tmp_path, server, budget=35)
    for day in (50, 51, 52):
        with suppress(TryLater):
            world.extract(day)
        read = world.lake.partitions("raw", "youtube", ACME, "threads")
    assert min(each.start for each in read if each.is_complete) == at(0)
    assert len({each.start for each in read if each.start < at(31)}) == 3, "each day a part of it"
    assert len(server.asked) <= 3 * 35
    Pipeline(tmp_path, world.organisation).core(at(52).date())
    assert {short(row["message_id"]) for row in world.core("message")} == {video, *said}
