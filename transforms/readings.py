"""What a night has read, what it could not, and when somebody was there to answer."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from extractors.registry import PLATFORMS
from lake.organisation import Organisation
from lake.schemas import OPENING, READING
from lake.store import Lake, Partition
from transforms.engine import open_core, value, write_core
from transforms.fold import open_observed

SET_ASIDE = "from observed where observation = 'SetAside'"


def write_readings(
    connection: duckdb.DuckDBPyConnection, lake: Lake, organisation: Organisation, as_of: datetime
) -> dict[str, int]:
    """Replace the core tables `reading`, `set_aside` and `opening`; returns rows written of each.

    Needs the core table `message`.
    """
    open_core(connection, lake, "message")
    open_observed(connection, lake)
    _tell_readings(connection, lake, organisation, as_of)
    _tell_openings(connection, organisation, as_of)
    where = "platform, account, stream"
    by_interval, by_page = "interval_from, interval_to", "observed_at, page, reason"
    return {
        "reading": write_core(connection, lake, "reading", f"{where}, {by_interval}"),
        "set_aside": write_core(connection, lake, "set_aside", f"{where}, {by_page}", SET_ASIDE),
        "opening": write_core(connection, lake, "opening", "opened_at"),
    }


def _tell_openings(
    connection: duckdb.DuckDBPyConnection, organisation: Organisation, as_of: datetime
) -> None:
    """Make the table `opening`: our opening spans from the first message until after `as_of`."""
    first = value(connection, "select min(sent_at) from message") or as_of
    start, day = min(first, organisation.history_start), timedelta(days=1)
    # A local day may begin or end on another day than that of UTC.
    spans = organisation.opening_spans((start - day).date(), (as_of + day).date())
    rows, open_seconds = [], 0
    for opened_at, closed_at in spans:
        rows.append((opened_at, closed_at, open_seconds))
        open_seconds += int((closed_at - opened_at).total_seconds())
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    connection.from_arrow(
        pa.Table.from_arrays(
            [pa.array(column, field.type) for column, field in zip(columns, OPENING, strict=True)],
            schema=OPENING,
        )
    ).create("opening")


def _tell_readings(
    connection: duckdb.DuckDBPyConnection, lake: Lake, organisation: Organisation, as_of: datetime
) -> None:
    """Make the table `reading`: what each raw partition holds, what failed, what never happened."""
    rows = [_read_row(lake, each) for each in lake.partitions("raw") if each.is_complete]
    for path in lake.paths("reading"):
        rows += lake.read(path).to_pylist()
    told = {
        (row["platform"], row["account"], row["stream"])
        for row in rows
        if row["interval_to"] == as_of
    }
    for account in organisation.read:
        for stream in PLATFORMS[account.platform].streams:
            where = (account.platform, account.account, stream.name)
            if where not in told:
                rows.append(_missing_row(where, as_of))
    connection.from_arrow(pa.Table.from_pylist(rows, schema=READING)).create("reading")


def _read_row(lake: Lake, partition: Partition) -> dict[str, object]:
    facts = lake.facts(f"raw/{partition.path}")
    return {
        "platform": partition.platform,
        "account": partition.account,
        "stream": partition.stream,
        "interval_from": partition.start,
        "interval_to": partition.end,
        "observed_at": datetime.fromisoformat(facts["observed_at"]),
        "item_count": int(facts["row_count"]),
        "request_count": int(facts["request_count"]),
        "status": "read",
    }


def _missing_row(where: tuple[str, str, str], as_of: datetime) -> dict[str, object]:
    platform, account, stream = where
    return {
        "platform": platform,
        "account": account,
        "stream": stream,
        "interval_from": as_of - timedelta(days=1),
        "interval_to": as_of,
        "observed_at": as_of,
        "item_count": 0,
        "request_count": 0,
        "status": "not_read",
    }
