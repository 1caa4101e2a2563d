-- The night in one row. Grain: as_of.
with

relationships as (

    select * from {{ ref('mart_relationship') }}

),

waiting as (

    select * from {{ ref('mart_waiting_now') }}

),

responsiveness as (

    select * from {{ ref('mart_responsiveness') }}
    where period_kind = 'all' and channel = 'all' and segment_kind = 'all' and clock = 'wall'

),

in_contact as (

    select count(*) filter (where is_in_contact) as people_in_contact_count
    from relationships

),

waiting_counted as (

    select
        count(distinct person_id) as people_waiting_count,
        count(*) as waiting_ask_count
    from waiting

)

select
    {{ as_of() }} as as_of,
    in_contact.people_in_contact_count,
    waiting_counted.people_waiting_count,
    waiting_counted.waiting_ask_count,
    responsiveness.median_reply_seconds,
    coalesce(responsiveness.ask_count, 0) as ask_count,
    coalesce(responsiveness.people_asked_count, 0) as people_asked_count,
    coalesce(responsiveness.people_answered_count, 0) as people_answered_count,
    responsiveness.people_answered_ratio,
    responsiveness.people_answered_low_ratio,
    responsiveness.people_answered_high_ratio,
    '{{ var("definition_version") }}' as definition_version
from in_contact
cross join waiting_counted
left join responsiveness on true
