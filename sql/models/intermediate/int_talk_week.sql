-- How often an account of ours, and all of us, spoke in which way. Grain: account_id, week_from.
with

talks as (

    select * from {{ ref('int_talk') }}

),

posts as (

    select * from {{ ref('int_post') }}
    where is_judged

),

counted as (

    select
        coalesce(account_id, 'all') as account_id,
        {{ week_of('occurred_at') }} as week_from,
        count(*) filter (where talk_kind = 'reply') as personal_reply_count,
        count(*) filter (where talk_kind = 'proactive') as proactive_count,
        count(*) filter (where talk_kind = 'canned') as canned_reply_count,
        count(*) filter (where talk_kind = 'automated') as automated_message_count,
        count(*) filter (where talk_kind = 'promotion') as promotion_count,
        count(*) filter (where talk_kind = 'post') as post_count,
        count(*) filter (where talk_kind = 'repost') as repost_count,
        count(*) filter (where talk_kind = 'internal') as internal_count,
        count(*) filter (where talk_kind <> 'internal') as outbound_count,
        count(*) filter (where is_message and talk_kind <> 'internal') as outbound_message_count,
        count(*) filter (where is_question and talk_kind <> 'internal') as question_count
    from talks
    group by grouping sets ((account_id, week_from), (week_from))

),

judged as (

    select
        coalesce(account_id, 'all') as account_id,
        {{ week_of('posted_at') }} as week_from,
        count(*) as judged_post_count,
        count(*) filter (where substantive_reply_count = 0) as noise_count
    from posts
    group by grouping sets ((account_id, week_from), (week_from))

)

select
    counted.account_id,
    counted.week_from,
    counted.personal_reply_count,
    counted.proactive_count,
    counted.canned_reply_count,
    counted.automated_message_count,
    counted.promotion_count,
    counted.post_count,
    counted.repost_count,
    counted.internal_count,
    counted.outbound_count,
    counted.outbound_message_count,
    counted.question_count,
    coalesce(judged.judged_post_count, 0) as judged_post_count,
    coalesce(judged.noise_count, 0) as noise_count
from counted
left join judged
    on counted.account_id = judged.account_id and counted.week_from = judged.week_from
