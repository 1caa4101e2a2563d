-- Who of ours writes to whom: messages of each colleague to each person in the 90 days before the
-- end of a month, or before as_of in the running one. Grain: month_from, person_id, holder_id.
with

contacts as (

    select * from {{ ref('int_contact') }}
    where direction = 'outbound' and is_spoken

),

accounts as (

    select * from {{ ref('int_account') }}

),

people as (

    select * from {{ ref('stg_person') }}
    where person_kind = 'person'

),

history as (

    select min(occurred_at) as history_from
    from contacts

),

months as (

    select
        {{ each_month('history_from', as_of()) }} as month_from,
        least(month_from + interval '1 month', {{ as_of() }}) as counted_to
    from history

),

written as (

    select
        months.month_from,
        contacts.person_id,
        accounts.person_id as holder_id,
        count(*) as message_count
    from contacts
    inner join people on contacts.person_id = people.person_id
    inner join accounts on contacts.from_account_id = accounts.account_id
    inner join months
        on
            contacts.occurred_at >= months.counted_to - interval '{{ var("recent_days") }} days'
            and contacts.occurred_at < months.counted_to
    group by months.month_from, contacts.person_id, accounts.person_id

)

select
    month_from,
    person_id,
    holder_id,
    message_count,
    cast(sum(message_count) over (partition by month_from, person_id) as bigint)
        as person_message_count
from written
