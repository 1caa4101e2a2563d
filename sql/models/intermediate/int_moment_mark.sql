-- A mark of all that the standings of a moment are worked out from. Where it is that of an earlier
-- night, so are the standings. Grain: moment_at.
with

moments as (

    select * from {{ ref('int_moment') }}

),

changes as (

    select * from {{ ref('int_standing_change') }}

),

changed as (

    select
        moment_at,
        bit_xor({{ row_mark('changes') }}) as mark
    from changes
    group by moment_at

),

parameters as (

    select * from {{ ref('int_alive_parameter') }}

),

marked as (

    select
        moments.moment_at,
        moments.is_week,
        moments.is_month,
        moments.is_now,
        bit_xor(coalesce(changed.mark, 0)) over (
            order by moments.moment_at asc
            rows between unbounded preceding and current row
        ) as changes_mark
    from moments
    left join changed on moments.moment_at = changed.moment_at

)

select
    marked.moment_at,
    marked.is_week,
    marked.is_month,
    marked.is_now,
    parameters.rate_shape,
    parameters.rate_scale,
    parameters.end_shape_a,
    parameters.end_shape_b,
    {{ row_mark(
        "marked.changes_mark, marked.is_week, marked.is_month, " ~ standing_rules()
        ~ ", parameters.rate_shape, parameters.rate_scale, parameters.end_shape_a, "
        ~ "parameters.end_shape_b"
    ) }} as mark
from marked
{{ nearest_left_join('parameters', 'marked.moment_at >= parameters.month_at') }}
