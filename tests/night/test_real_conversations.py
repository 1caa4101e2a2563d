"""Real conversations through the whole night. Skips where the recordings are not at hand."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from lake.organisation import load_organisation
from tests.night.pipeline import Pipeline
from tests.platforms.conversations.ibm import DAY, Session, ibm_to_jsonl
from tests.platforms.conversations.imports import organisation_toml

Shared = Callable[[str], Path]
TWCS = "recordings/csv_twcs/twcs_first_2500.csv"
BUSIEST = ("ChipotleTweets", "Delta", "AmazonHelp", "AppleSupport", "Uber_Support")
TWCS_NIGHT = date(2017, 12, 3)


def night_of(folder: Path, toml: str) -> Pipeline:
    file = folder / "brand.toml"
    file.write_text(toml, encoding="utf-8")
    return Pipeline(folder, load_organisation(file))


def answered_in(rows: list[dict[str, str]], brand: str) -> set[str]:
    """Tweets of persons that a tweet of the brand replies to, by the csv module alone."""
    persons = {row["tweet_id"] for row in rows if row["inbound"] == "True"}
    parents = {row["in_response_to_tweet_id"] for row in rows if row["author_id"] == brand}
    return {parent.removesuffix(".0") for parent in parents} & persons


@pytest.mark.parametrize("brand", BUSIEST)
def test_customer_support_on_twitter_as_the_organisation_of_a_busy_brand(
    tmp_path: Path, shared: Shared, brand: str
) -> None:
    source = shared(TWCS)
    with source.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["text"] is not None]
    options = {"channel": "twitter"}
    toml = organisation_toml("brand", brand, source, "twcs", brand, options=options)
    pipeline = night_of(tmp_path, toml)
    pipeline.extract(TWCS_NIGHT)
    pipeline.core(TWCS_NIGHT)
    core = pipeline.core_tables()
    # Every row is read or set aside, and every one that was read is a message.
    [reading] = core["reading"].to_pylist()
    assert reading["item_count"] == 2498
    assert core["set_aside"].num_rows == 0
    assert core["message"].num_rows == 2498
    messages = {row["message_id"].rpartition(":")[2]: row for row in core["message"].to_pylist()}
    ours = f"conversations:import:{brand.lower()}"
    assert sum(row["author_id"] == ours for row in messages.values()) == sum(
        row["author_id"] == brand for row in rows
    )
    # What the brand replies to was addressed to it, and is answered.
    answered = answered_in(rows, brand)
    assert answered
    outbound = {
        row["message_id"]
        for row in core["interaction"].to_pylist()
        if row["direction"] == "outbound"
    }
    replies = [row for row in messages.values() if row["author_id"] == ours and row["parent_id"]]
    assert {row["parent_id"].rpartition(":")[2] for row in replies} >= answered
    assert {row["message_id"] for row in replies if row["parent_state"] == "resolved"} <= outbound
    # A brand may answer somebody who never spoke to it: that is conversation, not an answer.
    texts = {row["tweet_id"]: row["text"].casefold() for row in rows}
    for name in answered:
        is_named = re.search(rf"@{brand.casefold()}\b", texts[name]) is not None
        reason = messages[name]["addressed_reason"]
        assert is_named <= (reason in ("mention", "reply")), name
        assert (reason == "mention") <= is_named, name


def test_the_busiest_brand_is_published_with_believable_marts(
    tmp_path: Path, shared: Shared
) -> None:
    toml = organisation_toml("brand", "Delta", shared(TWCS), "twcs", "Delta")
    pipeline = night_of(tmp_path, toml).run(TWCS_NIGHT)
    [(asks, answered)] = pipeline.ask(
        "select count(*), count(*) filter (where outcome = 'answered') from ask"
    )
    assert 0 < answered < asks
    [(fastest, median)] = pipeline.ask(
        "select min(human_reply_seconds), median(human_reply_seconds) from ask"
    )
    assert 0 <= fastest < median < DAY


@pytest.fixture(scope="module")
def ibm(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> tuple[Pipeline, list[Session]]:
    folder = tmp_path_factory.mktemp("ibm")
    sessions = ibm_to_jsonl(shared("data/ibm_twitter_cdp/dev.json"), folder / "ibm.jsonl")
    companies = sorted({session.company for session in sessions})
    toml = organisation_toml("brand", "IBM", folder / "ibm.jsonl", "conversations", companies)
    return night_of(folder, toml).run(date(2020, 12, 31)), sessions


def test_every_message_of_the_ibm_set_is_accounted_for(
    ibm: tuple[Pipeline, list[Session]],
) -> None:
    pipeline, sessions = ibm
    core = pipeline.core_tables()
    expected = {name for session in sessions for name in session.message_ids}
    assert {row["message_id"].rpartition(":")[2] for row in core["message"].to_pylist()} == expected
    assert core["set_aside"].num_rows == 0
    [reading] = core["reading"].to_pylist()
    assert reading["item_count"] == sum(len(session.message_ids) for session in sessions)


# What the publisher's `duration` is longer by, though both tweet ids tell the times given: seconds.
PUBLISHERS_OWN = {
    "laRPVET7uUA2c7FBV5tm": 4966,
    "WnJJlGZ2Ijmt0UFWBoWU": 2062,
    "Qnqbv9BcNJPFXREYYKzt": 24903,
    "bkqu2Ma2pukk4R6hXXpK": 5876,
    "9WdkfKq9AXwmihb89pj2": 2897,
}


def test_waits_of_two_messages_agree_with_the_publisher_except_where_the_publisher_is_wrong(
    ibm: tuple[Pipeline, list[Session]],
) -> None:
    pipeline, sessions = ibm
    waits = {
        ask_id.rpartition(":")[2]: seconds
        for ask_id, seconds in pipeline.ask(
            "select ask_id, human_reply_seconds from ask where outcome = 'answered'"
        )
    }
    alone = [name for session in sessions for name in session.message_ids]
    short = [
        session
        for session in sessions
        if len(session.message_ids) == 2
        and session.seconds < DAY
        and all(alone.count(name) == 1 for name in session.message_ids)
    ]
    apart = {
        session.session_id: session.published_seconds - waits[session.message_ids[0]]
        for session in short
        if abs(session.published_seconds - waits[session.message_ids[0]]) > 2
    }
    assert len(short) > 350
    assert apart.keys() <= PUBLISHERS_OWN.keys()
    assert all(abs(apart[name] - PUBLISHERS_OWN[name]) <= 2 for name in apart)
