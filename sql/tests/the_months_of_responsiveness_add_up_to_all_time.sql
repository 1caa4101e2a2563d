-- Every ask but thanks stands in exactly one month, in all time, and on both clocks.
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
        sum(ask_count) as ask_count
    from {{ ref('mart_responsiveness') }}
    group by period_kind, clock, is_all_channels

)

select
    told.period_kind,
    told.clock,
    told.is_all_channels,
    told.ask_count as told_count,
    asked.ask_count as asked_count
from told
cross join asked
where told.ask_count <> asked.ask_count
