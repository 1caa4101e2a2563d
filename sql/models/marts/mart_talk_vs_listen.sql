-- Whether we converse or broadcast, and whether we listen. Grain: account_id, week_from.
with

talks as (

    select * from {{ ref('int_talk_week') }}

),

listening as (

    select * from {{ ref('int_listening_week') }}

),

accounts as (

    select * from {{ ref('int_account') }}

),

weeks as (

    select
        coalesce(talks.account_id, listening.account_id) as account_id,
        coalesce(talks.week_from, listening.week_from) as week_from,
        coalesce(talks.personal_reply_count, 0) as personal_reply_count,
        coalesce(talks.proactive_count, 0) as proactive_count,
        coalesce(talks.canned_reply_count, 0) as canned_reply_count,
        coalesce(talks.automated_message_count, 0) as automated_message_count,
        coalesce(talks.promotion_count, 0) as promotion_count,
        coalesce(talks.post_count, 0) as post_count,
        coalesce(talks.repost_count, 0) as repost_count,
        coalesce(talks.internal_count, 0) as internal_count,
        coalesce(talks.outbound_count, 0) as outbound_count,
        coalesce(talks.outbound_message_count, 0) as outbound_message_count,
        coalesce(talks.question_count, 0) as question_count,
        coalesce(talks.judged_post_count, 0) as judged_post_count,
        coalesce(talks.noise_count, 0) as noise_count,
        coalesce(listening.inbound_count, 0) as inbound_count,
        listening.people_spoke_count,
        listening.people_heard_count
    from talks
    full join listening
        on talks.account_id = listening.account_id and talks.week_from = listening.week_from

)

select
    weeks.account_id,
    accounts.person_name as account_name,
    weeks.week_from,
    {{ is_week_over('weeks.week_from') }} as is_complete,
    weeks.outbound_count,
    weeks.personal_reply_count,
    weeks.proactive_count,
    weeks.canned_reply_count,
    weeks.automated_message_count,
    weeks.promotion_count,
    weeks.post_count,
    weeks.repost_count,
    weeks.internal_count,
    {{ ratio('(weeks.personal_reply_count + weeks.proactive_count)', 'weeks.outbound_count') }}
        as conversation_ratio,
    {{ ratio(
        'weeks.canned_reply_count', 'weeks.canned_reply_count + weeks.personal_reply_count'
    ) }} as canned_reply_ratio,
    {{ ratio('weeks.promotion_count', 'weeks.outbound_count') }} as promotion_ratio,
    weeks.outbound_message_count,
    weeks.question_count,
    {{ ratio('weeks.question_count', 'weeks.outbound_message_count') }} as question_ratio,
    weeks.judged_post_count,
    weeks.noise_count,
    {{ ratio('weeks.noise_count', 'weeks.judged_post_count') }} as noise_ratio,
    weeks.inbound_count,
    round(weeks.inbound_count / cast(nullif(weeks.outbound_count, 0) as double), 6)
        as inbound_per_outbound,
    weeks.people_spoke_count,
    weeks.people_heard_count,
    {{ ratio('weeks.people_heard_count', 'weeks.people_spoke_count') }} as heard_ratio,
    {{ wilson('low', 'weeks.people_heard_count', 'weeks.people_spoke_count') }}
        as heard_low_ratio,
    {{ wilson('high', 'weeks.people_heard_count', 'weeks.people_spoke_count') }}
        as heard_high_ratio,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from weeks
left join accounts on weeks.account_id = accounts.account_id
order by weeks.week_from asc, weeks.account_id asc
