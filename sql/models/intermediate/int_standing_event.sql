-- What begins and ends between a person and us: asks, waiting, answers, weeks of recent contact,
-- and the person's accounts; +1 or -1 of something from just after an instant on.
-- Grain: person_id, what, happened_at.
with

asks as (

    select * from {{ ref('int_ask_span') }}

),

days as (

    select * from {{ ref('int_contact_day') }}

),

accounts as (

    select
        owners.person_id,
        logins.gone_at
    from {{ ref('stg_account') }} as logins
    inner join {{ ref('int_account') }} as owners
        on logins.account_id = owners.account_id
    where owners.person_id is not null

),

weeks as (

    select
        person_id,
        min(first_contact_at) as first_contact_at,
        max(last_contact_at) as last_contact_at
    from days
    group by person_id, date_trunc('week', contact_date)

),

gone as (

    select
        person_id,
        max(gone_at) - interval 1 microsecond as gone_at
    from accounts
    group by person_id
    having count(*) = count(*) filter (where gone_at <= {{ as_of() }})

),

spans as (

    select
        person_id,
        what,
        span_from,
        span_to
    from asks
    union all
    select
        person_id,
        'contact_week' as what,
        first_contact_at as span_from,
        last_contact_at + interval '{{ var("recent_days") }} days' as span_to
    from weeks
    union all
    select
        person_id,
        'gone' as what,
        gone_at as span_from,
        null as span_to
    from gone

),

turned as (

    select
        person_id,
        what,
        span_from as happened_at,
        1 as amount
    from spans
    union all
    select
        person_id,
        what,
        span_to as happened_at,
        -1 as amount
    from spans

)

select
    person_id,
    what,
    happened_at,
    cast(sum(amount) as bigint) as amount
from turned
where happened_at < {{ as_of() }}
group by person_id, what, happened_at
