-- Where relationships begin, hold and end: who changed stage in a week, and what that adds up to.
-- Grain: week_at, from_stage, to_stage.
with

standings as (

    select * from {{ ref('int_standing') }}
    where is_week

),

changes as (

    select * from {{ ref('int_stage_change') }}

),

-- Who was in which stage, and who still is: a stage that is held is a flow from it to itself.
alive as (

    select
        moment_at as week_at,
        count(*) as alive_people_count
    from standings
    group by moment_at

),

flows as (

    select
        standings.moment_at as week_at,
        coalesce(changes.from_stage, standings.stage) as from_stage,
        standings.stage as to_stage,
        count(*) as people_count,
        median(changes.stage_days) as median_stage_days
    from standings
    left join changes
        on standings.person_id = changes.person_id and standings.moment_at = changes.week_at
    group by standings.moment_at, coalesce(changes.from_stage, standings.stage), standings.stage

)

select
    flows.week_at,
    flows.from_stage,
    flows.to_stage,
    flows.people_count,
    flows.median_stage_days,
    {{ stage_level('flows.to_stage') }} - {{ stage_level('flows.from_stage') }} as level_change,
    {{ ratio(
        'flows.people_count * (power(' ~ stage_level('flows.to_stage') ~ ', 2) - power('
        ~ stage_level('flows.from_stage') ~ ', 2))',
        'alive.alive_people_count'
    ) }} as gravity_change,
    alive.alive_people_count,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from flows
inner join alive on flows.week_at = alive.week_at
order by flows.week_at asc, flows.from_stage asc, flows.to_stage asc
