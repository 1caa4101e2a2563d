"""What is true of the sample community, and how much of it the core tables tell.

One table says it all: precision and recall of bots, of people with two accounts, of canned and
personal replies, and of introductions.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Hashable, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from extractors.registry import options_of
from extractors.sample_community.truth import Truth, ground_truth
from lake.decisions import Decisions
from lake.organisation import Organisation, load_organisation
from lake.store import Lake
from tests.night.pipeline import ROOT, Pipeline
from transforms.people import people
from transforms.signals.shapes import SHAPE

NIGHT, AS_OF = date(2026, 2, 4), datetime(2026, 2, 5, tzinfo=UTC)
Found = Set[Hashable]
Rows = list[dict[str, Any]]

# Pairs of people whom one message of a human of ours speaks to, and since when each of the two had
# spoken to the other.
INTRODUCTIONS = """
with addressed as (
    select distinct
        interaction.message_id,
        interaction.occurred_at,
        interaction.to_account_id
    from interaction
    inner join account as speaker on interaction.from_account_id = speaker.account_id
    inner join account as listener on interaction.to_account_id = listener.account_id
    where speaker.role in ('ours_brand', 'ours_person')
        and listener.role = 'person'
        and interaction.kind in ('reply', 'mention', 'quote', 'direct')
),
first_word as (
    select from_account_id, to_account_id, min(occurred_at) as spoke_at
    from interaction
    where direction = 'peer' and kind in ('reply', 'mention', 'quote', 'direct')
    group by from_account_id, to_account_id
)
select
    one.message_id,
    one.to_account_id as one_id,
    other.to_account_id as other_id,
    case
        when forth.spoke_at is not null and back.spoke_at is not null
            then greatest(forth.spoke_at, back.spoke_at)
    end as first_two_way_at
from addressed as one
inner join addressed as other
    on one.message_id = other.message_id and one.to_account_id < other.to_account_id
left join first_word as forth
    on one.to_account_id = forth.from_account_id and other.to_account_id = forth.to_account_id
left join first_word as back
    on other.to_account_id = back.from_account_id and one.to_account_id = back.to_account_id
"""

# Replies of which two to two other people share 0.7 of all shingles (Jaccard): every pair with a
# shingle in common is compared.
ALIKE_TO_TWO_OTHERS = """
with form as (
    select shingles, row_number() over () as form
    from shape
    group by shingles
),
holding as (
    select form, len(shingles) as shingle_count, unnest(shingles) as shingle
    from form
),
alike as (
    select one.form, other.form as other_form
    from holding as one
    inner join holding as other using (shingle)
    group by one.form, other.form, one.shingle_count, other.shingle_count
    having count(*) >= 0.7 * (one.shingle_count + other.shingle_count - count(*))
),
sent as (
    select form, message_id, min(to_account_id) as to_account_id
    from shape
    inner join form using (shingles)
    inner join interaction on shape.content_hash = interaction.message_id
    where direction = 'outbound' and kind <> 'reaction'
    group by form, message_id
)
select sent.message_id
from sent
inner join alike using (form)
inner join sent as other
    on alike.other_form = other.form and sent.to_account_id <> other.to_account_id
