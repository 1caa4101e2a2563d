-- By which doors people reach a human of ours. Grain: channel, month_from.
with

responsiveness as (

    select * from {{ ref('mart_responsiveness') }}
    where period_kind = 'month' and channel <> 'all' and clock = 'wall'

),

asks as (

    select * from {{ ref('int_ask') }}
    where not is_only_thanks

),

detours as (

    select * from {{ ref('int_detour') }}

),

people as (

    select * from {{ ref('stg_person') }}

),

-- Each asker of the month, with the number of channels on which they asked in it.
askers as (

    select
        channel,
        cast(date_trunc('month', asked_at) as date) as month_from,
        person_id,
        count(*) over (partition by person_id, date_trunc('month', asked_at)) as channel_count
    from asks
    where person_id is not null
    group by channel, date_trunc('month', asked_at), person_id

),

gone_elsewhere as (

    select
        askers.channel,
        askers.month_from,
        count(distinct askers.person_id) filter (where askers.channel_count > 1)
            as multi_channel_people_count,
        count(distinct detours.person_id) as detour_people_count
    from askers
    left join detours
        on
            askers.channel = detours.channel
            and askers.person_id = detours.person_id
            and askers.month_from = date_trunc('month', detours.asked_at)
    group by askers.channel, askers.month_from

),

answered as (

    select
        asks.channel,
        cast(date_trunc('month', asks.asked_at) as date) as month_from,
        count(distinct people.person_id) filter (where people.person_kind = 'ours_person')
            as answering_human_count,
        count(*) filter (where people.person_kind = 'ours_brand') as brand_answered_ask_count
    from asks
    inner join people on asks.answered_by_person_id = people.person_id
    group by asks.channel, date_trunc('month', asks.asked_at)

)

select
    responsiveness.channel,
    responsiveness.period_from as month_from,
    responsiveness.ask_count,
    responsiveness.answered_ask_count,
    responsiveness.people_asked_count,
    responsiveness.people_answered_count,
    responsiveness.people_answered_ratio,
    responsiveness.people_personally_answered_count,
    responsiveness.people_personally_answered_ratio,
    {{ wilson(
        'low', 'people_personally_answered_count', 'people_asked_count'
    ) }} as people_personally_answered_low_ratio,
    {{ wilson(
        'high', 'people_personally_answered_count', 'people_asked_count'
    ) }} as people_personally_answered_high_ratio,
    responsiveness.median_reply_seconds,
    responsiveness.people_asked_count >= {{ var('dead_door_people_count') }}
    and responsiveness.people_answered_count
    < {{ var('dead_door_answered_ratio') }} * responsiveness.people_asked_count as is_dead_door,
    coalesce(gone_elsewhere.detour_people_count, 0) as detour_people_count,
    {{ ratio('coalesce(gone_elsewhere.detour_people_count, 0)', 'people_asked_count') }}
        as detour_ratio,
    coalesce(gone_elsewhere.multi_channel_people_count, 0) as multi_channel_people_count,
    coalesce(answered.answering_human_count, 0) as answering_human_count,
    {{ ratio('coalesce(answered.brand_answered_ask_count, 0)', 'answered_ask_count') }}
        as brand_answer_ratio,
    responsiveness.as_of,
    responsiveness.definition_version
from responsiveness
left join gone_elsewhere
    on
        responsiveness.channel = gone_elsewhere.channel
        and responsiveness.period_from = gone_elsewhere.month_from
left join answered
    on
        responsiveness.channel = answered.channel
        and responsiveness.period_from = answered.month_from
order by responsiveness.channel asc, responsiveness.period_from asc
