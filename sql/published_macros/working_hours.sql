-- Hours we were open between two moments; 0 if the second is the earlier. Null if one is null, or
-- if the second lies more than a day after as_of, where the calendar ends. A text without an offset
-- is read in the session's time zone.
-- Try: select working_hours('2026-01-16 16:00+00', '2026-01-19 09:00+00')
-- Reads: opening_hours
create macro working_hours(asked_at, answered_at) as (
    select
        case
            when
                asked_at is not null
                and cast(answered_at as timestamptz) <= max(as_of) + interval 1 day
                then sum(greatest(
                    epoch_us(least(closed_at, cast(answered_at as timestamptz)))
                    - epoch_us(greatest(opened_at, cast(asked_at as timestamptz))),
                    0
                )) / 3600e6
        end
    from opening_hours
);
