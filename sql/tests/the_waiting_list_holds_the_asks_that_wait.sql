-- Nobody who waits is missing from the list, and nobody on it has stopped waiting.
with

asks as (

    select
        ask_id,
        person_id,
        asked_at,
        waited_seconds
    from {{ ref('mart_ask') }}
    where is_waiting

),

waiting as (

    select
        ask_id,
        person_id,
        asked_at,
        age_seconds
    from {{ ref('mart_waiting_now') }}

)

select
    asks.ask_id,
    waiting.ask_id as listed_ask_id
from asks
full outer join waiting on asks.ask_id = waiting.ask_id
where
    asks.ask_id is null
    or waiting.ask_id is null
    or asks.person_id is distinct from waiting.person_id
    or asks.asked_at <> waiting.asked_at
    or asks.waited_seconds <> waiting.age_seconds
