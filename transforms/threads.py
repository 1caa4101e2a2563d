"""Which conversation a message belongs to, what it answers, and what shape the talk takes.

Threads: the root is found by pointer-jumping over parents, whatever order they arrived in. Places
without threads: a conversation ends with `SILENCE`. Messages and conversations go by the number of
a message here (`source`), and by their ids only where they are written.
"""

from __future__ import annotations

from datetime import timedelta

import duckdb

from transforms.engine import drop, value

SILENCE = timedelta(hours=24)
# Each round doubles the steps taken, so that this many reach 4,096 levels; a chain that has not
# ended by then is a loop or an absurdity, and is cut: each of its messages stands alone.
ROUNDS = 12

# One row a message whose parent was seen, here or in a part that is not loaded.
ANSWER = """
create or replace temp table answer as
select
    message.source,
    parent.source as parent,
    parent.author_id as parent_author_id,
    parent.deleted_at is not null as is_parent_deleted,
    not message.is_flat and not parent.is_flat as is_threaded
from folded_message as message
inner join folded_message as parent on message.parent_id = parent.message_id
union all
select message.source, null, parent.author_id, parent.deleted_at is not null, false
from folded_message as message
inner join elsewhere as parent on message.parent_id = parent.message_id
"""

# One row a message that answers another: the topmost reached so far, and how many steps below it
# this one is. It is done when that one answers nothing itself; until then the steps double.
CLIMB = """
create or replace temp table climb as
with threaded as (
    select source, parent from answer where is_threaded
)
select message.source, message.parent as top, 1 as depth, above.source is null as is_done
from threaded as message
left join threaded as above on message.parent = above.source
"""

JUMP = """
create or replace temp table climb as
with above as (
    from climb
)
select source, top, depth, is_done
from climb
where is_done
union all
select climb.source, above.top, climb.depth + above.depth as depth, above.is_done
from climb
inner join above on climb.top = above.source
where not climb.is_done
"""

UNFINISHED = "select count(*) from climb where not is_done"

# How many messages hang below one that answers another, as far down as those that are not done have
# climbed.
NOTHING_BELOW = "create or replace temp table below (source bigint, messages bigint)"
BELOW = """
create or replace temp table below as
with every as (
    from below
    union all
    select climb.top, 1 + coalesce(below.messages, 0)
    from climb
    left join below on climb.source = below.source
    where not climb.is_done
)
select source, sum(messages)::bigint as messages
from every
group by source
"""

# Rarely the topmost message names what it hangs below, which was never seen: all that name the same
# are one conversation, with the message itself where it was seen after all.
BORROWED = """
create or replace temp table borrowed as
with named as (
    select source, coalesce(root_id, parent_id) as conversation_id
    from folded_message as message
    anti join climb using (source)
    where not is_flat
        and coalesce(root_id, parent_id) <> message_id
)
select
    named.source,
    conversation_id,
    coalesce(
        root.source, min(named.source) over (partition by conversation_id)
    ) as conversation
from named
left join (
    select source, message_id
    from folded_message
    where message_id in (select conversation_id from named)
        and not is_flat
        and source not in (select source from climb)
        and coalesce(root_id, parent_id, message_id) = message_id
) as root on named.conversation_id = root.message_id
"""

# Sessions of a place without threads. A message counts for the silence, deleted or not.
SESSION = """
create or replace temp table session as
with spaced as (
    select
        source,
        channel,
        sent_at,
        message_id,
        coalesce(sent_at - lag(sent_at) over talk > $silence, true) as is_first
    from folded_message
    where is_flat
    window talk as (partition by channel order by sent_at, message_id)
)
select
    source,
    last_value(if(is_first, source, null) ignore nulls) over (
        partition by channel order by sent_at, message_id
    ) as conversation
from spaced
"""

CUT = """
create or replace temp table cut as
select source
from climb
where not is_done
"""

# The conversation of each message that does not begin one of its own.
JOINED = """
create or replace temp table joined as
select
    climb.source,
    coalesce(cut.source, borrowed.conversation, climb.top) as conversation,
    if(cut.source is null, climb.depth, 0) as depth,
    cut.source is not null as is_cut
from climb
left join cut on climb.source = cut.source
left join borrowed on climb.top = borrowed.source
union all
select source, conversation, 0, false
from borrowed
union all
select source, conversation, 0, false
from session
"""

