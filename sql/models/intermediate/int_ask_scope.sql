-- Each ask in every scope it belongs to: all time, its month and its week, all channels and its
-- own, and the segments that it is known to be of; not every combination.
-- Grain: ask_id, period_kind, channel, segment_kind.
with

asks as (

    select * from {{ ref('int_ask_segment') }}

),

first_month as (

    select min(month_from) as month_from from asks

),

kinds as (

    select
        listed.period_kind,
        listed.channels,
        listed.segment_kind
    from (
        values
        ('all', 'all', 'all'), ('all', 'each', 'all'),
        ('month', 'all', 'all'), ('month', 'each', 'all'),
        ('week', 'all', 'all'), ('week', 'each', 'all'),
        ('all', 'all', 'weekday_hour'),
        ('all', 'all', 'newcomer'), ('month', 'all', 'newcomer'),
        ('all', 'all', 'follower_quartile'), ('month', 'all', 'follower_quartile'),
        ('all', 'all', 'language'), ('month', 'all', 'language'),
        ('all', 'all', 'weekday'), ('month', 'all', 'weekday'),
        ('all', 'all', 'tone'), ('month', 'all', 'tone')
    ) as listed (period_kind, channels, segment_kind)

),

scoped as (

    select
        asks.ask_id,
        asks.asker_number,
        kinds.period_kind,
        case kinds.period_kind
            when 'all' then first_month.month_from
            when 'month' then asks.month_from
            else asks.week_from
        end as period_from,
        case kinds.channels when 'all' then 'all' else asks.channel end as channel,
        kinds.segment_kind,
        case kinds.segment_kind
            when 'all' then 'all'
            when 'weekday_hour' then asks.weekday_hour
            when 'newcomer' then asks.newcomer
            when 'follower_quartile' then asks.follower_quartile
            when 'language' then asks.language
            when 'weekday' then asks.weekday_name
            when 'tone' then asks.tone
        end as segment,
        asks.is_answered,
        asks.is_personally_answered,
        asks.is_withdrawn,
        asks.waited_seconds,
        asks.waited_business_seconds
    from asks
    cross join first_month
    cross join kinds

)

select
    ask_id,
    asker_number,
    period_kind,
    period_from,
    channel,
    segment_kind,
    segment,
    is_answered,
    is_personally_answered,
    is_withdrawn,
    waited_seconds,
    waited_business_seconds
from scoped
where segment is not null
