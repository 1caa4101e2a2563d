-- Which of our people hold the relationships, and what would be left without each of them.
-- Grain: month_from, person_id; `all` is the organisation.
with

holdings as (

    select * from {{ ref('int_holding') }}

),

spreads as (

    select * from {{ ref('int_holding_spread') }}

),

people as (

    select * from {{ ref('stg_person') }}

),

held as (

    select
        month_from,
        holder_id,
        count(*) as people_count,
        count(*) filter (where 2 * message_count >= person_message_count) as held_count,
        count(*) filter (where message_count = person_message_count) as only_count,
        cast(sum(message_count) as bigint) as message_count
    from holdings
    group by month_from, holder_id

),

listed as (

    select
        held.month_from,
        held.holder_id as person_id,
        people.person_kind,
        people.display_name as person_name,
        held.people_count,
        held.held_count,
        held.only_count,
        held.message_count
    from held
    inner join people on held.holder_id = people.person_id
    union all
    select
        month_from,
        'all' as person_id,
        'all' as person_kind,
        null as person_name,
        people_count,
        held_count,
        only_count,
        message_count
    from spreads

)

select
    listed.month_from,
    listed.person_id,
    listed.person_kind,
    listed.person_name,
    listed.month_from + interval '1 month' <= {{ as_of() }} as is_complete,
    listed.people_count,
    listed.held_count,
    listed.only_count,
    {{ ratio('listed.only_count', 'listed.people_count') }} as only_ratio,
    listed.message_count,
    {{ ratio('listed.message_count', 'spreads.message_count') }} as message_ratio,
    case when listed.person_id = 'all' then spreads.holder_count end as holder_count,
    case when listed.person_id = 'all' then spreads.effective_holder_count end
        as effective_holder_count,
    case when listed.person_id = 'all' then spreads.herfindahl_ratio end as herfindahl_ratio,
    case when listed.person_id = 'all' then spreads.gini_ratio end as gini_ratio,
    case when listed.person_id = 'all' then spreads.absence_factor end as absence_factor,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from listed
inner join spreads on listed.month_from = spreads.month_from
order by listed.month_from asc, listed.person_name asc nulls first, listed.person_id asc
