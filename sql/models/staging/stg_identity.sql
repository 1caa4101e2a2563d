-- The person behind an account, as decided today: people are linked late. Grain: account_id.
with

identities as (

    select * from {{ source('core', 'identity') }}

)

select
    account_id,
    person_id,
    method,
    score,
    evidence,
    decided_by,
    valid_from
from identities
