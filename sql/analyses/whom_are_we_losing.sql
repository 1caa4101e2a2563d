-- Whom are we losing, what did we last talk about, and who of ours knows them best?
-- Asked by: whoever can pick up the telephone.
-- How to read it: from the top, the dearest first. `overdue_ratio` is the silence in units of
-- their own rhythm: 4 means four times as long as usual. If they wait for us (`open_ask_count`),
-- answer first and ask how they are later.
-- Reads: lapsing_now
select
    priority,
    person_name,
    stage,
    round(silent_days) as silent_days,
    round(median_gap_days, 1) as median_gap_days,
    round(overdue_ratio, 1) as overdue_ratio,
    open_ask_count,
    usual_colleague_name,
    last_channel,
    last_topic,
    permalink
from lapsing_now
order by priority asc
limit 20;
