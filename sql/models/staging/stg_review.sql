-- What a human may want to decide about accounts. Nothing here has any effect. Grain: review_id.
with

reviews as (

    select * from {{ source('core', 'review') }}

)

select
    review_id,
    kind,
    account_id,
    other_account_id,
    method,
    match_weight,
    probability,
    evidence,
    veto
from reviews
