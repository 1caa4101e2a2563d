"""Signals that take the whole history: which of our replies are canned, what machines wrote.

Two replies are alike if their shapes share 0.7 of their shingles (Jaccard). In the order in which
replies became known each joins the earliest known template that it is like, or begins one, so that
no later night renames a template. A template that reached three people is one; all its replies but
the earliest are canned, from the moment the third person got one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import duckdb
import pyarrow as pa

from lake.store import Lake
from transforms.engine import open_core, value, write_core
from transforms.signals.texts import open_reply_shapes
from transforms.signals.words import numbered

ALIKE = 0.7  # Jaccard
PEOPLE_AT_LEAST = 3
# Templates compared in one bucket: bounds the work where thousands are half alike.
COMPARED_AT_MOST = 64
ECHOED_AT_LEAST = 2  # words
QUICK_SECONDS, CLOCK_HOURS = 10, 8

OUR_REPLY = f"""
create or replace temp table our_reply as
with addressed as (
    select
        interaction.message_id,
        list(distinct coalesce(identity.person_id, interaction.to_account_id)) as person_ids,
        list_distinct(flatten(list({
    numbered(
        "[lower(split_part(trim(account.display_name), ' ', 1)), lower(ltrim(account.handle, '@'))]"
    )
}))) as names
    from interaction
    left join account on interaction.to_account_id = account.account_id
    left join identity on interaction.to_account_id = identity.account_id
    where interaction.direction = 'outbound'
        and interaction.kind in ('direct', 'reply', 'mention', 'quote')
        and interaction.to_account_id is not null
    group by interaction.message_id
)
select
    message.message_id,
    message.author_id,
    message.sent_at,
    message.first_seen_at,
    addressed.person_ids,
    coalesce(list_has_any(words, list_filter(names, lambda name: name is not null)), false)
        as names_addressee,
    coalesce(is_signed, false) as is_signed,
    shingles
from addressed
inner join message using (message_id)
left join reply_shape using (content_hash)
"""

# One row a shape, numbered in the order in which they became known.
REPLY_FORM = """
create or replace temp table reply_form as
with first_use as (
    select
        shingles,
        min(struct_pack(first_seen_at, sent_at, message_id)) as first_use
    from our_reply
    where len(shingles) > 0
    group by shingles
)
select
    row_number() over (order by first_use) as form,
    shingles,
    first_use.message_id as first_message_id
from first_use
"""

# Buckets in which several forms meet: only these can be alike.
MEETING = """
create or replace temp table meeting as
with bucket as (
    select form, unnest(bands) as bucket
    from reply_form
    inner join (
        select shingles, any_value(bands) as bands from reply_shape group by shingles
    ) as shape using (shingles)
)
select form, bucket
from bucket
where bucket in (select bucket from bucket group by bucket having count(*) > 1)
"""

MET = """
select form, shingles, list(bucket order by bucket) as buckets
from meeting
inner join reply_form using (form)
group by form, shingles
order by form
"""

TEMPLATE_USE = f"""
create or replace temp table template_use as
with used as (
    select
        our_reply.*,
        template.first_message_id as template_id,
        1 - len(list_intersect(our_reply.shingles, template.shingles)) / len(our_reply.shingles)
            as outside_template_ratio
    from our_reply
    inner join reply_form using (shingles)
    left join joined using (form)
    inner join reply_form as template on coalesce(joined.template, reply_form.form) = template.form
),
spoken_to as (
    select template_id, sent_at, unnest(person_ids) as person_id
    from used
),
reached as (
    select template_id, person_id, min(sent_at) as reached_at
    from spoken_to
    group by template_id, person_id
),
repeated as (
    select template_id, list(sent_at order by sent_at)[{PEOPLE_AT_LEAST}] as repeated_at
    from used
    group by template_id
),
template as (
    select
        template_id,
        greatest(list(reached_at order by reached_at)[{PEOPLE_AT_LEAST}], any_value(repeated_at))
            as established_at
    from reached
    inner join repeated using (template_id)
    group by template_id
    having count(*) >= {PEOPLE_AT_LEAST} and any_value(repeated_at) is not null
),
established as (
    select
        used.*,
        established_at,
        row_number() over (partition by template_id order by sent_at, message_id) as place
    from used
    inner join template using (template_id)
    where established_at is not null
)
select
    message_id,
    template_id,
    outside_template_ratio,
    place = 1 as is_template_origin,
    case when place > 1 then greatest(sent_at, established_at) end as canned_at
