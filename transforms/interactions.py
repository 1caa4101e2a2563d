"""Who spoke to whom: messages with their conversations, directed acts, and what a night has read.

A message is addressed to the author of its parent, to those it quotes or mentions, and, where it
goes on from its own author's message, to whom that one was addressed. In a place without threads
a message that names nobody is addressed to the previous different speaker.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from extractors.registry import PLATFORMS
from lake.organisation import Organisation
from lake.schemas import OPENING, READING
from lake.store import Lake, Partition
from transforms.engine import engine, open_core, value, write_core
from transforms.fold import fold_messages, open_observed
from transforms.signals import SIGNAL
from transforms.threads import CONVERSATION, find_conversations

# Everybody a message names, each with the strongest method that names them.
NAMED = """
create temp table named as
with every as (
    select message_id, parent_author_id as to_account_id, 1 as strength, 'parent' as method
    from conversed
    union all
    select message.message_id, quoted.author_id, 2, 'quote'
    from conversed as message
    inner join conversed as quoted on message.quoted_id = quoted.message_id
    union all
    select message_id, unnest(mentions), 3, 'mention'
    from conversed
)
select message_id, to_account_id, min_by(method, strength) as method
from every
inner join conversed using (message_id)
where to_account_id is not null and to_account_id is distinct from author_id
group by message_id, to_account_id
"""

# Those named by the same author's messages that this one goes on from, at any distance.
CONTINUED = """
create temp table continued as
with recursive own_parent as (
    select message.message_id, parent.message_id as before_id
    from conversed as message
    inner join conversed as parent
        on message.parent_id = parent.message_id and message.author_id = parent.author_id
    where message.parent_state <> 'cut'
),
chain as (
    select message_id, before_id from own_parent
    union
    select chain.message_id, own_parent.before_id
    from chain
    inner join own_parent on chain.before_id = own_parent.message_id
)
select distinct chain.message_id, named.to_account_id
from chain
inner join named on chain.before_id = named.message_id
anti join named as already
    on chain.message_id = already.message_id and named.to_account_id = already.to_account_id
"""

# The last speaker before, and not the same as, the speaker of a message in a flat place.
PREVIOUS_SPEAKER = """
create temp table previous_speaker as
with turned as (
    select
        *,
        lag(author_id) over talk as before_author_id,
        lag(author_id) over talk is distinct from author_id as is_turn
    from conversed
    where is_flat
    window talk as (partition by conversation_id order by sent_at, message_id)
)
select
    message_id,
    last_value(if(is_turn, before_author_id, null) ignore nulls) over (
        partition by conversation_id, author_id order by sent_at, message_id
    ) as latest_other,
    parent_id is null and latest_other is not null as is_inferred
from turned
"""

ADDRESSEE = """
create temp table addressee as
select message_id, to_account_id, method from named
union all
select message_id, to_account_id, 'continues' from continued
union all
select message_id, latest_other, 'previous_speaker'
from previous_speaker
where is_inferred and message_id not in (select message_id from named)
"""

# Messages that speak to the place as a whole: they open a thread, and what their author adds to it.
TO_THE_PLACE = """
create temp table to_the_place as
with recursive opened as (
    select message_id, author_id, 'own_space' as method
    from conversed
    where home = 'own_space' and parent_state = 'root'
        and (is_flat = false or message_id not in (select message_id from addressee))
    union
    select message.message_id, message.author_id, 'continues'
    from opened
    inner join conversed as message
        on opened.message_id = message.parent_id and opened.author_id = message.author_id
    where message.parent_state <> 'cut'
)
select message_id, min_by(method, if(method = 'own_space', 0, 1)) as method
from opened
group by message_id
"""

SPOKEN = """
create temp table spoken as
with ours as (
    select account_id from account where role like 'ours%'
),
directed as (
    select message_id, to_account_id, method from addressee
    union all
    select message_id, null, method
    from to_the_place
    inner join conversed using (message_id)
    where author_id is null or author_id not in (select account_id from ours)
)
select
    directed.message_id || '>' || coalesce(to_account_id, 'us') as interaction_id,
    case
        when message.visibility = 'direct' then 'direct'
        when method in ('parent', 'previous_speaker') then 'reply'
        when method in ('mention', 'quote') then method
        when to_account_id is null then 'post'
        else 'reply'
    end as kind,
    message.sent_at as occurred_at,
    message.author_id as from_account_id,
    to_account_id,
    coalesce(message.author_id in (select account_id from ours), false) as is_from_us,
    to_account_id is null or to_account_id in (select account_id from ours) as is_to_us,
    directed.message_id,
    message.conversation_id,
    method as addressee_method,
    method = 'previous_speaker' as is_inferred
from directed
inner join conversed as message using (message_id)
"""

REACTED = """
create temp table reacted as
with reaction as (
    select account_id, message_id, kind, max(reacted_at) as reacted_at
    from observed
    where observation = 'ReactionSeen'
    group by account_id, message_id, kind
),
follow as (
    select follower_id, followed_id, max(followed_at) as followed_at
    from observed
    where observation = 'FollowSeen'
    group by follower_id, followed_id
),
every as (
    select
        account_id || '+' || message_id || '+' || reaction.kind as interaction_id,
        reaction.kind,
        reacted_at as occurred_at,
        account_id as from_account_id,
        message.author_id as to_account_id,
        message_id,
        message.conversation_id
    from reaction
    left join conversed as message using (message_id)
    where message.author_id is distinct from account_id
    union all by name
    select
        follower_id || '+' || followed_id || '+follow' as interaction_id,
        'follow' as kind,
        followed_at as occurred_at,
        follower_id as from_account_id,
        followed_id as to_account_id
    from follow
),
ours as (
    select account_id from account where role like 'ours%'
)
select
    *,
    from_account_id in (select account_id from ours) as is_from_us,
    coalesce(to_account_id in (select account_id from ours), false) as is_to_us,
    'platform' as addressee_method,
    false as is_inferred
