-- What a human of ours last said to a person, of what still stands. Grain: person_id.
with

addressees as (

    select * from {{ ref('int_addressee') }}

),

messages as (

    select * from {{ ref('int_message') }}

),

texts as (

    select * from {{ ref('stg_message') }}

),

spoken as (

    select
        addressees.asker_key as person_id,
        messages.message_id,
        texts.text,
        messages.sent_at,
        messages.person_id as said_by_person_id,
        messages.person_name as said_by_name,
        row_number() over (
            partition by addressees.asker_key
            order by messages.sent_at desc, messages.message_id desc
        ) as latest_rank
    from addressees
    inner join messages on addressees.message_id = messages.message_id
    inner join texts on addressees.message_id = texts.message_id
    where addressees.speaker_side = 'ours_human' and messages.deleted_at is null

)

select
    person_id,
    message_id,
    text,
    sent_at,
    said_by_person_id,
    said_by_name
from spoken
where latest_rank = 1
