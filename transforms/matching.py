"""Which accounts may be the same person's, and how much speaks for it.

Certain are two profiles that link to each other. The same keyed hash of an e-mail address is not:
guests of a blog typed it, and nobody verified it.

Names are weighed after Fellegi and Sunter 1969 by Splink: the match weight is the sum of
log2(m / u) over what is compared, and of the prior's log2 of odds. m is how often two accounts of
one person agree so, u how often two of different people do; both are set by us, see
docs/identity.md.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_level_library as level
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.comparison_library import CustomComparison
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from transforms.engine import BATCH, value
from transforms.names import link_key, names_of

PRIOR = 0.001  # of two accounts that agree in what pairs them up
SUGGESTED = 0.15  # probability from which on a human is asked
CERTAIN = 0.98  # from which on nobody is
BLOCK_MOST = 30  # accounts; a key that more have in common tells nothing
SHARED_MOST = 5  # accounts; a link that more declare is a place, and nobody's own
COMMON_U = 0.01  # of short and single names
SHORT_HANDLE = 5  # characters

# What a guest of a blog typed, and nobody verified, is known by its keyed hash, on every site.
EMAIL_HASH = r"^guest-((?:email|avatar)-[0-9a-f]{32})$"


@dataclass(frozen=True)
class Agreement:
    """A way in which two accounts agree: m and u, and the least Jaro-Winkler similarity (0..1)."""

    m: float
    u: float
    similarity: float = 1.0


@dataclass(frozen=True)
class Compared:
    """What is compared: ways of agreeing, best first; the last one is to disagree."""

    column: str
    levels: tuple[Agreement, ...]
    is_list: bool = False


HANDLE = Compared(
    "handle_key", (Agreement(0.6, 0.0005), Agreement(0.15, 0.0015, 0.92), Agreement(0.25, 0.998))
)
NAME = Compared(
    "name_key", (Agreement(0.6, 0.0005), Agreement(0.2, 0.0095, 0.92), Agreement(0.2, 0.99))
)
SITE = Compared("sites", (Agreement(0.3, 0.0005), Agreement(0.7, 0.9995)), is_list=True)
MODEL = (HANDLE, NAME, SITE)

PROFILE = pa.schema(
    [
        ("account_id", pa.string()),
        ("place", pa.string()),
        ("handle_key", pa.string()),
        ("handle_plain", pa.string()),
        ("name_key", pa.string()),
        ("name_plain", pa.string()),
        ("is_rare_name", pa.bool_()),
        ("url", pa.string()),
        ("links", pa.list_(pa.string())),
    ]
)

# Whose profiles may be compared: people's, and ours for links that point at each other.
MATCHABLE = """
select account_id, platform || ':' || lower(instance) as place, handle, display_name, profile_url,
    profile_links
from account
where (role = 'person' or role like 'ours%')
    and gone_at is null
    and not list_contains($no_matching, platform)
order by account_id
"""

# An address that two accounts give as their own profile is nobody's.
LINKED = """
create temp table linked as
with home as (
    select url, min(account_id) as account_id
    from profile
    where url is not null
    group by url
    having count(*) = 1
),
claim as (
    select distinct claimant.account_id, home.account_id as claimed_id
    from (select account_id, unnest(links) as link from profile) as claimant
    inner join home on claimant.link = home.url and claimant.account_id <> home.account_id
)
select
    least(account_id, claimed_id) as account_id,
    greatest(account_id, claimed_id) as other_account_id,
    if(count(*) = 2, 'profile_links', 'one_way_link') as method,
    if(
        count(*) = 2,
        'the two profiles link to each other',
        'the profile of ' || min(account_id) || ' links to the other, which does not link back'
    ) as evidence
from claim
group by all
"""

SAME_EMAIL = """
create temp table same_email as
with hashed as (
    select account_id, regexp_extract(source_account_id, $pattern, 1) as email_hash
    from account
    where role = 'person'
        and gone_at is null
        and not list_contains($no_matching, platform)
        and regexp_matches(source_account_id, $pattern)
)
select
    first(account_id order by account_id) over same as account_id,
    account_id as other_account_id
