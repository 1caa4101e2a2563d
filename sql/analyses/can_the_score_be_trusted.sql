-- Can the score be trusted: does it tell who is still in contact 90 days later, and better than
-- a glance at the last contact does?
-- Asked by: whoever is about to act on a score.
-- How to read it: a row is a way to tell, over all months that can be judged. `auc_ratio` is the
-- chance that of two people, one who stayed and one who went, it puts the right one higher: 0.5
-- is a coin. If the score is not above `recency`, look at silent_days instead; `alive` only
-- knows who came back once, so compare with it within `returned`.
-- Reads: score_backtest
select
    population,
    model,
    count(*) as month_count,
    min(month_at) as first_month_at,
    max(month_at) as last_month_at,
    cast(sum(people_count) as bigint) as judged_count,
    round(avg(auc_ratio), 3) as auc_ratio,
    round(min(auc_low_ratio), 3) as lowest_auc_ratio,
    round(avg(lead_over_recency), 3) as lead_over_recency,
    round(avg(lowest_fifth_ratio), 2) as lowest_fifth_ratio,
    round(avg(highest_fifth_ratio), 2) as highest_fifth_ratio
from score_backtest
group by population, model
order by population asc, auc_ratio desc, model asc;
