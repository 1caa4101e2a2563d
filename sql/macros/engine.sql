{#- What DuckDB says in its own way. Another engine changes this file and no model. -#}

{#- Whole seconds that have passed, rounded down; `date_diff` would count boundaries instead. -#}
{% macro seconds_between(earlier, later) -%}
    ((epoch_us({{ later }}) - epoch_us({{ earlier }})) // 1000000)
{%- endmacro %}

{#- Days that have passed, with their fraction. -#}
{% macro days_between(earlier, later) -%}
    ((epoch_us({{ later }}) - epoch_us({{ earlier }})) / 86400e6)
{%- endmacro %}

{#- Weeks from one calendar day to another, with their fraction. -#}
{% macro weeks_between(earlier, later) -%}
    (cast({{ later }} as date) - cast({{ earlier }} as date)) / 7
{%- endmacro %}

{#- One number for whole rows or several columns: equal for equals, and hardly ever for others. -#}
{% macro row_mark(columns) -%}
    hash({{ columns }})
{%- endmacro %}

{#- One row per day from the day of `first` to the day of the last moment before `end`. -#}
{% macro each_date(first, end) -%}
    cast(unnest(generate_series(
        date_trunc('day', {{ first }}), {{ end }} - interval 1 microsecond, interval 1 day
    )) as date)
{%- endmacro %}

{#- The first days of the months from that of `first` to that of the last moment before `end`. -#}
{% macro each_month(first, end) -%}
    cast(unnest(generate_series(
        date_trunc('month', cast({{ first }} as timestamptz)),
        {{ end }} - interval 1 microsecond,
        interval 1 month
    )) as date)
{%- endmacro %}

{#- From the first day of one month to that of another. -#}
{% macro months_between(earlier, later) -%}
    date_diff('month', {{ earlier }}, {{ later }})
{%- endmacro %}

{#- The one row of `relation` that lies nearest on the side of the condition's inequality. -#}
{% macro nearest_left_join(relation, condition) -%}
    asof left join {{ relation }} on {{ condition }}
{%- endmacro %}

{#- The same without rows that find none. -#}
{% macro nearest_join(relation, condition) -%}
    asof join {{ relation }} on {{ condition }}
{%- endmacro %}

{#- A sum of such whole numbers is the same in any order, which a sum of fractions is not. -#}
{% macro trillionths(expression) -%}
    cast(round({{ expression }} * 1e12) as hugeint)
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

{#- The value where the keys, compared in their order, are greatest; null is no value. -#}
{% macro at_greatest(value, keys) -%}
    max_by({{ value }}, row({{ keys | join(', ') }}))
{%- endmacro %}

{#- The value at the latest moment of a group; the largest of those at the same moment. -#}
{% macro latest(value, at) -%}
    max_by({{ value }}, row({{ at }}, {{ value }}))
{%- endmacro %}
