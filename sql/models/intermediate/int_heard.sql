-- Whether a message of somebody to us found one of our humans: an answer to its author in the
-- conversation, or a reaction to it or a repost of it. Thanks ask for nothing. Grain: message_id.
with

messages as (

    select * from {{ ref('int_message') }}
    where
        is_addressed_to_us
        and not is_thanks
        and side in ('person', 'unknown')
        and person_id is not null

),

answers as (

    select * from {{ ref('int_addressee') }}
    where speaker_side = 'ours_human'

),

interactions as (

    select * from {{ ref('stg_interaction') }}
    where kind in ('reaction', 'repost') and occurred_at is not null

),

accounts as (

    select * from {{ ref('int_account') }}
    where side = 'ours_human'

),

reactions as (

    select
        interactions.message_id,
        min(interactions.occurred_at) as reacted_at
    from interactions
    inner join accounts on interactions.from_account_id = accounts.account_id
    group by interactions.message_id

)

select
    messages.message_id,
    messages.person_id,
    messages.sent_at,
    coalesce(
        least(answers.sent_at, reactions.reacted_at)
        <= messages.sent_at + interval '{{ var("heard_days") }} days',
        false
    ) as is_heard
from messages
{{ nearest_left_join('answers', 'messages.conversation_id = answers.conversation_id
    and messages.asker_key = answers.asker_key and messages.sent_at <= answers.sent_at') }}
left join reactions on messages.message_id = reactions.message_id
