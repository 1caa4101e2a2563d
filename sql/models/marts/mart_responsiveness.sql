-- How long people really wait for a human of ours, the unanswered counted.
-- Grain: period_kind, period_from, channel, clock.
with

waits as (

    select * from {{ ref('int_wait') }}

),

survival as (

    select * from {{ ref('int_survival') }}

),

-- The curve is known as far as somebody was seen waiting, or until nobody waits any more; beyond
-- that it is unknown, not flat. 1e-9 because the running product drifts in the last bit.
curve as (

    select
        period_kind,
        period_from,
        channel,
        clock,
        min(waited_seconds) filter (where waiting_ratio <= 0.5 + 1e-9) as median_reply_seconds,
        case when {{ is_known_at(3600) }} then {{ answered_within(3600) }} end as within_1h_ratio,
        case when {{ is_known_at(14400) }} then {{ answered_within(14400) }} end
            as within_4h_ratio,
        case when {{ is_known_at(86400) }} then {{ answered_within(86400) }} end
            as within_24h_ratio,
        case when {{ is_known_at(86400) }} then {{ area_until(86400) }} end
            as restricted_mean_24h_seconds
    from survival
    group by period_kind, period_from, channel, clock

),

counted as (

    select
        period_kind,
        period_from,
        period_to,
        channel,
        clock,
        count(*) as ask_count,
        count(*) filter (where is_answered) as answered_ask_count,
        count(*) filter (where outcome = 'withdrawn') as withdrawn_ask_count,
        count(distinct person_id) as people_asked_count,
        count(distinct person_id) filter (where is_answered) as people_answered_count,
        avg(waited_seconds) filter (where is_answered) as answered_only_mean,
        median(waited_seconds) filter (where is_answered) as answered_only_median,
        avg(waited_seconds) filter (where is_in_badge) as badge_mean
    from waits
    group by period_kind, period_from, period_to, channel, clock

)

select
    counted.period_kind,
    counted.period_from,
    counted.period_to,
    counted.channel,
    counted.clock,
    counted.ask_count,
    counted.answered_ask_count,
    counted.withdrawn_ask_count,
    counted.ask_count - counted.answered_ask_count - counted.withdrawn_ask_count
        as unanswered_ask_count,
    curve.median_reply_seconds,
    curve.within_1h_ratio,
    curve.within_4h_ratio,
    curve.within_24h_ratio,
    curve.restricted_mean_24h_seconds,
    counted.people_asked_count,
    counted.people_answered_count,
    {{ ratio('counted.people_answered_count', 'counted.people_asked_count') }}
        as people_answered_ratio,
    {{ wilson('low', 'counted.people_answered_count', 'counted.people_asked_count') }}
        as people_answered_low_ratio,
    {{ wilson('high', 'counted.people_answered_count', 'counted.people_asked_count') }}
        as people_answered_high_ratio,
    cast(round(counted.answered_only_mean) as bigint) as answered_only_mean_reply_seconds,
    cast(round(counted.answered_only_median) as bigint) as answered_only_median_reply_seconds,
    cast(round(counted.badge_mean) as bigint) as badge_mean_reply_seconds,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from counted
inner join curve
    on
        counted.period_kind = curve.period_kind
        and counted.period_from = curve.period_from
        and counted.channel = curve.channel
        and counted.clock = curve.clock
order by counted.period_kind asc, counted.period_from asc, counted.channel asc, counted.clock asc
