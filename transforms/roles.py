"""Which accounts there are, and what each is to us, with the evidence.

A decision wins over the organisation file, that over what the platform says. A suspicion gives no
role: see `suspicions`.
"""

from __future__ import annotations

import re
from itertools import combinations

import duckdb
import pyarrow as pa

from lake.organisation import Organisation, OrganisationError
from lake.settings_file import login_parts
from transforms.groups import Groups

# Those who wrote or were mentioned are accounts too, even if their profile never came along.
KNOWN = """
create temp table known as
with mentioned as (
    select
        unnest(
            [author_id, account_id, follower_id, followed_id, parent_author_id]
            || coalesce(mentions, [])
        ) as account_id,
        observed_at
    from observed
    where observation <> 'AccountSeen'
),
bare as (
    select account_id, min(observed_at) as first_seen_at, max(observed_at) as last_seen_at
    from mentioned
    where account_id is not null
    group by account_id
)
select * from folded_account
union all by name
select
    account_id,
    split_part(account_id, ':', 1) as platform,
    split_part(account_id, ':', 2) as instance,
    array_to_string(split(account_id, ':')[3:], ':') as source_account_id,
    [] as profile_links,
    first_seen_at,
    last_seen_at
from bare
where account_id not in (select account_id from folded_account)
"""

# What the organisation file and the decisions name, by handle or by id. An account that two
# entries of ours name belongs to the first.
NAMED = """
create temp table named as
with found as (
    select
        login.* exclude (platform, instance, login),
        known.account_id
    from login
    inner join known
        on login.platform = known.platform
        and login.instance = lower(known.instance)
        and login.login in (lower(ltrim(known.handle, '@')), lower(known.source_account_id))
)
select distinct *
from found
qualify kind <> 'ours' or position = min(position) over (partition by kind, account_id)
"""

# Whom a decision makes one with one of us is what that one is.
ACCOUNT = """
create temp table account as
with listed as (
    select account_id, position, role
    from named
    where kind = 'ours'
),
joined as (
    select settled.account_id, min_by(listed.role, listed.position) as role
    from settled
    inner join settled as fellow using (group_id)
    inner join listed on fellow.account_id = listed.account_id
    group by settled.account_id
),
decided as (
    select account_id, min_by(role, position) as role
    from named
    where kind = 'role'
    group by account_id
)
select
    known.*,
    case
        when decided.role is not null then decided.role
        when listed.role is not null then listed.role
        when joined.role is not null then joined.role
        when known.declared_kind = 'bot' then 'bot'
        else 'person'
    end as role,
    case
        when decided.role is not null then 'decision'
        when listed.role is not null then 'organisation_file'
        when joined.role is not null then 'decision'
        when known.declared_kind = 'bot' then 'platform_flag'
        else 'none'
    end as role_evidence
from known
left join decided using (account_id)
left join listed using (account_id)
left join joined using (account_id)
"""

LOGIN = pa.schema(
    [
        ("kind", pa.string()),
        ("position", pa.int64()),
        ("role", pa.string()),
        ("written", pa.string()),
        ("platform", pa.string()),
        ("instance", pa.string()),
        ("login", pa.string()),
    ]
)
SETTLED = pa.schema([("account_id", pa.string()), ("group_id", pa.string())])


def find_accounts(connection: duckdb.DuckDBPyConnection, organisation: Organisation) -> Groups:
    """Make the tables `login`, `named`, `settled` and `account` from `folded_account`.

    Returns who is one person by the organisation file or a decision. Raises `OrganisationError` if
    those contradict one another.
    """
    connection.execute(KNOWN)
    connection.from_arrow(pa.Table.from_pylist(_logins(organisation), LOGIN)).create("login")
    connection.execute(NAMED)
    groups = _settle(connection)
    rows = [{"account_id": each, "group_id": groups.find(each)} for each in groups.members()]
    connection.from_arrow(pa.Table.from_pylist(rows, SETTLED)).create("settled")
    connection.execute(ACCOUNT)
    return groups


def ours_person_id(name: str, kind: str) -> str:
    """The id of one of us, derived from the entry's name and kind."""
    slug = re.sub(r"\W+", "-", name.casefold()).strip("-")
    return f"ours:{kind}:{slug}"


def _logins(organisation: Organisation) -> list[dict[str, object]]:
    decisions = organisation.decisions
    entries: list[tuple[str, int, str | None, tuple[str, ...]]] = [
        *(("ours", n, each.role, each.accounts) for n, each in enumerate(organisation.ours)),
        *(("merge", n, None, each.accounts) for n, each in enumerate(decisions.merge)),
        *(("keep_apart", n, None, each.accounts) for n, each in enumerate(decisions.keep_apart)),
        *(("role", n, each.role, (each.account,)) for n, each in enumerate(decisions.role)),
    ]
    rows = []
    for kind, position, role, logins in entries:
        for written in logins:
            platform, instance, login = login_parts(written)
            row = {"kind": kind, "position": position, "role": role, "written": written}
            rows.append(row | {"platform": platform, "instance": instance, "login": login})
    return rows


def named_groups(connection: duckdb.DuckDBPyConnection, kind: str) -> dict[int, list[str]]:
    """Accounts that the entries of one kind name, by the entry's position."""
    found: dict[int, list[str]] = {}
    query = "select distinct position, account_id from named where kind = ? order by all"
    for position, account_id in connection.execute(query, [kind]).fetchall():
        found.setdefault(position, []).append(account_id)
    return found


def _settle(connection: duckdb.DuckDBPyConnection) -> Groups:
    groups = Groups()
    for kind in ("ours", "merge"):
        for accounts in named_groups(connection, kind).values():
            groups.join(*accounts)
    for position, accounts in named_groups(connection, "keep_apart").items():
        if any(groups.are_one(one, other) for one, other in combinations(accounts, 2)):
            raise OrganisationError(
                f"decisions: keep_apart[{position}]: two of its accounts are one person by `ours` "
                "or by a merge, perhaps under another name; allowed is one of the two"
            )
    return groups
