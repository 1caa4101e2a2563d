-- Which side an account speaks for, and the person behind it. The side is the account's own: an
-- account of ours is ours, and a bot is a bot, whoever else is one person with it.
-- Grain: account_id.
with

accounts as (

    select * from {{ ref('stg_account') }}

),

identities as (

    select * from {{ ref('stg_identity') }}

),

people as (

    select * from {{ ref('stg_person') }}

)

select
    accounts.account_id,
    identities.person_id,
    people.display_name as person_name,
    accounts.follower_count,
    case accounts.role
        when 'ours_brand' then 'ours_human'
        when 'ours_person' then 'ours_human'
        else accounts.role
    end as side
from accounts
left join identities on accounts.account_id = identities.account_id
left join people on identities.person_id = people.person_id