from hashed
window same as (partition by email_hash)
qualify account_id <> first(account_id order by account_id) over same
"""

# Only people are compared by name, and only across places: on one place, two of one name are two.
# A link to the profile of a third tells whom two people know, not who they are.
COMPARABLE = """
create temp table comparable as
with declared as (
    select account_id, unnest(links) as link
    from profile
),
shared as (
    select account_id, link
    from declared
    where link not in (select url from profile where url is not null)
    qualify count(*) over (partition by link) between 2 and $shared_most
),
site as (
    select account_id, list(link order by link) as sites
    from shared
    group by account_id
)
select profile.* exclude (url, links), site.sites
from profile
inner join account using (account_id)
left join site using (account_id)
where account.role = 'person'
"""

PAIRED = """
create temp table paired as
with worded as (
    select *, string_split(name_key, ' ') as words
    from comparable
),
keyed as (
    select account_id, place, unnest([
        'handle ' || handle_key,
        'begins ' || if(len(handle_key) >= 8, handle_key[:6], null),
        'ends ' || if(len(handle_key) >= 8, handle_key[-6:], null),
        'name ' || name_key,
        'first ' || if(len(words) > 1, words[1] || ' ' || words[-1][1], null),
        'last ' || if(len(words) > 1, words[1][1] || ' ' || words[-1], null),
        'starts ' || if(
            len(words) > 1, array_to_string(list_transform(words, lambda word: word[:3]), ' '), null
        ),
    ] || list_transform(coalesce(sites, []), lambda site: 'site ' || site)) as key
    from worded
),
telling as (
    select *
    from keyed
    where key is not null
    qualify count(*) over (partition by key) between 2 and $block_most
)
select distinct
    '0' as match_key,
    one.account_id as join_key_l,
    other.account_id as join_key_r
from telling as one
inner join telling as other
    on one.key = other.key and one.account_id < other.account_id and one.place <> other.place
"""

# How often others than the two bear a name; never rarer than the model's u.
FREQUENCY = """
create temp table frequency_{column} as
select
    {column},
    greatest(
        if(bool_or({is_rare}), {u}, {common_u}),
        (count(*) - 2) / (select count({column}) from comparable)
    ) as tf_{column}
from comparable
where {column} is not null
group by {column}
"""

NOTHING_SCORED = """
create temp table scored (
    account_id_l text,
    account_id_r text,
    match_weight double,
    match_probability double,
    evidence text
)
"""

# Of several kinds of evidence the strongest counts, which one beside it never weakens.
EDGE = f"""
create temp table edge as
with weighed as (
    select
        account_id_l as account_id,
        account_id_r as other_account_id,
        match_weight,
        match_probability as probability,
        evidence,
        one.handle_key = other.handle_key and one.handle_plain <> other.handle_plain
            or one.name_key = other.name_key and one.name_plain <> other.name_plain
            as is_look_alike
    from scored
    inner join comparable as one on account_id_l = one.account_id
    inner join comparable as other on account_id_r = other.account_id
),
every as (
    select account_id, other_account_id, method, evidence from linked
    union all
    select account_id, other_account_id, 'email_hash', 'the same e-mail address was typed'
    from same_email
    union all
    select account_id, other_account_id, 'names', evidence from weighed
),
best as (
    select every.*
    from every
    left join weighed using (account_id, other_account_id)
    qualify row_number() over (
        partition by account_id, other_account_id
        order by
            method = 'profile_links' desc,
            method = 'names' and probability >= {CERTAIN} desc,
            list_position(['email_hash', 'one_way_link', 'names'], method)
    ) = 1
)
select
    best.* exclude (evidence),
    if(
        method <> 'names' and weighed.evidence is not null,
        best.evidence || '; ' || weighed.evidence,
        best.evidence
    ) as evidence,
    weighed.match_weight,
    weighed.probability,
    coalesce(weighed.is_look_alike, false) as is_look_alike,
    one.role like 'ours%' or other.role like 'ours%' as is_ours,
    one.platform || ':' || lower(one.instance) as place,
    other.platform || ':' || lower(other.instance) as other_place,
    greatest(one.first_seen_at, other.first_seen_at) as known_at
from best
left join weighed using (account_id, other_account_id)
inner join account as one on best.account_id = one.account_id
inner join account as other on best.other_account_id = other.account_id
where not (method = 'one_way_link' and is_ours)
"""


def find_edges(connection: duckdb.DuckDBPyConnection, no_matching: frozenset[str]) -> None:
    """Make the table `edge` from `account`: pairs of accounts that may be one person's."""
    none_of = {"no_matching": sorted(no_matching)}
    _describe(connection, none_of)
    connection.execute(LINKED)
    connection.execute(SAME_EMAIL, {**none_of, "pattern": EMAIL_HASH})
    connection.execute(COMPARABLE, {"shared_most": SHARED_MOST})
    connection.execute(PAIRED, {"block_most": BLOCK_MOST})
    rare = {"handle_key": f"len(handle_key) >= {SHORT_HANDLE}", "name_key": "is_rare_name"}
    for compared in (HANDLE, NAME):
        of = {"column": compared.column, "is_rare": rare[compared.column]}
        connection.execute(FREQUENCY.format(**of, u=compared.levels[0].u, common_u=COMMON_U))
    score(connection, MODEL, PRIOR)
    connection.execute(EDGE)


