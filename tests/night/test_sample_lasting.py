"""How long relationships of the sample last, and who holds them, against what is true of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import duckdb
import pytest
from lifelines import KaplanMeierFitter

from extractors.registry import options_of
from extractors.sample_community.truth import Truth, Word, ground_truth
from lake.organisation import load_organisation
from tests.night.pipeline import ROOT, Pipeline

NIGHT, AS_OF = date(2026, 2, 4), datetime(2026, 2, 5, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Act:
    """What somebody did: a word, a like or a repost."""

    at: datetime
    message_id: str
    is_ours: bool
    weight: float
    is_word: bool = True


@dataclass(frozen=True)
class Sample:
    """The sample's marts, and what is true of it."""

    pipeline: Pipeline
    truth: Truth

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.pipeline.build), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    organisation = load_organisation(ROOT / "organisations" / "sample.toml")
    pipeline = Pipeline(tmp_path_factory.mktemp("sample"), organisation)
    pipeline.extract(NIGHT)
    pipeline.core(NIGHT)
    pipeline.models(NIGHT)
    settings = options_of(organisation.read[0]).settings  # type: ignore[attr-defined]
    return Sample(pipeline, ground_truth(settings, AS_OF, organisation))


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def months_until_as_of(month: date) -> Iterable[date]:
    while month < AS_OF.date():
        yield month
        month = next_month(month)


def test_cohorts_are_exactly_those_of_the_truth(sample: Sample) -> None:
    cohorts: dict[date, list[set[date]]] = defaultdict(list)
    for contacts in sample.truth.two_way_contacts.values():
        months = {each.date().replace(day=1) for each in contacts}
        cohorts[min(months)].append(months)
    expected = []
    for cohort, people in sorted(cohorts.items()):
        before: int | None = None
        for number, month in enumerate(months_until_as_of(cohort)):
            here = [each for each in people if month in each]
            last = (month - DAY).replace(day=1)
            continued = sum(last in each for each in here) if number else None
            is_complete = next_month(month) <= AS_OF.date()
            counts = (len(people), len(here), before, continued)
            expected.append((cohort, number, month, is_complete, *counts))
            before = len(here)
    found = sample.ask(
        "select cohort_from, month_number, month_from, is_complete, people_count, contact_count, "
        "previous_contact_count, continued_count from cohort order by all"
    )
    assert found == expected
    assert sum(people for _, number, *_, people, _, _, _ in found if number == 0) == len(
        sample.truth.two_way_contacts
    )


