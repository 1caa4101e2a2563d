-- A person's open asks in `relationship` are the person's rows in `waiting_now`.
with

waiting as (

    select
        person_id,
        count(*) as ask_count
    from {{ ref('mart_waiting_now') }}
    group by person_id

)

select
    relationship.person_id,
    relationship.open_ask_count,
    waiting.ask_count
from {{ ref('mart_relationship') }} as relationship
left join waiting on relationship.person_id = waiting.person_id
where relationship.open_ask_count <> coalesce(waiting.ask_count, 0)
