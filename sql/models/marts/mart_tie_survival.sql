-- How long ties between people and us last: the share that is still alive after so many days
-- (Kaplan and Meier 1958), those that still live counted. Grain: lived_days.
with

-- A tie that had ended by the time from which we read was never seen alive.
ties as (

    select * from {{ ref('int_tie') }}
    where coalesce(lived_days > entered_days, true)

),

-- The day of its life from which a tie is seen, and the one on which it lapsed or was last seen.
steps as (

    select
        coalesce(entered_days + 1, 0) as lived_days,
        1 as entered_count,
        0 as lapsed_count,
        0 as ended_count
    from ties
    union all
    select
        lived_days,
        0 as entered_count,
        cast(is_lapsed as integer) as lapsed_count,
        1 as ended_count
    from ties

),

moments as (

    select
        lived_days,
        cast(sum(entered_count) as bigint) as entered_count,
        cast(sum(lapsed_count) as bigint) as lapsed_count,
        cast(sum(ended_count) as bigint) as ended_count
    from steps
    group by lived_days

),

at_risk as (

    select
        lived_days,
        lapsed_count,
        ended_count,
        sum(entered_count - ended_count) over (order by lived_days asc) + ended_count
            as at_risk_count
    from moments

),

survived as (

    select
        lived_days,
        lapsed_count,
        ended_count - lapsed_count as censored_count,
        cast(at_risk_count as bigint) as at_risk_count,
        {{ product_over(
            '1 - lapsed_count / cast(at_risk_count as double)', 'order by lived_days asc'
        ) }} as survival_ratio,
        sum(lapsed_count / nullif(
            cast(at_risk_count as double) * (at_risk_count - lapsed_count), 0
        )) over (order by lived_days asc) as variance
    from at_risk
    where ended_count > 0

)

select
    lived_days,
    at_risk_count,
    lapsed_count,
    censored_count,
    round(survival_ratio, 6) as survival_ratio,
    {{ greenwood('low', 'survival_ratio', 'variance') }} as survival_low_ratio,
    {{ greenwood('high', 'survival_ratio', 'variance') }} as survival_high_ratio,
    -- 1e-9 because the running product drifts in the last bit.
    min(lived_days) filter (where survival_ratio <= 0.5 + 1e-9) over () as median_lived_days,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from survived
order by lived_days asc
