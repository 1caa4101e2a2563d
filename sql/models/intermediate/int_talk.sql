-- Every message and every repost of ours, each of exactly one kind. Grain: talk_id.
with

messages as (

    select * from {{ ref('int_message') }}
    where side in ('ours_human', 'ours_bot')

),

signals as (

    select * from {{ ref('stg_message_signal') }}

),

replies as (

    select * from {{ ref('int_reply') }}

),

automated as (

    select * from {{ ref('stg_automated_message') }}

),

addresses as (

    select * from {{ ref('int_address') }}

),

-- A repost without a time belongs to no week.
reposts as (

    select * from {{ ref('stg_interaction') }}
    where
        kind = 'repost'
        and direction in ('outbound', 'internal')
        and occurred_at is not null

),

-- Answering somebody whom the platform does not tell is no reply in int_reply, but an answer. What
-- speaks to a colleague's private account is one, though the person behind it is ours.
said as (

    select
        messages.message_id,
        messages.conversation_id,
        messages.account_id,
        messages.sent_at,
        messages.is_question,
        case
            when signals.is_promotion then 'promotion'
            when replies.message_id is null and addresses.is_internal then 'internal'
            when messages.side = 'ours_bot' or automated.message_id is not null then 'automated'
            when replies.is_canned then 'canned'
            when addresses.is_answer then 'reply'
            when addresses.message_id is not null then 'proactive'
            else 'post'
        end as talk_kind,
        messages.parent_id is null and addresses.message_id is null as is_opening
    from messages
    left join signals on messages.message_id = signals.message_id
    left join replies on messages.message_id = replies.message_id
    left join automated on messages.message_id = automated.message_id
    left join addresses on messages.message_id = addresses.message_id

)

select
    message_id as talk_id,
    conversation_id,
    account_id,
    sent_at as occurred_at,
    talk_kind,
    true as is_message,
    is_question,
    is_opening
from said
union all
select
    interaction_id as talk_id,
    conversation_id,
    from_account_id as account_id,
    occurred_at,
    'repost' as talk_kind,
    false as is_message,
    false as is_question,
    false as is_opening
from reposts
