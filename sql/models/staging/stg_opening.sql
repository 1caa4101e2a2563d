-- When we were open: spans in order, none overlapping. Grain: opened_at.
with

openings as (

    select * from {{ source('core', 'opening') }}

)

select
    opened_at,
    closed_at,
    open_seconds_before
from openings
