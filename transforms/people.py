"""Who is who: accounts with their roles, the people behind them, and what a human may decide.

All is derived anew from what was observed, the organisation file and the decisions file: whoever
takes a decision back has the tables of before.
"""

from __future__ import annotations

import pyarrow as pa

from lake.organisation import Organisation
from lake.store import Lake
from transforms.engine import engine, write_core
from transforms.fold import fold_accounts, open_observed
from transforms.identities import REVIEW, identify
from transforms.matching import find_edges
from transforms.roles import find_accounts, ours_person_id
from transforms.suspicions import suspect_bots

# A person with a bot of their own is a person, and one of us with a private account one of us.
PERSON = """
select
    person_id,
    min_by(role, list_position(
        ['ours_brand', 'ours_person', 'ours_bot', 'person', 'bot', 'unknown'], role
    )) as person_kind,
    coalesce(
        any_value(ours_name.name),
        arg_max(coalesce(display_name, handle), row(last_seen_at, account_id))
    ) as display_name,
    count(*) as account_count,
    min(first_seen_at) as first_seen_at
from identity
inner join account using (account_id)
left join ours_name using (person_id)
group by person_id
"""


def people(lake: Lake, organisation: Organisation) -> dict[str, int]:
    """Replace the core tables `account`, `identity`, `person`, `review`; returns their row counts.

    Raises `OrganisationError` if decisions contradict one another or the organisation file.
    """
    lake.sweep("core")
    names = {ours_person_id(each.name, each.kind): each.name for each in organisation.ours}
    with engine() as connection:
        open_observed(connection, lake)
        fold_accounts(connection)
        groups = find_accounts(connection, organisation)
        suspect_bots(connection)
        find_edges(connection, organisation.privacy.no_matching)
        identify(connection, organisation, groups)
        named = pa.table({"person_id": list(names), "name": list(names.values())})
        connection.from_arrow(named).create("ours_name")
        return {
            "account": write_core(connection, lake, "account", "account_id"),
            "identity": write_core(connection, lake, "identity", "account_id"),
            "person": write_core(connection, lake, "person", "person_id", PERSON),
            "review": write_core(connection, lake, "review", "review_id", REVIEW),
        }
