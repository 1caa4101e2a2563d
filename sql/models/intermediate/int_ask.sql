-- What became of each ask as known at as_of, on the wall clock and on ours: business time counts
-- only the seconds in which we were open. Grain: ask_id.
with

blocks as (

    select * from {{ ref('int_ask_block') }}

),

answers as (

    select * from {{ ref('int_ask_answer') }}

),

openings as (

    select * from {{ ref('stg_opening') }}

),

judged as (

    select
        ask_id,
        asked_at,
        {{ days_between('asked_at', as_of()) }} > {{ var('expire_days') }} as is_old,
        case
            when human_answered_at is not null then 'answered'
            when withdrawn_at is not null then 'withdrawn'
            when is_only_thanks then 'closed_by_thanks'
            when peer_answered_at is not null then 'peer_answered'
            when is_old then 'expired'
            else 'open'
        end as outcome,
        case
            when human_answered_at is not null then human_answered_at
            when withdrawn_at is not null then greatest(withdrawn_at, asked_at)
            else {{ as_of() }}
        end as censored_at
    from blocks

),

-- How long the person waited, and how long we were open meanwhile.
timed as (

    select
        judged.ask_id,
        judged.outcome,
        judged.outcome = 'open' or (judged.outcome = 'peer_answered' and not judged.is_old)
            as is_waiting,
        judged.censored_at,
        {{ seconds_between('judged.asked_at', 'judged.censored_at') }} as waited_seconds,
        (
            {{ open_microseconds('judged.censored_at', 'ended') }}
            - {{ open_microseconds('judged.asked_at', 'asked') }}
        ) // 1000000 as waited_business_seconds
    from judged
    {{ nearest_left_join('openings as asked', 'judged.asked_at >= asked.opened_at') }}
    {{ nearest_left_join('openings as ended', 'judged.censored_at >= ended.opened_at') }}

)

select
    blocks.ask_id,
    blocks.conversation_id,
    blocks.channel,
    blocks.platform,
    blocks.home,
    blocks.person_id,
    blocks.account_id,
    blocks.asked_at,
    blocks.message_count,
    blocks.addressed_reason,
    blocks.human_answered_at,
    blocks.human_answer_message_id,
    blocks.answered_by_person_id,
    coalesce(answers.is_canned_answer, false) as is_canned_answer,
    coalesce(answers.is_personal_answer, false) as is_personal_answer,
    answers.personally_answered_at,
    least(blocks.human_answered_at, blocks.peer_answered_at) as person_answered_at,
    blocks.automatic_answered_at,
    case when timed.outcome = 'answered' then timed.waited_seconds end as human_reply_seconds,
    {{ seconds_between('blocks.asked_at', 'person_answered_at') }} as person_reply_seconds,
    {{ seconds_between('blocks.asked_at', 'blocks.automatic_answered_at') }}
        as automatic_reply_seconds,
    case when timed.outcome = 'answered' then timed.waited_business_seconds end
        as human_reply_business_seconds,
    blocks.is_only_thanks,
    blocks.has_question,
    blocks.peer_answered_at is not null as is_peer_answered,
    timed.outcome,
    timed.is_waiting,
    timed.censored_at,
    timed.waited_seconds,
    timed.waited_business_seconds
from blocks
inner join timed on blocks.ask_id = timed.ask_id
left join answers on blocks.ask_id = answers.ask_id
