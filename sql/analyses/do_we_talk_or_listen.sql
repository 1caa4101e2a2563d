-- Do we converse or broadcast, and do we listen?
-- Asked by: whoever plans what we post.
-- How to read it: a row is a week of all our accounts together, the newest on top.
-- `conversation_ratio` is what we say with somebody, `noise_ratio` the posts that moved nobody
-- to a word, `heard_ratio` the people who spoke to us and to whom one of us reacted within seven
-- days, empty until these have passed. No one of them is a goal.
-- Reads: talk_vs_listen
select
    week_from,
    is_complete,
    outbound_count,
    conversation_ratio,
    canned_reply_ratio,
    promotion_ratio,
    question_ratio,
    judged_post_count,
    noise_ratio,
    people_spoke_count,
    heard_ratio,
    heard_low_ratio,
    heard_high_ratio
from talk_vs_listen
where account_id = 'all'
order by week_from desc
limit 12;
