-- Whether we answer everyone alike: a month's askers, told apart by one thing at a time.
-- Grain: dimension, cell, month_from.
with

responsiveness as (

    select * from {{ ref('mart_responsiveness') }}
    where period_kind = 'month' and channel = 'all' and clock = 'wall'

),

scoped as (

    select * from {{ ref('int_ask_scope') }}
    where period_kind = 'month' and segment_kind in {{ equity_dimensions() }}

),

months as (

    select
        period_from,
        ask_count,
        people_asked_count
    from responsiveness
    where segment_kind = 'all'

),

-- Everybody of whom it is known in what cell they are, each once.
known as (

    select
        segment_kind,
        period_from,
        count(*) as ask_count,
        count(distinct asker_number) as people_asked_count,
        count(distinct asker_number) filter (where is_answered) as people_answered_count
    from scoped
    group by segment_kind, period_from

),

-- With whom a cell is compared: the people with the most followers, or everybody known.
reference_cells as (

    select
        known.segment_kind,
        known.period_from,
        known.ask_count,
        known.people_asked_count as people_known_count,
        case
            when known.segment_kind <> 'follower_quartile' then known.people_asked_count
            else highest.people_asked_count
        end as people_asked_count,
        case
            when known.segment_kind <> 'follower_quartile' then known.people_answered_count
            else highest.people_answered_count
        end as people_answered_count
    from known
    left join responsiveness as highest
        on
            known.segment_kind = highest.segment_kind
            and known.period_from = highest.period_from
            and highest.segment = 'highest'

)

select
    cells.segment_kind as dimension,
    cells.segment as cell,
    cells.period_from as month_from,
    cells.ask_count,
    cells.people_asked_count,
    cells.people_answered_count,
    cells.people_answered_ratio,
    cells.people_answered_low_ratio,
    cells.people_answered_high_ratio,
    cells.people_personally_answered_count,
    cells.people_personally_answered_ratio,
    cells.median_reply_seconds,
    {{ ratio(
        'cells.people_answered_count * reference_cells.people_asked_count',
        'cells.people_asked_count * reference_cells.people_answered_count'
    ) }} as answered_of_reference_ratio,
    months.people_asked_count - reference_cells.people_known_count as people_unknown_count,
    {{ ratio('reference_cells.ask_count', 'months.ask_count') }} as coverage_ratio,
    cells.as_of,
    cells.definition_version
from responsiveness as cells
inner join months on cells.period_from = months.period_from
inner join reference_cells
    on
        cells.segment_kind = reference_cells.segment_kind
        and cells.period_from = reference_cells.period_from
order by dimension asc, cell asc, month_from asc
