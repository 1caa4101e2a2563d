"""Which conversation a message belongs to, and what it answers.

Threads: the root is found by pointer-jumping over parents, whatever order they arrived in. Places
without threads: a conversation ends with `SILENCE`.
"""

from __future__ import annotations

from datetime import timedelta

import duckdb

from transforms.engine import value

SILENCE = timedelta(hours=24)
# Each round doubles the steps taken, so that this many reach 4,096 levels; a chain that has not
# ended by then is a loop or an absurdity, and is cut: each of its messages stands alone.
ROUNDS = 12

# One row a message: the topmost message reached so far, and how many steps below it this one is.
CLIMB = """
create temp table climb as
select
    message.message_id,
    coalesce(parent.message_id, message.message_id) as top_id,
    if(parent.message_id is null, 0, 1) as depth
from folded_message as message
left join folded_message as parent
    on message.parent_id = parent.message_id and not message.is_flat and not parent.is_flat
"""

JUMP = """
create or replace temp table climb as
select
    climb.message_id,
    above.top_id,
    climb.depth + above.depth as depth
from climb
inner join climb as above on climb.top_id = above.message_id
"""

UNFINISHED = """
select count(*)
from climb
inner join climb as above on climb.top_id = above.message_id
where above.depth > 0
"""

THREADED = """
create temp table threaded as
with ended as (
    select
        climb.*,
        above.depth > 0 as is_cut
    from climb
    inner join climb as above on climb.top_id = above.message_id
),
gone as (
    select distinct message_id
    from observed
    where observation = 'Gone'
)
select
    message.* exclude (parent_author_id),
    coalesce(parent.author_id, message.parent_author_id) as parent_author_id,
    case
        when ended.is_cut then message.message_id
        else coalesce(top.root_id, top.parent_id, top.message_id)
    end as conversation_id,
    if(ended.is_cut, 0, ended.depth) as depth,
    case
        when message.parent_id is null then 'root'
        when ended.is_cut then 'cut'
        when parent.deleted_at is not null then 'deleted'
        when parent.message_id is not null then 'resolved'
        when gone.message_id is not null then 'deleted'
        else 'unresolved'
    end as parent_state
from folded_message as message
inner join ended using (message_id)
inner join folded_message as top on ended.top_id = top.message_id
left join folded_message as parent on message.parent_id = parent.message_id
left join gone on message.parent_id = gone.message_id
where not message.is_flat
"""

# Sessions of a place without threads. A message counts for the silence, deleted or not.
SESSIONS = """
create temp table sessions as
with spaced as (
    select
        *,
        sent_at - lag(sent_at) over talk > $silence as is_first,
    from folded_message
    where is_flat
    window talk as (partition by channel order by sent_at, message_id)
),
numbered as (
    select
        *,
        count(*) filter (where is_first) over (
            partition by channel order by sent_at, message_id
        ) as session
    from spaced
)
select
    numbered.* exclude (is_first, session, parent_author_id),
    coalesce(parent.author_id, numbered.parent_author_id) as parent_author_id,
    'session:' || first(numbered.message_id) over (
        partition by numbered.channel, session order by numbered.sent_at, numbered.message_id
    ) as conversation_id,
    0 as depth,
    case
        when numbered.parent_id is null then 'root'
        when parent.deleted_at is not null then 'deleted'
        when parent.message_id is not null then 'resolved'
        else 'unresolved'
    end as parent_state
from numbered
left join folded_message as parent on numbered.parent_id = parent.message_id
"""

# A thread is at home where its root was written by one of us, or the place itself is ours.
CONVERSED = """
create temp table conversed as
with every as (
    select * from threaded
    union all by name
    select * from sessions
),
root as (
    select message.message_id, author.role like 'ours%' as is_ours
    from folded_message as message
    inner join account as author on message.author_id = author.account_id
)
select
    every.* exclude (is_own_space),
    if(is_own_space or coalesce(root.is_ours, false), 'own_space', 'beyond') as home
from every
left join root on every.conversation_id = root.message_id
"""

CONVERSATION = """
select
    conversation_id,
    min(channel) as channel,
    if(bool_or(message_id = conversation_id), conversation_id, null) as root_message_id,
    arg_min(author_id, row(sent_at, message_id))
        filter (where depth = 0 and parent_state in ('root', 'cut')) as started_by,
    min(sent_at) as started_at,
    max(sent_at) as last_message_at,
    max(home) as home,
    bool_or(is_flat) as is_inferred,
    count(*) as message_count,
    count(distinct author_id) as participant_count
from conversed
group by conversation_id
"""


def find_conversations(connection: duckdb.DuckDBPyConnection) -> int:
    """Make the table `conversed` from `folded_message`; returns how many messages were cut loose.

    `conversed` adds to a message its conversation, its depth in it, the state of its parent, who
    wrote that, and whether the conversation is at home.
    """
    connection.execute(CLIMB)
    for _ in range(ROUNDS):
        if not value(connection, UNFINISHED):
            break
        connection.execute(JUMP)
    connection.execute(THREADED)
    connection.execute(SESSIONS, {"silence": SILENCE})
    connection.execute(CONVERSED)
    return int(value(connection, "select count(*) from conversed where parent_state = 'cut'"))
