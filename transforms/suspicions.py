"""Who may be a machine, for a human to look at: no role changes, nobody is left out.

Burstiness: Goh and Barabasi 2008, (deviation - mean) / (deviation + mean) of the gaps between
messages: -1 for a clock, 0 for chance, towards 1 for human bursts.
"""

from __future__ import annotations

from datetime import timedelta

import duckdb

LOOK_BACK = timedelta(days=180)  # before the latest observation
GAPS_AT_LEAST, BURSTINESS_AT_MOST = 12, -0.5
HOURLY_AT_LEAST = 120  # messages within an hour of the clock
FAST_SECONDS, FAST_AT_LEAST, FAST_SHARE, FAST_HOURS = 10, 10, 0.5, 12
SLEEPLESS_AT_LEAST = 200  # messages, with some in each of the 24 hours of the day
REPEATS_AT_LEAST, REPEATS_SHARE = 10, 0.8
REPEATED_LENGTH = 20  # characters; people repeat shorter courtesies

# "bot", "rss" or "feed" as a word of its own, or at the end; surnames that end so are no sign.
_WORD = r"(^|[^a-z])(bot|rss|feed|autopost)([^a-z]|$)"
_ENDING = r"[a-z](bot|feed)[0-9]*$"
_SURNAME = r"(ab|ca|gar|her|lam|mar|tal|tur)bot[0-9]*$"

LATELY = f"""
create temp table lately as
select
    message_id,
    min(author_id) as author_id,
    min(sent_at) as sent_at,
    min(parent_id) as parent_id,
    min(hash(text)) filter (where len(text) >= {REPEATED_LENGTH}) as words
from observed
where observation = 'MessageSeen'
    and author_id is not null
    and sent_at >= (select max(observed_at) from observed) - $look_back
group by message_id
"""

# Numbers that only a machine is likely to reach, one column each; null where it did not.
SUSPECT = f"""
with undecided as (
    select account_id, lower(split_part(ltrim(handle, '@'), '@', 1)) as handle, display_name
    from account
    where role in ('person', 'unknown') and role_evidence <> 'decision' and gone_at is null
),
named as (
    select account_id, 'the name says so' as sign
    from undecided
    where regexp_matches(handle, '{_WORD}')
        or regexp_matches(lower(display_name), '{_WORD}')
        or regexp_matches(handle, '{_ENDING}') and not regexp_matches(handle, '{_SURNAME}')
),
spaced as (
    select
        author_id,
        epoch(sent_at - lag(sent_at) over (partition by author_id order by sent_at, message_id))
            as gap
    from lately
),
rhythm as (
    select
        author_id as account_id,
        count(gap) as gap_count,
        (stddev_pop(gap) - avg(gap)) / nullif(stddev_pop(gap) + avg(gap), 0) as burstiness
    from spaced
    group by author_id
),
hourly as (
    select author_id, date_trunc('hour', sent_at) as began_at, count(*) as message_count
    from lately
    group by all
),
rate as (
    select
        author_id as account_id,
        max(message_count) as most,
        sum(message_count) as message_count,
        count(distinct hour(began_at)) as hour_count
    from hourly
    group by author_id
),
answered as (
    select
        reply.author_id as account_id,
        count(*) as reply_count,
        count(*) filter (where is_fast) as fast_count,
        count(distinct hour(reply.sent_at)) filter (where is_fast) as hour_count
    from (
        select
            reply.author_id,
            reply.sent_at,
            epoch(reply.sent_at - parent.sent_at) between 0 and {FAST_SECONDS} as is_fast
        from lately as reply
        inner join lately as parent
            on reply.parent_id = parent.message_id and reply.author_id <> parent.author_id
    ) as reply
    group by reply.author_id
),
repeated as (
    select
        author_id as account_id,
        count(words) as message_count,
        1 - count(distinct words) / nullif(count(words), 0) as share
    from lately
    group by author_id
),
behaved as (
    select account_id, format('{{}} gaps of burstiness {{:.2f}}', gap_count, burstiness) as sign
    from rhythm
    where gap_count >= {GAPS_AT_LEAST} and burstiness <= {BURSTINESS_AT_MOST}
    union all
    select account_id, format('{{}} messages within an hour', most)
    from rate
    where most >= {HOURLY_AT_LEAST}
    union all
    select account_id, format('{{}} messages in all 24 hours of the day', message_count::bigint)
    from rate
    where message_count >= {SLEEPLESS_AT_LEAST} and hour_count = 24
    union all
    select
        account_id,
        format(
            '{{}} of {{}} replies within {FAST_SECONDS} seconds, in {{}} hours of the day',
            fast_count, reply_count, hour_count
        )
    from answered
    where fast_count >= {FAST_AT_LEAST}
        and fast_count >= {FAST_SHARE} * reply_count
        and hour_count >= {FAST_HOURS}
    union all
    select
        account_id,
        format('{{:.0f}} % of {{}} messages word for word again', 100 * share, message_count)
    from repeated
    where message_count >= {REPEATS_AT_LEAST} and share >= {REPEATS_SHARE}
)
select
    account_id,
    if(bool_or(method = 'behaviour'), 'behaviour', 'name_pattern') as method,
    string_agg(sign, '; ' order by method desc, sign) as evidence
from (
    select *, 'name_pattern' as method from named
    union all
    select *, 'behaviour' as method from behaved
)
inner join undecided using (account_id)
group by account_id
"""


def suspect_bots(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `suspect` from `account` and `observed`: account, method and evidence."""
    connection.execute(LATELY, {"look_back": LOOK_BACK})
    connection.execute(f"create temp table suspect as {SUSPECT}")
