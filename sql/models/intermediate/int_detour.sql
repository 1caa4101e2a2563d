-- Asks that no human of ours had answered when the person asked again on another channel, soon
-- after. In the same instant it is a copy and no detour. Grain: ask_id.
with

asks as (

    select * from {{ ref('int_ask') }}
    where not is_only_thanks and person_id is not null

),

channels as (

    select distinct
        person_id,
        channel
    from asks

),

-- Beside every ask the other channels of its person: few, and none for most people.
elsewhere as (

    select
        asks.ask_id,
        asks.person_id,
        asks.channel,
        asks.asked_at,
        asks.human_answered_at,
        channels.channel as other_channel
    from asks
    inner join channels
        on asks.person_id = channels.person_id and asks.channel <> channels.channel

),

again as (

    select
        elsewhere.ask_id,
        elsewhere.person_id,
        elsewhere.channel,
        elsewhere.asked_at,
        elsewhere.human_answered_at,
        asks.asked_at as asked_again_at
    from elsewhere
    {{ nearest_left_join('asks', 'elsewhere.person_id = asks.person_id
        and elsewhere.other_channel = asks.channel and elsewhere.asked_at < asks.asked_at') }}

)

select
    ask_id,
    person_id,
    channel,
    asked_at,
    min(asked_again_at) as asked_again_at
from again
where
    asked_again_at <= asked_at + interval '{{ var("detour_hours") }} hours'
    and coalesce(asked_again_at < human_answered_at, true)
group by ask_id, person_id, channel, asked_at
