-- What do we not see, and since when?
-- Asked by: whoever is about to quote a number of this file.
-- How to read it: a row is a platform account; all well is a last_gap_date that is empty. On
-- days in a gap nobody seems to speak to us, and nobody seems to wait: that is blindness and not
-- silence.
-- Reads: coverage
select
    platform,
    account,
    min(coverage_date) as seen_from,
    count(*) as day_count,
    count(*) filter (where status = 'partly') as partly_count,
    count(*) filter (where is_gap) as gap_count,
    max(coverage_date) filter (where is_gap) as last_gap_date,
    max_by(error_kinds, coverage_date) filter (where is_gap) as last_error_kinds,
    cast(sum(set_aside_count) as bigint) as set_aside_count,
    cast(sum(untold_count) as bigint) as untold_count
from coverage
group by platform, account
order by gap_count desc, platform asc, account asc;
