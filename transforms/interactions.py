"""Who spoke to whom: messages, the conversations they belong to, and everybody they speak to.

A message is addressed to the author of its parent, to those it quotes or mentions, and, where it
goes on from its own author's message, to whom that one was addressed. In a place without threads
a message that names nobody is addressed to the previous different speaker.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from lake.organisation import Organisation
from lake.store import Lake
from transforms.changes import Changes, existing_parts, find_changes, remember
from transforms.engine import UNKNOWN, drop, engine, open_core, write_parts
from transforms.fold import FOLD, fold_messages, latest_told
from transforms.readings import write_readings
from transforms.signals import write_reply_signals, write_signals
from transforms.threads import find_conversations

# Everybody a message names, each with the strongest method that names them.
NAMED = """
create or replace temp table named as
with quoting as (
    select source, quoted_id
    from placed
    where quoted_id is not null
),
weaker as (
    select quoting.source, author_id as to_account_id, 'quote' as method
    from placed
    inner join quoting on placed.message_id = quoting.quoted_id
    union all
    select source, author_id, 'quote'
    from quoting
    inner join elsewhere on quoting.quoted_id = elsewhere.message_id
    union all
    select source, unnest(mentions), 'mention'
    from placed
    where mentions is not null
),
other as (
    select source, to_account_id, max(method) as method  -- 'quote' before 'mention'
    from placed
    inner join weaker using (source)
    where to_account_id is not null
        and to_account_id is distinct from author_id
        and to_account_id is distinct from parent_author_id
    group by source, to_account_id
)
select source, parent_author_id as to_account_id, 'parent' as method
from placed
where parent_author_id is not null and parent_author_id is distinct from author_id
union all
from other
"""

# Messages that go on from their own author's message.
OWN_PARENT = """
create or replace temp table own_parent as
select message.source, parent.source as before
from placed as message
inner join placed as parent
    on message.parent = parent.source
    and message.author_id = parent.author_id
    and message.conversation = parent.conversation
where message.parent_state <> 'cut'
"""

# Those named by the same author's messages that this one goes on from, at any distance.
CONTINUED = """
create or replace temp table continued as
with recursive chain as (
    select source, before
    from own_parent
    union
    select chain.source, own_parent.before
    from chain
    inner join own_parent on chain.before = own_parent.source
)
select distinct chain.source, named.to_account_id
from named
inner join chain on named.source = chain.before
anti join (from named where source in (select source from own_parent)) as already
    on chain.source = already.source and named.to_account_id = already.to_account_id
"""

# The last speaker before, and not the same as, the speaker of a message in a flat place.
PREVIOUS_SPEAKER = """
create or replace temp table previous_speaker as
with turned as (
    select
        *,
        lag(author_id) over talk as before_author_id,
        before_author_id is distinct from author_id as is_turn
    from placed
    where is_flat
    window talk as (partition by conversation order by sent_at, message_id)
)
select
    source,
    last_value(if(is_turn, before_author_id, null) ignore nulls) over (
        partition by conversation, author_id order by sent_at, message_id
    ) as latest_other,
    parent_state = 'root' and latest_other is not null as is_inferred
from turned
"""

ADDRESSEE = """
create or replace temp table addressee as
select source, to_account_id, method from named
union all
select source, to_account_id, 'continues' from continued
union all
select source, latest_other, 'previous_speaker'
from previous_speaker
where is_inferred and source not in (select source from named)
"""

# Messages that speak to the place as a whole: they open a thread, and what their author adds to it.
TO_THE_PLACE = """
create or replace temp table to_the_place as
with recursive opened as (
    select source, 'own_space' as method
    from placed
    inner join talk using (conversation)
    where (is_own_space or is_started_by_us)
        and parent_state = 'root'
        and (not is_flat or source not in (select source from addressee))
    union
    select own_parent.source, 'continues'
    from opened
    inner join own_parent on opened.source = own_parent.before
)
select source, max(method) as method  -- 'own_space' before 'continues'
from opened
group by source
"""

# One row a message and whom it speaks to; null: to us as a whole.
DIRECTED = """
create or replace temp table directed as
with ours as (
    select account_id from account where role like 'ours%'
)
select
    source,
    case
        when is_direct then 'direct'
        when method in ('parent', 'previous_speaker') then 'reply'
        when method in ('mention', 'quote') then method
        when to_account_id is null then 'post'
        else 'reply'
    end as kind,
    to_account_id,
    method,
    coalesce(author_id in (from ours), false) as is_from_us,
    to_account_id is null or to_account_id in (from ours) as is_to_us
