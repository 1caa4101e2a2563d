{#- The moment a run knows up to, exclusive. Parsing works without it, running does not. -#}
{% macro as_of() -%}
    {%- set moment = var('as_of', none) -%}
    {%- if moment is none and execute -%}
        {{ exceptions.raise_compiler_error(
            "the variable as_of is missing; say up to when to know, e.g. "
            ~ "--vars '{as_of: \"2026-01-02T00:00:00+00:00\"}'"
        ) }}
    {%- endif -%}
    timestamptz '{{ moment or "1970-01-01T00:00:00+00:00" }}'
{%- endmacro %}
