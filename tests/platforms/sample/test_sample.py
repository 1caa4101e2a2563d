"""The sample platform: what its server tells, when, and how that reads."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import rewalk
from hypothesis import given, settings
from hypothesis import strategies as st
from rewalk import ACCOUNT, DAY, Known

from extractors.errors import BadCredentials, TryLater
from extractors.observations import AccountSeen, Gone, MessageSeen
from extractors.platform import Window
from extractors.platforms.sample import SAMPLE, SampleOptions
from extractors.registry import options_of
from extractors.sample_community import community
from lake.organisation import AccountToRead, OrganisationError

ROOT = Path(__file__).resolve().parents[3]
START = datetime(2025, 1, 1, tzinfo=UTC)
DEFAULT, SMALL = SampleOptions(), SampleOptions(seed=3, people=90, days=60)
ALL_OF_SMALL = Window(START, START + 60 * DAY, START + 60 * DAY)

FINGERPRINT = """
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
import rewalk
from test_sample import fingerprint
print(fingerprint())
"""


def fingerprint() -> str:
    """A hash of every item of a community."""
    window = Window(START, START + 120 * DAY, START + 120 * DAY)
    options = SampleOptions(people=400, days=120)
    told = [rewalk.items(options, stream.name, window) for stream in SAMPLE.streams]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_tells_the_very_same_items(hash_seed):
    done = subprocess.run(
        [sys.executable, "-c", FINGERPRINT, str(Path(__file__).parent)],
        env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == fingerprint()


def test_another_seed_is_another_community():
    texts = [
        {
            each.text_at(0)
            for each in community(SampleOptions(seed=seed, people=30).settings).messages
        }
        for seed in (1, 2)
    ]
    assert len(texts[0] & texts[1]) < len(texts[0]) / 2


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 60 * 24 * 60 - 1), max_size=40, unique=True))
def test_any_partition_into_windows_tells_everything_and_ends_in_the_same_state(cuts):
    whole = Known().read(SMALL, [ALL_OF_SMALL])
    edges = [0, *sorted(cuts), 60 * 24 * 60]
    moments = [START + DAY * (minute / 1440) for minute in edges]
    parts = [Window(a, b, b) for a, b in pairwise(moments)]
    read = Known().read(SMALL, parts)
    assert read.gone == whole.gone
    assert read.others == whole.others
    assert set(read.accounts) == set(whole.accounts)
    assert {_state(each) for each in read.messages.values()} == {
        _state(each) for each in whole.messages.values()
    }


def _state(message: MessageSeen) -> tuple[object, ...]:
    return (message.message_id, message.text, message.edited_at, message.parent_id)


def test_every_message_account_reaction_and_follow_is_told():
    told, whole = community(SMALL.settings), Known().read(SMALL, [ALL_OF_SMALL])
    assert len(whole.messages) == len(told.messages)
    assert len(whole.accounts) == len(told.accounts)
    assert len(whole.others) == len(told.reactions) + len(told.follows)


def test_nothing_is_told_before_it_is_visible():
    for window in rewalk.windows(SMALL, START + 60 * DAY, days=7):
        for item in rewalk.items(SMALL, "messages", window):
            keys = ("created_at", "edited_at", "deleted_at")
            moments = [datetime.fromisoformat(item[key]) for key in keys if item.get(key)]
            assert max(moments) < window.observed_at


def test_a_window_that_is_still_running_tells_only_what_is_visible_by_now():
    day = Window(START + 20 * DAY, START + 21 * DAY, START + 21 * DAY)
    morning = Window(day.start, day.end, day.start + DAY / 2)
    early, all_day = (rewalk.items(SMALL, "messages", each) for each in (morning, day))
    assert 0 < len(early) < len(all_day)


def test_a_late_message_comes_in_the_window_in_which_it_became_visible():
    late = next(each for each in community(DEFAULT.settings).messages if each.visible > each.sent)
    for moment, is_told in ((late.sent, False), (late.visible, True)):
        start = datetime.fromtimestamp(moment, UTC)
        window = Window(start, start + DAY / 24, start + DAY / 24)
        ids = {item["id"] for item in rewalk.items(DEFAULT, "messages", window)}
        assert (late.source_id in ids) == is_told


def test_an_edited_message_is_told_again_with_its_new_text():
    edited = next(each for each in community(DEFAULT.settings).messages if each.edits)
    before, after = (
        _message_told_at(edited.source_id, at) for at in (edited.sent, edited.edits[0][0])
    )
    assert before["edited_at"] is None
    assert after["edited_at"] is not None
    assert after["text"].startswith(before["text"])
    assert after["text"] != before["text"]


def test_a_deleted_message_leaves_a_stub_without_text_and_is_gone():
    deleted = next(
        each for each in community(DEFAULT.settings).messages if each.deleted and each.parent
    )
    item = _message_told_at(deleted.source_id, deleted.deleted)
    assert "text" not in item
    account, message, gone = SAMPLE.stream("messages").read(item, ACCOUNT)
    assert isinstance(account, AccountSeen)
    assert (message.text, message.author_id) == (None, account.account_id)
    assert message.parent_id == f"sample::{deleted.parent.source_id}"
    assert gone == Gone(
        message_id=message.message_id, gone_at=datetime.fromtimestamp(deleted.deleted, UTC)
    )


def test_a_deleted_account_loses_its_name_wherever_it_is_told():
    account = next(each for each in community(DEFAULT.settings).accounts if each.deleted)
    end = START + 400 * DAY
    told = rewalk.items(DEFAULT, "messages", Window(START, end, end))
    authors = [item["author"] for item in told if item["author"]["id"] == account.source_id]
    deleted_at = datetime.fromtimestamp(account.deleted, UTC)
    assert authors
    for author in authors:
        seen, gone = SAMPLE.stream("accounts").read(author, ACCOUNT)
        assert (seen.handle, seen.display_name, seen.declared_kind) == (None, None, "person")
        assert gone == Gone(account_id=f"sample::{account.source_id}", gone_at=deleted_at)


def _message_told_at(source_id: str, moment: int | None) -> dict[str, object]:
    assert moment is not None
    start = datetime.fromtimestamp(moment, UTC)
    window = Window(start, start + DAY / 86_400, start + DAY / 86_400)
    return next(
        item for item in rewalk.items(DEFAULT, "messages", window) if item["id"] == source_id
    )


def test_a_reply_a_quote_and_a_word_in_the_chat_read_as_what_they_are():
    known = Known().read(SMALL, [ALL_OF_SMALL])
    kinds = {
        (each.kind, each.channel, each.is_own_space, each.is_flat)
        for each in known.messages.values()
    }
    assert kinds == {
        ("post", "forum", True, False),
        ("reply", "forum", True, False),
        ("post", "social", False, False),
        ("reply", "social", False, False),
        ("quote", "social", False, False),
        ("post", "chat", True, True),
    }


@pytest.mark.parametrize("stream", SAMPLE.streams, ids=lambda stream: stream.name)
@pytest.mark.parametrize("item", [{}, {"id": "1"}, {"id": "1", "created_at": "2025-01-01"}])
def test_an_item_of_another_shape_is_refused(stream, item):
    with pytest.raises((KeyError, TypeError, ValueError)):
        list(stream.read(item, ACCOUNT))


def test_a_time_without_a_zone_is_refused():
    follow = {"follower": "1", "followed": "2", "created_at": "2025-01-01T10:00:00"}
    with pytest.raises(ValueError, match="without a zone"):
        list(SAMPLE.stream("follows").read(follow, ACCOUNT))


@pytest.mark.parametrize("stream", [stream.name for stream in SAMPLE.streams])
@pytest.mark.parametrize("error", [TryLater, BadCredentials])
def test_an_outage_raises_the_error_it_names_and_tells_where(error, stream):
    with pytest.raises(error, match=f"platform=sample account=community stream={stream}: "):
        rewalk.items(SampleOptions(outage=error.__name__), stream, ALL_OF_SMALL)


@pytest.mark.parametrize(
    ("options", "allowed"),
    [({"outage": "Boredom"}, "TryLater"), ({"people": 3}, "20"), ({"peple": 50}, "people")],
)
def test_a_wrong_option_says_what_is_allowed(options, allowed):
    account = AccountToRead(platform="sample", account="community", options=options)
    with pytest.raises(OrganisationError, match=allowed):
        options_of(account)


def test_options_of_an_organisation_file_make_the_community():
    options = {"people": 40, "days": 30, "first_day": date(2024, 2, 1)}
    account = AccountToRead(platform="sample", account="community", options=options)
    told = community(options_of(account).settings)
    start = datetime(2024, 2, 1, tzinfo=UTC)
    moments = [datetime.fromtimestamp(each.sent, UTC) for each in told.messages]
    assert len(told.accounts) == 40 + 1 + 1 + 1 + 8 + 3  # people, a second login, us, bots
    assert start <= min(moments)
    assert max(moments) < start + 30 * DAY
