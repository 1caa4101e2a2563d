"""What every platform that is asked over HTTP has to stand, each on a server of its own dialect."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from extractors import client
from extractors.errors import BadCredentials, NotThere, ReadingError, TryLater, Unreadable
from tests.loopback import Asked, Reply
from tests.platforms.dialect import Dialect
from tests.platforms.dialects import DIALECTS
from tests.platforms.town import US, Town, at, small_town
from tests.platforms.visits import Heard, Spoil, Spoilt, Visits

DAY = 9  # the last of the small town
NOW = at(DAY + 1, 2)
HOURS = 3 * 3600


@dataclass
class Case:
    """The small town in one dialect: nights with something spoiled, and how it should be."""

    dialect: Dialect
    visits: Visits

    @property
    def town(self) -> Town:
        return town_of(self.dialect)

    @property
    def undisturbed(self) -> Heard:
        return undisturbed_of(self.dialect)

    def night(self, spoil: Spoil) -> Spoilt:
        """Read a server of small pages, those of the dialect's list spoiled."""
        server = self.spoilt(spoil)
        self.visits.night(DAY, server)
        return server

    def spoilt(self, spoil: Spoil) -> Spoilt:
        return Spoilt(self.dialect.serve(self.town, NOW, 3), self.dialect.lists, spoil)

    def make_good(self, *, is_retry: bool = False) -> list[Any]:
        """Read it once more, now that all is well."""
        return self.visits.night(DAY, self.dialect.serve(self.town, NOW), is_retry=is_retry)

    def expect_all(self) -> None:
        assert self.visits.heard() == self.undisturbed


@cache
def town_of(dialect: Dialect) -> Town:
    return dialect.settle(small_town()).until(NOW)


@cache
def undisturbed_of(dialect: Dialect) -> Heard:
    """What is heard of the town when nothing goes wrong; nothing of it is set aside."""
    with TemporaryDirectory() as home:
        visits = Visits(dialect, Path(home))
        visits.night(DAY, dialect.serve(town_of(dialect), NOW))
        assert visits.set_asides() == []
        heard = visits.heard()
    told = dialect.tells(town_of(dialect))
    assert heard.messages.keys() == {dialect.message_id(each) for each in told.said.values()}
    assert len(told.said) > 25
    return heard


@pytest.fixture(params=DIALECTS.values(), ids=str)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    return Case(request.param, Visits(request.param, tmp_path))


def changed(reply: Reply, change: Callable[[Any], None]) -> Reply:
    """An answer whose body is another; a refusal stays as it is."""
    if reply.status == 200:
        body = json.loads(reply.sent)
        change(body)
        return replace(reply, body=body)
    return reply


def once(answer: Reply) -> Spoil:
    return lambda reply, count: answer if count == 2 else reply


def test_lists_are_read_to_the_last_page(case: Case) -> None:
    server = case.night(lambda reply, _: reply)
    assert server.count > 3
    case.expect_all()
    assert case.visits.set_asides() == []


def test_an_empty_page_is_no_end_unless_the_platform_says_so(case: Case) -> None:
    def empty(reply: Reply, count: int) -> Reply:
        clear = lambda body: case.dialect.elements(body).clear()  # noqa: E731
        return changed(reply, clear) if count == 2 else reply

    server = case.night(empty)
    assert case.dialect.empty_ends or server.count > 2
    if case.dialect.reads_again:
        case.make_good()
        case.expect_all()


def test_repeated_items_count_once(case: Case) -> None:
    seen: list[Any] = []

    def repeat(reply: Reply, _: int) -> Reply:
        def double(body: Any) -> None:
            elements = case.dialect.elements(body)
            seen.extend(elements)
            elements[:] = [*seen[:2], *elements, *elements]

        return changed(reply, double)

    case.night(repeat)
    case.expect_all()


def test_pages_that_go_round_in_circles_come_to_an_end(case: Case) -> None:
    pages: list[Reply] = []

    def stuck(reply: Reply, _: int) -> Reply:
        pages.append(reply)
        return pages[min(len(pages), 2) - 1]

    server = case.spoilt(stuck)
    try:
        case.visits.night(DAY, server)
    except Unreadable as error:
        stopped: str | None = error.stream
    else:
        stopped = case.dialect.stream  # where pages are numbered, there is nothing to go round
    assert stopped == case.dialect.stream
    assert server.count < 40
    case.make_good()
    case.expect_all()


