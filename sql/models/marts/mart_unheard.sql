-- Who spoke to us and was never answered by a human of ours, and what they met with instead.
-- Grain: person_id.
with

asks as (

    select * from {{ ref('int_ask') }}
    where person_id is not null

),

doors as (

    select * from {{ ref('mart_open_door') }}

),

messages as (

    select * from {{ ref('int_message') }}

),

signals as (

    select * from {{ ref('stg_message_signal') }}

),

heard as (

    select distinct person_id
    from asks
    where outcome = 'answered'

),

unanswered as (

    select
        asks.person_id,
        count(*) as ask_count,
        min(asks.asked_at) as first_asked_at,
        max(asks.asked_at) as last_asked_at,
        {{ latest('asks.ask_id', 'asks.asked_at') }} as last_ask_id,
        {{ words_of('asks.channel') }} as channels,
        count(*) filter (where asks.outcome = 'withdrawn') as withdrawn_ask_count,
        count(*) filter (where asks.outcome <> 'withdrawn' and asks.is_peer_answered)
            as peer_answered_ask_count,
        count(asks.automatic_answered_at) filter (
            where asks.outcome <> 'withdrawn' and not asks.is_peer_answered
        ) as bot_answered_ask_count,
        count(*) filter (
            where
            asks.outcome <> 'withdrawn'
            and not asks.is_peer_answered
            and asks.automatic_answered_at is null
        ) as ignored_ask_count,
        count(*) filter (where asks.is_waiting) as waiting_ask_count,
        count(*) filter (where not asks.is_waiting and asks.outcome <> 'withdrawn')
            as expired_ask_count,
        count(*) filter (where doors.is_dead_door) as dead_door_ask_count
    from asks
    left join heard on asks.person_id = heard.person_id
    left join doors
        on asks.channel = doors.channel and date_trunc('month', asks.asked_at) = doors.month_from
    where not asks.is_only_thanks and heard.person_id is null
    group by asks.person_id

)

select
    unanswered.person_id,
    messages.person_name,
    concat_ws(
        '; ',
        {{ said_of('nobody answered', 'ignored_ask_count', 'ask_count') }},
        {{ said_of('only our bot answered', 'bot_answered_ask_count', 'ask_count') }},
        {{ said_of('only another person answered', 'peer_answered_ask_count', 'ask_count') }},
        {{ said_of('taken back', 'withdrawn_ask_count', 'ask_count') }},
        {{ said_of('expired', 'expired_ask_count', 'ask_count') }},
        {{ said_of('waiting still', 'waiting_ask_count', 'ask_count') }},
        {{ said_of('asked at a dead door', 'dead_door_ask_count', 'ask_count') }}
    ) as reason,
    unanswered.ask_count,
    unanswered.ignored_ask_count,
    unanswered.bot_answered_ask_count,
    unanswered.peer_answered_ask_count,
    unanswered.withdrawn_ask_count,
    unanswered.expired_ask_count,
    unanswered.waiting_ask_count,
    unanswered.dead_door_ask_count,
    unanswered.first_asked_at,
    unanswered.last_asked_at,
    unanswered.channels,
    messages.permalink as last_ask_permalink,
    signals.language as last_ask_language,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from unanswered
inner join messages on unanswered.last_ask_id = messages.message_id
left join signals on unanswered.last_ask_id = signals.message_id
order by unanswered.person_id asc
