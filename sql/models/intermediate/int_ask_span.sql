-- From when to when a person's ask counts as an ask, as answered, as answered personally, and as
-- waiting, so that each past moment can be told by what had happened by then. An ask waits while it
-- is more than thanks, not wholly deleted, not answered and not expired.
-- Grain: ask_id, what, span_from.
with

blocks as (

    select * from {{ ref('int_ask_block') }}
    where person_id is not null

),

stood as (

    select * from {{ ref('int_ask_stood') }}

),

replies as (

    select * from {{ ref('int_reply') }}

),

words as (

    select
        blocks.ask_id,
        blocks.person_id,
        blocks.human_answered_at,
        blocks.asked_at + interval '{{ var("expire_days") }} days' as expires_at,
        min(stood.first_word_at) as first_word_at,
        min(replies.canned_at) as canned_at,
        bool_and(coalesce(not replies.is_automated, false)) as is_by_hand
    from blocks
    inner join stood on blocks.ask_id = stood.ask_id
    left join replies on blocks.human_answer_message_id = replies.message_id
    group by blocks.ask_id, blocks.person_id, blocks.human_answered_at, expires_at
    having min(stood.first_word_at) is not null

),

waiting as (

    select
        words.ask_id,
        words.person_id,
        greatest(words.first_word_at, stood.stood_from) as span_from,
        least(words.human_answered_at, words.expires_at, stood.stood_to) as span_to
    from words
    inner join stood on words.ask_id = stood.ask_id

)

select
    ask_id,
    person_id,
    'ask' as what,
    first_word_at as span_from,
    null as span_to
from words
union all
select
    ask_id,
    person_id,
    'answered' as what,
    human_answered_at as span_from,
    null as span_to
from words
where human_answered_at is not null
union all
select
    ask_id,
    person_id,
    'personal' as what,
    human_answered_at as span_from,
    canned_at as span_to
from words
where is_by_hand and coalesce(canned_at > human_answered_at, true)
union all
select
    ask_id,
    person_id,
    'waiting' as what,
    span_from,
    span_to
from waiting
where span_from < span_to
