{#- What DuckDB says in its own way. Another engine changes this file and no model. -#}

{#- Whole seconds that have passed, rounded down; `date_diff` would count boundaries instead. -#}
{% macro seconds_between(earlier, later) -%}
    ((epoch_us({{ later }}) - epoch_us({{ earlier }})) // 1000000)
{%- endmacro %}

{#- Days that have passed, with their fraction. -#}
{% macro days_between(earlier, later) -%}
    ((epoch_us({{ later }}) - epoch_us({{ earlier }})) / 86400e6)
{%- endmacro %}

{#- One row per day from the day of `first` to the day of the last moment before `end`. -#}
{% macro each_date(first, end) -%}
    cast(unnest(generate_series(
        date_trunc('day', {{ first }}), {{ end }} - interval 1 microsecond, interval 1 day
    )) as date)
{%- endmacro %}

{#- The one row of `relation` that lies nearest on the side of the condition's inequality. -#}
{% macro nearest_left_join(relation, condition) -%}
    asof left join {{ relation }} on {{ condition }}
{%- endmacro %}

{#- The product of all rows of a window. It drifts in the last bit: compare with a tolerance. -#}
{% macro product_over(expression, window) -%}
    product({{ expression }}) over ({{ window }})
{%- endmacro %}

{#- Distinct words in one text, in order. -#}
{% macro words_of(expression) -%}
    string_agg(distinct {{ expression }}, ', ' order by {{ expression }})
{%- endmacro %}

{#- The weekday, and the hour, that a clock on our wall shows: `mon`, `mon 09`. -#}
{% macro weekday(moment) -%}
    lower(strftime(timezone('{{ var("time_zone") }}', {{ moment }}), '%a'))
{%- endmacro %}

{% macro weekday_hour(moment) -%}
    lower(strftime(timezone('{{ var("time_zone") }}', {{ moment }}), '%a %H'))
{%- endmacro %}

{#- The value at the earliest moment of a group; the smallest of those at the same moment. -#}
{% macro earliest(value, at) -%}
    min_by({{ value }}, row({{ at }}, {{ value }}))
{%- endmacro %}

{#- The value at the latest moment of a group; the largest of those at the same moment. -#}
{% macro latest(value, at) -%}
    max_by({{ value }}, row({{ at }}, {{ value }}))
{%- endmacro %}
