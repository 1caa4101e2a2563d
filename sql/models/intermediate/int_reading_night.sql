-- How much came in with each night. What is told as of midnight belongs to the day that ends then.
-- Grain: platform, account, coverage_date.
with

readings as (

    select * from {{ ref('stg_reading') }}

),

set_asides as (

    select
        *,
        starts_with(reason, 'not told: ') as is_untold
    from {{ ref('stg_set_aside') }}

),

amounts as (

    select
        platform,
        account,
        observed_at,
        item_count,
        request_count,
        0 as set_aside_count,
        0 as untold_count
    from readings
    union all
    select
        platform,
        account,
        observed_at,
        0 as item_count,
        0 as request_count,
        case when is_untold then 0 else row_count end as set_aside_count,
        case when is_untold then row_count else 0 end as untold_count
    from set_asides

)

select
    platform,
    account,
    cast(observed_at - interval '1 microsecond' as date) as coverage_date,
    cast(sum(item_count) as bigint) as item_count,
    cast(sum(request_count) as bigint) as request_count,
    cast(sum(set_aside_count) as bigint) as set_aside_count,
    cast(sum(untold_count) as bigint) as untold_count
from amounts
group by platform, account, coverage_date
