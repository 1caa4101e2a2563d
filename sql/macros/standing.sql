{#- Languages whose thanks, greetings and apologies the signals claim to know. -#}
{% macro courteous_languages() -%}
    ('en', 'es', 'de')
{%- endmacro %}

{#- The sum of all of a person's changes so far. -#}
{% macro sum_so_far(column) -%}
    cast(sum({{ column }}) over so_far as bigint)
{%- endmacro %}

{#- The same, each faded until the moment of the row. -#}
{% macro faded_so_far(column) -%}
    sum({{ column }} * power(
        2, {{ days_between('first_moment_at', 'moment_at') }} / {{ var('half_life_days') }}
    )) over so_far
    / power(2, {{ days_between('first_moment_at', 'moment_at') }} / {{ var('half_life_days') }})
    / 1e12
{%- endmacro %}

{#- What a standing depends on beside what happened: a change of any works out all moments anew. -#}
{% macro standing_rules() -%}
    {%- set names = [
        'definition_version', 'half_life_days', 'default_cadence_days', 'close_strength',
        'recurring_week_count', 'recovered_day_count', 'active_overdue_ratio',
        'drifting_overdue_ratio', 'lapsing_overdue_ratio', 'prior_count'
    ] -%}
    {%- for side in score_sides() %}{% do names.append(side ~ '_score_weight') %}{% endfor -%}
    {%- set rules = [] -%}
    {%- for name in names %}{% do rules.append(name ~ '=' ~ var(name)) %}{% endfor -%}
    {%- if execute -%}
        {%- for model in ('int_standing_measure', 'int_standing_new') -%}
            {%- do rules.append(graph.nodes['model.rapport.' ~ model].checksum.checksum) -%}
        {%- endfor -%}
    {%- endif -%}
    '{{ rules | join(" ") }}'
{%- endmacro %}

{#-
    The chance that a relationship still lives, by the BG/NBD model of Fader, Hardie and Lee (2005);
    null where nothing ever came again, for which the model knows nothing but "alive". `repeats` is
    the number of days of contact after the first, `last` and `now` are weeks since the first, and the
    four parameters are columns of the row.
-#}
{% macro alive(repeats, last, now) -%}
    case when {{ repeats }} > 0 then 1 / (
        1 + end_shape_a / (end_shape_b + {{ repeats }} - 1) * power(
            (rate_scale + {{ now }}) / (rate_scale + {{ last }}), rate_shape + {{ repeats }}
        )
    ) end
{%- endmacro %}

{#- A share of `whole`, drawn to one half where there is little to judge by; null without any. -#}
{% macro drawn_share(part, whole) -%}
    ({{ part }} + {{ var('prior_count') }} / 2) / (nullif({{ whole }}, 0) + {{ var('prior_count') }})
{%- endmacro %}

{#- 0 at 0 and 1 from `full` on, by the logarithm. -#}
{% macro up_to(amount, full) -%}
    least(ln(1 + {{ amount }}) / ln(1 + {{ full }}), 1)
{%- endmacro %}

{#- The sides of a relationship that its score weighs; each is a column `…_side` from 0 to 1. -#}
{% macro score_sides() -%}
    {{ return(['silence', 'strength', 'rhythm', 'depth', 'balance', 'answers', 'warmth']) }}
{%- endmacro %}

{#- What a side takes from the logarithm of the score, none for less than 0.01; null if unknown. -#}
{% macro score_loss(side) -%}
    case
        when {{ side }}_side is not null
            then -{{ var(side ~ '_score_weight') }} * ln(greatest({{ side }}_side, 0.01))
    end
{%- endmacro %}

{#- How much of the score's weight lies on sides that are known. -#}
{% macro known_weight() -%}
    {%- set weights = [] -%}
    {%- for side in score_sides() -%}
        {%- do weights.append(
            'if(' ~ side ~ '_side is null, 0, ' ~ var(side ~ '_score_weight') ~ ')'
        ) -%}
    {%- endfor -%}
    {{ weights | join(' + ') }}
{%- endmacro %}

{#- The weight of all sides together. -#}
{% macro whole_weight() -%}
    {%- set weights = [] -%}
    {%- for side in score_sides() -%}
        {%- do weights.append(var(side ~ '_score_weight')) -%}
    {%- endfor -%}
    ({{ weights | join(' + ') }})
{%- endmacro %}

{#- 100 times the weighted geometric mean of the known sides, whose weight is `known_weight`. -#}
{% macro score_of_sides(known_weight) -%}
    {%- set losses = [] -%}
    {%- for side in score_sides() -%}
        {%- do losses.append('coalesce(' ~ score_loss(side) ~ ', 0)') -%}
    {%- endfor -%}
    100 * exp(-({{ losses | join(' + ') }}) / {{ known_weight }})
{%- endmacro %}

{#- The side that takes most from the score, but for `without`; null if none takes anything. -#}
{% macro worst_side(without=none) -%}
    {%- set losses = {} -%}
    {%- for side in score_sides() -%}
        {%- set loss = score_loss(side) -%}
        {%- if without -%}
            {%- set loss = "case when " ~ without ~ " <> '" ~ side ~ "' then " ~ loss ~ " end" -%}
        {%- endif -%}
        {%- do losses.update({side: loss}) -%}
    {%- endfor -%}
    case greatest({{ losses.values() | join(', ') }}, 0)
        when 0 then null
        {% for side, loss in losses.items() %}when {{ loss }} then '{{ side }}' {% endfor %}
    end
{%- endmacro %}

{#- The message or ask that shows why a side pulls the score down. -#}
{% macro evidence_of(driver, standing, evidence) -%}
    case {{ driver }}
        when 'answers' then coalesce({{ evidence }}.waiting_ask_id, {{ evidence }}.unanswered_ask_id)
        when 'balance' then case
            when {{ standing }}.imbalance_ratio > 0 then {{ evidence }}.last_inbound_message_id
            else {{ evidence }}.last_outbound_message_id
        end
        when 'warmth' then {{ evidence }}.last_outbound_message_id
        when 'strength' then {{ evidence }}.last_message_id
        when 'silence' then {{ evidence }}.last_two_way_message_id
        when 'rhythm' then {{ evidence }}.last_two_way_message_id
        when 'depth' then {{ evidence }}.last_two_way_message_id
    end
{%- endmacro %}

{#- How much of a relationship a stage is. -#}
{% macro stage_level(stage) -%}
    case {{ stage }}
        when 'close' then 5
        when 'recurring' then 4
        when 'recovered' then 3
        when 'conversing' then 3
        when 'drifting' then 2
        when 'heard' then 2
        when 'lapsing' then 1
        when 'noticed' then 1
        else 0
    end
{%- endmacro %}
