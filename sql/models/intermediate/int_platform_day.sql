-- What was said on a platform on a day. Grain: platform, coverage_date.
with

messages as (

    select * from {{ ref('int_message') }}

)

select
    platform,
    cast(sent_at as date) as coverage_date,
    count(*) as message_count,
    count(*) filter (where deleted_at is not null) as deleted_message_count,
    count(*) filter (where side in ('bot', 'ours_bot')) as bot_message_count
from messages
group by platform, coverage_date
