-- Whether people get an answer of ours that somebody wrote for them. Grain: account_id, week_from.
with

replies as (

    select * from {{ ref('int_reply') }}

),

received as (

    select * from {{ ref('int_reply_person') }}

),

asks as (

    select * from {{ ref('int_ask') }}
    where not is_only_thanks and person_id is not null

),

accounts as (

    select * from {{ ref('int_account') }}

),

-- A canned reply that a machine sent is the machine's.
written as (

    select
        coalesce(account_id, 'all') as account_id,
        {{ week_of('sent_at') }} as week_from,
        count(*) as reply_count,
        count(*) filter (where is_automated) as automated_count,
        count(*) filter (where is_canned and not is_automated) as canned_count,
        count(*) filter (where is_personal) as personal_count,
        count(*) filter (
            where is_personal and (
                names_addressee or is_signed
                or echoed_word_count >= {{ var('attentive_word_count') }}
            )
        ) as attentive_count,
        count(*) filter (where has_deflection) as deflection_count
    from replies
    group by grouping sets ((account_id, week_from), (week_from))

),

reached as (

    select
        coalesce(account_id, 'all') as account_id,
        {{ week_of('sent_at') }} as week_from,
        count(distinct person_id) as people_spoken_to_count,
        count(distinct person_id) filter (where is_personal) as people_personally_spoken_to_count
    from received
    group by grouping sets ((account_id, week_from), (week_from))

),

asked as (

    select
        'all' as account_id,
        {{ week_of('asked_at') }} as week_from,
        count(distinct person_id) as people_asked_count,
        count(distinct person_id) filter (where personally_answered_at is not null)
            as people_answered_count
    from asks
    group by week_from

)

{% set people = "coalesce(people_asked_count, people_spoken_to_count)" -%}

select
    coalesce(written.account_id, 'all') as account_id,
    accounts.person_name as account_name,
    coalesce(written.week_from, asked.week_from) as week_from,
    {{ is_week_over('coalesce(written.week_from, asked.week_from)') }} as is_complete,
    coalesce(written.reply_count, 0) as reply_count,
    coalesce(written.automated_count, 0) as automated_count,
    {{ ratio('written.automated_count', 'written.reply_count') }} as automated_ratio,
    coalesce(written.canned_count, 0) as canned_count,
    {{ ratio('written.canned_count', 'written.reply_count') }} as canned_ratio,
    coalesce(written.personal_count, 0) as personal_count,
    {{ ratio('written.personal_count', 'written.reply_count') }} as personal_ratio,
    coalesce(written.attentive_count, 0) as attentive_count,
    {{ ratio('written.attentive_count', 'written.reply_count') }} as attentive_ratio,
    coalesce(written.deflection_count, 0) as deflection_count,
    {{ ratio('written.deflection_count', 'written.reply_count') }} as deflection_ratio,
    coalesce(reached.people_spoken_to_count, 0) as people_spoken_to_count,
    case
        when coalesce(written.account_id, 'all') = 'all' then coalesce(asked.people_asked_count, 0)
    end as people_asked_count,
    case
        when coalesce(written.account_id, 'all') = 'all'
            then coalesce(asked.people_answered_count, 0)
        else coalesce(reached.people_personally_spoken_to_count, 0)
    end as people_personally_answered_count,
    {{ ratio('people_personally_answered_count', people) }} as personal_answer_ratio,
    {{ wilson('low', 'people_personally_answered_count', people) }} as personal_answer_low_ratio,
    {{ wilson('high', 'people_personally_answered_count', people) }} as personal_answer_high_ratio,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from written
full join asked on written.account_id = asked.account_id and written.week_from = asked.week_from
left join reached
    on written.account_id = reached.account_id and written.week_from = reached.week_from
left join accounts on written.account_id = accounts.account_id
order by week_from asc, account_id asc
