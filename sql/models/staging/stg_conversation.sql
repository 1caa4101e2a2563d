-- One thread, or one session of a place without threads. Grain: conversation_id.
with

conversations as (

    select * from {{ source('core', 'conversation') }}

)

select
    conversation_id,
    channel,
    root_message_id,
    started_by,
    started_at,
    last_message_at,
    home,
    is_inferred,
    message_count,
    participant_count,
    depth,
    h_index,
    structural_virality
from conversations
where started_at < {{ as_of() }}
