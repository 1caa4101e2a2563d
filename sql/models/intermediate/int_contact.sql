-- What a person and the humans of ours did towards each other: one row per message, reaction or
-- repost, however many of us it names. Grain: person_id, from_account_id, act, message_id.
with

interactions as (

    select * from {{ ref('stg_interaction') }}

),

accounts as (

    select * from {{ ref('int_account') }}

),

directed as (

    select
        case interactions.direction
            when 'inbound' then speakers.person_id
            else addressees.person_id
        end as person_id,
        interactions.direction,
        interactions.from_account_id,
        interactions.message_id,
        interactions.kind,
        interactions.occurred_at,
        interactions.kind in {{ spoken_kinds() }} as is_spoken,
        {{ interaction_weight('interactions.kind') }} as weight
    from interactions
    inner join accounts as speakers on interactions.from_account_id = speakers.account_id
    left join accounts as addressees on interactions.to_account_id = addressees.account_id
    where
        interactions.occurred_at is not null
        and interactions.kind <> 'follow'
        and (
            (interactions.direction = 'inbound' and speakers.side = 'person')
            or (
                interactions.direction = 'outbound'
                and speakers.side = 'ours_human'
                and addressees.side = 'person'
            )
        )

),

acts as (

    select
        person_id,
        direction,
        from_account_id,
        message_id,
        is_spoken,
        case when is_spoken then 'message' else kind end as act,
        min(occurred_at) as occurred_at,
        max(weight) as weight
    from directed
    group by person_id, direction, from_account_id, message_id, is_spoken, act

),

-- When the other side last spoke before.
preceded as (

    select
        person_id,
        direction,
        from_account_id,
        act,
        message_id,
        occurred_at,
        is_spoken,
        weight,
        max(occurred_at) filter (where is_spoken and direction = 'inbound') over earlier
            as inbound_at,
        max(occurred_at) filter (where is_spoken and direction = 'outbound') over earlier
            as outbound_at
    from acts
    window
        earlier as (
            partition by person_id
            order by occurred_at asc, message_id asc, is_spoken asc, from_account_id asc
            rows between unbounded preceding and 1 preceding
        )

)

select
    person_id,
    direction,
    from_account_id,
    act,
    message_id,
    occurred_at,
    is_spoken,
    weight,
    is_spoken and coalesce(
        {{ days_between(
            "case direction when 'inbound' then outbound_at else inbound_at end", 'occurred_at'
        ) }} <= {{ var('contact_window_days') }},
        false
    ) as is_two_way
from preceded