from (
    from addressee
    union all by name
    from to_the_place
)
inner join placed using (source)
where to_account_id is not null or not is_from_us
"""

# The strongest reason for which a message of somebody else is addressed to us.
TO_US = """
create or replace temp table to_us as
select
    source,
    min_by(
        case
            when kind = 'direct' then 'direct'
            when method = 'parent' then 'reply'
            else method
        end,
        list_position(
            ['parent', 'quote', 'mention', 'previous_speaker', 'continues', 'own_space'], method
        )
    ) as addressed_reason
from directed
where is_to_us and not is_from_us
group by source
"""

DIRECTION = """
case
    when is_from_us and is_to_us then 'internal'
    when is_from_us then 'outbound'
    when is_to_us then 'inbound'
    else 'peer'
end
"""

SPOKEN = f"""
select
    message_id || '>' || coalesce(to_account_id, 'us') as interaction_id,
    directed.kind,
    sent_at as occurred_at,
    author_id as from_account_id,
    to_account_id,
    {DIRECTION} as direction,
    message_id,
    conversation_id,
    method as addressee_method,
    method = 'previous_speaker' as is_inferred,
    part
from directed
inner join placed using (source)
inner join talk using (conversation)
"""

REACTED = f"""
select
    *,
    {DIRECTION} as direction,
    'platform' as addressee_method,
    false as is_inferred
from (
    select
        interaction_id, kind, occurred_at, from_account_id, to_account_id, message_id,
        conversation_id, part,
        from_account_id in (select account_id from account where role like 'ours%') as is_from_us,
        coalesce(to_account_id in (select account_id from account where role like 'ours%'), false)
            as is_to_us
    from (
        select
            account_id || '+' || message_id || '+' || kind as interaction_id,
            kind,
            reacted_at as occurred_at,
            account_id as from_account_id,
            author_id as to_account_id,
            message_id,
            conversation_id,
            part
        from reaction_placed
        where author_id is distinct from account_id
        union all by name
        select
            follower_id || '+' || followed_id || '+follow' as interaction_id,
            'follow' as kind,
            followed_at as occurred_at,
            follower_id as from_account_id,
            followed_id as to_account_id,
            '{UNKNOWN}' as part
        from follow_state
    )
)
"""

REACTION_PLACED = f"""
create or replace temp table reaction_placed as
select
    reaction_state.*,
    message.author_id,
    conversation_id,
    coalesce(part, '{UNKNOWN}') as part
from reaction_state
left join (
    from placed where message_id in (select message_id from reaction_state)
) as message using (message_id)
left join talk using (conversation)
"""

MESSAGE = f"""
select
    sighting.message_id,
    sighting.platform,
    sighting.channel,
    conversation_id,
    {latest_told("parent_id")},
    parent_state,
    {latest_told("author_id")},
    sighting.sent_at,
    placed.edited_at,
    placed.deleted_at,
    case when deleted_at is null and not getvariable('metadata_only') then text end as text,
    case when not getvariable('metadata_only') then coalesce(content_hash, md5(text)) end
        as content_hash,
    sighting.kind,
    sighting.visibility,
    sighting.mentions,
    {latest_told("quoted_id")},
    if(sighting.is_own_space or is_started_by_us, 'own_space', 'beyond') as home,
    to_us.source is not null as is_addressed_to_us,
    addressed_reason,
    placed.depth,
    sighting.is_flat,
    permalink,
    client_name,
    placed.first_seen_at,
    sighting.observed_at as last_seen_at,
    {FOLD} as fold,
    part
