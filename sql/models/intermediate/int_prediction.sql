-- What each model said at the end of a month about who would still be in two-way contact within 90
-- days, where those have passed, and whether they were. The model `alive` knows nothing of people
-- with one day of contact, so that all are held against each other among those who `returned` too.
-- Grain: person_id, month_at, population, model.
with

standings as (

    select * from {{ ref('int_standing') }}
    where is_month and moment_at + interval '{{ var("recent_days") }} days' <= {{ as_of() }}

),

days as (

    select * from {{ ref('int_contact_day') }}

),

populations as (

    select
        standings.*,
        'everyone' as population
    from standings
    union all
    select
        standings.*,
        'returned' as population
    from standings
    where alive_ratio is not null

),

-- Recency, frequency and volume in fifths of the population, 3 to 15 together.
scored as (

    select
        person_id,
        moment_at as month_at,
        population,
        score,
        -silent_days as recency,
        contact_day_count as frequency,
        ntile(5) over (
            partition by moment_at, population order by silent_days desc, person_id asc
        ) + ntile(5) over (
            partition by moment_at, population order by contact_day_count asc, person_id asc
        ) + ntile(5) over (
            partition by moment_at, population order by strength asc, person_id asc
        ) as rfm,
        case population when 'returned' then alive_ratio end as alive
    from populations

),

still as (

    select distinct
        standings.person_id,
        standings.moment_at
    from standings
    inner join days
        on
            standings.person_id = days.person_id
            and standings.moment_at <= days.last_contact_at
            and days.contact_date
            < cast(standings.moment_at + interval '{{ var("recent_days") }} days' as date)

)

select
    scored.person_id,
    scored.month_at,
    scored.population,
    models.model,
    case models.model
        when 'score' then scored.score
        when 'recency' then scored.recency
        when 'frequency' then scored.frequency
        when 'rfm' then scored.rfm
        when 'alive' then scored.alive
    end as predicted,
    still.person_id is not null as is_still_in_contact
from scored
cross join (values ('score'), ('recency'), ('frequency'), ('rfm'), ('alive')) as models (model)
left join still on scored.person_id = still.person_id and scored.month_at = still.moment_at
where models.model <> 'alive' or scored.population = 'returned'
