"""What the tasks of a night run: each step with the files, the moments and the secrets it needs.

Imported when a task runs, never when a DAG is parsed: the rooms bring pyarrow and DuckDB along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from airflow.sdk import Connection, Context, Variable, get_current_context
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException
from airflow.sdk.log import mask_secret

from extractors.access import days_left
from extractors.client import Credentials
from extractors.extract import extract
from extractors.platform import Window
from extractors.registry import connection_id
from extractors.tokens import held_by
from lake.organisation import Organisation
from lake.store import Lake, home
from transforms.interactions import interactions
from transforms.people import people
from transforms.publish import publish
from transforms.read import read
from transforms.standings import keep_standings, prepare_standings

DESCRIPTION = "Kept by Rapport; new tokens in the Connection take its place."
TELLING = ("ask", "waiting_now", "relationship")


def run_extract(
    organisation: Organisation, platform: str, account: str, context: Context
) -> dict[str, int]:
    """Read what is due of one account; returns the number of items by stream."""
    [chosen] = (a for a in organisation.read if (a.platform, a.account) == (platform, account))
    connection = connection_id(chosen)
    credentials, keep = credentials_of(connection), KeptTokens(connection)
    lake, window = Lake.of(organisation.name), window_of(context)
    counts: Counter[str] = Counter()
    try:
        for reading in extract(lake, organisation, chosen, window, credentials, keep=keep):
            counts[reading.partition.stream] += reading.item_count
    finally:
        days = days_left(chosen, credentials, keep)
        if days is not None:  # a part of the task's name, where everybody sees it
            get_current_context()["expiry"] = f" (credentials expire in {days} days)"
    return dict(counts)


def run_read(organisation: Organisation, context: Context) -> dict[str, int]:
    """Turn what is new in the raw zone into observations.

    In a backfill it skips itself, and with it all that follows: the runs of one may overlap, and
    would put yesterday's file back into the past. The next night reads what a backfill brought.
    """
    if context["dag_run"].run_type == "backfill":
        raise AirflowSkipException("a backfill only reads platforms; the next night publishes")
    return read(Lake.of(organisation.name), organisation)


def run_people(organisation: Organisation, _context: Context) -> dict[str, int]:
    """Fold accounts, and say who is who."""
    return people(Lake.of(organisation.name), organisation)


def run_interactions(organisation: Organisation, context: Context) -> dict[str, int]:
    """Fold messages, and find conversations and who spoke to whom, as of the interval's end."""
    return interactions(Lake.of(organisation.name), organisation, window_of(context).end)


def run_publish(organisation: Organisation, context: Context) -> dict[str, int]:
    """Replace the published file by the marts; returns the rows of the most telling tables."""
    night, now = window_of(context).start.date(), datetime.now(UTC)
    build, published = build_file(organisation.name), published_file(organisation.name)
    keep_standings(Lake.of(organisation.name), build)
    counts = publish(build, published, night, now)
    return {name: counts[name] for name in TELLING} | {"tables": len(counts)}


def begin_build(organisation: str) -> dict[str, str]:
    """Clear the way for a new build, also of what a killed one left; returns dbt's environment.

    New, because DuckDB keeps erased bytes in a file that it goes on writing to.
    """
    build = build_file(organisation)
    build.parent.mkdir(parents=True, exist_ok=True)
    for file in (build, build.with_name(f"{build.name}.wal")):
        file.unlink(missing_ok=True)
    lake = Lake.of(organisation)
    prepare_standings(lake)
    places = {"RAPPORT_CORE": lake.uri("core"), "RAPPORT_STATE": lake.uri("state")}
    return {"RAPPORT_BUILD": str(build), **places}


def build_file(organisation: str) -> Path:
    """The DuckDB file that a night's models are built into."""
    return Path(home()) / "build" / organisation / "relationships.duckdb"


def published_file(organisation: str) -> Path:
    """The DuckDB file that analysts open; snapshots lie beside it."""
    return Path(home()) / "published" / organisation / "relationships.duckdb"


def window_of(context: Context) -> Window:
    """The run's data interval, told as of its end; a backfill sees it with the eyes of today."""
    if not context.get("data_interval_end"):
        raise ValueError("a night needs its day: trigger the run with a logical date")
    run, end = context["dag_run"], _instant(context["data_interval_end"])
    observed_at = _instant(run.start_date) if run.run_type == "backfill" else end
    return Window(_instant(context["data_interval_start"]), end, observed_at)


def credentials_of(connection: str) -> Credentials | None:
    """What an Airflow Connection holds; null where there is none, which a platform may allow."""
    try:
        found = Connection.get(connection)
    except AirflowNotFoundException:
        return None
    return held_by(
        connection,
        base_url=base_url_of(found),
        login=found.login or "",
        password=found.password or "",
        extra=found.extra_dejson,
    )


@dataclass(frozen=True)
class KeptTokens:
    """A connection's renewed tokens, in an Airflow Variable.

    Tasks may write Variables, but no Connections. Airflow encrypts them, and its UI and its logs
    hide the value of one whose name holds "token".
    """

    connection: str

    @property
    def variable(self) -> str:
        return f"rapport_token_{self.connection}"

    def load(self) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] | None = Variable.get(
                self.variable, default=None, deserialize_json=True
            )
        except JSONDecodeError:  # other hands changed it
            return None
        return found

    def save(self, kept: Mapping[str, Any]) -> None:
        mask_secret(dict(kept))
        Variable.set(self.variable, dict(kept), DESCRIPTION, serialize_json=True)


def base_url_of(connection: Connection) -> str:
    """The address made of a Connection's host, schema and port; a bare host means HTTPS."""
    if not connection.host:
        return ""
    scheme, _, host = connection.host.rpartition("://")
    port = f":{connection.port}" if connection.port else ""
    return f"{scheme or connection.schema or 'https'}://{host.rstrip('/')}{port}"


def _instant(moment: datetime) -> datetime:
    """A moment as the other rooms know it, without Airflow's own kind of datetime."""
    return datetime.fromtimestamp(moment.timestamp(), UTC)
