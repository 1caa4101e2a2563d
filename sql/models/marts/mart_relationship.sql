-- How each relationship stands, first form. Grain: person_id, as_of.
with

people as (

    select * from {{ ref('stg_person') }}
    where person_kind = 'person' and first_seen_at <= {{ as_of() }}

),

contacts as (

    select * from {{ ref('int_contact') }}

),

rhythms as (

    select * from {{ ref('int_rhythm') }}

),

asks as (

    select * from {{ ref('int_ask') }}
    where not is_only_thanks

),

-- What each side did: messages counted, everything weighed by its kind and faded with time.
acted as (

    select
        person_id,
        count(*) filter (where is_spoken and direction = 'inbound') as inbound_count,
        count(*) filter (where is_spoken and direction = 'outbound') as outbound_count,
        sum({{ decayed('weight', 'occurred_at') }}) filter (where direction = 'inbound')
            as decayed_inbound,
        sum({{ decayed('weight', 'occurred_at') }}) filter (where direction = 'outbound')
            as decayed_outbound
    from contacts
    group by person_id

),

asked as (

    select
        person_id,
        count(*) as ask_count,
        count(*) filter (where outcome = 'answered') as answered_ask_count,
        count(*) filter (where is_waiting) as open_ask_count
    from asks
    group by person_id

),

measured as (

    select
        people.person_id,
        people.display_name as person_name,
        rhythms.first_two_way_contact_at,
        rhythms.last_two_way_contact_at,
        rhythms.median_gap_days,
        case when rhythms.contact_day_count >= 3 then rhythms.median_gap_days end as cadence_days,
        {{ days_between('rhythms.last_two_way_contact_at', as_of()) }} as silent_days,
        coalesce(rhythms.two_way_contact_count, 0) as two_way_contact_count,
        coalesce(rhythms.contact_day_count, 0) as contact_day_count,
        coalesce(acted.inbound_count, 0) as inbound_count,
        coalesce(acted.outbound_count, 0) as outbound_count,
        coalesce(acted.decayed_inbound, 0) as decayed_inbound,
        coalesce(acted.decayed_outbound, 0) as decayed_outbound,
        coalesce(asked.ask_count, 0) as ask_count,
        coalesce(asked.answered_ask_count, 0) as answered_ask_count,
        coalesce(asked.open_ask_count, 0) as open_ask_count
    from people
    left join rhythms on people.person_id = rhythms.person_id
    left join acted on people.person_id = acted.person_id
    left join asked on people.person_id = asked.person_id

)

select
    person_id,
    {{ as_of() }} as as_of,
    person_name,
    first_two_way_contact_at,
    last_two_way_contact_at,
    coalesce(silent_days <= {{ var('recent_days') }}, false) as is_in_contact,
    two_way_contact_count,
    contact_day_count,
    inbound_count,
    outbound_count,
    round(decayed_inbound, 6) as decayed_inbound,
    round(decayed_outbound, 6) as decayed_outbound,
    round(sqrt(decayed_inbound * decayed_outbound), 6) as strength,
    {{ ratio('2 * least(inbound_count, outbound_count)', 'inbound_count + outbound_count') }}
        as reciprocity_ratio,
    {{ ratio('(inbound_count - outbound_count)', 'inbound_count + outbound_count') }}
        as imbalance_ratio,
    median_gap_days,
    round(silent_days, 6) as silent_days,
    round(silent_days / cadence_days, 6) as overdue_ratio,
    case
        when last_two_way_contact_at is null then null
        when cadence_days is null then 'no_cadence'
        when silent_days / cadence_days <= {{ var('active_overdue_ratio') }} then 'active'
        when silent_days / cadence_days <= {{ var('drifting_overdue_ratio') }} then 'drifting'
        when silent_days / cadence_days <= {{ var('lapsing_overdue_ratio') }} then 'lapsing'
        else 'lapsed'
    end as contact_state,
    ask_count,
    answered_ask_count,
    open_ask_count,
    '{{ var("definition_version") }}' as definition_version
from measured
order by person_id asc
