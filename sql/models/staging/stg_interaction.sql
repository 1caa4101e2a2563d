-- One directed act between two accounts before as_of. Grain: interaction_id.
with

interactions as (

    select * from {{ source('core', 'interaction') }}

)

select
    interaction_id,
    kind,
    occurred_at,
    from_account_id,
    to_account_id,
    direction,
    message_id,
    conversation_id,
    addressee_method,
    is_inferred
from interactions
where occurred_at < {{ as_of() }} or occurred_at is null
