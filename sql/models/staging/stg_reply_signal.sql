-- What kind of reply a message of ours to a person is. Grain: message_id.
with

signals as (

    select * from {{ source('core', 'reply_signal') }}

)

select
    message_id,
    names_addressee,
    is_signed,
    is_personal,
    template_id,
    is_template_origin,
    case when canned_at < {{ as_of() }} then canned_at end as canned_at,
    outside_template_ratio
from signals
