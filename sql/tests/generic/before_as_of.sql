{#- Nothing later than the run knows has leaked in. -#}
{% test before_as_of(model, column_name) %}

select {{ column_name }}
from {{ model }}
where {{ column_name }} >= {{ as_of() }}

{% endtest %}
