"""Which accounts are one person: what is merged, and what is only suggested.

Merged is what the organisation file or a decision says, what is certain, and what is at least
`CERTAIN` by its names; the certain goes first, so that no doubt spoils it. All of a group's
evidence of one kind stands or falls together: two accounts on one place, two that are kept apart,
or more than `CROWD` accounts, and nothing of that kind is merged there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import combinations
from typing import Any

import duckdb
import pyarrow as pa

from lake.organisation import Organisation
from lake.schemas import IDENTITY
from transforms.groups import Groups
from transforms.matching import CERTAIN
from transforms.roles import named_groups, ours_person_id

CROWD = 5  # accounts of one person that no human confirmed
TIERS = ("profile_links", "names")  # what may merge, the certain first

# Accounts that are alone are a person each.
OTHERS = """
create temp table identity as
select * from link
union all by name
select
    account_id,
    account_id as person_id,
    'same_account' as method,
    1.0 as score,
    'one account' as evidence,
    'rule' as decided_by,
    first_seen_at as valid_from
from account
where account_id not in (select account_id from link)
"""

REVIEW = """
select
    md5(concat_ws(' ', kind, account_id, other_account_id)) as review_id,
    *
from (
    select
        'same_person' as kind,
        edge.account_id,
        edge.other_account_id,
        edge.method,
        edge.match_weight,
        edge.probability,
        edge.evidence,
        doubt.veto
    from edge
    inner join doubt using (account_id, other_account_id)
    union all by name
    select 'bot' as kind, account_id, method, evidence from suspect
    union all by name
    select distinct
        'unseen_account' as kind,
        written as account_id,
        'decision' as method,
        'the decisions file names it, and it was never seen' as evidence
    from login
    where kind <> 'ours'
        and not exists (
            from named
            where named.written = login.written
                and named.kind = login.kind
                and named.position = login.position
        )
)
"""
DOUBT = pa.schema(
    [("account_id", pa.string()), ("other_account_id", pa.string()), ("veto", pa.string())]
)


@dataclass(frozen=True, slots=True)
class Edge:
    """Two accounts that may be one person's."""

    account_id: str
    other_account_id: str
    method: str
    evidence: str
    probability: float | None
    is_look_alike: bool
    is_ours: bool
    place: str
    other_place: str
    known_at: datetime

    @property
    def ends(self) -> tuple[str, str]:
        return self.account_id, self.other_account_id


def identify(
    connection: duckdb.DuckDBPyConnection, organisation: Organisation, groups: Groups
) -> None:
    """Make the tables `identity` and `doubt` from `account`, `edge`, `named` and `groups`.

    `groups` are those who are one by the organisation file or a decision, and grow by what else is
    merged. `doubt` has what is not merged, and why not if it was certain enough.
    """
    apart = {
        frozenset(pair)
        for accounts in named_groups(connection, "keep_apart").values()
        for pair in combinations(accounts, 2)
    }
    edges = _edges(connection)
    places = _places(connection, edges)
    open_edges = [
        edge
        for edge in edges
        if not groups.are_one(*edge.ends) and frozenset(edge.ends) not in apart
    ]
    vetoes: dict[tuple[str, str], str | None] = {}
    merged: list[Edge] = []
    for tier in TIERS:
        sure = [each for each in open_edges if each.method == tier and _is_sure(each)]
        vetoes |= _merge(sure, groups, places, apart)
        merged += [each for each in sure if each.ends not in vetoes]
    doubts = [
        dict(zip(DOUBT.names, (*each.ends, vetoes.get(each.ends)), strict=True))
        for each in open_edges
        if not groups.are_one(*each.ends)
    ]
    connection.from_arrow(pa.Table.from_pylist(doubts, DOUBT)).create("doubt")
    links = _links(connection, organisation, groups, merged)
    connection.from_arrow(pa.Table.from_pylist(list(links), IDENTITY)).create("link")
    connection.execute(OTHERS)


def _edges(connection: duckdb.DuckDBPyConnection) -> list[Edge]:
    columns = ", ".join(Edge.__slots__)
    rows = connection.execute(f"select {columns} from edge order by all").fetchall()
    return [Edge(*row) for row in rows]


def _places(connection: duckdb.DuckDBPyConnection, edges: Iterable[Edge]) -> dict[str, str]:
    """Where each account is that may be merged, or is already."""
    places = dict(
        connection.execute(
            "select account_id, platform || ':' || lower(instance) "
            "from account inner join settled using (account_id)"
        ).fetchall()
    )
    for edge in edges:
        places |= {edge.account_id: edge.place, edge.other_account_id: edge.other_place}
    return places


