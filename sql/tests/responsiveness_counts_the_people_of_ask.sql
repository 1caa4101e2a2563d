-- People and answers of each month, each channel and both clocks are those that `ask` has there.
with

asks as (

    select
        cast(date_trunc('month', asked_at) as date) as month_from,
        channel,
        person_id,
        outcome
    from {{ ref('mart_ask') }}
    where not is_only_thanks

),

asked as (

    select
        coalesce(month_from, date '1970-01-01') as month_from,
        coalesce(channel, 'all') as channel,
        count(*) filter (where outcome = 'answered') as answered_ask_count,
        count(distinct person_id) as people_asked_count,
        count(distinct person_id) filter (where outcome = 'answered') as people_answered_count
    from asks
    group by cube (month_from, channel)
    having count(*) > 0

),

told as (

    select
        case period_kind when 'all' then date '1970-01-01' else period_from end as month_from,
        channel,
        clock,
        answered_ask_count,
        people_asked_count,
        people_answered_count
    from {{ ref('mart_responsiveness') }}
    where period_kind <> 'week' and segment_kind = 'all'

),

compared as (

    select
        coalesce(told.month_from, asked.month_from) as month_from,
        coalesce(told.channel, asked.channel) as channel,
        coalesce(
            told.answered_ask_count = asked.answered_ask_count
            and told.people_asked_count = asked.people_asked_count
            and told.people_answered_count = asked.people_answered_count,
            false
        ) as is_equal
    from told
    full outer join asked
        on told.month_from = asked.month_from and told.channel = asked.channel

)

select
    month_from,
    channel,
    count(*) filter (where is_equal) as equal_clock_count
from compared
group by month_from, channel
having count(*) filter (where is_equal) <> 2
