-- How relationships stood at past moments, as earlier nights worked it out.
-- Grain: person_id, moment_at.
with

standings as (

    select * from {{ source('state', 'standing') }}

)

select
    person_id,
    moment_at,
    is_week,
    is_month,
    stage,
    score,
    confidence_ratio,
    first_driver,
    second_driver,
    strength,
    decayed_inbound,
    decayed_outbound,
    inbound_count,
    outbound_count,
    reciprocity_ratio,
    imbalance_ratio,
    two_way_contact_count,
    contact_day_count,
    first_two_way_contact_at,
    last_two_way_contact_at,
    median_gap_days,
    silent_days,
    overdue_ratio,
    alive_ratio,
    ask_count,
    answered_ask_count,
    open_ask_count,
    personal_answer_ratio,
    warmth_ratio,
    warmth_coverage_ratio,
    mark
from standings
where moment_at < {{ as_of() }}
