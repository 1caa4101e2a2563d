-- Whether people stay: those whose first two-way contact with us fell in a month, followed from
-- month to month. Grain: cohort_from, month_number.
with

days as (

    select * from {{ ref('int_contact_day') }}

),

people as (

    select * from {{ ref('stg_person') }}
    where person_kind = 'person'

),

person_months as (

    select distinct
        days.person_id,
        cast(date_trunc('month', days.contact_date) as date) as month_from
    from days
    inner join people on days.person_id = people.person_id

),

followed as (

    select
        month_from,
        min(month_from) over (partition by person_id) as cohort_from,
        lag(month_from) over (partition by person_id order by month_from asc) as last_from
    from person_months

),

in_contact as (

    select
        cohort_from,
        month_from,
        count(*) as contact_count,
        count(*) filter (where last_from = month_from - interval '1 month') as continued_count
    from followed
    group by cohort_from, month_from

),

-- A month in which nobody of the cohort was in contact is a month too.
months as (

    select
        cohort_from,
        contact_count as people_count,
        {{ each_month('cohort_from', as_of()) }} as month_from
    from in_contact
    where month_from = cohort_from

),

counted as (

    select
        months.cohort_from,
        months.month_from,
        months.people_count,
        coalesce(in_contact.contact_count, 0) as contact_count,
        coalesce(in_contact.continued_count, 0) as continued_count
    from months
    left join in_contact
        on months.cohort_from = in_contact.cohort_from and months.month_from = in_contact.month_from

)

select
    cohort_from,
    {{ months_between('cohort_from', 'month_from') }} as month_number,
    month_from,
    month_from + interval '1 month' <= {{ as_of() }} as is_complete,
    people_count,
    contact_count,
    {{ ratio('contact_count', 'people_count') }} as retention_ratio,
    {{ wilson('low', 'contact_count', 'people_count') }} as retention_low_ratio,
    {{ wilson('high', 'contact_count', 'people_count') }} as retention_high_ratio,
    lag(contact_count) over cohort as previous_contact_count,
    case when month_from > cohort_from then continued_count end as continued_count,
    {{ ratio('continued_count', 'lag(contact_count) over cohort') }} as rolling_retention_ratio,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from counted
window
    cohort as (partition by cohort_from order by month_from asc)
order by cohort_from asc, month_number asc
