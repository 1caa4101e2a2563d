-- What we did not see: how each day of each platform account was read.
-- Grain: platform, account, coverage_date.
with

stream_days as (

    select * from {{ ref('int_stream_day') }}

),

nights as (

    select * from {{ ref('int_reading_night') }}

),

platform_days as (

    select * from {{ ref('int_platform_day') }}

),

days as (

    select
        platform,
        account,
        coverage_date,
        count(*) as stream_count,
        count(*) filter (where was_read) as read_stream_count,
        count(*) filter (where has_failed and not was_read) as failed_stream_count,
        {{ words_of('case when not was_read then stream end') }} as missing_streams,
        {{ words_of('case when not was_read then error_kinds end') }} as error_kinds
    from stream_days
    group by platform, account, coverage_date

)

select
    days.platform,
    days.account,
    days.coverage_date,
    case
        when days.read_stream_count = days.stream_count then 'read'
        when days.read_stream_count > 0 then 'partly'
        when days.failed_stream_count > 0 then 'failed'
        else 'not_read'
    end as status,
    days.read_stream_count = 0 as is_gap,
    days.stream_count,
    days.read_stream_count,
    days.failed_stream_count,
    days.missing_streams,
    days.error_kinds,
    coalesce(nights.item_count, 0) as item_count,
    coalesce(nights.request_count, 0) as request_count,
    coalesce(nights.set_aside_count, 0) as set_aside_count,
    coalesce(nights.untold_count, 0) as untold_count,
    coalesce(platform_days.message_count, 0) as platform_message_count,
    coalesce(platform_days.deleted_message_count, 0) as platform_deleted_message_count,
    {{ ratio('platform_days.bot_message_count', 'platform_days.message_count') }}
        as platform_bot_ratio,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from days
left join nights
    on
        days.platform = nights.platform
        and days.account = nights.account
        and days.coverage_date = nights.coverage_date
left join platform_days
    on
        days.platform = platform_days.platform
        and days.coverage_date = platform_days.coverage_date
order by days.platform asc, days.account asc, days.coverage_date asc
