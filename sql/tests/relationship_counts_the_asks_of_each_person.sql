-- What a person asked, and what of it we answered, is the same in `relationship` as in `ask`.
with

asked as (

    select
        person_id,
        count(*) as ask_count,
        count(*) filter (where outcome = 'answered') as answered_ask_count
    from {{ ref('mart_ask') }}
    where not is_only_thanks
    group by person_id

)

select
    relationship.person_id,
    relationship.ask_count,
    asked.ask_count as told_ask_count,
    relationship.answered_ask_count,
    asked.answered_ask_count as told_answered_ask_count
from {{ ref('mart_relationship') }} as relationship
left join asked on relationship.person_id = asked.person_id
where
    relationship.ask_count <> coalesce(asked.ask_count, 0)
    or relationship.answered_ask_count <> coalesce(asked.answered_ask_count, 0)