def test_what_vanishes_between_pages_hides_nothing_else(case: Case) -> None:
    dialect, visits = case.dialect, case.visits
    gone = dialect.newest_of_ours(case.town)
    without = case.town.only(lambda each: gone.number not in {each.number, each.to})
    before = case.spoilt(lambda reply, _: reply)
    after = dialect.serve(without, NOW, 3)

    def server(asked: Asked) -> Reply:
        return after(asked) if before.count else before(asked)

    visits.night(DAY, server)
    visits.night(DAY, dialect.serve(without, NOW))
    told = dialect.tells(without).said.values()
    assert visits.heard().messages.keys() >= {dialect.message_id(each) for each in told}


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_passing_trouble_is_waited_out(case: Case, status: int) -> None:
    case.night(once(Reply(b"<html>busy</html>", status)))
    case.expect_all()
    assert case.visits.clock.slept


def test_a_limit_is_waited_for_however_the_platform_tells_it(case: Case, tmp_path: Path) -> None:
    for number, (how, limit) in enumerate(case.dialect.limits(NOW, 90).items()):
        case.visits = Visits(case.dialect, tmp_path / str(number))
        case.night(once(limit))
        assert 90 <= sum(case.visits.clock.slept) < 300, how
        case.expect_all()


def test_a_long_limit_is_left_to_a_later_try_that_reads_nothing_twice(
    case: Case, tmp_path: Path
) -> None:
    for number, (how, limit) in enumerate(case.dialect.limits(NOW, HOURS).items()):
        visits = case.visits = Visits(case.dialect, tmp_path / str(number))
        with pytest.raises(TryLater) as raised:
            case.night(once(limit))
        assert raised.value.after == pytest.approx(HOURS, rel=0.01), how
        assert sum(visits.clock.slept) < 900, how
        complete = {each for each in visits.lake.partitions("raw") if each.is_complete}
        assert complete, "other streams do not wait"
        visits.clock.sleep(HOURS)
        again = case.make_good(is_retry=True)
        assert not complete & {each.partition for each in again}, how
        case.expect_all()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, BadCredentials), (403, BadCredentials), (404, NotThere), (410, NotThere)],
)
def test_a_refusal_is_named_and_made_good_later(
    case: Case, status: int, kind: type[ReadingError]
) -> None:
    refused = Reply(b"<html>no</html>", status)
    with pytest.raises(kind) as raised:
        case.night(lambda *_: refused)
    error, (read,) = raised.value, case.visits.organisation.read
    assert (error.platform, error.account) == (read.platform, read.account)
    assert error.stream == case.dialect.stream
    case.make_good()
    case.expect_all()


def test_a_server_that_stays_out_of_order_does_not_stop_the_other_lists(case: Case) -> None:
    with pytest.raises(TryLater):
        case.night(lambda *_: Reply(b"", 500))
    assert {each.stream for each in case.visits.lake.partitions("raw") if each.is_complete}
    case.make_good()
    case.expect_all()


