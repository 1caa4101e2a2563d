-- What we said to people, and what kind of reply it was as known at as_of: a text may turn out to
-- be a template later, and was none before. Grain: message_id.
with

replies as (

    select * from {{ ref('stg_reply_signal') }}

),

messages as (

    select * from {{ ref('int_message') }}

),

signals as (

    select * from {{ ref('stg_message_signal') }}

),

automated as (

    select * from {{ ref('stg_automated_message') }}

),

-- Templates that have reached three people by now.
templates as (

    select distinct template_id
    from replies
    where canned_at is not null

)

select
    messages.message_id,
    messages.channel,
    messages.conversation_id,
    messages.account_id,
    messages.person_id as speaker_id,
    messages.side,
    messages.sent_at,
    messages.deleted_at,
    templates.template_id,
    templates.template_id is not null and replies.is_template_origin as is_template_origin,
    replies.canned_at,
    replies.canned_at is not null as is_canned,
    messages.side = 'ours_bot' or automated.message_id is not null as is_automated,
    automated.automation_reason,
    replies.canned_at is null
    and messages.side = 'ours_human'
    and automated.message_id is null as is_personal,
    replies.names_addressee,
    replies.is_signed,
    coalesce(signals.echoed_word_count, 0) as echoed_word_count,
    coalesce(signals.has_deflection, false) as has_deflection,
    coalesce(signals.has_apology, false) as has_apology,
    coalesce(signals.has_promise, false) as has_promise
from replies
inner join messages on replies.message_id = messages.message_id
left join signals on replies.message_id = signals.message_id
left join automated on replies.message_id = automated.message_id
left join templates on replies.template_id = templates.template_id
where messages.side in ('ours_human', 'ours_bot')
