-- All that had come together between a person and us by a moment that brought something new, and
-- until when nothing else did. Grain: person_id, changed_at.
with

changes as (

    select
        *,
        min(moment_at) over (partition by person_id) as first_moment_at
    from {{ ref('int_standing_change') }}

)

select
    person_id,
    moment_at as changed_at,
    lead(moment_at, 1, timestamptz '9999-01-01 00:00:00+00') over so_far as unchanged_to,
    {{ sum_so_far('inbound_count') }} as inbound_count,
    {{ sum_so_far('outbound_count') }} as outbound_count,
    {{ sum_so_far('inbound_act_count') }} as inbound_act_count,
    {{ faded_so_far('inbound_faded') }} as decayed_inbound,
    {{ faded_so_far('outbound_faded') }} as decayed_outbound,
    {{ sum_so_far('readable_count') }} as readable_count,
    {{ sum_so_far('kind_count') }} as kind_count,
    {{ sum_so_far('inbound_opening_count') }} as inbound_opening_count,
    {{ sum_so_far('outbound_opening_count') }} as outbound_opening_count,
    {{ sum_so_far('two_way_contact_count') }} as two_way_contact_count,
    coalesce(max(contact_day_count) over so_far, 0) as contact_day_count,
    min(first_two_way_contact_at) over so_far as first_two_way_contact_at,
    max(last_two_way_contact_at) over so_far as last_two_way_contact_at,
    last_value(median_gap_days ignore nulls) over so_far as median_gap_days,
    last_value(cadence_days ignore nulls) over so_far as cadence_days,
    last_value(
        case when contact_day_count is not null then coalesce(day_count_since_return, 0) end
        ignore nulls
    ) over so_far as day_count_since_return,
    {{ sum_so_far('ask_change') }} as ask_count,
    {{ sum_so_far('answered_change') }} as answered_ask_count,
    {{ sum_so_far('personal_change') }} as personally_answered_ask_count,
    {{ sum_so_far('waiting_change') }} as open_ask_count,
    {{ sum_so_far('week_change') }} as contact_week_count,
    max(case when gone_change > 0 then moment_at end) over so_far as gone_at
from changes
window
    so_far as (
        partition by person_id
        order by moment_at asc
        rows between unbounded preceding and current row
    )
