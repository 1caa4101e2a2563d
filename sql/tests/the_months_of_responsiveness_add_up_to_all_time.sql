-- Every ask but thanks stands in exactly one month, in one week, in all time, in one hour of the
-- week, and on both clocks.
with

asked as (

    select count(*) as ask_count
    from {{ ref('mart_ask') }}
    where not is_only_thanks

),

told as (

    select
        period_kind,
        clock,
        channel = 'all' as is_all_channels,
        segment_kind,
        sum(ask_count) as ask_count
    from {{ ref('mart_responsiveness') }}
    where segment_kind in ('all', 'weekday', 'weekday_hour')
    group by period_kind, clock, is_all_channels, segment_kind

)

select
    told.period_kind,
    told.clock,
    told.is_all_channels,
    told.segment_kind,
    told.ask_count as told_count,
    asked.ask_count as asked_count
from told
cross join asked
where told.ask_count <> asked.ask_count