group by sent.message_id
having count(distinct other.to_account_id) >= 2
"""


@dataclass(frozen=True)
class Sample:
    """The sample's core tables, what is true of it, and room for other lakes of the same."""

    pipeline: Pipeline
    truth: Truth
    folder: Path

    def rows(self, table: str) -> Rows:
        return self.pipeline.lake.core_table(table).to_pylist()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            for table in ("interaction", "account"):
                connection.register(table, self.pipeline.lake.core_table(table))
            return connection.execute(query).fetchall()

    def people_elsewhere(
        self, name: str, *without: str, organisation: Organisation | None = None
    ) -> Lake:
        """Who is who by the same observations but for some columns, in a lake of its own."""
        lake = Lake.of(name, str(self.folder))
        for path in self.pipeline.lake.paths("observed"):
            rows = self.pipeline.lake.read(path)
            for column in without:
                place = rows.schema.get_field_index(column)
                nothing = pa.nulls(len(rows), rows.schema.field(place).type)
                rows = rows.set_column(place, rows.schema.field(place), nothing)
            lake.replace(path, rows.to_batches(), rows.schema)
        people(lake, organisation or self.pipeline.organisation)
        return lake


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    organisation = load_organisation(ROOT / "organisations" / "sample.toml")
    folder = tmp_path_factory.mktemp("sample")
    pipeline = Pipeline(folder, organisation)
    pipeline.extract(NIGHT)
    pipeline.core(NIGHT)
    settings = options_of(organisation.read[0]).settings  # type: ignore[attr-defined]
    return Sample(pipeline, ground_truth(settings, AS_OF, organisation), folder)


def of_role(sample: Sample, role: str) -> Found:
    return {row["account_id"] for row in sample.rows("account") if row["role"] == role}


def suspected(lake: Lake, kind: str, *columns: str) -> Found:
    """Accounts, or pairs of them, of one kind of rows to review."""
    rows = lake.core_table("review").to_pylist()
    return {frozenset(row[each] for each in columns) for row in rows if row["kind"] == kind}


def together(lake: Lake) -> Found:
    """Accounts of each person of theirs who has several."""
    persons: defaultdict[str, set[str]] = defaultdict(set)
    for row in lake.core_table("identity").to_pylist():
        persons[row["person_id"]].add(row["account_id"])
    return {frozenset(each) for each in persons.values() if len(each) > 1}


def human_replies(sample: Sample) -> Rows:
    """Replies of our humans to people, with author, text and hash of the message."""
    messages = {row["message_id"]: row for row in sample.rows("message")}
    return [
        {**messages[row["message_id"]], **row}
        for row in sample.rows("reply_signal")
        if messages[row["message_id"]]["author_id"] not in sample.truth.our_bot_ids
    ]


def known_uses(sample: Sample) -> dict[str, set[str]]:
    """Of each template of the story by its origin, all replies whose text was ever told."""
    told = {row["message_id"] for row in sample.rows("message") if row["content_hash"]}
    return {each.origin_id: told & {*each.message_ids} for each in sample.truth.templates}


def canned_by_definition(sample: Sample, replies: Rows) -> Found:
    """Replies with two others to two other people that are alike, by comparing all that can be."""
    with duckdb.connect() as connection:
        batch = [{"content_hash": row["message_id"], "text": row["text"] or ""} for row in replies]
        connection.register("batch", pa.Table.from_pylist(batch))
        connection.register("interaction", sample.pipeline.lake.core_table("interaction"))
        connection.execute(f"create table shape as from ({SHAPE}) where len(shingles) > 0")
        found = connection.execute(ALIKE_TO_TWO_OTHERS).fetchall()
    return {message_id for (message_id,) in found}


@dataclass(frozen=True)
class Line:
    """What was found, against what is true."""

    title: str
    found: Found
    true: Found
    at_least: tuple[float, float] = (1.0, 1.0)

    @property
    def measures(self) -> tuple[float, float]:
        """Precision and recall."""
        right = len(self.found & self.true)
        return right / len(self.found), right / len(self.true)

    def __str__(self) -> str:
        precision, recall = self.measures
        counts = f"{len(self.true):>8}{len(self.found):>8}"
        return f"{self.title:<56}{counts}{precision:>11.3f}{recall:>8.3f}"


