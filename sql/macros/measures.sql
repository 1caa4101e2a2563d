{#- Who is waiting: a person, or a message whose author the platform does not tell. -#}
{% macro asker_key(person_id, message_id) -%}
    coalesce({{ person_id }}, 'nobody:' || {{ message_id }})
{%- endmacro %}

{#- Kinds of interaction in which something is said. -#}
{% macro spoken_kinds() -%}
    ('post', 'reply', 'mention', 'quote', 'direct')
{%- endmacro %}

{#- By what people are told apart when we ask whether all of them are answered alike. -#}
{% macro equity_dimensions() -%}
    ('follower_quartile', 'newcomer', 'language', 'weekday', 'tone')
{%- endmacro %}

{#- How much one act counts in a relationship's strength. -#}
{% macro interaction_weight(kind) -%}
    case {{ kind }}
        when 'reaction' then {{ var('reaction_weight') }}
        when 'repost' then {{ var('repost_weight') }}
        when 'direct' then {{ var('direct_weight') }}
        when 'follow' then 0
        else {{ var('spoken_weight') }}
    end
{%- endmacro %}

{#-
    Microseconds we had been open by `moment`, since the calendar's first opening; 0 before it.
    `opening` is the row whose opening lies nearest before the moment. The difference of two of
    these is business time: whatever time zone, clock change and holidays are in the calendar.
-#}
{% macro open_microseconds(moment, opening) -%}
    coalesce(
        {{ opening }}.open_seconds_before * 1000000
        + epoch_us(least({{ moment }}, {{ opening }}.closed_at))
        - epoch_us({{ opening }}.opened_at),
        0
    )
{%- endmacro %}

{#- One end of the Wilson interval (95 %) of `k` of `n`; null without any. -#}
{% macro wilson(end, k, n) -%}
    {%- set z = 1.959963984540054 -%}
    case when {{ n }} > 0 then round(
        ({{ k }} + {{ z * z / 2 }} {{ '-' if end == 'low' else '+' }} {{ z }} * sqrt(
            {{ k }} * ({{ n }} - {{ k }}) / cast({{ n }} as double) + {{ z * z / 4 }}
        )) / ({{ n }} + {{ z * z }}),
        6
    ) end
{%- endmacro %}

{#-
    One end of the exponential Greenwood interval (95 %) of a survival curve; `variance` is the sum
    of lapsed / (at risk * (at risk - lapsed)). Null where the curve is at 1 or 0: the formula would
    be certain there, and we are not.
-#}
{% macro greenwood(end, survival, variance) -%}
    {%- set z = 1.959963984540054 -%}
    case when {{ survival }} > 0 and {{ survival }} < 1 then round(
        power(
            {{ survival }},
            exp({{ '-' if end == 'low' }}{{ z }} * sqrt({{ variance }}) / ln({{ survival }}))
        ),
        6
    ) end
{%- endmacro %}

{#- What a weight still counts at a moment: half after the half-life, a quarter after two. -#}
{% macro faded(weight, occurred_at, moment_at) -%}
    {{ weight }} * power(2, -{{ days_between(occurred_at, moment_at) }} / {{ var('half_life_days') }})
{%- endmacro %}

{#- Days from one contact to the next that a person's rhythm lets expect. -#}
{% macro cadence(contact_day_count, median_gap_days) -%}
    case
        when {{ contact_day_count }} >= 3
            then greatest({{ median_gap_days }}, {{ var('shortest_cadence_days') }})
        else {{ var('default_cadence_days') }}
    end
{%- endmacro %}

{#- A share: between 0 and 1, six digits, null without any. -#}
{% macro ratio(part, whole) -%}
    round({{ part }} / cast(nullif({{ whole }}, 0) as double), 6)
{%- endmacro %}

{#- What holds for all or some of a number of things, in words; null where it holds for none. -#}
{% macro said_of(words, part, whole) -%}
    case
        when {{ part }} = {{ whole }} then '{{ words }}'
        when {{ part }} > 0 then '{{ words }} ' || {{ part }} || ' of ' || {{ whole }}
    end
{%- endmacro %}

{#- Whether a survival curve (rows of int_survival) is known at so many seconds. -#}
{% macro is_known_at(seconds) -%}
    (max(waited_seconds) >= {{ seconds }} or min(waiting_ratio) = 0)
{%- endmacro %}

{#- The share that a survival curve says is answered within so many seconds. -#}
{% macro answered_within(seconds) -%}
    round(
        1 - coalesce(min(waiting_ratio) filter (where waited_seconds <= {{ seconds }}), 1), 6
    )
{%- endmacro %}

{#- The area under a survival curve up to so many seconds: the mean wait, none taken for longer. -#}
{% macro area_until(seconds) -%}
    cast(round(
        sum(waiting_before_ratio * (least(waited_seconds, {{ seconds }}) - waited_before_seconds))
            filter (where waited_before_seconds < {{ seconds }})
    ) as bigint)
{%- endmacro %}

{#- The Monday with which a moment's week begins (UTC). -#}
{% macro week_of(moment) -%}
    cast(date_trunc('week', {{ moment }}) as date)
{%- endmacro %}

{#- Whether so many days have passed since the last moment of a week. -#}
{% macro is_week_over(week_from, days_after=0) -%}
    cast(
        {{ week_from }} + interval '7 days' + interval '{{ days_after }} days' as timestamptz
    ) <= {{ as_of() }}
{%- endmacro %}

{#- How many equal parts would be as uneven as these: the exponential of their entropy. -#}
{% macro effective_number(part) -%}
    round(exp(ln(sum({{ part }})) - sum({{ part }} * ln({{ part }})) / sum({{ part }})), 6)
{%- endmacro %}

{#- The chance that two units drawn from all parts are of the same part (Herfindahl's index). -#}
{% macro herfindahl(part) -%}
    {{ ratio('sum(' ~ part ~ ' * ' ~ part ~ ')', 'sum(' ~ part ~ ') * sum(' ~ part ~ ')') }}
{%- endmacro %}

{#- How unevenly a whole lies on its parts, 0 to 1; `rank` counts them from 1, the smallest. -#}
{% macro gini(part, rank) -%}
    round(
        2 * sum({{ part }} * {{ rank }}) / cast(count(*) * sum({{ part }}) as double)
        - (count(*) + 1) / cast(count(*) as double),
        6
    )
{%- endmacro %}