def test_ties_live_exactly_as_long_as_in_the_truth_and_survive_as_lifelines_says(
    sample: Sample,
) -> None:
    lifetimes = []
    for contacts in sample.truth.two_way_contacts.values():
        days = sorted({each.date() for each in contacts})
        gaps = [(after - before).days for before, after in pairwise(days)]
        pace = max(median(gaps), 7) if len(days) >= 3 else 30
        is_lapsed = AS_OF - contacts[-1] > 6 * pace * DAY
        lifetimes.append(((contacts[-1] - contacts[0]) // DAY, is_lapsed))
    curve = KaplanMeierFitter().fit(*map(list, zip(*lifetimes, strict=True)))
    ended, lapsed = Counter(lived for lived, _ in lifetimes), Counter(lifetimes)
    survival = curve.survival_function_["KM_estimate"]
    expected = [
        (
            lived,
            sum(count for other, count in ended.items() if other >= lived),
            lapsed[lived, True],
            pytest.approx(survival[lived], abs=1e-6),
            curve.median_survival_time_,
        )
        for lived in sorted(ended)
    ]
    found = sample.ask(
        "select lived_days, at_risk_count, lapsed_count, survival_ratio, median_lived_days "
        "from tie_survival order by all"
    )
    assert found == expected


def holders(sample: Sample) -> Iterable[tuple[Any, ...]]:
    """Of each colleague and month: people written to, held and known to nobody else; words."""
    truth = sample.truth
    names = {each: name for each, name in truth.our_names.items() if each not in truth.our_bot_ids}
    said = [word for word in truth.words if word.said_by_id in names]
    for month in months_until_as_of(said[0].said_at.date().replace(day=1)):
        end = min(datetime.combine(next_month(month), datetime.min.time(), UTC), AS_OF)
        words: dict[str, Counter[str]] = defaultdict(Counter)
        for word in said:
            if end - 90 * DAY <= word.said_at < end:
                words[word.account_id][names[word.said_by_id]] += 1
        for name in {name for each in words.values() for name in each}:
            theirs = [each for each in words.values() if name in each]
            yield (
                month,
                name,
                len(theirs),
                sum(2 * each[name] >= each.total() for each in theirs),
                sum(len(each) == 1 for each in theirs),
                sum(each[name] for each in theirs),
            )


def test_holders_of_relationships_are_exactly_those_of_the_truth(sample: Sample) -> None:
    found = sample.ask(
        "select month_from, person_name, people_count, held_count, only_count, message_count "
        "from relationship_holder where person_id <> 'all' order by all"
    )
    expected = sorted(holders(sample))
    assert found == expected
    assert {name for month, name, *_ in expected if month == date(2025, 3, 1)} != {
        name for month, name, *_ in expected if month == date(2026, 2, 1)
    }


def test_timelines_hold_every_word_between_people_and_us_in_order(sample: Sample) -> None:
    told: dict[str, list[Word]] = defaultdict(list)
    for word in sample.truth.words:
        told[word.account_id].append(word)
    expected = [
        (person, word.message_id, word.said_at, word.said_by_id == person)
        for person in sorted(told)
        for word in told[person]
    ]
    found = sample.ask(
        "select person_id, message_id, happened_at, by_person_id = person_id "
        "from person_timeline where kind = 'message' order by person_id, event_number"
    )
    assert found == expected
    [(automatic,)] = sample.ask(
        "select count(*) from person_timeline where by_name = 'Acme Helper' and is_automated"
    )
    bots = {*sample.truth.our_bot_ids}
    assert automatic == sum(word.said_by_id in bots for word in sample.truth.words) > 1000


def acts_of_people(sample: Sample) -> dict[str, list[Act]]:
    """What each person and our humans did towards each other, in order."""
    truth = sample.truth
    acts: dict[str, list[Act]] = defaultdict(list)
    for word in truth.words:
        if word.said_by_id not in truth.our_bot_ids:
            is_ours = word.said_by_id != word.account_id
            acts[word.account_id].append(Act(word.said_at, word.message_id, is_ours, 1.0))
    for reaction in truth.reactions:
        weight = {"reaction": 0.2, "repost": 0.5}[reaction.kind]
        acts[reaction.account_id].append(
            Act(reaction.at, reaction.message_id, reaction.is_ours, weight, is_word=False)
        )
    return {who: sorted(each) for who, each in acts.items()}


def stage_of(acts: list[Act], *, is_gone: bool) -> str:
    """The stage of a relationship by its definition in the mart."""
    met, begun, latest = [], set(), {}
    for act in (each for each in acts if each.is_word):
        other = latest.get(not act.is_ours)
        if other and act.at - other <= 7 * DAY:
            met.append(act.at)
        else:
            begun.add(act.is_ours)
        latest[act.is_ours] = act.at
    if is_gone:
        return "lost"
    if not met:
        did, heard = any(not each.is_ours for each in acts), True in latest
        return ("heard" if heard else "noticed") if did else "stranger"
    days = sorted({each.date() for each in met})
    overdue = (AS_OF - met[-1]) / DAY / cadence(days)
    for limit, apart in ((6, "lapsed"), (3, "lapsing"), (1.5, "drifting")):
        if overdue > limit:
            return apart
    returns = [
        n for n in range(1, len(days)) if (days[n] - days[n - 1]).days > 6 * cadence(days[:n])
    ]
    if returns and len(days) - returns[-1] < 3:
        return "recovered"
    weeks = {each.date() - each.weekday() * DAY for each in met if AS_OF - each <= 90 * DAY}
    if len(weeks) < 3:
        return "conversing" if len(met) > 1 else "heard"
    faded = {side: sum(a.weight * 0.5 ** ((AS_OF - a.at) / (30 * DAY)) for a in acts
                       if a.is_ours == side) for side in (True, False)}  # fmt: skip
    is_close = (faded[True] * faded[False]) ** 0.5 >= 3 and begun == {True, False}
    return "close" if is_close else "recurring"


def cadence(days: list[date]) -> float:
    gaps = [(after - before).days for before, after in pairwise(days)]
    return max(median(gaps), 7) if len(days) >= 3 else 30


def test_everybodys_stage_and_whom_we_are_losing_are_exactly_true(sample: Sample) -> None:
    acts, gone = acts_of_people(sample), {*sample.truth.deleted_account_ids}
    found = dict(sample.ask("select person_id, stage from relationship"))
    expected = {who: stage_of(acts.get(who, []), is_gone=who in gone) for who in found}
    assert Counter(expected.values()).keys() >= {
        *("noticed", "heard", "conversing", "recurring", "close", "recovered"),
        *("drifting", "lapsing", "lapsed", "lost"),
    }
    assert found == expected
    losing = {who for who, stage in expected.items() if stage in ("drifting", "lapsing")}
    assert {who for (who,) in sample.ask("select person_id from lapsing_now")} == losing


def test_the_score_tells_more_than_recency_of_who_stays(sample: Sample) -> None:
    """Printed, because it is the answer to whether the score can be trusted."""
    rows = sample.ask(
        "select model, population, avg(auc_ratio), min(auc_ratio), avg(calibration_error_ratio) "
        "from score_backtest group by all order by population, 3 desc"
    )
    print("\nmodel        population       AUC   least   calibration error")
    for model, population, auc, least, error in rows:
        print(f"{model:12} {population:12}{auc:8.3f}{least:8.3f}{error:20.3f}")
    auc = {(model, population): mean for model, population, mean, _, _ in rows}
    assert auc["score", "everyone"] > auc["recency", "everyone"] > 0.7
    assert auc["score", "everyone"] > auc["frequency", "everyone"]
