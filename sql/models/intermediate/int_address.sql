-- Whether a message of ours that speaks to somebody speaks to our own only, and whether it goes on
-- from what somebody else said in the conversation, or begins it. Grain: message_id.
with

messages as (

    select * from {{ ref('int_message') }}

),

addressees as (

    select * from {{ ref('int_addressee') }}
    where speaker_side in ('ours_human', 'ours_bot')

),

accounts as (

    select * from {{ ref('int_account') }}

),

ours as (

    select distinct person_id
    from accounts
    where side in ('ours_human', 'ours_bot')

),

spoken as (

    select
        conversation_id,
        asker_key,
        min(sent_at) as first_spoken_at
    from messages
    where side not in ('ours_human', 'ours_bot')
    group by conversation_id, asker_key

)

select
    addressees.message_id,
    bool_and(ours.person_id is not null) as is_internal,
    bool_or(coalesce(spoken.first_spoken_at <= addressees.sent_at, false)) as is_answer
from addressees
left join ours on addressees.asker_key = ours.person_id
left join spoken
    on
        addressees.conversation_id = spoken.conversation_id
        and addressees.asker_key = spoken.asker_key
group by addressees.message_id
