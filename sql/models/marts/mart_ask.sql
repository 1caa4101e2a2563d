-- Each time a person spoke to us, and what happened. Grain: ask_id.
with

asks as (

    select * from {{ ref('int_ask') }}

),

messages as (

    select * from {{ ref('int_message') }}

),

people as (

    select * from {{ ref('stg_person') }}

)

select
    asks.ask_id,
    asks.conversation_id,
    asks.channel,
    asks.platform,
    asks.home,
    asks.person_id,
    askers.display_name as person_name,
    asks.account_id,
    asks.asked_at,
    asks.message_count,
    asks.addressed_reason,
    asks.has_question,
    asks.is_only_thanks,
    asks.outcome,
    asks.is_waiting,
    asks.human_answered_at,
    asks.human_answer_message_id,
    asks.answered_by_person_id,
    asks.is_canned_answer,
    asks.is_personal_answer,
    asks.personally_answered_at,
    answerers.display_name as answered_by_name,
    asks.person_answered_at,
    asks.is_peer_answered,
    asks.automatic_answered_at,
    asks.human_reply_seconds,
    asks.human_reply_business_seconds,
    asks.person_reply_seconds,
    asks.automatic_reply_seconds,
    asks.censored_at,
    asks.waited_seconds,
    asks.waited_business_seconds,
    messages.permalink,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from asks
inner join messages on asks.ask_id = messages.message_id
left join people as askers on asks.person_id = askers.person_id
left join people as answerers on asks.answered_by_person_id = answerers.person_id
order by asks.asked_at asc, asks.ask_id asc
