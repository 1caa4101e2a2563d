-- How long do people really wait for us, and how much kinder does the usual badge look?
-- Asked by: whoever promises an answer within a day.
-- How to read it: a row is a month, the newest first. `really` is the median wait with the
-- unanswered counted; it is empty where more than half still wait, and it is longer than
-- `of_answered_only`, which forgets them, and than `badge`, which also forgets the slowest
-- tenth. `really_open_hours` counts only hours in which we were open. Small months move a lot:
-- look at ask_count.
-- Reads: responsiveness
with

wall as (

    select *
    from responsiveness
    where
        period_kind = 'month' and channel = 'all' and segment_kind = 'all' and clock = 'wall'

),

business as (

    select *
    from responsiveness
    where
        period_kind = 'month' and channel = 'all' and segment_kind = 'all' and clock = 'business'

)

select
    wall.period_from,
    wall.ask_count,
    wall.unanswered_ask_count,
    duration(wall.median_reply_seconds) as really,
    round(business.median_reply_seconds / 3600, 1) as really_open_hours,
    wall.within_24h_ratio,
    duration(wall.answered_only_median_reply_seconds) as of_answered_only,
    duration(wall.badge_mean_reply_seconds) as badge
from wall
inner join business on wall.period_from = business.period_from
order by wall.period_from desc
limit 12;
