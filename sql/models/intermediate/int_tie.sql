-- How long the tie between a person and us is known to have lived, in whole days from the first
-- two-way contact to the last. It ended there if there has been silence for many times its own pace
-- since; else nobody knows yet, however long the silence. Grain: person_id.
with

days as (

    select * from {{ ref('int_contact_day') }}

),

people as (

    select * from {{ ref('stg_person') }}
    where person_kind = 'person'

),

readings as (

    select * from {{ ref('stg_reading') }}
    where status = 'read'

),

history as (

    select min(interval_from) as history_from
    from readings

),

paced as (

    select
        days.person_id,
        min(days.first_contact_at) as first_contact_at,
        max(days.last_contact_at) as last_contact_at,
        {{ cadence('count(*)', 'median(days.gap_days)') }} as cadence_days
    from days
    inner join people on days.person_id = people.person_id
    group by days.person_id

),

judged as (

    select
        person_id,
        first_contact_at,
        last_contact_at,
        cadence_days,
        {{ days_between('last_contact_at', as_of()) }}
        > {{ var('lapsing_overdue_ratio') }} * cadence_days as is_lapsed
    from paced

)

select
    judged.person_id,
    judged.first_contact_at,
    judged.last_contact_at,
    judged.cadence_days,
    judged.is_lapsed,
    {{ seconds_between('judged.first_contact_at', 'judged.last_contact_at') }} // 86400
        as lived_days,
    -- Had it lapsed before this age, we would not have seen it.
    case
        when judged.first_contact_at < history.history_from
            then {{ seconds_between('judged.first_contact_at', 'history.history_from') }} // 86400
    end as entered_days
from judged
cross join history
