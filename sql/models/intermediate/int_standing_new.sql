-- How a relationship stood at a moment: its stage, its score, and what pulls that down most.
-- Grain: person_id, moment_at.
with

measures as (

    select * from {{ ref('int_standing_measure') }}

),

-- Each side of a relationship between 0 and 1, by anchors that never move; docs/score.md.
sided as (

    select
        *,
        1 / (1 + silent_days / {{ var('default_cadence_days') }}) as silence_side,
        {{ up_to('strength', 10) }} as strength_side,
        case
            when contact_day_count >= 3
                then 1 / (1 + power(overdue_ratio / {{ var('drifting_overdue_ratio') }}, 2))
        end as rhythm_side,
        {{ up_to('contact_day_count', 10) }} as depth_side,
        {{ drawn_share(
            '2 * least(inbound_count, outbound_count)', '(inbound_count + outbound_count)'
        ) }} as balance_side,
        {{ drawn_share('personally_answered_ask_count', 'ask_count') }} as answers_side,
        case
            when readable_count > 0
                then least(2 * {{ drawn_share('kind_count', 'readable_count') }}, 1)
        end as warmth_side,
        two_way_contact_count > 0 as was_mutual
    from measures

),

weighed as (

    select
        *,
        {{ known_weight() }} as known_weight,
        {{ worst_side() }} as worst_side
    from sided

),

staged as (

    select
        *,
        case
            when is_gone then 'lost'
            when not was_mutual and outbound_count > 0 and inbound_act_count > 0 then 'heard'
            when not was_mutual and inbound_act_count > 0 then 'noticed'
            when not was_mutual then 'stranger'
            when overdue_ratio > {{ var('lapsing_overdue_ratio') }} then 'lapsed'
            when overdue_ratio > {{ var('drifting_overdue_ratio') }} then 'lapsing'
            when overdue_ratio > {{ var('active_overdue_ratio') }} then 'drifting'
            when day_count_since_return between 1 and {{ var('recovered_day_count') }} - 1
                then 'recovered'
            when
                contact_week_count >= {{ var('recurring_week_count') }}
                and strength >= {{ var('close_strength') }}
                and inbound_opening_count > 0
                and outbound_opening_count > 0
                then 'close'
            when contact_week_count >= {{ var('recurring_week_count') }} then 'recurring'
            when two_way_contact_count >= 2 then 'conversing'
            else 'heard'
        end as stage
    from weighed

)

select
    person_id,
    moment_at,
    is_week,
    is_month,
    is_now,
    is_followed,
    stage,
    case when was_mutual then round({{ score_of_sides('known_weight') }}, 2) end as score,
    case when was_mutual then round(
        known_weight / {{ whole_weight() }} * contact_day_count / (contact_day_count + 2), 6
    ) end as confidence_ratio,
    case when was_mutual then worst_side end as first_driver,
    case when was_mutual then {{ worst_side(without='worst_side') }} end as second_driver,
    round(strength, 6) as strength,
    round(decayed_inbound, 6) as decayed_inbound,
    round(decayed_outbound, 6) as decayed_outbound,
    inbound_count,
    outbound_count,
    reciprocity_ratio,
    imbalance_ratio,
    two_way_contact_count,
    contact_day_count,
    first_two_way_contact_at,
    last_two_way_contact_at,
    median_gap_days,
    round(silent_days, 6) as silent_days,
    case when contact_day_count >= 3 then round(overdue_ratio, 6) end as overdue_ratio,
    round(alive_ratio, 6) as alive_ratio,
    ask_count,
    answered_ask_count,
    open_ask_count,
    personal_answer_ratio,
    warmth_ratio,
    warmth_coverage_ratio,
    mark
from staged
