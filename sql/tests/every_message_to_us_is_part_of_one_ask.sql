-- No message that a person addressed to us is lost on the way to the asks, or counted twice.
with

said as (

    select count(*) as message_count
    from {{ ref('int_message') }}
    where is_addressed_to_us and side in ('person', 'unknown')

),

asked as (

    select coalesce(sum(message_count), 0) as message_count
    from {{ ref('mart_ask') }}

)

select
    said.message_count as said_count,
    asked.message_count as asked_count
from said
cross join asked
where said.message_count <> asked.message_count
