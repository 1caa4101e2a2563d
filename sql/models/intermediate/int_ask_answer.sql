-- Whether an ask was answered for this person, or by a template or a machine.
-- Grain: ask_id.
with

blocks as (

    select * from {{ ref('int_ask_block') }}

),

messages as (

    select * from {{ ref('int_message') }}

),

replies as (

    select * from {{ ref('int_reply') }}

),

addressees as (

    select * from {{ ref('int_addressee') }}

),

personal as (

    select
        addressees.conversation_id,
        addressees.asker_key,
        addressees.sent_at as answered_at
    from addressees
    inner join replies on addressees.message_id = replies.message_id
    where replies.is_personal

),

asked as (

    select
        blocks.ask_id,
        blocks.asked_at,
        blocks.conversation_id,
        messages.asker_key,
        blocks.human_answer_message_id
    from blocks
    inner join messages on blocks.ask_id = messages.message_id

)

select
    asked.ask_id,
    coalesce(replies.is_canned, false) as is_canned_answer,
    coalesce(replies.is_personal, false) as is_personal_answer,
    personal.answered_at as personally_answered_at
from asked
left join replies on asked.human_answer_message_id = replies.message_id
{{ nearest_left_join('personal', 'asked.conversation_id = personal.conversation_id
    and asked.asker_key = personal.asker_key and asked.asked_at <= personal.answered_at') }}
