-- How the relationships that were alive stood at each moment: what earlier nights worked out, where
-- nothing of it has changed since, and all else anew. Grain: person_id, moment_at.
with

kept as (

    select standings.*
    from {{ ref('stg_standing') }} as standings
    inner join {{ ref('int_moment_mark') }} as moments
        on standings.moment_at = moments.moment_at and standings.mark = moments.mark

),

fresh as (

    select * exclude (is_now, is_followed)
    from {{ ref('int_standing_new') }}
    where is_followed

)

select * from kept
union all by name
select * from fresh
