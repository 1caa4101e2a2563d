-- Who a message speaks to, once per person however often it names them.
-- Grain: message_id, asker_key.
with

messages as (

    select * from {{ ref('int_message') }}

),

interactions as (

    select * from {{ ref('stg_interaction') }}

),

accounts as (

    select * from {{ ref('int_account') }}

),

named as (

    select
        interactions.message_id,
        accounts.person_id as asker_key
    from interactions
    inner join accounts on interactions.to_account_id = accounts.account_id
    where interactions.kind in {{ spoken_kinds() }}

),

-- An author whom the platform does not tell has no account to name: replying is speaking to them.
unnamed as (

    select
        messages.message_id,
        parents.asker_key
    from messages
    inner join messages as parents on messages.parent_id = parents.message_id
    where parents.person_id is null

),

spoken_to as (

    select
        message_id,
        asker_key
    from named
    union distinct
    select
        message_id,
        asker_key
    from unnamed

)

select
    spoken_to.message_id,
    spoken_to.asker_key,
    messages.conversation_id,
    messages.sent_at,
    messages.person_id as speaker_id,
    messages.side as speaker_side
from spoken_to
inner join messages on spoken_to.message_id = messages.message_id
