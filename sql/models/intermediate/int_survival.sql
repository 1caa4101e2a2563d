-- The share of asks that still wait after so many seconds, the unanswered counted (Kaplan and Meier
-- 1958). Where answers and censorings fall on the same second, the answers come first.
-- Grain: scope_id, waited_seconds.
with

waits as (

    select * from {{ ref('int_wait') }}

),

at_risk as (

    select
        scope_id,
        waited_seconds,
        answered_count,
        ended_count,
        sum(ended_count) over (
            partition by scope_id
            order by waited_seconds desc
            rows between unbounded preceding and current row
        ) as waiting_count
    from waits

),

-- The curve falls only where somebody is answered; its end tells how far it is known.
survived as (

    select
        scope_id,
        waited_seconds,
        answered_count,
        sum(answered_count) over (so_far rows unbounded preceding) as answered_so_far_count,
        waiting_count,
        {{ product_over(
            '1 - answered_count / cast(waiting_count as double)', 'so_far rows unbounded preceding'
        ) }} as waiting_ratio
    from at_risk
    where answered_count > 0 or waiting_count = ended_count
    window
        so_far as (
            partition by scope_id
            order by waited_seconds asc
        )

)

select
    scope_id,
    waited_seconds,
    answered_count,
    cast(answered_so_far_count as bigint) as answered_so_far_count,
    cast(waiting_count as bigint) as waiting_count,
    waiting_ratio,
    lag(waiting_ratio, 1, 1.0) over scope as waiting_before_ratio,
    lag(waited_seconds, 1, 0) over scope as waited_before_seconds
from survived
window
    scope as (
        partition by scope_id
        order by waited_seconds asc
    )
