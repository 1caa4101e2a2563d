-- Whether a person asked us again in the same conversation after a template first reached them, or
-- our first personal reply. Only the first: who is answered ten times can ask again ten times.
-- Grain: reply_group, person_id.
with

received as (

    select * from {{ ref('int_reply_person') }}
    where is_canned or is_personal

),

asks as (

    select * from {{ ref('int_message') }}
    where is_addressed_to_us and not is_thanks

),

-- Two replies in the same instant: the conversation with the smaller id counts.
firsts as (

    select
        case when is_canned then template_id else 'personal' end as reply_group,
        person_id,
        min(sent_at) as received_at,
        {{ earliest('conversation_id', 'sent_at') }} as conversation_id
    from received
    group by reply_group, person_id

)

select
    firsts.reply_group,
    firsts.person_id,
    firsts.received_at,
    firsts.conversation_id,
    coalesce(
        asks.sent_at <= firsts.received_at + interval '{{ var("reask_hours") }} hours', false
    ) as has_asked_again
from firsts
{{ nearest_left_join('asks', 'firsts.person_id = asks.person_id
    and firsts.conversation_id = asks.conversation_id and firsts.received_at < asks.sent_at') }}
where firsts.received_at + interval '{{ var("reask_hours") }} hours' < {{ as_of() }}
