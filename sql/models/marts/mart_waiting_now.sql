-- Who waits for a word from us, the most pressing first. Grain: ask_id.
with

asks as (

    select * from {{ ref('mart_ask') }}
    where is_waiting

),

last_words as (

    select * from {{ ref('int_last_word') }}

),

messages as (

    select * from {{ ref('int_waiting_message') }}

),

detours as (

    select * from {{ ref('int_detour') }}

),

unheard as (

    select * from {{ ref('mart_unheard') }}

),

judged as (

    select
        asks.ask_id,
        asks.asked_at,
        asks.message_count,
        asks.has_question,
        asks.is_peer_answered,
        asks.automatic_answered_at,
        asks.message_count > 1 or detours.ask_id is not null as has_asked_again,
        detours.ask_id is not null as has_gone_elsewhere,
        unheard.person_id is not null as is_unheard
    from asks
    left join detours on asks.ask_id = detours.ask_id
    left join unheard on asks.person_id = unheard.person_id

),

-- First those whom nobody answered; among them questions; among these who asked again, then whom
-- we never answered; among these the longest wait.
ranked as (

    select
        ask_id,
        has_asked_again,
        is_unheard,
        row_number() over (
            order by
                is_peer_answered asc,
                has_question desc,
                has_asked_again desc,
                is_unheard desc,
                asked_at asc,
                ask_id asc
        ) as priority,
        concat_ws(
            '; ',
            case
                when is_peer_answered then 'another person answered, we did not'
                when automatic_answered_at is not null then 'only our bot answered'
                else 'nobody answered'
            end,
            case when has_question then 'asks a question' end,
            case when message_count > 1 then 'wrote ' || message_count || ' times' end,
            case when has_gone_elsewhere then 'asked again on another channel' end,
            case when is_unheard then 'we never answered them' end
        ) as priority_reason
    from judged

)

select
    ranked.priority,
    ranked.priority_reason,
    asks.ask_id,
    asks.person_id,
    asks.person_name,
    standings.stage,
    asks.channel,
    asks.platform,
    asks.home,
    asks.asked_at,
    asks.waited_seconds as age_seconds,
    asks.waited_business_seconds as age_business_seconds,
    asks.message_count,
    asks.addressed_reason,
    asks.has_question,
    ranked.has_asked_again,
    ranked.is_unheard,
    asks.is_peer_answered,
    asks.automatic_answered_at,
    last_words.text as last_word,
    last_words.sent_at as last_word_at,
    last_words.said_by_name as last_word_by_name,
    last_words.message_id as last_word_message_id,
    messages.permalink,
    asks.as_of,
    asks.definition_version
from asks
inner join ranked on asks.ask_id = ranked.ask_id
left join last_words on asks.person_id = last_words.person_id
left join messages on asks.ask_id = messages.ask_id
left join {{ ref('int_standing_new') }} as standings
    on asks.person_id = standings.person_id and standings.is_now
order by ranked.priority asc
