-- What our canned replies are, whom they reached, and what became of it. Grain: template_id.
with

replies as (

    select * from {{ ref('int_reply') }}
    where template_id is not null

),

texts as (

    select * from {{ ref('stg_message') }}

),

received as (

    select * from {{ ref('int_reply_person') }}

),

reasks as (

    select * from {{ ref('int_reask') }}

),

follow_ups as (

    select * from {{ ref('int_follow_up') }}

),

-- A row per use and person it speaks to. The origin's words where they are kept, else the latest.
used as (

    select
        replies.template_id,
        {{ at_greatest('texts.text', [
            'replies.is_template_origin', 'replies.sent_at', 'replies.message_id'
        ]) }} filter (where texts.deleted_at is null and texts.text is not null) as sample_text,
        count(distinct replies.message_id) as use_count,
        count(distinct replies.message_id) filter (where replies.is_automated)
            as automated_use_count,
        count(distinct received.person_id) as people_count,
        count(distinct replies.channel) as channel_count,
        count(distinct replies.speaker_id) filter (where replies.side = 'ours_human')
            as colleague_count,
        min(replies.sent_at) as first_used_at,
        max(replies.sent_at) as last_used_at
    from replies
    inner join texts on replies.message_id = texts.message_id
    left join received on replies.message_id = received.message_id
    group by replies.template_id

),

reasked as (

    select
        reply_group,
        count(*) as people_count,
        count(*) filter (where has_asked_again) as people_reasked_count
    from reasks
    group by reply_group

)

select
    used.template_id,
    used.sample_text,
    used.use_count,
    used.automated_use_count,
    used.people_count,
    used.channel_count,
    used.colleague_count,
    used.first_used_at,
    used.last_used_at,
    coalesce(reasked.people_count, 0) as reask_people_count,
    coalesce(reasked.people_reasked_count, 0) as people_reasked_count,
    {{ ratio('reasked.people_reasked_count', 'reasked.people_count') }} as reask_ratio,
    {{ wilson('low', 'reasked.people_reasked_count', 'reasked.people_count') }} as reask_low_ratio,
    {{ wilson('high', 'reasked.people_reasked_count', 'reasked.people_count') }}
        as reask_high_ratio,
    coalesce(personal.people_count, 0) as personal_reask_people_count,
    {{ ratio('personal.people_reasked_count', 'personal.people_count') }} as personal_reask_ratio,
    coalesce(follow_ups.follow_up_count, 0) as follow_up_count,
    coalesce(follow_ups.scored_count, 0) as scored_follow_up_count,
    {{ ratio('follow_ups.scored_count', 'follow_ups.follow_up_count') }}
        as scored_follow_up_ratio,
    follow_ups.mean_sentiment_score as mean_follow_up_sentiment_score,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from used
left join reasked on used.template_id = reasked.reply_group
left join reasked as personal on personal.reply_group = 'personal'
left join follow_ups on used.template_id = follow_ups.template_id
order by used.template_id asc