# One row a message as it was folded, with its conversation and what it answers.
PLACED = """
create or replace temp table placed as
select
    message.* exclude (channel, parent_id, root_id)
        replace (coalesce(answer.parent_author_id, message.parent_author_id) as parent_author_id),
    coalesce(joined.conversation, message.source) as conversation,
    coalesce(joined.depth, 0) as depth,
    case
        when message.parent_id is null then 'root'
        when joined.is_cut then 'cut'
        when answer.is_parent_deleted then 'deleted'
        when answer.source is not null then 'resolved'
        when gone.message_id is not null then 'deleted'
        else 'unresolved'
    end as parent_state,
    answer.parent
from folded_message as message
left join answer on message.source = answer.source
left join joined on message.source = joined.source
left join gone on message.parent_id = gone.message_id
"""

# One row a conversation. It lies in the month in which it began, and is at home where its root was
# written by one of us or the place itself is ours. What shape it has is known where all of it hangs
# together below its root:
# - the h-index of a thread (Gómez, Kaltenbrunner and López 2008) is the deepest level down to which
#   each level holds at least as many messages as its number;
# - structural virality (Goel, Anderson, Hofman and Watts 2016) is the mean distance of two
#   messages, here by the messages on either side of each answer.
TALK = """
create or replace temp table talk as
with counted as (
    select
        conversation,
        strftime(min(sent_at), '%Y-%m') as part,
        min(sent_at) as started_at,
        max(sent_at) as last_message_at,
        count(*) as message_count,
        count(distinct hash(author_id)) filter (where author_id is not null) as participant_count,
        bool_or(is_own_space) as is_own_space,
        bool_or(is_flat) as is_inferred,
        count(*) filter (where placed.depth = 0) as top_count,
        max(placed.depth) as depth,
        sum(1 + coalesce(messages, 0)) filter (where placed.depth > 0) as branch_sum,
        sum((1 + coalesce(messages, 0)) * (1 + coalesce(messages, 0)))
            filter (where placed.depth > 0) as branch_squares
    from placed
    left join below using (source)
    group by conversation
),
level as (
    select conversation, depth, count(*) as messages
    from placed
    where depth > 0
    group by conversation, depth
),
thick as (
    select conversation, min(depth) filter (where messages < depth) - 1 as h_index
    from level
    group by conversation
),
unseen as (
    select distinct conversation, conversation_id
    from borrowed
    where conversation in (select source from borrowed)
)
select
    counted.* exclude (is_own_space, top_count, depth, branch_sum, branch_squares),
    coalesce(
        unseen.conversation_id, if(is_inferred, 'session:', '') || first_message.message_id
    ) as conversation_id,
    unseen.conversation is null and not is_inferred as has_root,
    if(unseen.conversation is null, first_message.author_id, null) as started_by,
    coalesce(has_root and author.role like 'ours%', false) as is_started_by_us,
    if(counted.is_own_space or is_started_by_us, 'own_space', 'beyond') as home,
    if(has_root and top_count = 1, counted.depth, null) as depth,
    if(has_root and top_count = 1, coalesce(h_index, counted.depth), null) as h_index,
    if(
        has_root and top_count = 1 and message_count > 1,
        2 * (message_count * branch_sum - branch_squares) / (message_count * (message_count - 1)),
        null
    ) as structural_virality
from placed as first_message
inner join counted on first_message.source = counted.conversation
left join thick on counted.conversation = thick.conversation
left join unseen on counted.conversation = unseen.conversation
left join account as author on first_message.author_id = author.account_id
"""


def find_conversations(connection: duckdb.DuckDBPyConnection) -> int:
    """Make `placed` and `talk` from `folded_message`; returns how many messages were cut loose.

    `elsewhere` holds author and deletion of parents that are not loaded. `placed` has a row for
    each message with its conversation, its depth in it, the state of its parent and who wrote that;
    `talk` has a row for each conversation.
    """
    for statement in (ANSWER, CLIMB, NOTHING_BELOW):
        connection.execute(statement)
    for _ in range(ROUNDS):
        if not value(connection, UNFINISHED):
            break
        connection.execute(BELOW)
        connection.execute(JUMP)
    connection.execute(SESSION, {"silence": SILENCE})
    for statement in (CUT, BORROWED, JOINED):
        connection.execute(statement)
    drop(connection, "climb", "session")
    connection.execute(PLACED)
    drop(connection, "folded_message", "answer", "joined")
    connection.execute(TALK)
    drop(connection, "below", "borrowed")
    return int(value(connection, "select count(*) from cut"))
