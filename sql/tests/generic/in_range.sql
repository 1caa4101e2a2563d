{#- A number lies between `at_least` and `at_most`, both allowed; null is no number. -#}
{% test in_range(model, column_name, at_least='null', at_most='null') %}

select {{ column_name }}
from {{ model }}
where {{ column_name }} < {{ at_least }} or {{ column_name }} > {{ at_most }}

{% endtest %}
