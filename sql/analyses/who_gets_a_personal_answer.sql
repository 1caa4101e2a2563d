-- Of the people who spoke to us in the last 90 days, how many got an answer that somebody wrote
-- for them, and where?
-- Asked by: whoever says that we care about every customer.
-- How to read it: people are counted, not asks. Between answered and personally answered lie
-- those whom a template had to do. The interval says how far chance alone may be from the share:
-- channels whose intervals overlap do not differ for sure. The latest asks still have time to be
-- answered.
-- Reads: ask
with

asks as (

    select *
    from ask
    where not is_only_thanks and asked_at >= as_of - interval 90 days

),

counted as (

    select
        coalesce(channel, 'all') as channel,
        count(distinct person_id) as people_asked_count,
        count(distinct person_id) filter (where human_answered_at is not null)
            as people_answered_count,
        count(distinct person_id) filter (where personally_answered_at is not null)
            as people_personally_answered_count
    from asks
    group by grouping sets ((channel), ())

)

select
    channel,
    people_asked_count,
    people_answered_count,
    people_personally_answered_count,
    round(people_personally_answered_count / nullif(people_asked_count, 0), 2) as personal_ratio,
    round(wilson_low(people_personally_answered_count, people_asked_count), 2) as low_ratio,
    round(wilson_high(people_personally_answered_count, people_asked_count), 2) as high_ratio
from counted
order by people_asked_count desc, channel asc;
