"""IBM's dialogues as an import: nothing is lost, and waits agree with what the publisher says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.platforms.conversations.ibm import Session, ibm_to_jsonl
from tests.platforms.conversations.imports import accounts, imported, items, messages, set_aside

DAY = 86_400
# Both tweets' ids agree with the times given; the publisher's duration is longer all the same.
LONGER_BY = {
    "laRPVET7uUA2c7FBV5tm": 4966,
    "WnJJlGZ2Ijmt0UFWBoWU": 2062,
    "Qnqbv9BcNJPFXREYYKzt": 24903,
    "bkqu2Ma2pukk4R6hXXpK": 5876,
    "9WdkfKq9AXwmihb89pj2": 2897,
}


@pytest.fixture(scope="module")
def converted(
    shared: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Session]]:
    path = tmp_path_factory.mktemp("ibm") / "ibm.jsonl"
    return path, ibm_to_jsonl(shared("data/ibm_twitter_cdp/dev.json"), path)


def test_every_message_of_every_dialogue_is_read(converted: tuple[Path, list[Session]]) -> None:
    path, sessions = converted
    rows = imported(path)
    assert set_aside(rows) == []
    assert [row.item["message_id"] for row in items(rows)] == [
        message_id for session in sessions for message_id in session.message_ids
    ]
    assert (len(sessions), len(rows)) == (525, 1211)
    assert len({session.company for session in sessions}) == 24


def test_six_tweets_are_in_two_dialogues_each(converted: tuple[Path, list[Session]]) -> None:
    _, sessions = converted
    counts = Counter(message_id for session in sessions for message_id in session.message_ids)
    assert sorted(count for count in counts.values() if count > 1) == [2] * 6


def test_each_message_answers_the_one_before_it_and_people_speak_to_the_company(
    converted: tuple[Path, list[Session]],
) -> None:
    path, sessions = converted
    found = messages(imported(path))
    by_line = iter(found)
    companies = {f"conversations:import:{each.company.casefold()}" for each in sessions}
    assert companies <= {each.account_id for each in accounts(imported(path))}
    for session in sessions:
        company = f"conversations:import:{session.company.casefold()}"
        before = None
        for message_id in session.message_ids:
            message = next(by_line)
            assert message.message_id == f"conversations:import:{message_id}"
            assert message.parent_id == before
            assert (message.author_id == company) != (company in message.mentions)
            before = message.message_id
        assert message.author_id == company


def test_waits_of_two_message_dialogues_agree_with_the_publisher_but_for_five(
    converted: tuple[Path, list[Session]],
) -> None:
    _, sessions = converted
    pairs = [session for session in sessions if len(session.message_ids) == 2]
    assert len(pairs) == 451
    within_a_day = [session for session in pairs if session.seconds < DAY]
    assert len(within_a_day) == 372
    wrong = [session for session in within_a_day if not session.agrees]
    assert {each.session_id: round(each.published_seconds - each.seconds) for each in wrong} == (
        LONGER_BY
    )


def test_the_publisher_is_wrong_about_every_wait_longer_than_a_day(
    converted: tuple[Path, list[Session]],
) -> None:
    _, sessions = converted
    faults = Counter(
        session.publishers_fault
        for session in sessions
        if len(session.message_ids) == 2 and session.seconds >= DAY
    )
    assert faults == {"whole days are missing": 60, "negative": 19}
