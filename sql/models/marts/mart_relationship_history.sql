-- How each relationship stood at the end of each week in which it was alive, and what changed.
-- Grain: person_id, week_at.
with

standings as (

    select * from {{ ref('int_standing') }}
    where is_week

),

people as (

    select * from {{ ref('stg_person') }}

),

-- The week before, where there was one: after a lapse there was none.
compared as (

    select
        *,
        lag(moment_at) over weekly = moment_at - interval 7 day as is_followed_on,
        lag(stage) over weekly as stage_before,
        lag(score) over weekly as score_before
    from standings
    window weekly as (partition by person_id order by moment_at asc)

)

select
    compared.person_id,
    compared.moment_at as week_at,
    people.display_name as person_name,
    compared.stage,
    case when compared.is_followed_on then compared.stage_before end as stage_before,
    compared.score,
    case
        when compared.is_followed_on then round(compared.score - compared.score_before, 2)
    end as score_change,
    compared.confidence_ratio,
    compared.first_driver,
    compared.second_driver,
    compared.strength,
    compared.decayed_inbound,
    compared.decayed_outbound,
    compared.inbound_count,
    compared.outbound_count,
    compared.reciprocity_ratio,
    compared.imbalance_ratio,
    compared.two_way_contact_count,
    compared.contact_day_count,
    compared.last_two_way_contact_at,
    compared.silent_days,
    compared.overdue_ratio,
    compared.alive_ratio,
    compared.ask_count,
    compared.answered_ask_count,
    compared.open_ask_count,
    compared.personal_answer_ratio,
    compared.warmth_ratio,
    compared.warmth_coverage_ratio,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from compared
inner join people on compared.person_id = people.person_id
order by compared.person_id asc, compared.moment_at asc
