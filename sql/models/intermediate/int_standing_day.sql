-- The rhythm of two-way contact as it was known at each moment that brought a day of contact.
-- Grain: person_id, moment_at.
with

days as (

    select * from {{ ref('int_contact_day') }}

),

moments as (

    select * from {{ ref('int_moment') }}

),

paced as (

    select
        person_id,
        first_contact_at,
        last_contact_at,
        contact_date,
        gap_days,
        row_number() over so_far as contact_day_count,
        min(first_contact_at) over so_far as first_two_way_contact_at,
        median(gap_days) over so_far as median_gap_days
    from days
    window
        so_far as (
            partition by person_id
            order by contact_date asc
            rows between unbounded preceding and current row
        )

),

timed as (

    select
        person_id,
        first_contact_at,
        last_contact_at,
        contact_date,
        gap_days,
        contact_day_count,
        first_two_way_contact_at,
        median_gap_days,
        {{ cadence('contact_day_count', 'median_gap_days') }} as cadence_days
    from paced

),

-- A gap as long as a lapse, by the cadence that was known before it, is a return.
returned as (

    select
        person_id,
        first_contact_at,
        last_contact_at,
        contact_date,
        contact_day_count,
        first_two_way_contact_at,
        median_gap_days,
        cadence_days,
        coalesce(
            gap_days > {{ var('lapsing_overdue_ratio') }}
            * lag(cadence_days) over (partition by person_id order by contact_date asc),
            false
        ) as is_return
    from timed

),

counted as (

    select
        person_id,
        first_contact_at,
        last_contact_at,
        contact_date,
        contact_day_count,
        first_two_way_contact_at,
        median_gap_days,
        cadence_days,
        max(contact_day_count) filter (where is_return) over (
            partition by person_id
            order by contact_date asc
            rows between unbounded preceding and current row
        ) as return_number
    from returned

)

select
    counted.person_id,
    moments.moment_at,
    max(counted.contact_day_count) as contact_day_count,
    min(counted.first_two_way_contact_at) as first_two_way_contact_at,
    max(counted.last_contact_at) as last_two_way_contact_at,
    max_by(counted.median_gap_days, counted.contact_date) as median_gap_days,
    max_by(counted.cadence_days, counted.contact_date) as cadence_days,
    max(1 + counted.contact_day_count - counted.return_number) as day_count_since_return
from counted
{{ nearest_join('moments', 'counted.first_contact_at < moments.moment_at') }}
group by counted.person_id, moments.moment_at
