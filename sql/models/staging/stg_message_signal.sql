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
    has_thanks,
    has_apology,
    has_promise,
    has_deflection,
    is_promotion,
    promotion_evidence,
    language,
    sentiment_score,
    sentiment_model,
    function_word_counts,
    echoed_word_count,
    reply_seconds
from signals
