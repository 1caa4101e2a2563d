-- How many asks of a scope were answered, or seen for the last time, after so many seconds.
-- Grain: scope_id, waited_seconds.
with

scoped as (

    select * from {{ ref('int_ask_scope') }}

),

scopes as (

    select * from {{ ref('int_scope') }}
    where is_told

),

waits as (

    select
        scopes.scope_id,
        case scopes.clock
            when 'wall' then scoped.waited_seconds
            else scoped.waited_business_seconds
        end as waited_seconds,
        scoped.is_answered
    from scoped
    inner join scopes
        on
            scoped.period_kind = scopes.period_kind
            and scoped.period_from = scopes.period_from
            and scoped.channel = scopes.channel
            and scoped.segment_kind = scopes.segment_kind
            and scoped.segment = scopes.segment

)

select
    scope_id,
    waited_seconds,
    count(*) filter (where is_answered) as answered_count,
    count(*) as ended_count
from waits
group by scope_id, waited_seconds
