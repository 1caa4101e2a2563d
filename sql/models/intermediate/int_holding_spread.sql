-- How what we write to people lies on our people, over the same 90 days. Grain: month_from.
with

holdings as (

    select * from {{ ref('int_holding') }}

),

holders as (

    select
        month_from,
        holder_id,
        sum(message_count) as message_count
    from holdings
    group by month_from, holder_id

),

-- Each with its rank from the fewest messages up, and with what those who wrote more wrote.
ranked as (

    select
        month_from,
        message_count,
        sum(message_count) over (partition by month_from) as all_message_count,
        row_number() over (partition by month_from order by message_count asc, holder_id asc)
            as rank_from_below,
        coalesce(sum(message_count) over (
            partition by month_from
            order by message_count desc, holder_id desc
            rows between unbounded preceding and 1 preceding
        ), 0) as larger_message_count
    from holders

),

spread as (

    select
        month_from,
        cast(sum(message_count) as bigint) as message_count,
        count(*) as holder_count,
        {{ effective_number('message_count') }} as effective_holder_count,
        {{ herfindahl('message_count') }} as herfindahl_ratio,
        {{ gini('message_count', 'rank_from_below') }} as gini_ratio,
        count(*) filter (where 2 * larger_message_count < all_message_count) as absence_factor
    from ranked
    group by month_from

),

reached as (

    select
        month_from,
        count(distinct person_id) as people_count,
        count(distinct person_id) filter (where 2 * message_count >= person_message_count)
            as held_count,
        count(*) filter (where message_count = person_message_count) as only_count
    from holdings
    group by month_from

)

select
    spread.month_from,
    reached.people_count,
    reached.held_count,
    reached.only_count,
    spread.message_count,
    spread.holder_count,
    spread.effective_holder_count,
    spread.herfindahl_ratio,
    spread.gini_ratio,
    spread.absence_factor
from spread
inner join reached on spread.month_from = reached.month_from
