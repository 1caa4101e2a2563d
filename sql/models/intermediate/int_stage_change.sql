-- Each time a relationship was in another stage at the end of a week than a week before, and how
-- long it had been in that. Who is new, or comes back after a lapse, comes from there.
-- Grain: person_id, week_at.
with

standings as (

    select * from {{ ref('int_standing') }}
    where is_week

),

sequenced as (

    select
        person_id,
        moment_at,
        stage,
        lag(moment_at) over weekly as moment_before,
        lag(stage) over weekly as stage_before
    from standings
    window weekly as (partition by person_id order by moment_at asc)

),

changed as (

    select
        person_id,
        moment_at,
        stage,
        coalesce(stage_before, 'new') as from_stage,
        moment_before
    from sequenced
    where stage is distinct from stage_before or moment_before < moment_at - interval 7 day

)

select
    person_id,
    moment_at as week_at,
    from_stage,
    stage as to_stage,
    {{ days_between('lag(moment_at) over (partition by person_id order by moment_at asc)',
        'moment_at') }} as stage_days
from changed
