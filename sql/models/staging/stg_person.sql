-- A human, our organisation's voice, or a bot. Grain: person_id.
with

people as (

    select * from {{ source('core', 'person') }}

)

select
    person_id,
    person_kind,
    display_name,
    account_count,
    first_seen_at
from people
