-- One login on one platform. Grain: account_id.
with

accounts as (

    select * from {{ source('core', 'account') }}

)

select
    account_id,
    platform,
    instance,
    source_account_id,
    handle,
    display_name,
    profile_url,
    declared_kind,
    follower_count,
    profile_links,
    role,
    role_evidence,
    first_seen_at,
    last_seen_at,
    gone_at
from accounts
