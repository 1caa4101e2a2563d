"""How relationships stood at past moments is kept, so that a night works out only what is new.

The models say of each moment whether all that it stands on is as it was (`int_moment_mark`); what
they worked out anew is kept here after the build, one file a moment.
"""

from __future__ import annotations

import logging
from pathlib import Path

from lake.schemas import STANDING
from lake.store import Lake
from transforms.engine import UNKNOWN, engine, write_parts

log = logging.getLogger(__name__)

FOLDER = "state/standing"
FRESH = """
select
    standing.* exclude (is_now, is_followed),
    strftime(moment_at, '%Y-%m-%d') as part
from build.intermediate.int_standing_new as standing
where is_followed and (is_week or is_month)
"""
MOMENTS = """
select distinct strftime(moment_at, '%Y-%m-%d')
from build.intermediate.int_moment
"""


def prepare_standings(lake: Lake) -> None:
    """Let the models find what earlier nights kept, or an empty table.

    What an earlier version kept in another shape is worked out anew.
    """
    lake.sweep(FOLDER)
    paths = lake.paths(FOLDER)
    if paths and lake.schema(paths[-1]) != STANDING:
        for path in paths:
            lake.remove(path)
        paths = []
    if not paths:
        lake.replace(f"{FOLDER}/{UNKNOWN}.parquet", (), STANDING)


def keep_standings(lake: Lake, build: Path) -> int:
    """Keep what a build worked out anew, and drop moments that are none any more.

    Returns how many rows were new.
    """
    with engine() as connection:
        connection.execute(f"attach '{build}' as build (read_only)")
        moments = {moment for (moment,) in connection.execute(MOMENTS).fetchall()}
        kept = {Path(path).stem for path in lake.paths(FOLDER)} - {UNKNOWN}
        count = write_parts(connection, lake, FOLDER, FRESH, kept - moments)
    log.info("standings new=%s moments=%s", count, len(moments))
    return count
