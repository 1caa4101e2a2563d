-- Each ask that wants an answer, told apart by when it was asked, by whom and how, as it stood when
-- it was asked. Thanks ask for nothing and are left out. Null where it is unknown. Grain: ask_id.
with

asks as (

    select * from {{ ref('int_ask') }}

),

signals as (

    select * from {{ ref('stg_message_signal') }}

),

accounts as (

    select * from {{ ref('int_account') }}

),

-- A number stands for the person: it is counted over and over.
people as (

    select
        person_id,
        min(asked_at) as first_asked_at,
        row_number() over (order by person_id asc) as asker_number
    from asks
    where person_id is not null
    group by person_id

),

audiences as (

    select
        person_id,
        max(follower_count) as follower_count
    from accounts
    where side in ('person', 'unknown')
    group by person_id

),

-- People with equally many followers stand in the same quartile, the lower one.
quartiles as (

    select
        askers.month_at,
        askers.person_id,
        4 * (rank() over audience - 1) // count(*) over (partition by askers.month_at) as quartile
    from (
        select distinct
            person_id,
            date_trunc('month', asked_at) as month_at
        from asks
        where not is_only_thanks
    ) as askers
    inner join audiences on askers.person_id = audiences.person_id
    where audiences.follower_count is not null
    window audience as (partition by askers.month_at order by audiences.follower_count asc)

)

select
    asks.ask_id,
    people.asker_number,
    asks.channel,
    cast(date_trunc('week', asks.asked_at) as date) as week_from,
    cast(date_trunc('month', asks.asked_at) as date) as month_from,
    {{ weekday_hour('asks.asked_at') }} as weekday_hour,
    {{ weekday('asks.asked_at') }} as weekday_name,
    case
        when
            {{ days_between('people.first_asked_at', 'asks.asked_at') }}
            < {{ var('newcomer_days') }} then 'newcomer'
        when people.asker_number is not null then 'regular'
    end as newcomer,
    case quartiles.quartile
        when 0 then 'lowest'
        when 1 then 'second'
        when 2 then 'third'
        when 3 then 'highest'
    end as follower_quartile,
    signals.language,
    case
        when signals.language <> 'en' or signals.language is null then null
        when signals.sentiment_score <= -{{ var('tone_score') }} then 'critique'
        when signals.sentiment_score >= {{ var('tone_score') }} then 'praise'
        when signals.sentiment_score is not null then 'neutral'
    end as tone,
    asks.outcome = 'answered' as is_answered,
    asks.personally_answered_at is not null as is_personally_answered,
    asks.outcome = 'withdrawn' as is_withdrawn,
    asks.waited_seconds,
    asks.waited_business_seconds
from asks
left join people on asks.person_id = people.person_id
left join quartiles
    on
        asks.person_id = quartiles.person_id
        and date_trunc('month', asks.asked_at) = quartiles.month_at
left join signals on asks.ask_id = signals.message_id
where not asks.is_only_thanks