def _describe(connection: duckdb.DuckDBPyConnection, none_of: dict[str, list[str]]) -> None:
    """Make the table `profile`, batch by batch, of what Python has to compare."""
    connection.from_arrow(PROFILE.empty_table()).create("profile")
    with connection.sql(MATCHABLE, params=none_of).to_arrow_reader(BATCH) as reader:
        batches = [_profiles(batch) for batch in reader]
    connection.from_arrow(pa.Table.from_batches(batches, PROFILE)).insert_into("profile")


def _profiles(batch: pa.RecordBatch) -> pa.RecordBatch:
    rows = []
    for account in batch.to_pylist():
        handle, name = names_of(account["handle"], account["display_name"])
        links = {link_key(each) for each in account["profile_links"]} - {None}
        row = {
            "account_id": account["account_id"],
            "place": account["place"],
            "handle_key": handle and handle.key,
            "handle_plain": handle and handle.plain,
            "name_key": name and name.key,
            "name_plain": name and name.plain,
            "is_rare_name": name is not None and name.is_rare,
            "url": link_key(account["profile_url"]),
            "links": sorted(link for link in links if link),
        }
        rows.append(row)
    return pa.RecordBatch.from_pylist(rows, PROFILE)


def score(connection: duckdb.DuckDBPyConnection, model: tuple[Compared, ...], prior: float) -> None:
    """Make the table `scored`: Splink's match weight and probability of each row of `paired`.

    Only of those to suggest. Reads `comparable`, and of each column of names `frequency_<column>`.
    `evidence` says how many bits each comparison gave.
    """
    if value(connection, "select count(*) from paired") == 0:
        connection.execute(NOTHING_SCORED)
        return
    database = DuckDBAPI(connection=connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="account_id",
        probability_two_random_records_match=prior,
        comparisons=[_comparison(each) for each in model],
        blocking_rules_to_generate_predictions=[CustomRule("false")],  # the pairs are found before
        retain_intermediate_calculation_columns=True,
    )
    linker = Linker(database.register("comparable"), settings, log_level=logging.WARNING)
    tables = linker.table_management
    for each in model:
        if not each.is_list:
            frequency = database.register(f"frequency_{each.column}")
            tables.register_term_frequency_lookup(frequency, each.column)
    tables.register_blocked_pairs_for_predict(database.register("paired"))
    predicted = linker.inference.predict(SUGGESTED, warning_mode="never").physical_name
    bits = ", ".join(_bits(each) for each in model)
    connection.execute(
        "create temp table scored as select account_id_l, account_id_r, match_weight, "
        f"match_probability, concat_ws(', ', {bits}, format('prior {{:+.1f}} bits', "
        f"log2({prior} / (1 - {prior})))) as evidence from {predicted}"
    )


def _comparison(compared: Compared) -> CustomComparison:
    levels: list[ComparisonLevelCreator | dict[str, Any]] = [level.NullLevel(compared.column)]
    for each in compared.levels:
        found = _level(compared, each)
        levels.append(found.configure(m_probability=each.m, u_probability=each.u))
    return CustomComparison(levels, output_column_name=compared.column)


def _level(compared: Compared, agreement: Agreement) -> ComparisonLevelCreator:
    if agreement is compared.levels[-1]:
        return level.ElseLevel()
    if compared.is_list:
        return level.ArrayIntersectLevel(compared.column, min_intersection=1)
    if agreement.similarity == 1:
        return level.ExactMatchLevel(compared.column, term_frequency_adjustments=True)
    return level.JaroWinklerLevel(compared.column, agreement.similarity)


def _bits(compared: Compared) -> str:
    """SQL for one comparison's part of the evidence; null where one side says nothing."""
    column, most = compared.column, len(compared.levels) - 1
    what = {"handle_key": "handle", "name_key": "name", "sites": "link"}.get(column, column)
    adjusted = "" if compared.is_list else f" + mw_tf_adj_{column}"
    return (
        f"case when gamma_{column} >= 0 then format('{{}} {what} {{:+.1f}}', "
        f"case gamma_{column} when {most} then 'same' when 0 then 'other' else 'similar' end, "
        f"mw_{column}{adjusted}) end"
    )
