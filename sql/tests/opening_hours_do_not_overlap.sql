-- Business time is looked up in running totals: a span that begins before the last one ends, or a
-- total that does not fit, would make every later figure wrong.
with

spans as (

    select
        opened_at,
        open_seconds_before,
        lag(closed_at) over calendar as closed_before_at,
        lag(
            open_seconds_before + {{ seconds_between('opened_at', 'closed_at') }}, 1, 0
        ) over calendar as open_seconds
    from {{ ref('stg_opening') }}
    window calendar as (order by opened_at asc)

)

select
    opened_at,
    closed_before_at,
    open_seconds_before,
    open_seconds
from spans
where opened_at < closed_before_at or open_seconds_before <> open_seconds
