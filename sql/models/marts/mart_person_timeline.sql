-- Everything between a person and us, in order: read the relationship.
-- Grain: person_id, event_number.
with

events as (

    select * from {{ ref('int_event') }}

),

people as (

    select * from {{ ref('stg_person') }}

),

accounts as (

    select * from {{ ref('int_account') }}

),

messages as (

    select * from {{ ref('stg_message') }}

),

replies as (

    select * from {{ ref('int_reply') }}

)

select
    events.person_id,
    events.event_number,
    people.display_name as person_name,
    events.happened_at,
    events.direction,
    events.kind,
    accounts.person_id as by_person_id,
    accounts.person_name as by_name,
    accounts.side = 'ours_bot' or coalesce(replies.is_automated, false) as is_automated,
    coalesce(replies.is_canned, false) as is_canned,
    messages.channel,
    messages.conversation_id,
    events.message_id,
    -- Called as everywhere, though the word is a keyword.
    case when events.kind = 'message' and messages.deleted_at is null then messages.text end
        as text, -- noqa: RF04
    messages.deleted_at is not null as is_deleted,
    messages.edited_at is not null as was_edited,
    messages.permalink,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from events
inner join people on events.person_id = people.person_id
inner join accounts on events.from_account_id = accounts.account_id
left join messages on events.message_id = messages.message_id
left join replies on events.message_id = replies.message_id and events.kind = 'message'
order by events.person_id asc, events.event_number asc
