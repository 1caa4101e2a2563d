"""The made-up network through a night, from the first request to the interactions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extractors.client import Credentials
from extractors.errors import BadCredentials
from lake.organisation import Organisation
from tests.loopback import loopback
from tests.night.pipeline import Pipeline
from tests.platforms.bluesky.reef import PASSWORD, Reef, did, hosts
from tests.platforms.town import at

NIGHT = date(2026, 1, 4)


def organisation(url: str, **more: Any) -> Organisation:
    options = {**hosts(url), "direct_messages": True}
    read = {"platform": "bluesky", "account": "acme.example", "options": options}
    ours = {"name": "Acme", "kind": "brand", "accounts": ["bluesky::acme.example"]}
    told = {"name": "acme", "title": "Acme", "history_from": date(2025, 12, 1)}
    return Organisation.model_validate(told | {"read": [read], "ours": [ours]} | more)


def test_who_speaks_to_whom_is_found_in_one_night(tmp_path: Path) -> None:
    reef = Reef(page_size=3)
    root = reef.says("acme", at(0), "We open at nine.")
    ask = reef.says("ada", at(0, 1), "On Sundays too?", to=root)
    answer = reef.says("acme", at(0, 3), "Yes, Ada.", to=ask)
    peer = reef.says("bob", at(3, 1), "Great!", to=ask)
    strange = reef.says("carl", at(1), "Who knows a workshop?")
    mention = reef.says("dora", at(1, 1), "Ask @acme", to=strange, mentions=["acme"])
    quote = reef.says("carl", at(3, 2), "Nine? Finally", quotes=root)
    deleted = reef.says("carl", at(0, 2), "Bah", to=root)
    reef.likes[root] = ["ada", "bob"]
    reef.followers = ["ada"]
    with loopback(reef) as server:
        nights = Pipeline(tmp_path, organisation(server.url))
        nights.extract(date(2026, 1, 3), Credentials(secret=PASSWORD))
        del reef.posts[deleted]
        nights.extract(NIGHT, Credentials(secret=PASSWORD))
        nights.core(NIGHT)
        asked = len(server.asked)
    core = {name: table.to_pylist() for name, table in nights.core_tables().items()}
    assert core["set_aside"] == []
    assert {row["status"] for row in core["reading"]} == {"read"}
    states = {row["message_id"].removeprefix("bluesky::"): row for row in core["message"]}
    assert set(states) == {root, ask, answer, peer, strange, mention, quote, deleted}
    assert states[deleted]["deleted_at"] is not None
    assert [uri for uri, row in states.items() if row["deleted_at"]] == [deleted]
    assert states[deleted]["text"] is None

    def acts(*kinds: str) -> set[tuple[str, str | None, str | None, str]]:
        return {
            (row["kind"], row["from_account_id"], row["to_account_id"], row["direction"])
            for row in core["interaction"]
            if row["kind"] in kinds
        }

    acme, ada, bob, carl, dora = (
        f"bluesky::{did(name)}" for name in ("acme", "ada", "bob", "carl", "dora")
    )
    assert acts("reply", "mention", "quote") == {
        ("reply", ada, acme, "inbound"),
        ("reply", carl, acme, "inbound"),
        ("reply", acme, ada, "outbound"),
        ("reply", bob, ada, "peer"),
        ("reply", dora, carl, "peer"),
        ("mention", dora, acme, "inbound"),
        ("quote", carl, acme, "inbound"),
    }
    assert acts("reaction", "follow") == {
        ("reaction", ada, acme, "inbound"),
        ("reaction", bob, acme, "inbound"),
        ("follow", ada, acme, "inbound"),
    }
    assert asked < 150, "two nights and a month of history"


def test_metadata_only_keeps_no_words(tmp_path: Path) -> None:
    reef = Reef()
    reef.says("ada", at(3, 1), "s3cret words", to=reef.says("acme", at(3), "more s3cret words"))
    reef.writes("ada", "acme", at(3, 2), "s3cret, between us")
    privacy = {"metadata_only": True, "direct_messages": True}
    with loopback(reef) as server:
        nights = Pipeline(tmp_path, organisation(server.url, privacy=privacy))
        nights.extract(NIGHT, Credentials(secret=PASSWORD))
        nights.core(NIGHT)
    assert len(nights.core_tables()["message"]) == 3
    kept = list(tmp_path.rglob("*.parquet"))
    assert kept
    assert all(b"s3cret" not in path.read_bytes() for path in kept)


@pytest.mark.parametrize("is_wanted", [False, True])
def test_direct_messages_are_read_only_where_privacy_allows_it_too(
    tmp_path: Path, is_wanted: bool
) -> None:
    reef = Reef()
    reef.says("acme", at(3), "We open at nine.")
    reef.writes("ada", "acme", at(3, 1), "s3cret question")
    reef.writes("acme", "ada", at(3, 2), "s3cret answer")
    with loopback(reef) as server:
        told = organisation(server.url, privacy={"direct_messages": is_wanted})
        nights = Pipeline(tmp_path, told)
        nights.extract(NIGHT, Credentials(secret=PASSWORD))
        nights.core(NIGHT)
        asked = [path for path in server.paths if "chat.bsky" in path]
    core = {name: table.to_pylist() for name, table in nights.core_tables().items()}
    acme, ada = (f"bluesky::{did(name)}" for name in ("acme", "ada"))
    acts = {(row["kind"], row["from_account_id"], row["direction"]) for row in core["interaction"]}
    direct = {("direct", ada, "inbound"), ("direct", acme, "outbound")}
    assert acts == (direct if is_wanted else set())
    assert bool(asked) == is_wanted
    kept = [path.read_bytes() for path in tmp_path.rglob("*.parquet")]
    assert any(b"s3cret" in each for each in kept) == is_wanted
    assert {row["status"] for row in core["reading"]} == {"read"}


def test_a_password_without_direct_messages_does_not_stop_the_rest(tmp_path: Path) -> None:
    reef = Reef(may_read_messages=False)
    reef.says("ada", at(3, 1), to=reef.says("acme", at(3)))
    with loopback(reef) as server:
        told = organisation(server.url, privacy={"direct_messages": True})
        nights = Pipeline(tmp_path, told)
        with pytest.raises(BadCredentials, match="does not allow direct messages"):
            nights.extract(NIGHT, Credentials(secret=PASSWORD))
        nights.core(NIGHT)
    core = {name: table.to_pylist() for name, table in nights.core_tables().items()}
    assert len(core["message"]) == 2
    failed = {row["stream"] for row in core["reading"] if row["status"] == "failed"}
    assert failed == {"messages"}


def test_a_late_answer_to_an_old_post_is_found_without_notifications(tmp_path: Path) -> None:
    reef = Reef()
    old = reef.says("acme", at(0), "We open at nine.")
    with loopback(reef) as server:
        nights = Pipeline(tmp_path, organisation(server.url, rewalk_days=60))
        nights.extract(date(2026, 3, 1))
        late = reef.says("ada", at(60, 1), "Still?", to=old)
        reef.likes[old] = ["bob"]
        nights.extract(date(2026, 3, 2))
        nights.core(date(2026, 3, 2))
    core = {name: table.to_pylist() for name, table in nights.core_tables().items()}
    assert {row["message_id"] for row in core["message"]} == {f"bluesky::{old}", f"bluesky::{late}"}
    acts = {(row["kind"], row["from_account_id"]) for row in core["interaction"]}
    assert acts == {("reply", f"bluesky::{did('ada')}"), ("reaction", f"bluesky::{did('bob')}")}
