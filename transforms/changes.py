"""What a night must do anew: the observations not yet told, and the parts of core they touch.

Core tables of messages lie in parts, one for each month in which a conversation began, so that a
conversation is never split. A night folds what is new into the parts that it touches and leaves
all others as they are. What cannot be added (an observed file was replaced by another or is gone,
or our accounts or privacy switches changed) makes a rebuild of everything.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import PurePath

import duckdb
import pyarrow as pa

from lake.organisation import Organisation
from lake.schemas import OBSERVED
from lake.store import Lake
from transforms.engine import UNKNOWN, open_files, open_parts
from transforms.signals import SIGNAL_VERSION
from transforms.signals.sentiment import Vader
from transforms.threads import SILENCE

log = logging.getLogger(__name__)

TOLD = "state/told.parquet"
TOLD_SCHEMA = pa.schema(
    [pa.field("path", pa.string(), nullable=False), pa.field("content", pa.string())]
)
VERSION = "2"  # of all that the tables of messages are made by; another one rebuilds them

# What of our accounts is in the tables of messages: who is one of us, and our names and sites.
OURS = """
select account_id, role, display_name, profile_links
from account
where role like 'ours%'
order by account_id
"""

# Every message that what is new says something about, or that stands in relation to it.
NEW_IDS = """
create temp table new_id as
select distinct message_id
from fresh
where message_id is not null
union
select unnest([parent_id, root_id, quoted_id])
from fresh
where observation = 'MessageSeen'
"""

TOUCHED = """
with flat as (
    select
        platform || '/' || channel as channel,
        min(sent_at) - $silence as sent_from,
        max(sent_at) + $silence as sent_to
    from fresh
    where is_flat
    group by all
)
select distinct part
from known
where message_id in (from new_id)
    or parent_id in (from new_id)
    or quoted_id in (from new_id)
    or conversation_id in (from new_id)
    or exists (
        select 1 from flat
        where known.is_flat
            and known.channel = flat.channel
            and known.sent_at between flat.sent_from and flat.sent_to
    )
"""

# Where a new conversation will lie.
NEW_MONTHS = """
select distinct strftime(sent_at, '%Y-%m')
from fresh
where observation = 'MessageSeen'
"""

# A loop may pass through several parts: touch one of them, touch all.
CUT_PARTS = """
select distinct part, part in $parts as is_touched
from known
where parent_state = 'cut'
"""


@dataclass(frozen=True)
class Changes:
    """What is new since the last night, and which parts of core it touches."""

    told: dict[str, str]  # every observed file, and the mark of its content
    fresh: tuple[str, ...]  # those of them that are new, or in a rebuild all
    settings: str
    parts: tuple[str, ...]  # existing parts that are made anew
    is_rebuild: bool
    reason: str


def find_changes(
    connection: duckdb.DuckDBPyConnection, lake: Lake, organisation: Organisation
) -> Changes:
    """Make the view `fresh` over what is new; says which parts it touches, and why."""
    now = {path: _content(lake, path) for path in lake.paths("observed")}
    settings = _settings(connection, organisation)
    told, settings_then = _told(lake)
    reason = _reason_to_rebuild(told, now, settings_then, settings)
    new = [path for path in now if path not in told]
    fresh = tuple(now if reason else new)
    open_files(connection, "fresh", lake, fresh, OBSERVED, is_numbered=True)
    if reason:
        changes = Changes(
            now, fresh, settings, existing_parts(lake), is_rebuild=True, reason=reason
        )
    else:
        touched = _touched(connection, lake) if new else ()
        reason = f"{len(new)} new observed files"
        changes = Changes(now, fresh, settings, touched, is_rebuild=False, reason=reason)
    log.info(
        "interactions rebuild=%s parts=%s because=%s",
        changes.is_rebuild,
        ",".join(changes.parts) or None,
        changes.reason,
    )
    return changes


def remember(lake: Lake, changes: Changes) -> None:
    """Note, after all else was written, which observed files core now tells of."""
    rows = [{"path": path, "content": content} for path, content in changes.told.items()]
    with lake.writing(TOLD, TOLD_SCHEMA) as writing:
        writing.write(pa.RecordBatch.from_pylist(rows, schema=TOLD_SCHEMA))
        writing.note(settings=changes.settings)


def existing_parts(lake: Lake) -> tuple[str, ...]:
    """Names of the parts that core has, in order."""
    return tuple(PurePath(path).stem for path in lake.paths("core/message"))


def _told(lake: Lake) -> tuple[dict[str, str], str | None]:
    try:
        rows = lake.read(TOLD).to_pylist()
        return {row["path"]: row["content"] for row in rows}, lake.facts(TOLD).get("settings")
    except FileNotFoundError:
        return {}, None


def _reason_to_rebuild(
    told: dict[str, str], now: dict[str, str], settings_then: str | None, settings: str
) -> str | None:
    if settings_then is None:
        return "nothing is built yet"
    if settings_then != settings:
        return "our accounts, the privacy switches or the rules changed"
    replaced = [path for path, content in told.items() if now.get(path) != content]
    return f"replaced or gone: {replaced[0]} and {len(replaced) - 1} more" if replaced else None


def _content(lake: Lake, path: str) -> str:
    """A mark of what a file says: noted by who wrote it, else when that was."""
    return lake.facts(path).get("content") or str(lake.modified_at(path))


def _settings(connection: duckdb.DuckDBPyConnection, organisation: Organisation) -> str:
    ours = connection.execute(OURS).fetchall()
    versions = (VERSION, duckdb.__version__, SIGNAL_VERSION, Vader.name)
    privacy = (organisation.privacy.direct_messages, organisation.privacy.metadata_only)
    told = f"{versions} {privacy} {ours}"
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def _touched(connection: duckdb.DuckDBPyConnection, lake: Lake) -> tuple[str, ...]:
    connection.execute(NEW_IDS)
    open_parts(connection, "known", lake, "core/message", existing_parts(lake))
    found = connection.execute(TOUCHED, {"silence": SILENCE}).fetchall()
    months = {month for (month,) in connection.execute(NEW_MONTHS).fetchall()}
    parts = {part for (part,) in found} | {UNKNOWN} | (months & {*existing_parts(lake)})
    cut = connection.execute(CUT_PARTS, {"parts": sorted(parts)}).fetchall()
    if any(is_touched for _, is_touched in cut):
        parts |= {part for part, _ in cut}
    return tuple(sorted(parts))
