-- Where to look for what a relationship is judged by: messages and asks. Grain: person_id.
with

contacts as (

    select * from {{ ref('int_contact') }}
    where is_spoken

),

asks as (

    select * from {{ ref('int_ask') }}
    where not is_only_thanks and person_id is not null

),

said as (

    select
        person_id,
        {{ latest('message_id', 'occurred_at') }} as last_message_id,
        {{ latest('message_id', 'occurred_at') }} filter (where is_two_way)
            as last_two_way_message_id,
        {{ latest('message_id', 'occurred_at') }} filter (where direction = 'inbound')
            as last_inbound_message_id,
        {{ latest('message_id', 'occurred_at') }} filter (where direction = 'outbound')
            as last_outbound_message_id
    from contacts
    group by person_id

),

asked as (

    select
        person_id,
        {{ earliest('ask_id', 'asked_at') }} filter (where is_waiting) as waiting_ask_id,
        {{ latest('ask_id', 'asked_at') }} filter (where not is_personal_answer)
            as unanswered_ask_id
    from asks
    group by person_id

)

select
    said.person_id,
    said.last_message_id,
    said.last_two_way_message_id,
    said.last_inbound_message_id,
    said.last_outbound_message_id,
    asked.waiting_ask_id,
    asked.unanswered_ask_id
from said
left join asked on said.person_id = asked.person_id