from established
"""

# Programs that publish by schedule or on their own.
SCHEDULING_CLIENT = (
    "(?i)buffer|hootsuite|sprout social|ifttt|zapier|dlvr[.]it|socialflow|sprinklr|crosspost"
    "|postiz|publer|socialbee|feed2toot|rss|moa[.]party|n8n|make[.]com|echobox|loomly|planable"
)

AUTOMATED_MESSAGE = f"""
with quick as (
    select
        message_id,
        author_id,
        sent_at,
        row_number() over (
            partition by author_id, hour(sent_at) order by sent_at, message_id
        ) = 1 as is_new_hour
    from message_signal
    inner join message using (message_id)
    where reply_seconds < {QUICK_SECONDS} and author_id is not null
),
around_the_clock as (
    select message_id
    from quick
    qualify count(*) filter (where is_new_hour) over (
        partition by author_id order by sent_at, message_id
    ) >= {CLOCK_HOURS}
),
evident as (
    select
        message_id,
        case
            when account.role = 'ours_bot' then 'our_bot'
            when account.role = 'bot' then 'bot_account'
            when regexp_matches(client_name, '{SCHEDULING_CLIENT}') then 'scheduling_client'
            when around_the_clock.message_id is not null then 'quick_around_the_clock'
        end as automation_reason
    from message
    left join account on message.author_id = account.account_id
    left join around_the_clock using (message_id)
)
select message_id, automation_reason
from evident
where automation_reason is not null
"""

REPLY_SIGNAL = f"""
select
    our_reply.message_id,
    names_addressee,
    is_signed,
    automated_message.message_id is null
        and canned_at is null
        and (
            names_addressee
            or is_signed
            or coalesce(echoed_word_count >= {ECHOED_AT_LEAST}, false)
        ) as is_personal,
    template_id,
    coalesce(is_template_origin, false) as is_template_origin,
    canned_at,
    coalesce(outside_template_ratio, 1.0) as outside_template_ratio
from our_reply
left join template_use using (message_id)
left join message_signal using (message_id)
left join automated_message using (message_id)
"""


def write_reply_signals(connection: duckdb.DuckDBPyConnection, lake: Lake) -> dict[str, int]:
    """Replace the core tables that take the whole history; returns rows written of each."""
    open_core(connection, lake, "account", "identity", "message", "message_signal", "interaction")
    open_reply_shapes(connection, lake)
    template_count = find_templates(connection)
    return {
        "automated_message": write_core(connection, lake, "automated_message", "message_id"),
        "reply_signal": write_core(connection, lake, "reply_signal", "message_id", REPLY_SIGNAL),
        "template": template_count,
    }


def find_templates(connection: duckdb.DuckDBPyConnection) -> int:
    """Make `automated_message`, `our_reply` and `template_use`; returns how many templates.

    Needs the core tables of messages, accounts and identities, and the view `reply_shape`.
    """
    connection.execute(f"create or replace temp table automated_message as {AUTOMATED_MESSAGE}")
    for statement in (OUR_REPLY, REPLY_FORM, MEETING):
        connection.execute(statement)
    with connection.sql(MET).to_arrow_reader(8192) as reader:
        rows = joined(row for batch in reader for row in batch.to_pylist())
    forms, templates = zip(*rows, strict=True) if rows else ((), ())
    arrays = [pa.array(forms, pa.int64()), pa.array(templates, pa.int64())]
    connection.from_arrow(pa.table(arrays, ["form", "template"])).create("joined")
    connection.execute(TEMPLATE_USE)
    return int(value(connection, "select count(distinct template_id) from template_use"))


def joined(forms: Iterable[dict[str, list[int]]]) -> list[tuple[int, int]]:
    """Which form joins the template of which earlier form; the others begin one of their own.

    Forms come in the order in which they became known, with their shingles and the buckets in
    which they meet others. A form is compared with no more than `COMPARED_AT_MOST` templates in a
    bucket, so that the work grows with the number of forms and not with its square.
    """
    templates: dict[int, frozenset[int]] = {}
    buckets: defaultdict[int, list[int]] = defaultdict(list)
    found = []
    for row in forms:
        form, shingles = int(row["form"]), frozenset(row["shingles"])  # type: ignore[call-overload]
        near = {template for bucket in row["buckets"] for template in buckets[bucket]}
        like = [each for each in near if jaccard(shingles, templates[each]) >= ALIKE]
        if like:
            found.append((form, min(like)))
            continue
        templates[form] = shingles
        for bucket in row["buckets"]:
            if len(buckets[bucket]) < COMPARED_AT_MOST:
                buckets[bucket].append(form)
    return found


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    """Share of all shingles of two shapes that both have."""
    return len(one & other) / len(one | other) if one or other else 0.0
