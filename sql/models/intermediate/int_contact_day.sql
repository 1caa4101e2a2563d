-- The days on which a person and we were in two-way contact. A day's conversation is one contact:
-- else the pace of an evening's chat would be taken for the pace of a relationship.
-- Grain: person_id, contact_date.
with

contacts as (

    select * from {{ ref('int_contact') }}

),

days as (

    select
        person_id,
        cast(occurred_at as date) as contact_date,
        count(*) as contact_count,
        min(occurred_at) as first_contact_at,
        max(occurred_at) as last_contact_at
    from contacts
    where is_two_way
    group by person_id, contact_date

)

select
    person_id,
    contact_date,
    contact_count,
    first_contact_at,
    last_contact_at,
    contact_date - lag(contact_date) over (partition by person_id order by contact_date asc)
        as gap_days
from days
