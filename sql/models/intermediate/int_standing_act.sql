-- What a person and we did towards each other before a moment and not before the one before.
-- Faded counts are whole numbers of trillionths, so that their sums are the same in any order.
-- Grain: person_id, moment_at.
with

contacts as (

    select * from {{ ref('int_contact') }}

),

signals as (

    select * from {{ ref('stg_message_signal') }}

),

moments as (

    select * from {{ ref('int_moment') }}

),

placed as (

    select
        contacts.person_id,
        moments.moment_at,
        contacts.direction,
        contacts.occurred_at,
        contacts.message_id,
        contacts.is_spoken,
        contacts.is_two_way,
        contacts.weight,
        {{ trillionths(faded('1', 'contacts.occurred_at', 'moments.moment_at')) }} as faded,
        contacts.is_spoken and signals.language in {{ courteous_languages() }} as is_readable,
        signals.has_thanks or signals.has_greeting or signals.has_apology as is_kind
    from contacts
    {{ nearest_join('moments', 'contacts.occurred_at < moments.moment_at') }}
    left join signals on contacts.message_id = signals.message_id

)

select
    person_id,
    moment_at,
    count(*) filter (where is_spoken and direction = 'inbound') as inbound_count,
    count(*) filter (where is_spoken and direction = 'outbound') as outbound_count,
    count(*) filter (where direction = 'inbound') as inbound_act_count,
    sum(cast(faded * weight as hugeint)) filter (where direction = 'inbound') as inbound_faded,
    sum(cast(faded * weight as hugeint)) filter (where direction = 'outbound') as outbound_faded,
    count(*) filter (where is_readable) as readable_count,
    count(*) filter (where is_readable and is_kind) as kind_count,
    count(*) filter (where is_spoken and not is_two_way and direction = 'inbound')
        as inbound_opening_count,
    count(*) filter (where is_spoken and not is_two_way and direction = 'outbound')
        as outbound_opening_count,
    count(*) filter (where is_two_way) as two_way_contact_count
from placed
group by person_id, moment_at