def _is_sure(edge: Edge) -> bool:
    return edge.method == "profile_links" or (edge.probability or 0) >= CERTAIN


def _merge(
    edges: list[Edge],
    groups: Groups,
    places: Mapping[str, str],
    apart: set[frozenset[str]],
) -> dict[tuple[str, str], str | None]:
    """Join what no veto keeps apart; returns the vetoes by the ends of their edges."""
    vetoes: dict[tuple[str, str], str | None] = {
        edge.ends: veto for edge in edges if (veto := _own_veto(edge))
    }
    roots = {
        edge.ends: (groups.find(edge.account_id), groups.find(edge.other_account_id))
        for edge in edges
        if edge.ends not in vetoes
    }
    together = Groups()
    for pair in roots.values():
        together.join(*pair)
    settled = groups.grouped()
    verdicts = {
        top: _group_veto([settled.get(part, [part]) for part in parts], places, apart)
        for top, parts in together.grouped().items()
    }
    for ends, (root, _) in roots.items():
        if veto := verdicts[together.find(root)]:
            vetoes[ends] = veto
        else:
            groups.join(*ends)
    return vetoes


def _own_veto(edge: Edge) -> str | None:
    if edge.is_ours:
        return "ours"
    if edge.place == edge.other_place:
        return "same_platform"
    return "look_alike" if edge.is_look_alike and edge.method == "names" else None


def _group_veto(
    parts: list[list[str]], places: Mapping[str, str], apart: set[frozenset[str]]
) -> str | None:
    """Why what is one already, part by part, may not become one altogether."""
    members = [account for part in parts for account in part]
    if len(members) > CROWD:
        return "crowd"
    for one, other in combinations(parts, 2):
        if {places[each] for each in one} & {places[each] for each in other}:
            return "same_platform"
    if any(frozenset(pair) in apart for pair in combinations(members, 2)):
        return "keep_apart"
    return None


def _links(
    connection: duckdb.DuckDBPyConnection,
    organisation: Organisation,
    groups: Groups,
    merged: Iterable[Edge],
) -> Iterator[dict[str, Any]]:
    """Rows of `identity` for every account of ours, and for those that are not alone."""
    ours = {
        account: position
        for position, accounts in named_groups(connection, "ours").items()
        for account in accounts
    }
    evidence = _decided(connection, organisation)
    for edge in sorted(merged, key=_strongest_first):
        for account, other in (edge.ends, edge.ends[::-1]):
            evidence[account] = evidence.get(account) or _merged(edge, other)
    evidence |= _listed(connection)
    for members in groups.grouped().values():
        first_of_us = min((ours[each] for each in members if each in ours), default=None)
        if first_of_us is None and len(members) == 1:
            continue
        person_id = members[0]
        if first_of_us is not None:
            entry = organisation.ours[first_of_us]
            person_id = ours_person_id(entry.name, entry.kind)
        for account in members:
            yield {"account_id": account, "person_id": person_id, **evidence[account]}


def _strongest_first(edge: Edge) -> tuple[int, float, tuple[str, str]]:
    return TIERS.index(edge.method), -(edge.probability or 0), edge.ends


def _merged(edge: Edge, other: str) -> dict[str, Any]:
    return {
        "method": edge.method,
        "score": edge.probability if edge.method == "names" else 1.0,
        "evidence": f"with {other}: {edge.evidence}",
        "decided_by": "rule",
        "valid_from": edge.known_at,
    }


def _listed(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    told = {
        "method": "organisation_file",
        "score": 1.0,
        "evidence": "listed as ours",
        "decided_by": "organisation_file",
    }
    query = (
        "select account_id, first_seen_at from account inner join named using (account_id) "
        "where kind = 'ours'"
    )
    rows = connection.execute(query).fetchall()
    return {account: {**told, "valid_from": first_seen} for account, first_seen in rows}


def _decided(
    connection: duckdb.DuckDBPyConnection, organisation: Organisation
) -> dict[str, dict[str, Any]]:
    """What the decisions say of each account they merge; of several the first counts."""
    rows = connection.execute(
        "select position, account_id, max(first_seen_at) over (partition by position) "
        "from (select distinct position, account_id from named where kind = 'merge') "
        "inner join account using (account_id) order by position desc, account_id"
    ).fetchall()
    evidence = {}
    for position, account, known_at in rows:
        merge = organisation.decisions.merge[position]
        decided_at = merge.on and datetime.combine(merge.on, time(), UTC)
        evidence[account] = {
            "method": "decision",
            "score": 1.0,
            "evidence": merge.note or "a decision without a note",
            "decided_by": merge.decided_by,
            "valid_from": decided_at or known_at,
        }
    return evidence