from sighting
inner join placed using (source)
inner join talk using (conversation)
left join to_us using (source)
left join told_before using (source)
left join several_texts using (source)
left join gone on sighting.message_id = gone.message_id
"""

CONVERSATION = """
select talk.*, channel, if(has_root, conversation_id, null) as root_message_id
from sighting
inner join talk on sighting.source = talk.conversation
"""

# Deletions of messages that nobody has seen.
GONE_UNSEEN = f"""
select *, '{UNKNOWN}' as part
from gone
anti join placed using (message_id)
"""

# What those that are loaded refer to in parts that are not.
ELSEWHERE = """
create or replace temp table elsewhere as
select message_id, author_id, deleted_at
from known
where part not in $parts
    and message_id in (select unnest([parent_id, quoted_id]) from folded_message)
    and message_id not in (select message_id from folded_message)
"""

NOTHING_ELSEWHERE = """
create or replace temp table elsewhere (
    message_id varchar, author_id varchar, deleted_at timestamptz
)
"""

# What is written of each part, signals apart, in this order: messages after all else that is read
# from their former files, and before the deletions of messages that were never seen.
WRITTEN = {
    "core/interaction": f"from ({SPOKEN}) union all by name from ({REACTED})",
    "core/conversation": CONVERSATION,
    "core/message": MESSAGE,
    "state/gone": GONE_UNSEEN,
    "state/reaction": "from reaction_placed",
    "state/follow": f"select *, '{UNKNOWN}' as part from follow_state",
}


def interactions(lake: Lake, organisation: Organisation, as_of: datetime) -> dict[str, int]:
    """Bring the core tables of messages up to date; returns the rows written of each.

    Only the parts that what is new touches are written (see `transforms.changes`).
    """
    lake.sweep("core")
    lake.sweep("state")
    changes, parts, counts = write_messages(lake, organisation)
    with engine() as connection:
        counts |= write_signals(connection, lake, changes.fresh, parts)
    remember(lake, changes)
    with engine() as connection:
        counts |= write_reply_signals(connection, lake)
    with engine() as connection:
        counts |= write_readings(connection, lake, organisation, as_of)
    return counts


def write_messages(
    lake: Lake, organisation: Organisation
) -> tuple[Changes, list[str], dict[str, int]]:
    """Fold, thread and direct what is new: `message`, `interaction` and `conversation`.

    Returns what was new, the parts that were written, and the rows written of each table.
    """
    with engine() as connection:
        # Joins are done as they are written, the smaller side last: the sizes of what was made a
        # moment ago are known here better than guessed.
        connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
        open_core(connection, lake, "account")
        changes = find_changes(connection, lake, organisation)
        if not changes.is_rebuild and not changes.parts:
            return changes, [], {}
        parts, cut_count = _converse(connection, lake, organisation, changes)
        for statement in (NAMED, OWN_PARENT, CONTINUED, PREVIOUS_SPEAKER, ADDRESSEE, TO_THE_PLACE):
            connection.execute(statement)
        drop(connection, "named", "own_parent", "continued", "previous_speaker")
        for statement in (DIRECTED, TO_US, REACTION_PLACED):
            connection.execute(statement)
        drop(connection, "addressee", "to_the_place")
        written = {}
        for folder, query in WRITTEN.items():
            written[folder] = write_parts(connection, lake, folder, query, parts)
            if folder == "core/interaction":
                drop(connection, "directed")
    tables = ("message", "interaction", "conversation")
    return (
        changes,
        parts,
        {table: written[f"core/{table}"] for table in tables} | {"cut": cut_count},
    )


def _converse(
    connection: duckdb.DuckDBPyConnection, lake: Lake, organisation: Organisation, changes: Changes
) -> tuple[list[str], int]:
    """Fold and thread what is new; returns the parts concerned, and how many messages were cut."""
    parts, loaded = {UNKNOWN, *changes.parts}, None
    while parts != loaded:
        loaded = parts
        fold_messages(connection, organisation, lake, () if changes.is_rebuild else loaded)
        if changes.is_rebuild:
            connection.execute(NOTHING_ELSEWHERE)
        else:
            connection.execute(ELSEWHERE, {"parts": sorted(loaded)})
        cut_count = find_conversations(connection)
        in_use = connection.execute("select distinct part from talk").fetchall()
        new = {part for (part,) in in_use} - loaded
        # Rarely a conversation moves into a month that nothing else touched: that is needed too.
        parts = loaded | (new & {*existing_parts(lake)})
    return sorted(loaded | new), cut_count
