-- Messages that a machine wrote, with the first evidence. Grain: message_id.
with

automated as (

    select * from {{ source('core', 'automated_message') }}

)

select
    message_id,
    automation_reason
from automated
