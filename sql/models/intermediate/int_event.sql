-- What happened between a person and us, humans and bots, in order: messages, reactions, reposts
-- and follows whose time is known. A message that names several of us is one event; one that speaks
-- to several people is one for each. Only ids, so that long histories can be put in order.
-- Grain: person_id, event_number.
with

interactions as (

    select * from {{ ref('stg_interaction') }}
    where direction in ('inbound', 'outbound') and occurred_at is not null

),

accounts as (

    select * from {{ ref('int_account') }}

),

people as (

    select * from {{ ref('stg_person') }}
    where person_kind = 'person' and first_seen_at <= {{ as_of() }}

),

messages as (

    select * from {{ ref('stg_message') }}

),

directed as (

    select
        case interactions.direction
            when 'inbound' then speakers.person_id
            else addressees.person_id
        end as person_id,
        interactions.direction,
        interactions.from_account_id,
        case
            when interactions.kind in {{ spoken_kinds() }} then 'message'
            else interactions.kind
        end as kind,
        interactions.message_id,
        case when interactions.kind = 'follow' then interactions.to_account_id end
            as followed_account_id,
        interactions.occurred_at
    from interactions
    inner join accounts as speakers on interactions.from_account_id = speakers.account_id
    left join accounts as addressees on interactions.to_account_id = addressees.account_id
    where
        case interactions.direction
            when 'inbound' then speakers.side = 'person'
            else speakers.side in ('ours_human', 'ours_bot') and addressees.side = 'person'
        end

),

events as (

    select
        directed.person_id,
        directed.direction,
        directed.from_account_id,
        directed.kind,
        directed.message_id,
        directed.followed_account_id,
        min(directed.occurred_at) as happened_at
    from directed
    inner join people on directed.person_id = people.person_id
    where
        directed.kind <> 'message'
        or directed.message_id in (select messages.message_id from messages)
    group by
        directed.person_id,
        directed.direction,
        directed.from_account_id,
        directed.kind,
        directed.message_id,
        directed.followed_account_id

)

select
    person_id,
    row_number() over (
        partition by person_id
        order by
            happened_at asc,
            message_id asc,
            kind asc,
            direction asc,
            from_account_id asc,
            followed_account_id asc
    ) as event_number,
    happened_at,
    direction,
    from_account_id,
    kind,
    message_id
from events
