-- How each relationship stands, and why. Grain: person_id, as_of.
with

people as (

    select * from {{ ref('stg_person') }}
    where person_kind = 'person' and first_seen_at <= {{ as_of() }}

),

standings as (

    select * from {{ ref('int_standing_new') }}
    where is_now

),

evidence as (

    select * from {{ ref('int_evidence') }}

)

select
    people.person_id,
    {{ as_of() }} as as_of,
    people.display_name as person_name,
    coalesce(standings.stage, 'stranger') as stage,
    standings.score,
    standings.confidence_ratio,
    standings.first_driver,
    {{ evidence_of('standings.first_driver', 'standings', 'evidence') }}
        as first_driver_evidence_id,
    standings.second_driver,
    {{ evidence_of('standings.second_driver', 'standings', 'evidence') }}
        as second_driver_evidence_id,
    standings.first_two_way_contact_at,
    standings.last_two_way_contact_at,
    coalesce(standings.silent_days <= {{ var('recent_days') }}, false) as is_in_contact,
    coalesce(standings.two_way_contact_count, 0) as two_way_contact_count,
    coalesce(standings.contact_day_count, 0) as contact_day_count,
    coalesce(standings.inbound_count, 0) as inbound_count,
    coalesce(standings.outbound_count, 0) as outbound_count,
    coalesce(standings.decayed_inbound, 0) as decayed_inbound,
    coalesce(standings.decayed_outbound, 0) as decayed_outbound,
    coalesce(standings.strength, 0) as strength,
    standings.reciprocity_ratio,
    standings.imbalance_ratio,
    standings.median_gap_days,
    standings.silent_days,
    standings.overdue_ratio,
    standings.alive_ratio,
    coalesce(standings.ask_count, 0) as ask_count,
    coalesce(standings.answered_ask_count, 0) as answered_ask_count,
    coalesce(standings.open_ask_count, 0) as open_ask_count,
    standings.personal_answer_ratio,
    standings.warmth_ratio,
    standings.warmth_coverage_ratio,
    '{{ var("definition_version") }}' as definition_version
from people
left join standings on people.person_id = standings.person_id
left join evidence on people.person_id = evidence.person_id
order by people.person_id asc
