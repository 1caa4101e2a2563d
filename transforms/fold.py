"""Observations become the latest state, by rules that do not depend on their order.

The latest `observed_at` wins; among equals the larger row does, column by column. So any order,
any split into nights, and any repetition of the same observations give the same state.
"""

from __future__ import annotations

import duckdb

from lake.organisation import Organisation
from lake.schemas import OBSERVED
from lake.store import Lake
from transforms.engine import open_files

# Account fields are folded one by one, because few items tell them all. A deleted account keeps
# its id, so that conversations hold, and loses its name.
FOLDED_ACCOUNT = """
create temp table folded_account as
with said as (
    select *
    from observed
    where observation = 'AccountSeen'
),
gone as (
    select
        account_id,
        max(observed_at) as said_gone_at,
        min(coalesce(gone_at, observed_at)) as went_at
    from observed
    where observation = 'Gone' and account_id is not null
    group by account_id
),
latest as (
    select
        account_id,
        arg_max(handle, row(observed_at, handle)) as handle,
        arg_max(display_name, row(observed_at, display_name)) as display_name,
        arg_max(profile_url, row(observed_at, profile_url)) as profile_url,
        arg_max(declared_kind, row(observed_at, declared_kind)) as declared_kind,
        arg_max(follower_count, row(observed_at, follower_count)) as follower_count,
        arg_max(profile_links, row(observed_at, profile_links))
            filter (where len(profile_links) > 0) as profile_links,
        min(observed_at) as first_seen_at,
        max(observed_at) as last_seen_at
    from said
    group by account_id
)
select
    account_id,
    split_part(account_id, ':', 1) as platform,
    split_part(account_id, ':', 2) as instance,
    array_to_string(split(account_id, ':')[3:], ':') as source_account_id,
    if(said_gone_at >= last_seen_at, went_at, null) as gone_at,
    case when gone_at is null then handle end as handle,
    case when gone_at is null then display_name end as display_name,
    case when gone_at is null then profile_url end as profile_url,
    declared_kind,
    follower_count,
    case when gone_at is null then coalesce(profile_links, []) else [] end as profile_links,
    first_seen_at,
    last_seen_at
from latest
left join gone using (account_id)
"""

# Of a message the latest row counts as a whole, except what only some items tell (who wrote it,
# what it answers): there the latest that tells counts.
FOLDED_MESSAGE = """
create temp table folded_message as
with said as (
    select
        *,
        struct_pack(
            observed_at, edited_at, text, sent_at, kind, visibility, channel, mentions,
            is_own_space, is_flat, client_name, permalink, platform
        ) as state
    from observed
    where observation = 'MessageSeen'
),
latest as (
    select
        message_id,
        max(state) as state,
        arg_max(author_id, row(observed_at, author_id)) as author_id,
        arg_max(parent_id, row(observed_at, parent_id)) as parent_id,
        arg_max(parent_author_id, row(observed_at, parent_author_id)) as parent_author_id,
        arg_max(root_id, row(observed_at, root_id)) as root_id,
        arg_max(quoted_id, row(observed_at, quoted_id)) as quoted_id,
        min(observed_at) as first_seen_at,
        max(observed_at) as last_seen_at,
        min(text) is distinct from max(text) as has_changed
    from said
    group by message_id
),
-- Where a platform does not tell of edits: the first time the present text was seen after another.
another as (
    select said.message_id, max(said.observed_at) as observed_at
    from said
    inner join latest using (message_id)
    where latest.has_changed and said.text is distinct from latest.state.text
    group by said.message_id
),
changed as (
    select said.message_id, min(said.observed_at) as changed_at
    from said
    inner join latest using (message_id)
    inner join another using (message_id)
    where said.text is not distinct from latest.state.text
        and said.observed_at > another.observed_at
    group by said.message_id
),
gone as (
    select
        message_id,
        max(observed_at) as said_gone_at,
        min(coalesce(gone_at, observed_at)) as went_at
    from observed
    where observation = 'Gone' and message_id is not null
    group by message_id
)
select
    message_id,
    state.platform as platform,
    state.platform || '/' || state.channel as channel,
    author_id,
    state.sent_at as sent_at,
    coalesce(state.edited_at, changed_at) as edited_at,
    if(said_gone_at >= last_seen_at, went_at, null) as deleted_at,
    case when deleted_at is null and not $metadata_only then state.text end as text,
    md5(text) as content_hash,
    state.kind as kind,
    state.visibility as visibility,
    state.mentions as mentions,
    state.is_own_space as is_own_space,
    state.is_flat as is_flat,
    state.permalink as permalink,
    state.client_name as client_name,
    nullif(parent_id, message_id) as parent_id,
    parent_author_id,
    root_id,
    quoted_id,
    first_seen_at,
    last_seen_at
from latest
left join changed using (message_id)
left join gone using (message_id)
where state.visibility <> 'direct' or $direct_messages
"""


def open_observed(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make the view `observed` over all that was ever read."""
    open_files(connection, "observed", lake, lake.paths("observed"), OBSERVED)


def fold_accounts(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `folded_account`: the core columns of an account, but for its role."""
    connection.execute(FOLDED_ACCOUNT)


def fold_messages(connection: duckdb.DuckDBPyConnection, organisation: Organisation) -> None:
    """Make the table `folded_message`: one row a message, with what was declared of its thread."""
    switches = {
        "metadata_only": organisation.privacy.metadata_only,
        "direct_messages": organisation.privacy.direct_messages,
    }
    connection.execute(FOLDED_MESSAGE, switches)
