"""Observations become the latest state, by rules that do not depend on their order.

Of a message the latest row wins: by `observed_at`, then by its edit time, then by a mark of all it
says. So any order, any split into nights, and any repetition of the same observations give the
same state. Tables between the steps are narrow, one number (`source`) for each row that was read:
what is wide, texts above all, is fetched from the files once, when core is written.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from lake.organisation import Organisation
from lake.schemas import OBSERVED, STATE
from lake.store import Lake
from transforms.engine import open_files, open_parts

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

# What only some items tell of a message. Of each the latest row that tells it counts, which may be
# older than the latest row of all.
POINTERS = ("author_id", "parent_id", "parent_author_id", "root_id", "quoted_id")
BITS = {name: 1 << place for place, name in enumerate(POINTERS)}
_TOLD = " + ".join(f"({name} is not null)::utinyint * {bit}" for name, bit in BITS.items())

# Everything said of a message, new or kept, in one shape. A message is no parent of itself. The
# mark of a row orders rows of the same moment: its edit time, a hash of all it says, and in the
# last five bits the pointers that it tells.
SIGHTING = f"""
create or replace temp view sighting as
with seen as (
    select * replace (nullif(parent_id, message_id) as parent_id)
    from fresh
    where observation = 'MessageSeen'
)
select
    source,
    message_id,
    {", ".join(POINTERS)},
    {_TOLD} as told,
    null as told_before,
    platform,
    platform || '/' || channel as channel,
    kind,
    visibility,
    mentions,
    is_own_space,
    is_flat,
    permalink,
    client_name,
    text,
    null as content_hash,
    hash(coalesce(text, '')) as text_mark,
    sent_at,
    edited_at as declared_edited_at,
    observed_at,
    observed_at as first_seen_at,
    (least(greatest(coalesce(epoch(edited_at), 0), 0), 4294967295)::ubigint << 32) + (
        hash(
            text, {", ".join(POINTERS)}, edited_at, sent_at, kind, visibility, channel, mentions,
            is_own_space, is_flat, client_name, permalink
        ) >> 37 << 5
    ) + ({_TOLD}) as mark,
    null as texts
from seen
union all by name
select
    source + (1::bigint << 62) as source,
    message_id,
    author_id,
    parent_id,
    fold.parent_author_id as parent_author_id,
    fold.root_id as root_id,
    quoted_id,
    {_TOLD} as told,
    fold.told as told_before,
    platform,
    channel,
    kind,
    visibility,
    mentions,
    fold.is_own_space as is_own_space,
    is_flat,
    permalink,
    client_name,
    text,
    content_hash,
    fold.text_mark as text_mark,
    sent_at,
    fold.edited_at as declared_edited_at,
    last_seen_at as observed_at,
    first_seen_at,
    fold.mark as mark,
    fold.texts as texts
from message_before
"""

NEWEST = """
create or replace temp table newest as
select
    message_id,
    arg_max(source, moment) as source,
    (max(moment) & 18446744073709551615)::ubigint as mark,
    min(first_seen_at) as first_seen_at,
    bit_or(told) as told,
    bool_or(texts is not null) or min(text_mark) <> max(text_mark) as has_several_texts
from (
    select *, (epoch_us(observed_at)::hugeint << 64) + mark as moment
    from sighting
)
group by message_id
"""

GONE_MESSAGE = """
create or replace temp table gone as
with every as (
    select
        message_id,
        observed_at as said_gone_at,
        coalesce(gone_at, observed_at) as went_at
    from fresh
    where observation = 'Gone' and message_id is not null
    union all
    select message_id, fold.said_gone_at, fold.went_at
    from message_before
    where fold.said_gone_at is not null
    union all by name
    select message_id, said_gone_at, went_at
    from gone_before
)
select
    message_id,
    max(said_gone_at) as said_gone_at,
    min(went_at) as went_at
from every
group by message_id
"""


def _latest(name: str) -> str:
    earlier = f"list_filter(told_before, lambda row: row.bit = {BITS[name]})[1]"
    return f"""max(struct_pack(
        observed_at := coalesce({earlier}.observed_at, observed_at),
        mark := coalesce({earlier}.mark, mark),
        id := {name}
    )) filter (where {name} is not null) as {name}"""


# Of messages whose latest row does not tell all that is known.
TOLD_BEFORE = f"""
create or replace temp table told_before as
with partly as (
    select message_id, source
    from newest
    where told <> mark & 31
)
select
    partly.source,
    {", ".join(_latest(name) for name in POINTERS)}
