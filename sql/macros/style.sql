{#-
    How alike two sides use one kind of function word, 0 to 1; `p` and `q` are its shares of all
    their words. Ireland and Pennebaker (2010), https://doi.org/10.1037/a0020386.
-#}
{% macro style_match(p, q) -%}
    (1 - abs(({{ p }}) - ({{ q }})) / (({{ p }}) + ({{ q }}) + 0.0001))
{%- endmacro %}

{#-
    How much more often a reply shows something where what it answers shows it than over all, -1 to
    1; null where nothing answered shows it. Danescu-Niculescu-Mizil, Lee, Pang and Kleinberg,
    "Echoes of power" (2012), https://doi.org/10.1145/2187836.2187931.
-#}
{% macro coordination(is_shown, is_answered) -%}
    (
        count(*) filter (where {{ is_shown }} and {{ is_answered }})
        / nullif(cast(count(*) filter (where {{ is_answered }}) as double), 0)
        - count(*) filter (where {{ is_shown }}) / cast(count(*) as double)
    )
{%- endmacro %}
