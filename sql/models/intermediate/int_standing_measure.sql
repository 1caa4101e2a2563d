-- What can be measured of a relationship at a moment: now of everybody; at past moments that no
-- earlier night has worked out of those who were in two-way contact, until it lapsed.
-- Grain: person_id, moment_at.
with

states as (

    select * from {{ ref('int_standing_state') }}

),

moments as (

    select * from {{ ref('int_moment_mark') }}

),

kept as (

    select distinct
        moment_at,
        mark
    from {{ ref('stg_standing') }}

),

-- Moments that an earlier night kept, and of which nothing has changed, need not be seen again.
wanted as (

    select moments.*
    from moments
    left join kept on moments.moment_at = kept.moment_at and moments.mark = kept.mark
    where moments.is_now or kept.moment_at is null

),

-- The week in which it lapses, or the person goes, is the last one.
seen as (

    select
        wanted.*,
        states.*,
        {{ days_between('states.last_two_way_contact_at', 'wanted.moment_at') }} as silent_days,
        {{ faded('1', 'states.changed_at', 'wanted.moment_at') }} as fading,
        coalesce(
            {{ days_between('states.last_two_way_contact_at', 'wanted.moment_at') }}
            <= {{ var('lapsing_overdue_ratio') }} * states.cadence_days + 7
            and coalesce(wanted.moment_at < states.gone_at + interval 7 day, true),
            false
        ) as is_followed
    from states
    inner join wanted
        on
            states.changed_at <= wanted.moment_at
            and states.unchanged_to > wanted.moment_at

),

followed as (

    select * from seen
    where is_now or is_followed

)

select
    person_id,
    moment_at,
    is_week,
    is_month,
    is_now,
    is_followed,
    mark,
    inbound_act_count,
    inbound_count,
    outbound_count,
    inbound_opening_count,
    outbound_opening_count,
    decayed_inbound * fading as decayed_inbound,
    decayed_outbound * fading as decayed_outbound,
    sqrt(decayed_inbound * decayed_outbound) * fading as strength,
    {{ ratio('2 * least(inbound_count, outbound_count)', 'inbound_count + outbound_count') }}
        as reciprocity_ratio,
    {{ ratio('(inbound_count - outbound_count)', 'inbound_count + outbound_count') }}
        as imbalance_ratio,
    two_way_contact_count,
    contact_day_count,
    contact_week_count,
    day_count_since_return,
    first_two_way_contact_at,
    last_two_way_contact_at,
    median_gap_days,
    silent_days,
    silent_days / cadence_days as overdue_ratio,
    {{ alive(
        'contact_day_count - 1',
        weeks_between('first_two_way_contact_at', 'last_two_way_contact_at'),
        weeks_between('first_two_way_contact_at', 'moment_at')
    ) }} as alive_ratio,
    ask_count,
    answered_ask_count,
    open_ask_count,
    personally_answered_ask_count,
    {{ ratio('personally_answered_ask_count', 'ask_count') }} as personal_answer_ratio,
    kind_count,
    readable_count,
    {{ ratio('kind_count', 'readable_count') }} as warmth_ratio,
    {{ ratio('readable_count', 'inbound_count + outbound_count') }} as warmth_coverage_ratio,
    coalesce(gone_at <= moment_at, false) as is_gone
from followed
