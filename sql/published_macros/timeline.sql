-- All that passed between us and the people whose name holds a text, whatever its case and accents,
-- or whose person_id it is: the oldest on top.
-- Try: from timeline('ana')
-- Reads: person_timeline
create macro timeline(name) as table
    select
        happened_at,
        person_name,
        case direction when 'inbound' then '->' else '<-' end as way,
        kind,
        by_name,
        is_automated,
        is_canned,
        channel,
        text,
        permalink,
        person_id,
        message_id
    from person_timeline
    where
        contains(lower(strip_accents(person_name)), lower(strip_accents(name)))
        or person_id = name
    order by person_id asc, event_number asc;
