-- What had been written, and was known, before as_of. Grain: message_id.
with

messages as (

    select * from {{ source('core', 'message') }}

)

select
    message_id,
    platform,
    channel,
    conversation_id,
    parent_id,
    parent_state,
    author_id,
    sent_at,
    case when edited_at < {{ as_of() }} then edited_at end as edited_at,
    case when deleted_at <= {{ as_of() }} then deleted_at end as deleted_at,
    text,
    content_hash,
    kind,
    visibility,
    mentions,
    quoted_id,
    home,
    is_addressed_to_us,
    addressed_reason,
    depth,
    is_flat,
    permalink,
    client_name,
    first_seen_at,
    last_seen_at
from messages
where
    sent_at < {{ as_of() }}
    and first_seen_at <= {{ as_of() }}
