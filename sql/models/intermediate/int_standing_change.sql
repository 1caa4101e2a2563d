-- All that changed between a person and us before a moment and not before the one before.
-- Grain: person_id, moment_at.
with

people as (

    select * from {{ ref('stg_person') }}
    where person_kind = 'person'

),

acts as (

    select * from {{ ref('int_standing_act') }}

),

days as (

    select * from {{ ref('int_standing_day') }}

),

events as (

    select
        happened.person_id,
        moments.moment_at,
        sum(happened.amount) filter (where happened.what = 'ask') as ask_change,
        sum(happened.amount) filter (where happened.what = 'answered') as answered_change,
        sum(happened.amount) filter (where happened.what = 'personal') as personal_change,
        sum(happened.amount) filter (where happened.what = 'waiting') as waiting_change,
        sum(happened.amount) filter (where happened.what = 'contact_week') as week_change,
        sum(happened.amount) filter (where happened.what = 'gone') as gone_change
    from {{ ref('int_standing_event') }} as happened
    {{ nearest_join('{} as moments'.format(ref('int_moment')),
        'happened.happened_at < moments.moment_at') }}
    group by happened.person_id, moments.moment_at

),

changed as (

    select
        person_id,
        moment_at
    from acts
    union distinct
    select
        person_id,
        moment_at
    from events

)

select
    changed.person_id,
    changed.moment_at,
    coalesce(acts.inbound_count, 0) as inbound_count,
    coalesce(acts.outbound_count, 0) as outbound_count,
    coalesce(acts.inbound_act_count, 0) as inbound_act_count,
    coalesce(acts.inbound_faded, 0) as inbound_faded,
    coalesce(acts.outbound_faded, 0) as outbound_faded,
    coalesce(acts.readable_count, 0) as readable_count,
    coalesce(acts.kind_count, 0) as kind_count,
    coalesce(acts.inbound_opening_count, 0) as inbound_opening_count,
    coalesce(acts.outbound_opening_count, 0) as outbound_opening_count,
    coalesce(acts.two_way_contact_count, 0) as two_way_contact_count,
    days.contact_day_count,
    days.first_two_way_contact_at,
    days.last_two_way_contact_at,
    days.median_gap_days,
    days.cadence_days,
    days.day_count_since_return,
    coalesce(events.ask_change, 0) as ask_change,
    coalesce(events.answered_change, 0) as answered_change,
    coalesce(events.personal_change, 0) as personal_change,
    coalesce(events.waiting_change, 0) as waiting_change,
    coalesce(events.week_change, 0) as week_change,
    coalesce(events.gone_change, 0) as gone_change
from changed
inner join people on changed.person_id = people.person_id
left join acts on changed.person_id = acts.person_id and changed.moment_at = acts.moment_at
left join days on changed.person_id = days.person_id and changed.moment_at = days.moment_at
left join events on changed.person_id = events.person_id and changed.moment_at = events.moment_at
