-- Do we answer people, or do templates and machines?
-- Asked by: whoever is proud of quick answers.
-- How to read it: a row is a month, by the day of our answer. Speed beside humanity, because
-- each is easily bought with the other: a falling `median_answer` (of what was answered; the
-- truth about waiting is in how_long_do_people_wait.sql) that comes with a rising canned_ratio
-- is no gain. That a text is a template is known from its third person on, so the newest month
-- looks more personal than it will. `bot_first_ratio` are those to whom a machine of ours spoke
-- before a human.
-- Reads: ask
with

answers as (

    select
        *,
        cast(date_trunc('month', human_answered_at) as date) as month_from
    from ask
    where not is_only_thanks and human_answered_at is not null

)

select
    month_from,
    count(*) as answer_count,
    round(count(*) filter (where is_personal_answer) / count(*), 2) as personal_ratio,
    round(count(*) filter (where is_canned_answer) / count(*), 2) as canned_ratio,
    round(count(*) filter (where automatic_answered_at < human_answered_at) / count(*), 2)
        as bot_first_ratio,
    duration(cast(median(human_reply_seconds) as bigint)) as median_answer
from answers
group by month_from
order by month_from desc
limit 12;
