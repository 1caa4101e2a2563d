"""The ground truth: it agrees with an independent walk over what the server tells."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import rewalk
from rewalk import DAY, Known, Walk

from extractors.platform import Window
from extractors.platforms.sample import SampleOptions
from extractors.sample_community import community
from extractors.sample_community.hours import HOLIDAYS, HOURS, ZONE
from extractors.sample_community.truth import Truth, ground_truth, open_seconds
from extractors.sample_community.words import THANKS
from lake.organisation import WEEKDAYS, Hours, Organisation, load_organisation

ROOT = Path(__file__).resolve().parents[3]
ORGANISATION = load_organisation(ROOT / "organisations" / "sample.toml")
START = datetime(2025, 1, 1, tzinfo=UTC)
END = START + 400 * DAY
DEFAULT = SampleOptions()
AS_OF = [START + days * DAY for days in (3, 45, 120, 214, 300)] + [END]


@pytest.fixture(scope="module")
def known_at() -> dict[datetime, Known]:
    """What a pipeline knows that has read night by night until then."""
    known, at = Known(), {}
    for window in rewalk.windows(DEFAULT, END):
        known.read(DEFAULT, [window])
        if window.end in AS_OF:
            at[window.end] = known.copy()
    return at


@cache
def truth_at(as_of: datetime, options: SampleOptions = DEFAULT) -> Truth:
    return ground_truth(options.settings, as_of, ORGANISATION)


def expected_asks(truth: Truth) -> dict[str, dict[str, object]]:
    told = {}
    for ask in truth.asks:
        columns = asdict(ask)
        del columns["ask_id"], columns["channel"]
        told[ask.ask_id] = columns
    return told


@pytest.mark.parametrize("as_of", AS_OF, ids=lambda as_of: as_of.date().isoformat())
def test_asks_found_again_from_nightly_readings_are_those_of_the_truth(as_of, known_at):
    assert Walk(known_at[as_of], ORGANISATION, as_of).asks() == expected_asks(truth_at(as_of))


def test_a_history_read_afterwards_holds_the_same_asks():
    known = Known().read(DEFAULT, [Window(START, END, END)])
    assert Walk(known, ORGANISATION, END).asks() == expected_asks(truth_at(END))


@pytest.mark.parametrize("seed", range(8))
def test_other_communities_agree_with_their_truth_as_well(seed):
    options = SampleOptions(seed=seed, people=150, days=90)
    as_of = START + 90 * DAY
    known = Known().read(options, rewalk.windows(options, as_of, days=5))
    assert Walk(known, ORGANISATION, as_of).asks() == expected_asks(truth_at(as_of, options))


@pytest.mark.parametrize("as_of", AS_OF, ids=lambda as_of: as_of.date().isoformat())
def test_edits_deletions_and_late_arrivals_are_those_that_were_told(as_of, known_at):
    known, truth = known_at[as_of], truth_at(as_of)
    messages = known.messages.values()
    assert truth.message_count == len(messages)
    assert set(truth.edited_message_ids) == {m.message_id for m in messages if m.edited_at}
    gone = {*truth.deleted_message_ids, *truth.deleted_account_ids}
    assert gone == set(known.gone)
    late = {m.message_id for m in messages if m.sent_at < known.first_told[m.message_id]}
    assert set(truth.late_message_ids) == late


def test_who_waits_is_owed_a_word_and_did_not_only_thank():
    truth = truth_at(END)
    asks = {ask.ask_id: ask for ask in truth.asks}
    waiting = [asks[each] for each in truth.waiting]
    assert {ask.outcome for ask in waiting} == {"open", "peer_answered"}
    assert not any(ask.is_only_thanks for ask in waiting)
    assert all(END - ask.asked_at <= 30 * DAY for ask in waiting)
    assert [ask.asked_at for ask in waiting] == sorted(ask.asked_at for ask in waiting)


def test_an_answer_once_known_stays_and_counts_only_grow():
    truths = [truth_at(as_of) for as_of in AS_OF]
    for earlier, later in pairwise(truths):
        outcome = {each: ask.outcome for ask in later.asks for each in ask.message_ids}
        for ask in earlier.asks:
            for message_id in ask.message_ids:
                assert ask.outcome != "answered" or outcome[message_id] == "answered"
        assert set(earlier.edited_message_ids) <= set(later.edited_message_ids)
        assert set(earlier.deleted_message_ids) <= set(later.deleted_message_ids)
        assert set(earlier.late_message_ids) <= set(later.late_message_ids)
        assert set(earlier.life_events) <= set(later.life_events)
        assert len(earlier.introductions) <= len(later.introductions)


def test_every_message_to_us_is_in_exactly_one_ask():
    counted = Counter(each for ask in truth_at(END).asks for each in ask.message_ids)
    to_us = [m for m in community(DEFAULT.settings).messages if m.speaks_to_us]
    assert set(counted.values()) == {1}
    assert len(counted) == len(to_us)


def test_words_between_people_and_us_are_those_that_were_read(known_at):
    walk = Walk(known_at[END], ORGANISATION, END)
    words = Counter()
    for message in walk.spoken:
        author, message_id = message.author_id or "", message.message_id
        people = {each for each in walk.heard[message_id] if walk.roles[each] == "person"}
        if walk.roles[author] == "person":
            people = {author} if walk.is_to_us[message_id] else set()
        elif not walk.roles[author].startswith("ours"):
            people = set()
        words.update((message_id, each, author, message.sent_at) for each in people)
    told = truth_at(END).words
    assert Counter((w.message_id, w.account_id, w.said_by_id, w.said_at) for w in told) == words
    assert [word.said_at for word in told] == sorted(word.said_at for word in told)


def test_two_way_contact_needs_a_word_from_each_side_within_a_week(known_at):
    walk = Walk(known_at[END], ORGANISATION, END)
    events: dict[str, list[tuple[datetime, bool]]] = {}
    for message in walk.spoken:
        role = walk.roles[message.author_id or ""]
        if walk.is_to_us[message.message_id] and role == "person":
            events.setdefault(message.author_id or "", []).append((message.sent_at, True))
        if role in ("ours_brand", "ours_person"):
            for account_id in walk.heard[message.message_id]:
                if walk.roles[account_id] == "person":
                    events.setdefault(account_id, []).append((message.sent_at, False))
    contacts = {}
    for account_id, happened in events.items():
        moments = tuple(
            at
            for at, inbound in happened
            if any(
                other < at and at - other <= 7 * DAY
                for other, was_inbound in happened
                if was_inbound != inbound
            )
        )
        if moments:
            contacts[account_id] = moments
    truth = truth_at(END)
    assert truth.two_way_contacts == contacts
    recent = {who for who, at in contacts.items() if at[-1] >= END - 90 * DAY}
    assert set(truth.in_two_way_contact) == recent


def test_every_scenario_happens():
    told, truth = community(DEFAULT.settings), truth_at(END)
    acts = Counter(message.act for message in told.messages)
    for act in (
        *("ask", "more", "follow_up", "story", "comment", "quote", "thanks", "peer_thanks"),
        *("personal", "canned", "late", "automatic", "addition", "welcome", "greeting"),
        *("peer", "chatter", "mumble", "stargaze", "introduction", "introduced"),
        *("check_in", "check_in_reply", "broadcast", "foreign_bot"),
    ):
        assert acts[act] > 0, act
    outcomes = Counter(ask.outcome for ask in truth.asks)
    for outcome in (
        *("answered", "withdrawn", "closed_by_thanks", "peer_answered", "expired", "open"),
    ):
        assert outcomes[outcome] > 10, outcome
    answered = [ask for ask in truth.asks if ask.outcome == "answered"]
    assert any(ask.is_only_thanks for ask in answered)
    assert any(ask.message_count > 3 for ask in answered)
    assert any(ask.automatic_reply_seconds and ask.outcome == "open" for ask in truth.asks)
    assert {"arrived", "drifted", "lapsed", "came_back"} == {e.kind for e in truth.life_events}
    assert {message.author.language for message in told.messages} == {"en", "es", "de"}
    assert 25_000 <= len(told.messages) <= 45_000


def test_messages_change_after_they_were_sent():
    told, truth = community(DEFAULT.settings), truth_at(END)
    assert len(truth.late_message_ids) > 100
    assert len(truth.edited_message_ids) > 100
    assert len(truth.deleted_message_ids) > 100
    assert len(truth.deleted_account_ids) == 1
    assert any(message.deleted and message.replies for message in told.messages)
    assert any(message.deleted and message.author.is_our_human for message in told.messages)
    assert any(message.visible > message.sent and message.replies for message in told.messages)


def test_introductions_form_a_tie_or_not_or_were_not_needed():
    introductions = truth_at(END).introductions
    assert any(each.is_formed for each in introductions)
    assert any(each.knew_each_other for each in introductions)
    assert any(each.first_two_way_at is None for each in introductions)
    assert not any(each.is_formed and each.knew_each_other for each in introductions)


def test_templates_are_used_again_and_again_with_other_names_and_numbers():
    told = {f"sample::{each.source_id}": each for each in community(DEFAULT.settings).messages}
    for template in truth_at(END).templates:
        uses = [told[each] for each in template.message_ids]
        assert len(uses) > 50
        assert len({use.body for use in uses}) > len(uses) / 2
        assert min(uses, key=lambda use: use.sent) is told[template.origin_id]


def test_the_one_with_two_accounts_points_from_each_to_the_other(known_at):
    known = known_at[END]
    first, second = (known.accounts[each] for each in truth_at(END).two_accounts)
    assert second.profile_url in first.profile_links
    assert first.profile_url in second.profile_links
    claimed = [a for a in known.accounts.values() if first.profile_url in a.profile_links]
    assert len(claimed) == 2  # and one more only claims to be that person
    authors = {message.author_id for message in known.messages.values()}
    assert {first.account_id, second.account_id} <= authors


def test_the_viral_week_brings_ten_times_as_many_words_to_us():
    told = community(DEFAULT.settings)
    since, until = told.storm
    weeks = Counter(
        (message.sent - since) // (7 * 86_400) for message in told.messages if message.speaks_to_us
    )
    before = sorted(weeks[week] for week in range(-20, 0))
    assert until - since == 7 * 86_400
    assert weeks[0] > 9 * before[len(before) // 2]


def test_colleagues_mostly_answer_when_the_desks_are_staffed():
    answers = [
        message.sent
        for message in community(DEFAULT.settings).messages
        if message.act in ("personal", "canned", "late")
    ]
    is_open = [open_seconds(ORGANISATION, sent - 60, sent) > 0 for sent in answers]
    assert 0.85 < sum(is_open) / len(answers) < 1.0


def test_the_organisation_file_names_all_of_us_and_the_hours_of_the_story():
    ours = {account for ours in ORGANISATION.ours for account in ours.accounts}
    told = community(DEFAULT.settings).accounts
    assert ours == {f"sample::{each.handle}" for each in told if each.is_ours}
    assert ORGANISATION.history_start == START
    assert ORGANISATION.time_zone == ZONE
    assert ORGANISATION.holidays == HOLIDAYS
    for day, hours in zip(WEEKDAYS, HOURS, strict=True):
        spans = (f"{hours[0]:02}:00-{hours[1]:02}:00",) if hours else ()
        assert getattr(ORGANISATION.business_hours, day) == tuple(
            Hours.model_validate(span) for span in spans
        )


@pytest.mark.parametrize(
    ("start", "end", "holidays", "minutes"),
    [
        ("2026-01-16T16:00", "2026-01-19T09:00", [], 120),
        ("2026-01-12T06:00", "2026-01-12T08:30", [], 30),
        ("2026-01-12T19:00", "2026-01-12T21:00", [], 0),
        ("2026-03-27T16:00", "2026-03-30T08:00", [], 120),
        ("2026-01-05T16:30", "2026-01-07T08:30", [date(2026, 1, 6)], 60),
        ("2026-01-01T00:00", "2026-01-13T00:00", [], 4320),
    ],
)
def test_open_minutes_are_those_of_the_worked_numbers(start, end, holidays, minutes):
    organisation = Organisation.model_validate(
        {
            **ORGANISATION.model_dump(),
            "business_hours": {},  # 9 to 18, Monday to Friday
            "holidays": holidays,
        }
    )
    span = [int(datetime.fromisoformat(f"{each}+00:00").timestamp()) for each in (start, end)]
    assert open_seconds(organisation, *span) == minutes * 60


def test_thanks_are_all_in_the_published_list_and_nothing_else_is_taken_for_thanks():
    for message in community(DEFAULT.settings).messages:
        if message.is_thanks:
            assert message.body in THANKS
        elif message.speaks_to_us:
            assert message.body not in THANKS
            assert len(message.body.split()) > 8 or "?" in message.body
    assert all(len(text.split()) <= 8 and "?" not in text for text in THANKS)
