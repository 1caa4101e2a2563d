-- How the reading of a stream went, for every day since it was first read. A long interval, such as
-- a month of history, covers all its days. Grain: platform, account, stream, coverage_date.
with

readings as (

    select * from {{ ref('stg_reading') }}

),

streams as (

    select
        platform,
        account,
        stream,
        min(interval_from) as first_from
    from readings
    group by platform, account, stream

),

days as (

    select
        platform,
        account,
        stream,
        {{ each_date('first_from', as_of()) }} as coverage_date
    from streams

)

select
    days.platform,
    days.account,
    days.stream,
    days.coverage_date,
    coalesce(bool_or(readings.status = 'read'), false) as was_read,
    coalesce(bool_or(readings.status = 'failed'), false) as has_failed,
    {{ words_of('readings.error_kind') }} as error_kinds
from days
left join readings
    on
        days.platform = readings.platform
        and days.account = readings.account
        and days.stream = readings.stream
        and days.coverage_date + interval '1 day' > readings.interval_from
        and days.coverage_date < readings.interval_to
group by days.platform, days.account, days.stream, days.coverage_date
