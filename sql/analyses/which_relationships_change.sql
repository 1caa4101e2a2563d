-- Which relationships grew or faded most in the last four weeks, and why?
-- Asked by: whoever wants to know what worked.
-- How to read it: growing ones on top, fading ones at the end, ten of each. `score` runs from 0
-- to 100; the drivers are what holds it down or up most now. A first contact is no growth and
-- not here.
-- Reads: relationship_history
with

weeks as (

    select *
    from relationship_history
    where week_at >= as_of - interval 35 days

),

changes as (

    select
        person_id,
        max_by(person_name, week_at) as person_name,
        min_by(stage, week_at) as stage_before,
        max_by(stage, week_at) as stage_now,
        min_by(score, week_at) as score_before,
        max_by(score, week_at) as score_now,
        max_by(first_driver, week_at) as first_driver,
        max_by(second_driver, week_at) as second_driver
    from weeks
    group by person_id
    having count(score) > 1

),

ranked as (

    select
        *,
        row_number() over (order by score_now - score_before desc, person_id asc) as growth_rank,
        row_number() over (order by score_now - score_before asc, person_id asc) as fading_rank
    from changes

)

select
    person_name,
    stage_before,
    stage_now,
    score_before,
    score_now,
    round(score_now - score_before, 1) as score_change,
    first_driver,
    second_driver,
    person_id
from ranked
where growth_rank <= 10 or fading_rank <= 10
order by growth_rank asc;
