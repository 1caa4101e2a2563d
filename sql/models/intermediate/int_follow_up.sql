-- What people said in the conversation after a canned reply reached them, and how it sounds.
-- Grain: template_id.
with

received as (

    select * from {{ ref('int_reply_person') }}
    where is_canned

),

messages as (

    select * from {{ ref('int_message') }}

),

signals as (

    select * from {{ ref('stg_message_signal') }}

),

-- Once, however many uses of the template it follows.
followed as (

    select distinct
        received.template_id,
        messages.message_id,
        messages.person_id
    from received
    inner join messages
        on
            received.conversation_id = messages.conversation_id
            and received.person_id = messages.person_id
            and received.sent_at < messages.sent_at
            and received.sent_at + interval '{{ var("reask_hours") }} hours' >= messages.sent_at
    where messages.side in ('person', 'unknown')

),

-- Millionths, because a sum of fractions depends on their order.
counted as (

    select
        followed.template_id,
        count(*) as follow_up_count,
        count(signals.sentiment_score) as scored_count,
        count(distinct followed.person_id) filter (where signals.sentiment_score is not null)
            as scored_people_count,
        sum(cast(round(signals.sentiment_score * 1e6) as bigint)) as score_millionths
    from followed
    left join signals on followed.message_id = signals.message_id
    group by followed.template_id

)

select
    template_id,
    follow_up_count,
    scored_count,
    case
        when
            scored_count >= {{ var('sentiment_message_count') }}
            and scored_people_count >= {{ var('sentiment_people_count') }}
            then round(score_millionths / (scored_count * 1e6), 6)
    end as mean_sentiment_score
from counted
