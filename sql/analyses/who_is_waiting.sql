-- Who waits for us this morning, since when, and what did we last say to them?
-- Asked by: whoever answers today.
-- How to read it: from the top. `waited` is the wall clock, `open_hours` the hours of it in
-- which we were open. Where we never spoke to somebody, the last word is empty: be the first.
-- Reads: waiting_now
select
    priority,
    person_name,
    channel,
    duration(age_seconds) as waited,
    round(age_business_seconds / 3600) as open_hours,
    priority_reason,
    last_word_by_name,
    last_word,
    permalink
from waiting_now
order by priority asc
limit 20;
