"""What stands in the published file, as a table in the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import duckdb

from transforms.published_table import PublishedTable

CATALOGUE = PublishedTable(
    "catalogue",
    """What stands in this file, a row for each table.
Grain: table_name.
Questions: Where do I look for this? What may I not conclude? How fresh is the file?
Caveats: The words are those of the tables' own comments, which `duckdb_tables()` shows as well.
What a column means, `duckdb_columns()` tells; what can be called, `duckdb_functions()`.""",
    (
        ("table_name", "varchar", "The table's name, as in `from waiting_now`."),
        ("description", "varchar", "What it is, in a sentence or two."),
        ("grain", "varchar", "The columns that make a row unique: what one row is."),
        ("questions", "varchar", "What it can be asked."),
        ("caveats", "varchar", "What not to conclude from it, and what is not in it."),
        ("row_count", "bigint", "How many rows it has."),
        ("as_of", "timestamp with time zone", "Up to when its rows know, exclusive (UTC)."),
        ("definition_version", "varchar", "Version of the formulas behind it."),
        (
            "built_at",
            "timestamp with time zone",
            "When the file was made (UTC), by the clock; nothing else in the file depends on it.",
        ),
    ),
)

# The words in the order in which every description has them; sentences go on over lines.
WORDS = """
select table_name, comment, regexp_extract(
    comment,
    '(?s)^(.+?)\\nGrain: (.+?)\\nQuestions: (.+?)\\nCaveats: (.+)$',
    ['description', 'grain', 'questions', 'caveats']
) as said
from duckdb_tables()
where database_name = 'fresh'
"""
ROWS = f"""
insert into fresh.catalogue by name
select
    table_name,
    replace(coalesce(nullif(said.description, ''), comment), chr(10), ' ') as description,
    rtrim(replace(nullif(said.grain, ''), chr(10), ' '), '.') as grain,
    replace(nullif(said.questions, ''), chr(10), ' ') as questions,
    replace(nullif(said.caveats, ''), chr(10), ' ') as caveats,
    map_extract_value(map($names, $counts), table_name) as row_count,
    as_of,
    definition_version,
    $built_at as built_at
from ({WORDS})
cross join (select as_of, definition_version from fresh.headline)
order by table_name
"""


def write_catalogue(
    connection: duckdb.DuckDBPyConnection, counts: Mapping[str, int], built_at: datetime
) -> dict[str, int]:
    """Make the table `catalogue` in `fresh`, of the tables there and itself; returns its rows.

    A table whose comment lacks the words is told without them.
    """
    CATALOGUE.create(connection)
    own = {CATALOGUE.name: len(counts) + 1}
    names, rows = [*counts, *own], [*counts.values(), *own.values()]
    connection.execute(ROWS, {"names": names, "counts": rows, "built_at": built_at})
    return own
