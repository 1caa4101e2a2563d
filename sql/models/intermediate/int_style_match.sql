-- How far an account of ours takes on the style of those whom it answers: over the function words
-- of its replies and of the messages that they answer, both English. A message that is answered
-- twice counts twice. Grain: account_id, month_from.
with

messages as (

    select * from {{ ref('int_message') }}

),

signals as (

    select * from {{ ref('stg_message_signal') }}

),

worded as (

    select
        messages.message_id,
        messages.parent_id,
        messages.account_id,
        messages.side,
        messages.sent_at,
        signals.word_count,
        signals.function_word_counts
    from messages
    inner join signals on messages.message_id = signals.message_id
    where signals.function_word_counts is not null and signals.word_count > 0

),

answers as (

    select
        replies.account_id,
        cast(date_trunc('month', replies.sent_at) as date) as month_from,
        replies.word_count,
        replies.function_word_counts as counts,
        answered.word_count as answered_word_count,
        answered.function_word_counts as answered_counts
    from worded as replies
    inner join worded as answered on replies.parent_id = answered.message_id
    where
        replies.side = 'ours_human'
        and answered.side = 'person'

),

-- The nine kinds of words, each by its place in the counts.
kinds as (

    select
        answers.account_id,
        answers.month_from,
        kind.place,
        count(*) as reply_count,
        sum(answers.word_count) as word_count,
        sum(answers.answered_word_count) as answered_word_count,
        {{ style_match(
            'sum(answers.counts[kind.place]) / sum(answers.word_count)',
            'sum(answers.answered_counts[kind.place]) / sum(answers.answered_word_count)'
        ) }} as style_match_ratio,
        {{ coordination(
            'answers.counts[kind.place] > 0', 'answers.answered_counts[kind.place] > 0'
        ) }} as coordination_score
    from answers
    cross join generate_series(1, 9) as kind (place)
    group by answers.account_id, answers.month_from, kind.place

),

averaged as (

    select
        account_id,
        month_from,
        max(reply_count) as reply_count,
        cast(max(word_count) as bigint) as word_count,
        cast(max(answered_word_count) as bigint) as answered_word_count,
        least(max(word_count), max(answered_word_count)) >= {{ var('style_word_count') }}
            as is_enough,
        round(avg(style_match_ratio), 6) as style_match_ratio,
        round(avg(coordination_score), 6) as coordination_score
    from kinds
    group by account_id, month_from

)

select
    account_id,
    month_from,
    reply_count,
    word_count,
    answered_word_count,
    case when is_enough then style_match_ratio end as style_match_ratio,
    case when is_enough then coordination_score end as coordination_score
from averaged
