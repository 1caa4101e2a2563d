-- The people whom our replies speak to; bots and our own are none. Grain: message_id, person_id.
with

replies as (

    select * from {{ ref('int_reply') }}

),

interactions as (

    select * from {{ ref('stg_interaction') }}
    where direction = 'outbound' and kind in {{ spoken_kinds() }}

),

people as (

    select * from {{ ref('int_account') }}
    where side in ('person', 'unknown') and person_id is not null

)

select distinct
    replies.message_id,
    people.person_id,
    replies.account_id,
    replies.conversation_id,
    replies.sent_at,
    replies.template_id,
    replies.is_canned,
    replies.is_personal
from replies
inner join interactions on replies.message_id = interactions.message_id
inner join people on interactions.to_account_id = people.account_id
