-- Each time a person spoke to us, and who answered: the person's messages to us in one conversation
-- that wait for the same answer of a human of ours, or for none yet, are one ask.
-- Grain: ask_id, the first of its messages.
with

messages as (

    select * from {{ ref('int_message') }}

),

addressees as (

    select * from {{ ref('int_addressee') }}

),

-- Two answers in the same instant: the one with the smaller id counts.
answers as (

    select
        conversation_id,
        asker_key,
        sent_at as answered_at,
        min(message_id) as answer_message_id,
        min_by(speaker_id, message_id) as answered_by
    from addressees
    where speaker_side = 'ours_human'
    group by conversation_id, asker_key, sent_at

),

-- Every message to us, with the first human answer at its time or later.
spoken as (

    select
        messages.message_id,
        messages.conversation_id,
        messages.asker_key,
        messages.sent_at,
        messages.deleted_at,
        messages.is_thanks,
        messages.is_question,
        answers.answered_at,
        answers.answer_message_id,
        answers.answered_by
    from messages
    {{ nearest_left_join('answers', 'messages.conversation_id = answers.conversation_id
        and messages.asker_key = answers.asker_key and messages.sent_at <= answers.answered_at') }}
    where messages.is_addressed_to_us and messages.side in ('person', 'unknown')

),

blocks as (

    select
        conversation_id,
        asker_key,
        answered_at,
        {{ earliest('message_id', 'sent_at') }} as ask_id,
        min(sent_at) as asked_at,
        count(*) as message_count,
        max(answer_message_id) as answer_message_id,
        max(answered_by) as answered_by,
        case when count(*) = count(deleted_at) then max(deleted_at) end as withdrawn_at,
        bool_and(is_thanks) as is_only_thanks,
        bool_or(is_question) as has_question
    from spoken
    group by conversation_id, asker_key, answered_at

),

-- Who else spoke to the asker meanwhile: another person, or a machine of ours.
others as (

    select
        blocks.ask_id,
        min(addressees.sent_at) filter (
            where addressees.speaker_side = 'person' and addressees.sent_at > blocks.asked_at
        ) as peer_answered_at,
        min(addressees.sent_at) filter (
            where addressees.speaker_side = 'ours_bot'
        ) as automatic_answered_at
    from blocks
    inner join addressees
        on
            blocks.conversation_id = addressees.conversation_id
            and blocks.asker_key = addressees.asker_key
            and blocks.asked_at <= addressees.sent_at
            and coalesce(blocks.answered_at >= addressees.sent_at, true)
    where
        addressees.speaker_side in ('person', 'ours_bot')
        and addressees.speaker_id is distinct from blocks.asker_key
    group by blocks.ask_id

)

select
    blocks.ask_id,
    blocks.conversation_id,
    messages.channel,
    messages.platform,
    messages.home,
    messages.person_id,
    messages.account_id,
    blocks.asked_at,
    blocks.message_count,
    messages.addressed_reason,
    blocks.answered_at as human_answered_at,
    blocks.answer_message_id as human_answer_message_id,
    blocks.answered_by as answered_by_person_id,
    others.peer_answered_at,
    others.automatic_answered_at,
    blocks.withdrawn_at,
    blocks.is_only_thanks,
    blocks.has_question
from blocks
inner join messages on blocks.ask_id = messages.message_id
left join others on blocks.ask_id = others.ask_id