def lines_about_accounts(sample: Sample) -> list[Line]:
    truth, lake = sample.truth, sample.pipeline.lake
    bots, pair = {*truth.foreign_bot_ids}, frozenset(truth.two_accounts)
    alone = {frozenset((each,)) for each in bots}
    silent = sample.people_elsewhere("silent", "declared_kind")
    merge = Decisions.model_validate({"merge": [{"accounts": truth.two_accounts}]})
    organisation = sample.pipeline.organisation.model_copy(update={"decisions": merge})
    decided = sample.people_elsewhere("decided", organisation=organisation)
    columns = ("account_id", "other_account_id")
    return [
        Line("bots that the platform tells", of_role(sample, "bot"), bots),
        Line("bots of ours", of_role(sample, "ours_bot"), {*truth.our_bot_ids}),
        Line(
            "bots suspected, had the platform not told",
            suspected(silent, "bot", *columns[:1]),
            alone,
        ),
        # The other suggestion is the pretender, whose profile links to another's without an answer.
        Line(
            "people with two accounts, suggested",
            suspected(lake, "same_person", *columns),
            {pair},
            (0.5, 1),
        ),
        Line("people with two accounts, after one decision", together(decided), {pair}),
    ]


def lines_about_replies(sample: Sample) -> list[Line]:
    replies = human_replies(sample)
    canned = {row["message_id"] for row in replies if row["canned_at"]}
    alike = {row["message_id"] for row in replies if row["template_id"]}
    told = [row for row in replies if row["text"]]
    personal = {row["message_id"] for row in told if row["is_personal"]}
    uses = known_uses(sample)
    repeated = set().union(*uses.values()) - uses.keys()
    by_hand = {row["message_id"] for row in told} - repeated
    origins = {row["message_id"] for row in replies if row["is_template_origin"]}
    return [
        # The others are sentences that the story repeats to three people and more all the same.
        Line("replies from the story's templates, canned", canned, repeated, (0.75, 1)),
        Line("templates by their first replies", origins, {*uses}, (0.05, 1)),
        Line(
            "replies alike by comparing every pair",
            alike,
            canned_by_definition(sample, replies),
            (0.95, 0.9),
        ),
        Line("replies by hand, personal", personal, by_hand, (0.99, 0.85)),
    ]


def lines_about_introductions(sample: Sample) -> list[Line]:
    true = {each.message_id: each for each in sample.truth.introductions}
    found = sample.ask(INTRODUCTIONS)
    return [
        Line(
            "introductions: message and the two people",
            {(message, frozenset(pair)) for message, *pair, _ in found},
            {(message, frozenset(each.account_ids)) for message, each in true.items()},
        ),
        Line(
            "introduced people who spoke both ways, since when",
            {(message, since) for message, _, _, since in found if since},
            {(name, each.first_two_way_at) for name, each in true.items() if each.first_two_way_at},
        ),
    ]


def test_what_is_true_of_the_sample_is_recovered(
    sample: Sample, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        *lines_about_accounts(sample),
        *lines_about_replies(sample),
        *lines_about_introductions(sample),
    ]
    head = f"{'the sample':<56}{'true':>8}{'found':>8}{'precision':>11}{'recall':>8}"
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join([head, *map(str, lines)]) + "\n")
    for line in lines:
        precision, recall = line.measures
        assert precision >= line.at_least[0], line.title
        assert recall >= line.at_least[1], line.title


def test_every_reply_from_a_template_of_the_sample_names_its_origin(sample: Sample) -> None:
    template = {row["message_id"]: row["template_id"] for row in human_replies(sample)}
    for origin, uses in known_uses(sample).items():
        assert {template[use] for use in uses} == {origin}


def test_nobody_of_the_sample_is_suspected_or_merged_unasked(sample: Sample) -> None:
    assert together(sample.pipeline.lake) == set()
    review = sample.rows("review")
    assert {row["kind"] for row in review} == {"same_person"}
    pair = tuple(sorted(sample.truth.two_accounts))
    certain = {
        (row["account_id"], row["other_account_id"]): row["veto"]
        for row in review
        if row["method"] == "profile_links"
    }
    assert certain == {pair: "same_platform"}
    assert [row["method"] for row in review if row["method"] != "profile_links"] == ["one_way_link"]
