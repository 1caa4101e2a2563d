-- How long people really wait for a human of ours, the unanswered counted.
-- Grain: period_kind, period_from, channel, segment_kind, segment, clock.
with

scopes as (

    select * from {{ ref('int_scope') }}

),

survival as (

    select * from {{ ref('int_survival') }}

),

told as (

    select * from scopes
    where is_told

),

-- The curve is known as far as somebody was seen waiting, or until nobody waits any more; beyond
-- that it is unknown, not flat. 1e-9 because the running product drifts in the last bit.
curve as (

    select
        scope_id,
        min(waited_seconds) filter (where waiting_ratio <= 0.5 + 1e-9) as median_reply_seconds,
        case when {{ is_known_at(3600) }} then {{ answered_within(3600) }} end as within_1h_ratio,
        case when {{ is_known_at(14400) }} then {{ answered_within(14400) }} end
            as within_4h_ratio,
        case when {{ is_known_at(86400) }} then {{ answered_within(86400) }} end
            as within_24h_ratio,
        case when {{ is_known_at(86400) }} then {{ area_until(86400) }} end
            as restricted_mean_24h_seconds
    from survival
    group by scope_id

),

-- What looks at the answers only: all of them, the two in the middle, and the fastest 90 % that a
-- "typically replies within" badge looks at.
answers as (

    select
        told.scope_id,
        sum(survival.answered_count * survival.waited_seconds)
        / cast(sum(survival.answered_count) as double) as mean_seconds,
        min(survival.waited_seconds) filter (
            where survival.answered_so_far_count * 2 >= told.answered_ask_count
        ) / 2.0 + min(survival.waited_seconds) filter (
            where survival.answered_so_far_count * 2 > told.answered_ask_count
        ) / 2.0 as median_seconds,
        sum(survival.waited_seconds * greatest(
            least(survival.answered_so_far_count, told.answered_ask_count * 9 // 10)
            - (survival.answered_so_far_count - survival.answered_count), 0
        )) / cast(nullif(max(told.answered_ask_count * 9 // 10), 0) as double) as badge_seconds
    from told
    inner join survival on told.scope_id = survival.scope_id
    where survival.answered_count > 0
    group by told.scope_id

)

select
    scopes.period_kind,
    scopes.period_from,
    scopes.period_to,
    scopes.channel,
    scopes.segment_kind,
    scopes.segment,
    scopes.clock,
    scopes.ask_count,
    told.answered_ask_count,
    told.withdrawn_ask_count,
    told.ask_count - told.answered_ask_count - told.withdrawn_ask_count as unanswered_ask_count,
    curve.median_reply_seconds,
    curve.within_1h_ratio,
    curve.within_4h_ratio,
    curve.within_24h_ratio,
    curve.restricted_mean_24h_seconds,
    scopes.people_asked_count,
    told.people_answered_count,
    {{ ratio('told.people_answered_count', 'told.people_asked_count') }} as people_answered_ratio,
    {{ wilson('low', 'told.people_answered_count', 'told.people_asked_count') }}
        as people_answered_low_ratio,
    {{ wilson('high', 'told.people_answered_count', 'told.people_asked_count') }}
        as people_answered_high_ratio,
    told.people_personally_answered_count,
    {{ ratio('told.people_personally_answered_count', 'told.people_asked_count') }}
        as people_personally_answered_ratio,
    cast(round(answers.mean_seconds) as bigint) as answered_only_mean_reply_seconds,
    cast(round(answers.median_seconds) as bigint) as answered_only_median_reply_seconds,
    cast(round(answers.badge_seconds) as bigint) as badge_mean_reply_seconds,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from scopes
left join told on scopes.scope_id = told.scope_id
left join curve on told.scope_id = curve.scope_id
left join answers on told.scope_id = answers.scope_id
order by scopes.scope_id asc
