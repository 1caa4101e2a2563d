-- Every wait in every scope it belongs to: all time and its month, all channels and its own, wall
-- and business clock. Thanks ask for nothing and are left out.
-- Grain: ask_id, period_kind, channel, clock.
with

asks as (

    select * from {{ ref('int_ask') }}
    where not is_only_thanks

),

clocks as (

    select
        ask_id,
        person_id,
        channel,
        date_trunc('month', asked_at) as month_at,
        outcome,
        'wall' as clock,
        waited_seconds
    from asks
    union all
    select
        ask_id,
        person_id,
        channel,
        date_trunc('month', asked_at) as month_at,
        outcome,
        'business' as clock,
        waited_business_seconds as waited_seconds
    from asks

),

scopes as (

    select
        listed.period_kind,
        listed.channels
    from (
        values ('all', 'all'), ('all', 'each'), ('month', 'all'), ('month', 'each')
    ) as listed (period_kind, channels)

),

scoped as (

    select
        clocks.ask_id,
        clocks.person_id,
        scopes.period_kind,
        case scopes.period_kind
            when 'all' then min(clocks.month_at) over ()
            else clocks.month_at
        end as period_at,
        case scopes.channels when 'all' then 'all' else clocks.channel end as channel,
        clocks.clock,
        clocks.outcome,
        clocks.waited_seconds
    from clocks
    cross join scopes

),

ranked as (

    select
        ask_id,
        person_id,
        period_kind,
        period_at,
        channel,
        clock,
        outcome,
        waited_seconds,
        row_number() over answers as speed_rank,
        count(*) over (
            partition by period_kind, period_at, channel, clock, outcome = 'answered'
        ) as answer_count
    from scoped
    window
        answers as (
            partition by period_kind, period_at, channel, clock, outcome = 'answered'
            order by waited_seconds asc, ask_id asc
        )

)

select
    ask_id,
    person_id,
    period_kind,
    cast(period_at as date) as period_from,
    cast(case period_kind
        when 'all' then {{ as_of() }} + interval '1 day' - interval '1 microsecond'
        else period_at + interval '1 month'
    end as date) as period_to,
    channel,
    clock,
    outcome,
    waited_seconds,
    outcome = 'answered' as is_answered,
    -- What a "typically replies within" badge looks at: the fastest 90 % of the answers.
    outcome = 'answered' and speed_rank * 10 <= answer_count * 9 as is_in_badge
from ranked
