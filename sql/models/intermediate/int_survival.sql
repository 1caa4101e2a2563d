-- The share of asks that still wait after so many seconds, the unanswered counted (Kaplan and Meier
-- 1958). Where answers and censorings fall on the same second, the answers come first.
-- Grain: period_kind, period_from, channel, clock, waited_seconds.
with

waits as (

    select * from {{ ref('int_wait') }}

),

moments as (

    select
        period_kind,
        period_from,
        channel,
        clock,
        waited_seconds,
        count(*) filter (where is_answered) as answered_count,
        count(*) as ended_count
    from waits
    group by period_kind, period_from, channel, clock, waited_seconds

),

at_risk as (

    select
        period_kind,
        period_from,
        channel,
        clock,
        waited_seconds,
        answered_count,
        sum(ended_count) over (
            partition by period_kind, period_from, channel, clock
            order by waited_seconds desc
        ) as waiting_count
    from moments

),

survived as (

    select
        period_kind,
        period_from,
        channel,
        clock,
        waited_seconds,
        answered_count,
        waiting_count,
        {{ product_over('1 - answered_count / cast(waiting_count as double)', '
            partition by period_kind, period_from, channel, clock
            order by waited_seconds asc
            rows between unbounded preceding and current row
        ') }} as waiting_ratio
    from at_risk

)

select
    period_kind,
    period_from,
    channel,
    clock,
    waited_seconds,
    answered_count,
    cast(waiting_count as bigint) as waiting_count,
    waiting_ratio,
    lag(waiting_ratio, 1, 1.0) over scope as waiting_before_ratio,
    lag(waited_seconds, 1, 0) over scope as waited_before_seconds
from survived
window
    scope as (
        partition by period_kind, period_from, channel, clock
        order by waited_seconds asc
    )
