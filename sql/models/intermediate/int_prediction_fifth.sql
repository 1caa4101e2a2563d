-- Of the people of whom a model expected least, more, …, most: how many were still in contact.
-- Grain: model, population, month_at, fifth.
with

predictions as (

    select * from {{ ref('int_prediction') }}

),

ranked as (

    select
        model,
        population,
        month_at,
        is_still_in_contact,
        ntile(5) over (
            partition by model, population, month_at order by predicted asc, person_id asc
        ) as fifth,
        rank() over ordered
        + (count(*) over (partition by model, population, month_at, predicted) - 1) / 2 as place
    from predictions
    window ordered as (partition by model, population, month_at order by predicted asc)

)

select
    model,
    population,
    month_at,
    fifth,
    count(*) as people_count,
    count(*) filter (where is_still_in_contact) as still_count,
    cast(sum(cast(2 * place as bigint)) filter (where is_still_in_contact) as bigint)
        as doubled_place_sum
from ranked
group by model, population, month_at, fifth
