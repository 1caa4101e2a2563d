{#- A moment is not before another one of the same row; nothing is compared with null. -#}
{% test not_before(model, column_name, earlier) %}

select {{ column_name }}, {{ earlier }}
from {{ model }}
where {{ column_name }} < {{ earlier }}

{% endtest %}
