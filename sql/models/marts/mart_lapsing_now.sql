-- Whom we are about to lose: relationships later than their own rhythm lets expect, those first
-- that were worth most. Grain: person_id.
with

relationships as (

    select * from {{ ref('mart_relationship') }}
    where stage in ('drifting', 'lapsing')

),

contacts as (

    select * from {{ ref('int_contact') }}
    where is_spoken

),

accounts as (

    select * from {{ ref('int_account') }}

),

messages as (

    select * from {{ ref('stg_message') }}

),

evidence as (

    select * from {{ ref('int_evidence') }}

),

-- The colleague who wrote most of what we wrote to the person; the latest of equals.
colleagues as (

    select
        contacts.person_id,
        accounts.person_id as colleague_id,
        accounts.person_name as colleague_name,
        row_number() over (
            partition by contacts.person_id
            order by count(*) desc, max(contacts.occurred_at) desc, accounts.person_id asc
        ) as place
    from contacts
    inner join relationships on contacts.person_id = relationships.person_id
    inner join accounts on contacts.from_account_id = accounts.account_id
    where contacts.direction = 'outbound'
    group by contacts.person_id, accounts.person_id, accounts.person_name

)

select
    row_number() over (
        order by
            relationships.strength
            * power(2, relationships.silent_days / {{ var('half_life_days') }}) desc,
            relationships.person_id asc
    ) as priority,
    relationships.person_id,
    relationships.person_name,
    relationships.stage,
    relationships.last_two_way_contact_at,
    relationships.silent_days,
    relationships.median_gap_days,
    relationships.overdue_ratio,
    relationships.contact_day_count,
    round(
        relationships.strength
        * power(2, relationships.silent_days / {{ var('half_life_days') }}), 6
    ) as strength_at_last_contact,
    relationships.alive_ratio,
    relationships.open_ask_count,
    relationships.score,
    colleagues.colleague_id as usual_colleague_id,
    colleagues.colleague_name as usual_colleague_name,
    messages.channel as last_channel,
    messages.text as last_topic,
    messages.message_id as last_message_id,
    messages.permalink,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from relationships
left join colleagues on relationships.person_id = colleagues.person_id and colleagues.place = 1
left join evidence on relationships.person_id = evidence.person_id
left join messages on evidence.last_inbound_message_id = messages.message_id
order by priority asc
