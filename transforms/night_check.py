"""Tonight's figures against those of the nights before: what jumped is told, and stops nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from transforms.published_table import PublishedTable, quoted

log = logging.getLogger(__name__)

NIGHTS_COMPARED = 13  # as many as are left of the kept snapshots when tonight's is not counted
NIGHTS_NEEDED = 5
JUMP = 5  # robust standard deviations; 3.5, which is usual, would tell of something every night

NIGHT_CHECK = PublishedTable(
    "night_check",
    f"""Tonight's figures against those of the nights before.
Grain: figure.
Questions: Did something happen to us or to the data last night? What is usual for this figure?
Caveats: A jump is a question, not an error: a campaign jumps as well as a broken platform. It is
told from {NIGHTS_NEEDED} earlier nights on, of the last {NIGHTS_COMPARED} that are kept in
`snapshots` and have the same definition_version. Slow drifts never jump.""",
    (
        ("figure", "varchar", "`<table>.<figure>`; those named week_ look at the last seven days."),
        ("value", "double", "Tonight, in the unit that ends its name; null if unknown."),
        ("value_before", "double", "On the last earlier night that knew it; null without any."),
        ("median_before", "double", "Median of the earlier nights; null without any."),
        ("night_count", "bigint", "Earlier nights that knew it."),
        (
            "robust_z",
            "double",
            "(value - median_before) / (1.4826 * MAD), where MAD is the earlier nights' median "
            "distance from their median, and never less than chance would make it: "
            "one, half a percent or a minute, and 1 % of the median for rows, else 5 %. "
            f"Null with fewer than {NIGHTS_NEEDED} earlier nights.",
        ),
        ("is_jump", "boolean", f"Whether robust_z is beyond {JUMP} or -{JUMP}."),
        ("note", "varchar", "What is usual if it jumped, or why it was not judged; else null."),
        ("as_of", "timestamp with time zone", "Up to when tonight knows, exclusive (UTC)."),
        ("definition_version", "varchar", "Version of the formulas; only equal ones are compared."),
    ),
)

WEEK = "as_of - interval 7 days"
# Figures of the last week and not of the last day, so that no Sunday is a jump.
FIGURES = {
    "headline": """
        select columns('_(count|ratio|seconds|days|score)$') from fresh.headline
    """,
    "ask": f"""
        select
            count(*) filter (where asked_at >= {WEEK}) as week_ask_count,
            count(distinct person_id) filter (where asked_at >= {WEEK}) as week_people_count,
            count(*) filter (where human_answered_at >= {WEEK}) as week_answer_count,
            avg(cast(is_canned_answer as integer)) filter (where human_answered_at >= {WEEK})
                as week_canned_ratio
        from fresh.ask
        where not is_only_thanks
    """,
    "coverage": f"""
        with days as (
            select
                max(platform_message_count) as message_count,
                count(*) filter (where is_gap) as gap_count,
                sum(set_aside_count) as set_aside_count,
                sum(untold_count) as untold_count
            from fresh.coverage
            where coverage_date >= cast({WEEK} as date)
            group by platform, coverage_date
        )
        select
            coalesce(sum(message_count), 0) as week_message_count,
            coalesce(sum(gap_count), 0) as week_gap_count,
            coalesce(sum(set_aside_count), 0) as week_set_aside_count,
            coalesce(sum(untold_count), 0) as week_untold_count
        from days
    """,
}

# METRICS: the robust band leaves tonight out. Without a floor, a figure that never moved would
# jump as soon as it does.
JUDGED = f"""
insert into fresh.night_check by name
with compared as (
    from earlier
    where as_of < (select as_of from fresh.headline)
        and definition_version = (select definition_version from fresh.headline)
    qualify dense_rank() over (order by as_of desc) <= {NIGHTS_COMPARED}
),
usual as (
    select
        figure,
        max_by(value, as_of) as value_before,
        median(value) as median_before,
        count(value) as night_count,
        1.4826 * greatest(
            mad(value),
            abs(median(value)) * if(figure like '%.row_count', 0.01, 0.05),
            case
                when figure like '%_ratio' then 0.005
                when figure like '%_seconds' then 60
                else 1
            end
        ) as spread
    from compared
    group by figure
),
judged as (
    select
        *,
        if(night_count >= {NIGHTS_NEEDED}, round((value - median_before) / spread, 6), null)
            as robust_z
    from tonight
    left join usual using (figure)
)
select
    figure,
    value,
    value_before,
    median_before,
    coalesce(night_count, 0) as night_count,
    robust_z,
    coalesce(abs(robust_z) > {JUMP}, false) as is_jump,
    case
        when value is null then 'unknown tonight'
        when coalesce(night_count, 0) < {NIGHTS_NEEDED}
            then 'not judged: ' || coalesce(night_count, 0) || ' earlier nights of '
                || '{NIGHTS_NEEDED} that are needed'
        when is_jump then format(
            'usual is {{:.12g}} to {{:.12g}}',
            greatest(round(median_before - {JUMP} * spread, 4), 0),
            round(median_before + {JUMP} * spread, 4)
        )
    end as note,
    as_of,
    definition_version
from judged
cross join (select as_of, definition_version from fresh.headline)
order by figure
"""


def write_night_check(
    connection: duckdb.DuckDBPyConnection, counts: Mapping[str, int], snapshots: Iterable[Path]
) -> dict[str, int]:
    """Make the table `night_check` in `fresh`, and warn of what jumped; returns its rows.

    `counts` are the rows of each table, `snapshots` files of earlier nights; a night is compared
    with those before it only, whichever others are there.
    """
    NIGHT_CHECK.create(connection)
    connection.execute(
        "create temp table earlier "
        "(as_of timestamptz, definition_version varchar, figure varchar, value double)"
    )
    for file in snapshots:
        _remember(connection, file)
    figures = dict(_figures(connection))
    figures |= {f"{table}.row_count": count for table, count in counts.items()}
    connection.execute("create temp table tonight (figure varchar, value double)")
    connection.executemany("insert into tonight values (?, ?)", [*figures.items()])
    connection.execute(JUDGED)
    jumped = connection.execute(
        "select figure, value, value_before, median_before, robust_z "
        "from fresh.night_check where is_jump order by figure"
    )
    for jump in jumped.fetchall():
        log.warning("jump figure=%s value=%s value_before=%s median_before=%s robust_z=%s", *jump)
    return {NIGHT_CHECK.name: len(figures)}


def _figures(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, float | None]]:
    for table, query in FIGURES.items():
        found = connection.execute(query)
        names = [f"{table}.{column[0]}" for column in found.description]
        for row in found.fetchall():
            yield from zip(names, row, strict=True)


def _remember(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Keep an earlier night's figures, if it has any: to compare is no reason to fail."""
    try:
        connection.execute(f"attach {quoted(file)} as snapshot (read_only)")
    except duckdb.Error as error:
        log.warning("snapshot not compared file=%s error=%s", file.name, type(error).__name__)
        return
    try:
        connection.execute(
            "insert into earlier by name "
            "select as_of, definition_version, figure, value from snapshot.night_check"
        )
    except duckdb.CatalogException:
        log.info("snapshot without figures file=%s", file.name)
    connection.execute("detach snapshot")
