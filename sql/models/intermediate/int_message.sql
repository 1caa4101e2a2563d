-- A message with the person who wrote it. Grain: message_id.
with

messages as (

    select * from {{ ref('stg_message') }}

),

accounts as (

    select * from {{ ref('int_account') }}

),

signals as (

    select * from {{ ref('stg_message_signal') }}

)

select
    messages.message_id,
    messages.platform,
    messages.channel,
    messages.conversation_id,
    messages.parent_id,
    messages.home,
    messages.author_id as account_id,
    accounts.person_id,
    accounts.person_name,
    {{ asker_key('accounts.person_id', 'messages.message_id') }} as asker_key,
    coalesce(accounts.side, 'unknown') as side,
    messages.sent_at,
    messages.deleted_at,
    messages.permalink,
    messages.is_addressed_to_us,
    messages.addressed_reason,
    coalesce(signals.is_thanks, false) as is_thanks,
    coalesce(signals.is_question, false) as is_question
from messages
left join accounts on messages.author_id = accounts.account_id
left join signals on messages.message_id = signals.message_id