from sighting
inner join partly using (message_id)
group by partly.source
"""

# When each text of a message was first seen, where it had several.
SEVERAL_TEXTS = """
create or replace temp table several_texts as
with several as (
    select message_id, source
    from newest
    where has_several_texts
),
every as (
    select
        several.source,
        if(sighting.source = several.source, text_mark, null) as present,
        unnest(coalesce(
            texts, [struct_pack(text_mark := text_mark, seen_at := sighting.first_seen_at)]
        )) as told
    from sighting
    inner join several using (message_id)
),
first_seen as (
    select
        source,
        told.text_mark as text_mark,
        min(told.seen_at) as seen_at,
        coalesce(bool_or(told.text_mark = present), false) as is_present
    from every
    group by source, told.text_mark
)
select
    source,
    list(struct_pack(text_mark := text_mark, seen_at := seen_at) order by seen_at, text_mark)
        as texts,
    max(seen_at) filter (where is_present) as present_since
from first_seen
group by source
"""


def latest_told(name: str) -> str:
    """SQL for a pointer of a message as the latest row says that tells it."""
    return f"coalesce(told_before.{name}.id, sighting.{name}) as {name}"


# One row a message, narrow. A silent edit is dated by when the present text was first seen, unless
# it was the first of all.
FOLDED_MESSAGE = f"""
create or replace temp table folded_message as
select
    sighting.source,
    sighting.message_id,
    {", ".join(latest_told(name) for name in POINTERS)},
    case when is_flat then channel end as channel,
    visibility = 'direct' as is_direct,
    is_own_space,
    is_flat,
    case when len(mentions) > 0 then mentions end as mentions,
    sent_at,
    coalesce(
        declared_edited_at,
        case when present_since > texts[1].seen_at then present_since end
    ) as edited_at,
    case when said_gone_at >= observed_at then went_at end as deleted_at,
    newest.first_seen_at,
    newest.mark
from (
    select * exclude (texts, told_before, first_seen_at, mark)
    from sighting
) as sighting
inner join newest on sighting.source = newest.source
left join told_before on sighting.source = told_before.source
left join several_texts on sighting.source = several_texts.source
left join gone on sighting.message_id = gone.message_id
where visibility <> 'direct' or getvariable('direct_messages')
"""


def _told_earlier(name: str) -> str:
    told = f"told_before.{name}"
    return f"""case
        when {told}.observed_at <> observed_at or {told}.mark <> placed.mark
            then struct_pack(
                bit := {BITS[name]}, observed_at := {told}.observed_at, mark := {told}.mark
            )
    end"""


# What the next night needs to go on folding, beside what core tells of a message.
FOLD = f"""
struct_pack(
    mark := placed.mark,
    text_mark := sighting.text_mark,
    edited_at := declared_edited_at,
    parent_author_id := coalesce(told_before.parent_author_id.id, sighting.parent_author_id),
    root_id := coalesce(told_before.root_id.id, sighting.root_id),
    is_own_space := sighting.is_own_space,
    said_gone_at := said_gone_at,
    went_at := went_at,
    texts := several_texts.texts,
    told := case when told_before.source is not null then list_filter(
        [{", ".join(_told_earlier(name) for name in POINTERS)}], lambda row: row is not null
    ) end
)
"""

REACTION_STATE = """
create or replace temp table reaction_state as
select account_id, message_id, kind, max(reacted_at) as reacted_at
from (
    select account_id, message_id, kind, reacted_at
    from fresh
    where observation = 'ReactionSeen'
    union all by name
    select account_id, message_id, kind, reacted_at
    from reaction_before
)
group by account_id, message_id, kind
"""

FOLLOW_STATE = """
create or replace temp table follow_state as
select follower_id, followed_id, max(followed_at) as followed_at
from (
    select follower_id, followed_id, followed_at
    from fresh
    where observation = 'FollowSeen'
    union all by name
    select follower_id, followed_id, followed_at
    from follow_before
)
group by follower_id, followed_id
"""


def open_observed(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make the view `observed` over all that was ever read."""
    open_files(connection, "observed", lake, lake.paths("observed"), OBSERVED)


def fold_accounts(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `folded_account`: the core columns of an account, but for its role."""
    connection.execute(FOLDED_ACCOUNT)


def fold_messages(
    connection: duckdb.DuckDBPyConnection,
    organisation: Organisation,
    lake: Lake,
    parts: Iterable[str],
) -> None:
    """Fold the view `fresh` into what is kept of `parts`.

    Makes `folded_message`, one row a message with what was declared of its thread, the view
    `sighting` in which the rest of it is found by `source`, and `gone`, `reaction_state` and
    `follow_state`. The privacy switches are variables of the connection.
    """
    open_parts(connection, "message_before", lake, "core/message", parts)
    for table in STATE:
        open_parts(connection, f"{table}_before", lake, f"state/{table}", parts)
    for statement in (SIGHTING, NEWEST, GONE_MESSAGE, TOLD_BEFORE, SEVERAL_TEXTS):
        connection.execute(statement)
    privacy = organisation.privacy
    connection.execute(f"set variable direct_messages = {privacy.direct_messages}")
    connection.execute(f"set variable metadata_only = {privacy.metadata_only}")
    for statement in (FOLDED_MESSAGE, "drop table newest", REACTION_STATE, FOLLOW_STATE):
        connection.execute(statement)
