-- The moments at which relationships are looked at: every Monday and every first of a month since
-- the first contact, and now. What happens before a moment, and not before the one before, is known
-- at it first. Grain: moment_at.
with

contacts as (

    select min(occurred_at) as first_at from {{ ref('int_contact') }}

),

dates as (

    select {{ each_date('first_at + interval 1 day', as_of()) }} as moment_date
    from contacts

),

listed as (

    select cast(moment_date as timestamptz) as moment_at
    from dates
    where
        date_trunc('week', moment_date) = moment_date
        or date_trunc('month', moment_date) = moment_date
    union distinct
    select {{ as_of() }} as moment_at
    from contacts
    where first_at is not null

)

select
    moment_at,
    moment_at = date_trunc('week', moment_at) as is_week,
    moment_at = date_trunc('month', moment_at) as is_month,
    moment_at = {{ as_of() }} as is_now
from listed
