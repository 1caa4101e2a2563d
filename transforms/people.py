"""Who is who: accounts with their roles, and the people behind them.

First form: an entry under `ours` in the organisation file is one person with all its accounts;
everybody else's account is one person.
"""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa

from lake.organisation import Organisation
from lake.store import Lake
from transforms.engine import engine, write_core
from transforms.fold import fold_accounts, open_observed

# Those who wrote or were mentioned are accounts too, even if their profile never came along.
ACCOUNT = """
create temp table account as
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
),
every as (
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
),
-- An account is ours if the organisation file names its handle or its id.
listed as (
    select
        every.account_id,
        min_by(ours.role, ours.position) as role,
        min(ours.position) as position
    from every
    inner join ours
        on every.platform = ours.platform
        and lower(every.instance) = ours.instance
        and ours.login in (lower(ltrim(every.handle, '@')), lower(every.source_account_id))
    group by every.account_id
)
select
    every.*,
    case
        when listed.role is not null then listed.role
        when declared_kind = 'bot' then 'bot'
        else 'person'
    end as role,
    case
        when listed.role is not null then 'organisation_file'
        when declared_kind = 'bot' then 'platform_flag'
        else 'none'
    end as role_evidence,
    listed.position
from every
left join listed using (account_id)
"""

IDENTITY = """
create temp table identity as
select
    account_id,
    coalesce(ours.person_id, account_id) as person_id,
    if(ours.person_id is null, 'same_account', 'organisation_file') as method,
    1.0 as score,
    if(ours.person_id is null, 'one account', 'listed as ours') as evidence,
    if(ours.person_id is null, 'rule', 'organisation_file') as decided_by,
    first_seen_at as valid_from
from account
left join (select distinct position, person_id from ours) as ours using (position)
"""

PERSON = """
select
    person_id,
    min(role) as person_kind,
    coalesce(
        any_value(named.name),
        arg_max(coalesce(display_name, handle), row(last_seen_at, account_id))
    ) as display_name,
    count(*) as account_count,
    min(first_seen_at) as first_seen_at
from identity
inner join account using (account_id)
left join (select distinct person_id, name from ours) as named using (person_id)
group by person_id
"""


def people(lake: Lake, organisation: Organisation) -> dict[str, int]:
    """Replace the core tables `account`, `identity` and `person`; returns their row counts."""
    lake.sweep("core")
    with engine() as connection:
        open_observed(connection, lake)
        fold_accounts(connection)
        _list_ours(connection, organisation)
        connection.execute(ACCOUNT)
        connection.execute(IDENTITY)
        return {
            "account": write_core(connection, lake, "account", "account_id"),
            "identity": write_core(connection, lake, "identity", "account_id"),
            "person": write_core(connection, lake, "person", "person_id", PERSON),
        }


def _list_ours(connection: duckdb.DuckDBPyConnection, organisation: Organisation) -> None:
    rows = []
    for position, ours in enumerate(organisation.ours):
        slug = re.sub(r"\W+", "-", ours.name.casefold()).strip("-")
        for login in ours.accounts:
            platform, instance, name = login.split(":", 2)
            rows.append(
                {
                    "position": position,
                    "person_id": f"ours:{ours.kind}:{slug}",
                    "name": ours.name,
                    "role": ours.role,
                    "platform": platform,
                    "instance": instance.lower(),
                    "login": name.lstrip("@").lower(),
                }
            )
    connection.from_arrow(pa.Table.from_pylist(rows)).create("ours")
