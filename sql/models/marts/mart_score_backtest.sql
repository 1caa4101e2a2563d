-- Does the score tell the truth? How well it told at the end of each month who would still be in
-- two-way contact within 90 days, beside simpler ways to tell. Grain: model, population, month_at.
with

fifths as (

    select
        *,
        still_count / cast(people_count as double) as still_ratio
    from {{ ref('int_prediction_fifth') }}

),

-- What the same fifth had come to in the last month of which that was known by then.
expected as (

    select
        fifths.model,
        fifths.population,
        fifths.month_at,
        sum(fifths.people_count * abs(fifths.still_ratio - earlier.still_ratio))
        / sum(fifths.people_count) as calibration_error
    from fifths
    {{ nearest_join('fifths as earlier', 'fifths.model = earlier.model
        and fifths.population = earlier.population and fifths.fifth = earlier.fifth
        and fifths.month_at >= earlier.month_at + interval \'' ~ var('recent_days') ~ ' days\'') }}
    group by fifths.model, fifths.population, fifths.month_at

),

counted as (

    select
        model,
        population,
        month_at,
        cast(sum(people_count) as bigint) as people_count,
        cast(sum(still_count) as bigint) as still_count,
        sum(doubled_place_sum) / 2.0 as place_sum,
        max(still_ratio) filter (where fifth = 1) as lowest_fifth_ratio,
        max(still_ratio) filter (where fifth = 5) as highest_fifth_ratio
    from fifths
    group by model, population, month_at

),

-- The chance that of two people, one still in contact and one not, the model puts the first higher:
-- Mann and Whitney's U over the number of such pairs.
judged as (

    select
        *,
        (place_sum - still_count * (still_count + 1) / 2.0)
        / nullif(still_count * (people_count - still_count), 0) as auc
    from counted

),

-- Hanley and McNeil (1982), https://doi.org/10.1148/radiology.143.1.7063747.
certain as (

    select
        *,
        1.959963984540054 * sqrt((
            auc * (1 - auc)
            + (still_count - 1) * (auc / (2 - auc) - auc * auc)
            + (people_count - still_count - 1) * (2 * auc * auc / (1 + auc) - auc * auc)
        ) / (still_count * (people_count - still_count))) as margin
    from judged

)

select
    certain.model,
    certain.population,
    certain.month_at,
    certain.people_count,
    certain.still_count,
    round(certain.auc, 6) as auc_ratio,
    round(greatest(certain.auc - certain.margin, 0), 6) as auc_low_ratio,
    round(least(certain.auc + certain.margin, 1), 6) as auc_high_ratio,
    round(
        certain.auc - max(certain.auc) filter (where certain.model = 'recency') over (
            partition by certain.population, certain.month_at
        ), 6
    ) as lead_over_recency,
    round(certain.lowest_fifth_ratio, 6) as lowest_fifth_ratio,
    round(certain.highest_fifth_ratio, 6) as highest_fifth_ratio,
    round(expected.calibration_error, 6) as calibration_error_ratio,
    {{ as_of() }} as as_of,
    '{{ var("definition_version") }}' as definition_version
from certain
left join expected
    on
        certain.model = expected.model
        and certain.population = expected.population
        and certain.month_at = expected.month_at
order by certain.model asc, certain.population asc, certain.month_at asc
