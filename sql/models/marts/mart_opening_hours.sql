-- When we were open: what business time is counted in. Grain: opened_at.
with

openings as (

    select * from {{ ref('stg_opening') }}

)

select
    opened_at,
    closed_at,
    {{ seconds_between('opened_at', 'closed_at') }} as open_seconds,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from openings
order by opened_at asc
