"""Three nights of a real network, the first through the real DAG: what was said is what is told."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.client import Credentials
from extractors.platform import NOT_TOLD
from lake.organisation import load_organisation
from tests.night.airflow_night import ask, run_night
from tests.night.pipeline import Pipeline, night_window
from tests.servers import bluesky_facts as facts
from tests.servers.bluesky import Network, bluesky_network

pytestmark = pytest.mark.server

FIRST, SECOND, THIRD = facts.NIGHTS
ASKS = (
    "select ask_id, asked_at, outcome, message_count, human_reply_seconds, "
    "human_reply_business_seconds, person_reply_seconds, automatic_reply_seconds, "
    "addressed_reason from ask"
)

Row = dict[str, Any]


@dataclass
class Nights:
    """What three nights have left, with the names that the facts give to ids."""

    home: Path
    pipeline: Pipeline
    secret: str = field(repr=False)
    core: list[dict[str, list[Row]]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def keep(self, network: Network) -> None:
        """Take down what core says after a night."""
        self.names = network.names()
        tables = self.pipeline.core_tables().items()
        self.core.append({name: table.to_pylist() for name, table in tables})

    def first(self, query: str) -> list[tuple[Any, ...]]:
        """What the file answers that the first night has published."""
        return self._named(ask(self.home, "meters", query))

    def last(self, query: str) -> list[tuple[Any, ...]]:
        """What the file answers that the last night has published."""
        return self._named(self.pipeline.ask(query))

    def _named(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return [tuple(self.names.get(cell, cell) for cell in row) for row in rows]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    home = tmp_path_factory.mktemp("nights")
    with bluesky_network() as network:
        file = home / "organisations" / "meters.toml"
        file.parent.mkdir()
        file.write_text(network.organisation(), encoding="utf-8")
        secret = network.app_password(facts.READ)
        nights = Nights(home, Pipeline(home, load_organisation(file)), secret)

        network.tell(night_window(FIRST).end)
        network.leave(facts.LEAVES)
        connection = json.dumps({"conn_type": "http", "password": secret})
        told = {"AIRFLOW_CONN_BLUESKY_METERS_TEST": connection}
        done = run_night(home, "meters", FIRST, file.parent, told)
        assert done.returncode == 0, done.stdout + done.stderr
        nights.keep(network)

        network.tell(night_window(SECOND).end)
        network.delete(*facts.DELETED_POSTS, facts.UNLIKED)
        network.delete_account(facts.DELETED_ACCOUNT)
        nights.pipeline.extract(SECOND, Credentials(secret=secret))
        nights.pipeline.core(SECOND)
        nights.keep(network)

        network.tell(night_window(THIRD).end)
        network.come_back(facts.LEAVES)
        nights.pipeline.run(THIRD, Credentials(secret=secret))
        nights.keep(network)
    return nights


def posts_until(moment: datetime) -> dict[str, facts.Post]:
    """The posts that can be known: all that is not hidden from everybody."""
    return {
        post.key: post for post in facts.POSTS if post.sent_at < moment and post.key != facts.HIDDEN
    }


@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_post_is_known_with_its_author_time_text_and_parent(
    nights: Nights, number: int
) -> None:
    due = posts_until(night_window(facts.NIGHTS[number]).end)
    if number < 2:
        del due[facts.AWAY]
    gone = {*facts.GONE} if number else set()
    seen = {nights.names[row["message_id"]]: row for row in nights.core[number]["message"]}
    assert seen.keys() == due.keys()
    for key, post in due.items():
        row = seen[key]
        assert nights.names[row["author_id"]] == post.author
        assert row["sent_at"] == post.sent_at
        assert row["text"] == (None if key in gone else post.text)
        assert nights.names.get(row["parent_id"], "") == post.answers
        assert nights.names.get(row["quoted_id"], "") == post.quotes
    assert {key for key, row in seen.items() if row["deleted_at"]} == gone


def test_a_deletion_is_dated_by_the_night_that_missed_it(nights: Nights) -> None:
    found = {row["deleted_at"] for row in nights.core[2]["message"] if row["deleted_at"]}
    assert found == {night_window(SECOND).end}


def test_who_spoke_to_whom_is_what_was_written(nights: Nights) -> None:
    posts = posts_until(night_window(THIRD).end)

    def addressee(post: facts.Post) -> str:
        answered = posts[post.answers]
        return addressee(answered) if answered.author == post.author else answered.author

    said = {
        ("reply", key, post.author, addressee(post)) for key, post in posts.items() if post.answers
    }
    said |= {("quote", key, each.author, "meters") for key, each in posts.items() if each.quotes}
    said |= {
        ("mention", key, each.author, each.mentions) for key, each in posts.items() if each.mentions
    }
    kinds = {"like": "reaction", "repost": "repost", "follow": "follow"}
    done = {
        (
            kinds[act.kind],
            None if act.kind == "follow" else act.whom,
            act.who,
            act.whom if act.kind == "follow" else posts[act.whom].author,
        )
        for act in facts.ACTS
        if act.kind in kinds
    }
    name = nights.names.get
    found = [
        (
            row["kind"],
            name(row["message_id"]),
            name(row["from_account_id"]),
            name(row["to_account_id"]),
        )
        for row in nights.core[2]["interaction"]
    ]
    assert len(found) == len(said | done)
    assert set(found) == said | done


def test_acts_are_dated_as_they_were_declared(nights: Nights) -> None:
    found = {
        nights.names[row["from_account_id"]]: row["occurred_at"]
        for row in nights.core[2]["interaction"]
        if row["kind"] in ("repost", "follow")
    }
    assert found == {act.who: act.done_at for act in facts.ACTS if act.kind in ("repost", "follow")}


def test_nothing_is_set_aside_but_what_is_counted_and_not_told(nights: Nights) -> None:
    for number, night in enumerate(facts.NIGHTS):
        counted = Counter[str]()
        for row in nights.core[2]["set_aside"]:
            assert row["reason"].startswith(NOT_TOLD)
            if row["observed_at"] == night_window(night).end:
                counted[row["stream"]] += row["row_count"]
        assert counted == facts.UNTOLD[number]


def test_a_deleted_account_keeps_its_id_and_loses_its_name(nights: Nights) -> None:
    for number in (1, 2):
        gone = [row for row in nights.core[number]["account"] if row["gone_at"]]
        assert [nights.names[row["account_id"]] for row in gone] == [facts.DELETED_ACCOUNT]
        assert {gone[0][key] for key in ("handle", "display_name", "profile_url")} == {None}


def expected(asks: tuple[facts.Ask, ...]) -> dict[str, tuple[Any, ...]]:
    sent_at = {post.key: post.sent_at for post in facts.POSTS}
    return {
        each.post: (
            sent_at[each.post],
            each.outcome,
            each.message_count,
            each.human,
            each.human_business,
            each.person,
            each.automatic,
            each.reason,
        )
        for each in asks
    }


def test_the_first_night_through_airflow_finds_who_asked_and_who_was_answered(
    nights: Nights,
) -> None:
    assert {row[0]: row[1:] for row in nights.first(ASKS)} == expected(facts.ASKS)
    waiting = nights.first("select ask_id from waiting_now order by priority")
    assert [row[0] for row in waiting] == [*facts.WAITING]


def test_later_nights_add_answers_askers_and_what_was_taken_back(nights: Nights) -> None:
    asks = {each.post: each for each in (*facts.ASKS, *facts.LATER_ASKS)}
    assert {row[0]: row[1:] for row in nights.last(ASKS)} == expected((*asks.values(),))
    query = "select ask_id, age_seconds, age_business_seconds from waiting_now order by priority"
    assert nights.last(query) == [*facts.LATER_WAITING]


def test_everybody_s_relationship_has_the_numbers_of_what_was_said(nights: Nights) -> None:
    found = nights.last(
        "select person_name, stage, inbound_count, outbound_count, ask_count, "
        "answered_ask_count, open_ask_count, two_way_contact_count, contact_day_count "
        "from relationship"
    )
    assert len(found) == len(facts.RELATIONSHIPS)
    assert {row[0]: row[1:] for row in found} == facts.RELATIONSHIPS


def test_responsiveness_counts_those_who_still_wait(nights: Nights) -> None:
    columns = ", ".join(facts.RESPONSIVENESS)
    whole = "period_kind = 'all' and channel = 'all' and segment_kind = 'all'"
    found = nights.last(f"select {columns} from responsiveness where {whole} order by clock desc")
    assert found == [*zip(*facts.RESPONSIVENESS.values(), strict=True)]


def test_a_timeline_tells_what_happened_in_order(nights: Nights) -> None:
    events = nights.last(
        "select person_id, kind, direction, by_name, message_id, text "
        "from person_timeline order by person_id, event_number"
    )
    found = {
        person: tuple(row[1:] for row in events if row[0] == person) for person in facts.TIMELINES
    }
    assert found == facts.TIMELINES


def test_every_day_is_covered_and_counts_its_messages(nights: Nights) -> None:
    found = nights.last(
        "select coverage_date, status, missing_streams, set_aside_count, untold_count, "
        "platform_message_count, platform_deleted_message_count "
        "from coverage order by coverage_date"
    )
    assert [found[0][0], found[-1][0]] == [facts.HISTORY_FROM, THIRD]
    assert {row[1:4] for row in found} == {("read", None, 0)}
    untold = dict(zip(facts.NIGHTS, (sum(each.values()) for each in facts.UNTOLD), strict=True))
    assert {row[0]: row[4] for row in found if row[4]} == untold
    posts = posts_until(night_window(THIRD).end)
    days = Counter(post.sent_at.date() for post in posts.values() if post.key != "workshop")
    assert {row[0]: row[5] for row in found if row[5]} == days
    gone = Counter(posts[key].sent_at.date() for key in facts.GONE)
    assert {row[0]: row[6] for row in found if row[6]} == gone


def test_the_password_is_in_no_file(nights: Nights) -> None:
    files = [path for path in nights.home.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert not [path for path in files if nights.secret.encode() in path.read_bytes()]
