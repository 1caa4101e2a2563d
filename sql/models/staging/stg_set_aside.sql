-- Input that could not be read, and what a platform has and did not tell; and why.
-- Not unique: two equal faults are two rows.
with

set_asides as (

    select * from {{ source('core', 'set_aside') }}

)

select
    platform,
    account,
    stream,
    observed_at,
    page,
    reason,
    row_count
from set_asides
where observed_at <= {{ as_of() }}
