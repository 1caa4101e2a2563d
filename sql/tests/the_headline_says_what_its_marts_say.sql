-- A number of the headline that another table of the same file does not confirm is worse than none.
with

people as (

    select count(*) filter (where is_in_contact) as people_in_contact_count
    from {{ ref('mart_relationship') }}

),

waiting as (

    select
        count(*) as waiting_ask_count,
        count(distinct person_id) as people_waiting_count
    from {{ ref('mart_waiting_now') }}

),

asked as (

    select
        count(*) as ask_count,
        count(distinct person_id) as people_asked_count,
        count(distinct person_id) filter (where outcome = 'answered') as people_answered_count
    from {{ ref('mart_ask') }}
    where not is_only_thanks

),

responsiveness as (

    select max(median_reply_seconds) as median_reply_seconds
    from {{ ref('mart_responsiveness') }}
    where
        period_kind = 'all' and channel = 'all' and segment_kind = 'all' and clock = 'wall'

)

select
    headline.people_in_contact_count,
    people.people_in_contact_count as told_people_in_contact_count,
    headline.waiting_ask_count,
    waiting.waiting_ask_count as told_waiting_ask_count,
    headline.people_waiting_count,
    waiting.people_waiting_count as told_people_waiting_count,
    headline.ask_count,
    asked.ask_count as told_ask_count,
    headline.people_asked_count,
    asked.people_asked_count as told_people_asked_count,
    headline.people_answered_count,
    asked.people_answered_count as told_people_answered_count,
    headline.median_reply_seconds,
    responsiveness.median_reply_seconds as told_median_reply_seconds
from {{ ref('mart_headline') }} as headline
cross join people
cross join waiting
cross join asked
cross join responsiveness
where
    headline.people_in_contact_count <> people.people_in_contact_count
    or headline.waiting_ask_count <> waiting.waiting_ask_count
    or headline.people_waiting_count <> waiting.people_waiting_count
    or headline.ask_count <> asked.ask_count
    or headline.people_asked_count <> asked.people_asked_count
    or headline.people_answered_count <> asked.people_answered_count
    or headline.median_reply_seconds is distinct from responsiveness.median_reply_seconds
