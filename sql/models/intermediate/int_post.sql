-- What we said to nobody in particular, opening a thread, and whether people had something to say
-- to it in its first days. Grain: message_id.
with

openings as (

    select * from {{ ref('int_talk') }}
    where is_opening

),

messages as (

    select * from {{ ref('int_message') }}
    where side in ('person', 'unknown') and deleted_at is null and not is_thanks

),

signals as (

    select * from {{ ref('stg_message_signal') }}
    where word_count >= {{ var('substantive_word_count') }}

),

replied as (

    select
        openings.talk_id as message_id,
        count(*) as substantive_reply_count
    from openings
    inner join messages
        on
            openings.conversation_id = messages.conversation_id
            and openings.occurred_at < messages.sent_at
            and openings.occurred_at + interval '{{ var("noise_days") }} days' >= messages.sent_at
    inner join signals on messages.message_id = signals.message_id
    group by openings.talk_id

)

select
    openings.talk_id as message_id,
    openings.account_id,
    openings.occurred_at as posted_at,
    openings.occurred_at + interval '{{ var("noise_days") }} days' < {{ as_of() }} as is_judged,
    coalesce(replied.substantive_reply_count, 0) as substantive_reply_count
from openings
left join replied on openings.talk_id = replied.message_id
