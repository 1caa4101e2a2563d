-- What a night tried to read, and how it went.
-- Grain: platform, account, stream, interval_from, interval_to.
with

readings as (

    select * from {{ source('core', 'reading') }}

)

select
    platform,
    account,
    stream,
    interval_from,
    interval_to,
    observed_at,
    item_count,
    request_count,
    status,
    error_kind,
    error
from readings
where observed_at <= {{ as_of() }}
