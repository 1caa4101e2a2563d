-- What waits are told for, with its counts. A number stands for it where there are many rows.
-- Grain: scope_id, that is period_kind, period_from, channel, segment_kind, segment, clock.
with

scoped as (

    select * from {{ ref('int_ask_scope') }}

),

clocks as (

    select listed.clock from (values ('wall'), ('business')) as listed (clock)

),

numbered as (

    select
        period_kind,
        period_from,
        channel,
        segment_kind,
        segment,
        row_number() over (
            order by
                period_kind asc, period_from asc, channel asc, segment_kind asc, segment asc
        ) as scope_number
    from scoped
    group by period_kind, period_from, channel, segment_kind, segment

),

-- By number before it is counted: distinct people of long keys would not fit into memory.
askers as (

    select
        numbered.scope_number,
        scoped.asker_number,
        count(*) as ask_count,
        count(*) filter (where scoped.is_answered) as answered_ask_count,
        count(*) filter (where scoped.is_withdrawn) as withdrawn_ask_count,
        bool_or(scoped.is_personally_answered) as is_personally_answered
    from scoped
    inner join numbered
        on
            scoped.period_kind = numbered.period_kind
            and scoped.period_from = numbered.period_from
            and scoped.channel = numbered.channel
            and scoped.segment_kind = numbered.segment_kind
            and scoped.segment = numbered.segment
    group by numbered.scope_number, scoped.asker_number

),

counted as (

    select
        scope_number,
        cast(sum(ask_count) as bigint) as ask_count,
        cast(sum(answered_ask_count) as bigint) as answered_ask_count,
        cast(sum(withdrawn_ask_count) as bigint) as withdrawn_ask_count,
        count(asker_number) as people_asked_count,
        count(asker_number) filter (where answered_ask_count > 0) as people_answered_count,
        count(asker_number) filter (where is_personally_answered)
            as people_personally_answered_count
    from askers
    group by scope_number

)

select
    row_number() over (order by numbered.scope_number asc, clocks.clock asc) as scope_id,
    numbered.period_kind,
    numbered.period_from,
    cast(case numbered.period_kind
        when 'all' then {{ as_of() }} + interval '1 day' - interval '1 microsecond'
        when 'month' then numbered.period_from + interval '1 month'
        else numbered.period_from + interval '7 days'
    end as date) as period_to,
    numbered.channel,
    numbered.segment_kind,
    numbered.segment,
    clocks.clock,
    counted.ask_count,
    counted.answered_ask_count,
    counted.withdrawn_ask_count,
    counted.people_asked_count,
    counted.people_answered_count,
    counted.people_personally_answered_count,
    -- Nothing but its n is told of few people who have something in common.
    numbered.segment_kind not in {{ equity_dimensions() }}
    or counted.people_asked_count >= {{ var('cell_people_count') }} as is_told
from numbered
inner join counted on numbered.scope_number = counted.scope_number
cross join clocks
