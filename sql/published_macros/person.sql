-- The relationships of people whose name holds a text, whatever its case and accents, or whose
-- person_id it is: what one asks first, the strongest on top.
-- Try: from person('ana')
-- Reads: relationship, ask
create macro person(name) as table
    with found as (
        select *
        from relationship
        where
            contains(lower(strip_accents(person_name)), lower(strip_accents(name)))
            or person_id = name
    ),

    asked as (
        select
            person_id,
            min(asked_at) filter (where is_waiting) as waiting_since_at,
            max(asked_at) as last_asked_at,
            max_by(permalink, row(asked_at, ask_id)) as last_asked_permalink,
            max_by(answered_by_name, human_answered_at) as last_answered_by_name,
            count(*) filter (where is_personal_answer) as personal_answer_count
        from ask
        where not is_only_thanks
        group by person_id
    )

    select
        found.person_name,
        found.stage,
        found.score,
        found.first_driver,
        found.second_driver,
        found.is_in_contact,
        round(found.silent_days, 1) as silent_days,
        round(found.median_gap_days, 1) as median_gap_days,
        found.open_ask_count,
        asked.waiting_since_at,
        asked.last_asked_at,
        asked.last_asked_permalink,
        asked.last_answered_by_name,
        found.ask_count,
        found.answered_ask_count,
        coalesce(asked.personal_answer_count, 0) as personal_answer_count,
        found.first_two_way_contact_at,
        found.last_two_way_contact_at,
        found.inbound_count,
        found.outbound_count,
        found.imbalance_ratio,
        found.strength,
        found.person_id
    from found
    left join asked on found.person_id = asked.person_id
    order by found.strength desc, found.person_id asc;
