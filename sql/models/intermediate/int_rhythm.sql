-- How regularly a person and we are in two-way contact. Grain: person_id.
with

days as (

    select * from {{ ref('int_contact_day') }}

)

select
    person_id,
    cast(sum(contact_count) as bigint) as two_way_contact_count,
    count(*) as contact_day_count,
    min(first_contact_at) as first_two_way_contact_at,
    max(last_contact_at) as last_two_way_contact_at,
    median(gap_days) as median_gap_days
from days
group by person_id