def test_slow_and_cut_off_answers_are_asked_for_again(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", (5.0, 0.3))
    case.night(
        lambda reply, count: replace(
            reply, slow=0.6 if count == 1 else 0, cut=9 if count == 3 else 0
        )
    )
    case.expect_all()


@pytest.mark.parametrize(
    "garble",
    [
        lambda sent: sent[: len(sent) // 2],
        lambda sent: sent.replace(b'"', b"\xe9", 3),
        lambda _: b"<html>all is well</html>",
        lambda _: b"",
        lambda _: b'{"something": "else"}',
        lambda _: b"null",
        lambda _: b"[" * 100_000,
    ],
    ids=["half", "wrong encoding", "html", "empty", "another shape", "null", "too deep"],
)
def test_an_answer_that_is_not_what_was_promised_costs_its_list_only(
    case: Case, garble: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(Unreadable) as raised:
        case.night(lambda reply, count: Reply(garble(reply.sent)) if count == 2 else reply)
    assert raised.value.stream == case.dialect.stream
    assert "Word" not in str(raised.value)
    case.make_good()
    case.expect_all()


def test_elements_that_are_no_items_are_set_aside_and_counted(case: Case) -> None:
    def spoil(reply: Reply, count: int) -> Reply:
        strange = [None, 7, "text", [], {}] if count == 1 else []
        return changed(reply, lambda body: case.dialect.elements(body).extend(strange))

    case.night(spoil)
    assert sum(rows for *_, rows in case.visits.set_asides()) >= 4
    case.expect_all()


def test_unknown_fields_are_ignored(case: Case) -> None:
    def grow(value: Any) -> None:
        if isinstance(value, dict):
            for inner in list(value.values()):
                grow(inner)
            value["field_of_tomorrow"] = {"list": [1], "text": "new"}
        elif isinstance(value, list):
            for inner in value:
                grow(inner)

    case.night(lambda reply, _: changed(reply, lambda body: grow(case.dialect.elements(body))))
    case.expect_all()


def in_first_element(dialect: Dialect, change: Callable[[Any], None]) -> Spoil:
    """Change what comes first on the first page, whenever it comes."""
    first: list[Any] = []

    def alter(body: Any) -> None:
        elements = dialect.elements(body)
        first.extend(each for each in json.loads(json.dumps(elements[:1])) if not first)
        for each in elements:
            if each == first[0]:
                change(each)

    return lambda reply, _: changed(reply, alter)


def test_an_author_who_is_not_told_is_nobody(case: Case) -> None:
    case.night(in_first_element(case.dialect, case.dialect.forget_author))
    found, known = case.visits.heard().messages, case.undisturbed.messages
    assert sum(found.get(key) != told for key, told in known.items()) <= 1
    assert {told[0] for told in found.values()} <= {told[0] for told in known.values()} | {None}


@pytest.mark.parametrize(
    "when",
    [at(400), datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)],
)
def test_an_impossible_time_harms_only_what_it_is_told_of(case: Case, when: datetime) -> None:
    redate = case.dialect.redate
    case.night(in_first_element(case.dialect, lambda element: redate(element, when)))
    found, known = case.visits.heard().messages, case.undisturbed.messages
    lost = {key for key, told in known.items() if found.get(key) != told}
    assert len(lost) <= 3, "the message, and an answer that only its thread would have told"
    case.visits.core(DAY)


def test_several_nights_are_one_longer_night(case: Case, tmp_path: Path) -> None:
    dialect, several = case.dialect, case.visits
    whole = dialect.settle(small_town())
    one = Visits(dialect, tmp_path / "one")
    one.night(DAY, dialect.serve(whole.until(NOW), NOW))
    for day in (5, 7, 8, 9):
        night = at(day + 1, 2)
        several.night(day, dialect.serve(whole.until(night), night))
    found = several.core(DAY)
    assert found.living == one.core(DAY).living
    deleted = {dialect.message_id(each) for each in whole.said.values() if each.deleted}
    assert found.deleted == (deleted if dialect.notices_deletions else set())


@pytest.mark.parametrize(
    "dialect", [each for each in DIALECTS.values() if each.notices_silent_changes], ids=str
)
def test_silent_edits_and_deletions_of_old_things_are_found(
    dialect: Dialect, tmp_path: Path
) -> None:
    visits = Visits(dialect, tmp_path, rewalk_days=400)
    old = dialect.settle(small_town()).until(at(9))
    told = dialect.tells(old).said.values()
    answers = [each for each in told if each.by not in {None, US} and not old.answers[each.number]]
    removed, edited = (old.said[each.number] for each in answers[:2])
    visits.night(120, dialect.serve(old, at(121, 2)))
    said = {number: each for number, each in old.said.items() if each is not removed}
    said[edited.number] = replace(edited, text="Changed in silence.", edited=at(121, 5))
    visits.night(121, dialect.serve(replace(old, said=said).intact(), at(122, 2)))
    heard = visits.heard()
    assert heard.gone == {dialect.message_id(removed)}
    assert heard.texts[dialect.message_id(edited)] == "Changed in silence."
