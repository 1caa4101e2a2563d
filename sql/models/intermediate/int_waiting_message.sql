-- The first message of each waiting ask that its author has not deleted: where the answer goes.
-- Grain: ask_id.
with

asks as (

    select * from {{ ref('int_ask') }}
    where is_waiting

),

messages as (

    select * from {{ ref('int_message') }}

),

-- Nobody of ours has answered since: all that the asker said to us from then on is the ask.
standing as (

    select
        asks.ask_id,
        {{ earliest('messages.message_id', 'messages.sent_at') }} as message_id
    from asks
    inner join messages as firsts on asks.ask_id = firsts.message_id
    inner join messages
        on
            firsts.conversation_id = messages.conversation_id
            and firsts.asker_key = messages.asker_key
            and firsts.sent_at <= messages.sent_at
    where messages.is_addressed_to_us and messages.deleted_at is null
    group by asks.ask_id

)

select
    standing.ask_id,
    standing.message_id,
    messages.permalink
from standing
inner join messages on standing.message_id = messages.message_id
