-- Do people talk with each other, or only at us? What would they have without us?
-- Asked by: whoever wants a community and not an audience.
-- How to read it: a row is a channel. Of what people asked us, `peer_first_ratio` was answered
-- by another person before any of us, `peer_only_ratio` by other people and never by us: that
-- much would remain without us. High and we are slow, or the place is alive; `median_peer` tells
-- which.
-- Reads: ask
with

asks as (

    select *
    from ask
    where not is_only_thanks and outcome <> 'withdrawn'

)

select
    channel,
    count(*) as ask_count,
    count(distinct person_id) as people_count,
    round(count(*) filter (where is_peer_answered) / count(*), 2) as peer_first_ratio,
    round(count(*) filter (where is_peer_answered and human_answered_at is null) / count(*), 2)
        as peer_only_ratio,
    duration(cast(
        median(person_reply_seconds) filter (where is_peer_answered) as bigint
    )) as median_peer,
    duration(cast(median(human_reply_seconds) as bigint)) as median_human_of_ours
from asks
group by channel
order by ask_count desc, channel asc;
