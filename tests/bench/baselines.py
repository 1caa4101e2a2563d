"""What ours is held against: DuckDB's own plain pass, a pandas script, and a bare loop."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.dataset as ds

from lake.store import Lake
from transforms.engine import engine

# What is needed of the observations to fold them; `max` makes DuckDB decode each value.
COLUMNS = (
    *("message_id", "author_id", "parent_id", "parent_author_id", "root_id", "quoted_id"),
    *("platform", "channel", "kind", "visibility", "mentions", "is_own_space", "is_flat"),
    *("sent_at", "edited_at", "observed_at", "text", "permalink", "client_name"),
)
PLAIN = {
    "scan": f"select {', '.join(f'max({column})' for column in COLUMNS)} from seen",
    "join": """
        select count(*), max(parent.author_id)
        from seen
        inner join seen as parent on seen.parent_id = parent.message_id
    """,
    "group": """
        select count(*), max(observed_at)
        from (select message_id, max(observed_at) as observed_at from seen group by message_id)
    """,
}


KEPT = {
    "scan": f"select {', '.join(COLUMNS)} from seen",
    "join": """
        select seen.message_id, seen.author_id, parent.author_id as parent_author_id
        from seen
        inner join seen as parent on seen.parent_id = parent.message_id
    """,
    "group": "select message_id, max(observed_at) as observed_at from seen group by message_id",
}


def plain_pass(lake: Lake, folder: Path | None = None) -> None:
    """One scan, one self-join on the parent, one group-by; written to `folder` if there is one."""
    files = [lake.uri(path) for path in lake.paths("observed")]
    with engine() as connection:
        connection.read_parquet(files).create_view("observed")
        connection.execute(
            "create view seen as select * from observed where observation = 'MessageSeen'"
        )
        for name, query in (KEPT if folder else PLAIN).items():
            kept = f"copy ({query}) to '{folder}/{name}.parquet' (compression zstd)"
            connection.execute(kept if folder else query).fetchall()


def bare_loop(lake: Lake) -> int:
    """`json.loads` of every raw item and nothing else; returns how many there were."""
    count = 0
    for path in lake.paths("raw"):
        for batch in lake.batches(path, ["item"]):
            for item in batch.column("item").to_pylist():
                json.loads(item)
            count += batch.num_rows
    return count


def pandas_script(lake: Lake, folder: Path) -> None:
    """The same set logic as one would write it in pandas: latest, roots, directed pairs."""
    files = [lake.uri(path) for path in lake.paths("observed")]
    table = ds.dataset(files).to_table([*COLUMNS, "observation"])
    observed = table.to_pandas()
    del table
    seen = observed[observed["observation"] == "MessageSeen"].sort_values("observed_at")
    gone = observed.loc[observed["observation"] == "Gone", "message_id"]
    del observed
    message = seen.drop_duplicates("message_id", keep="last").set_index("message_id")
    first_seen = seen.groupby("message_id")["observed_at"].min()
    message["first_seen_at"] = first_seen
    message["is_deleted"] = message.index.isin(gone)
    del seen
    parent = message["author_id"].reindex(message["parent_id"])
    message["parent_author_id"] = pd.Series(parent.to_numpy(), message.index).fillna(
        message["parent_author_id"]
    )
    message["conversation_id"] = message.index[_roots(message)]
    pairs = pd.concat(
        [
            message[["author_id", "parent_author_id"]].set_axis(["from_id", "to_id"], axis=1),
            message[["author_id", "mentions"]]
            .explode("mentions")
            .set_axis(["from_id", "to_id"], axis=1),
        ]
    ).dropna()
    pairs = pairs[pairs["from_id"] != pairs["to_id"]].reset_index().drop_duplicates()
    conversation = message.groupby("conversation_id").agg(
        started_at=("sent_at", "min"), last_message_at=("sent_at", "max")
    )
    for name, frame in {"message": message, "pair": pairs, "conversation": conversation}.items():
        frame.to_parquet(folder / f"{name}.parquet", compression="zstd")


def _roots(message: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The row of each message's topmost known parent, by pointer-jumping."""
    above = message.index.get_indexer(message["parent_id"])
    top = np.where(above >= 0, above, np.arange(len(message)))
    while (top[top] != top).any():
        top = top[top]
    return top


def fits_pandas(count: int) -> bool:
    """Whether the script above ends on an ordinary machine: it holds all rows several times."""
    return count <= 3_000_000
