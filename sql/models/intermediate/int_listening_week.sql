-- How often somebody spoke to an account of ours by name, or to us at all, and how many people were
-- heard. A week is unknown until the days of its last message have passed.
-- Grain: account_id, week_from.
with

interactions as (

    select * from {{ ref('stg_interaction') }}
    where direction = 'inbound' and kind in {{ spoken_kinds() }}

),

messages as (

    select * from {{ ref('int_message') }}
    where side in ('person', 'unknown')

),

heard as (

    select * from {{ ref('int_heard') }}

),

spoken as (

    select
        case grouping(interactions.to_account_id)
            when 1 then 'all'
            else interactions.to_account_id
        end as account_id,
        {{ week_of('messages.sent_at') }} as week_from,
        count(distinct messages.message_id) as inbound_count
    from interactions
    inner join messages on interactions.message_id = messages.message_id
    group by grouping sets ((interactions.to_account_id, week_from), (week_from))

),

listened as (

    select
        'all' as account_id,
        {{ week_of('sent_at') }} as week_from,
        count(distinct person_id) as people_spoke_count,
        count(distinct person_id) filter (where is_heard) as people_heard_count
    from heard
    group by week_from

)

-- Who speaks to us as a whole names no account.
select
    spoken.account_id,
    spoken.week_from,
    spoken.inbound_count,
    listened.people_spoke_count,
    case
        when {{ is_week_over('spoken.week_from', var('heard_days')) }}
            then listened.people_heard_count
    end as people_heard_count
from spoken
left join listened
    on spoken.account_id = listened.account_id and spoken.week_from = listened.week_from
where spoken.account_id is not null