from every
"""

INTERACTION = """
select
    *,
    case
        when is_from_us and is_to_us then 'internal'
        when is_from_us then 'outbound'
        when is_to_us then 'inbound'
        else 'peer'
    end as direction
from (
    select * from spoken
    union all by name
    select * from reacted
)
"""

MESSAGE = """
with to_us as (
    select
        message_id,
        min_by(
            case
                when kind = 'direct' then 'direct'
                when method = 'parent' then 'reply'
                else method
            end,
            list_position(
                ['parent', 'quote', 'mention', 'previous_speaker', 'continues', 'own_space'],
                method
            )
        ) as addressed_reason
    from (select *, addressee_method as method from spoken)
    where is_to_us and not is_from_us
    group by message_id
)
select
    conversed.*,
    addressed_reason,
    addressed_reason is not null as is_addressed_to_us
from conversed
left join to_us using (message_id)
"""


def interactions(lake: Lake, organisation: Organisation, as_of: datetime) -> dict[str, int]:
    """Replace the core tables of messages and what follows from them; returns their row counts."""
    lake.sweep("core")
    with engine() as connection:
        open_observed(connection, lake)
        open_core(connection, lake, "account")
        fold_messages(connection, organisation)
        cut_count = find_conversations(connection)
        for statement in (NAMED, CONTINUED, PREVIOUS_SPEAKER, ADDRESSEE, TO_THE_PLACE):
            connection.execute(statement)
        connection.execute(SPOKEN)
        connection.execute(REACTED)
        _tell_readings(connection, lake, organisation, as_of)
        _tell_openings(connection, organisation, as_of)
        tables = {
            "message": ("message_id", MESSAGE),
            "message_signal": ("message_id", SIGNAL),
            "interaction": ("interaction_id", INTERACTION),
            "conversation": ("conversation_id", CONVERSATION),
            "opening": ("opened_at", ""),
            "reading": ("platform, account, stream, interval_from, interval_to", ""),
            "set_aside": (
                "platform, account, stream, observed_at, page, reason",
                "from observed where observation = 'SetAside'",
            ),
        }
        counts = {
            table: write_core(connection, lake, table, order, query)
            for table, (order, query) in tables.items()
        }
    return {**counts, "cut": cut_count}


def _tell_openings(
    connection: duckdb.DuckDBPyConnection, organisation: Organisation, as_of: datetime
) -> None:
    """Make the table `opening`: our opening spans from the first message until after `as_of`."""
    first = value(connection, "select min(sent_at) from conversed") or as_of
    start, day = min(first, organisation.history_start), timedelta(days=1)
    # A local day may begin or end on another day than that of UTC.
    spans = organisation.opening_spans((start - day).date(), (as_of + day).date())
    rows, open_seconds = [], 0
    for opened_at, closed_at in spans:
        rows.append((opened_at, closed_at, open_seconds))
        open_seconds += int((closed_at - opened_at).total_seconds())
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    connection.from_arrow(
        pa.Table.from_arrays(
            [pa.array(column, field.type) for column, field in zip(columns, OPENING, strict=True)],
            schema=OPENING,
        )
    ).create("opening")


def _tell_readings(
    connection: duckdb.DuckDBPyConnection, lake: Lake, organisation: Organisation, as_of: datetime
) -> None:
    """Make the table `reading`: what each raw partition holds, what failed, what never happened."""
    rows = [_read_row(lake, each) for each in lake.partitions("raw") if each.is_complete]
    for path in lake.paths("reading"):
        rows += lake.read(path).to_pylist()
    told = {
        (row["platform"], row["account"], row["stream"])
        for row in rows
        if row["interval_to"] == as_of
    }
    for account in organisation.read:
        for stream in PLATFORMS[account.platform].streams:
            where = (account.platform, account.account, stream.name)
            if where not in told:
                rows.append(_missing_row(where, as_of))
    connection.from_arrow(pa.Table.from_pylist(rows, schema=READING)).create("reading")


def _read_row(lake: Lake, partition: Partition) -> dict[str, object]:
    facts = lake.facts(f"raw/{partition.path}")
    return {
        "platform": partition.platform,
        "account": partition.account,
        "stream": partition.stream,
        "interval_from": partition.start,
        "interval_to": partition.end,
        "observed_at": datetime.fromisoformat(facts["observed_at"]),
        "item_count": int(facts["row_count"]),
        "request_count": int(facts["request_count"]),
        "status": "read",
    }


def _missing_row(where: tuple[str, str, str], as_of: datetime) -> dict[str, object]:
    platform, account, stream = where
    return {
        "platform": platform,
        "account": account,
        "stream": stream,
        "interval_from": as_of - timedelta(days=1),
        "interval_to": as_of,
        "observed_at": as_of,
        "item_count": 0,
        "request_count": 0,
        "status": "not_read",
    }
