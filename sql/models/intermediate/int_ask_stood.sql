-- From when to when something of a person's ask stood: each message stands until it is deleted.
-- Where one ends before the next begins, the ask was gone meanwhile. Grain: ask_id, stood_from.
with

blocks as (

    select * from {{ ref('int_ask_block') }}
    where person_id is not null

),

messages as (

    select * from {{ ref('int_message') }}
    where is_addressed_to_us and side = 'person'

),

standing as (

    select
        blocks.ask_id,
        messages.sent_at,
        messages.is_thanks,
        coalesce(
            messages.deleted_at - interval 1 microsecond, timestamptz '9999-01-01 00:00:00+00'
        ) as stood_to
    from messages
    {{ nearest_join('blocks', 'messages.conversation_id = blocks.conversation_id
        and messages.person_id = blocks.person_id and messages.sent_at >= blocks.asked_at') }}

),

marked as (

    select
        ask_id,
        sent_at,
        is_thanks,
        stood_to,
        coalesce(sent_at > max(stood_to) over (
            partition by ask_id
            order by sent_at asc, stood_to asc
            rows between unbounded preceding and 1 preceding
        ), true) as is_new
    from standing

),

numbered as (

    select
        ask_id,
        sent_at,
        is_thanks,
        stood_to,
        count(*) filter (where is_new) over (
            partition by ask_id
            order by sent_at asc, stood_to asc
            rows between unbounded preceding and current row
        ) as span_number
    from marked

)

select
    ask_id,
    min(sent_at) as stood_from,
    max(stood_to) as stood_to,
    min(sent_at) filter (where not is_thanks) as first_word_at
from numbered
group by ask_id, span_number
