-- What was computed from a message's text. Grain: message_id.
with

signals as (

    select * from {{ source('core', 'message_signal') }}

)

select
    message_id,
    content_hash,
    signal_version,
    word_count,
    is_question,
    is_thanks,
    has_greeting,
    names_addressee
from signals
