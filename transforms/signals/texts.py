"""Signals of a text alone: computed once for each content hash, and kept when the text is gone.

They lie in `state/`, one file for all that a night added, named by the version of the rules. With
another version every text that is still known is looked at again; of a text that was erased the
latest version told remains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePath

import duckdb
import pyarrow as pa

from lake.schemas import REPLY_SHAPE, TEXT_SIGNAL
from lake.store import Lake
from transforms.engine import open_files
from transforms.signals.language import languages
from transforms.signals.sentiment import Sentiment, Vader
from transforms.signals.shapes import SHAPE, bands
from transforms.signals.style import function_word_counts
from transforms.signals.words import TEXT_WORDS

SIGNAL_VERSION = "3"
BATCH = 32_768  # texts looked at together

# Texts of the messages at hand. A text that was read and deleted in the same night is among them.
KNOWN_TEXT = """
create or replace temp view known_text as
select source, content_hash, text, author_id
from conversed
where text is not null
union all
select source + (1::bigint << 62), md5(text), text, author_id
from fresh
where observation = 'MessageSeen' and text is not null
    and md5(text) in (select content_hash from conversed where text is null)
"""
OURS = "where author_id in (select account_id from account where role like 'ours%')"

# Where to read each text that was not told yet, once. Texts themselves stay in their files until
# they are looked at: what is held in memory does not grow with them.
UNTOLD = """
create or replace temp table untold as
select ('0x' || content_hash)::uhugeint as number, min(source) as source
from known_text
{which}
group by number
having number not in (
    select ('0x' || content_hash)::uhugeint from {told} where signal_version = '{version}'
)
"""

Compute = Callable[[duckdb.DuckDBPyConnection], pa.Table]


def tell_text_signals(
    connection: duckdb.DuckDBPyConnection, lake: Lake, sentiment: Sentiment | None = None
) -> int:
    """Make the views `text_signal` and `reply_shape` of all texts, those of ours in the second.

    Needs `account`, and numbered `conversed` and `fresh`. Returns how many texts were looked at.
    """
    model = sentiment or Vader()
    connection.execute(KNOWN_TEXT)
    version = f"{SIGNAL_VERSION}-{model.name}"
    told = _Kept(connection, lake, "text_signal", TEXT_SIGNAL, version)
    count = told.add("", lambda batch: _text_signals(batch, model))
    shapes = _Kept(connection, lake, "reply_shape", REPLY_SHAPE, SIGNAL_VERSION)
    shapes.add(OURS, _reply_shapes)
    return count


def open_reply_shapes(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make the view `reply_shape` over what was told of texts of ours."""
    _Kept(connection, lake, "reply_shape", REPLY_SHAPE, SIGNAL_VERSION)


class _Kept:
    """One folder of signals by content hash, and the view over it."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        lake: Lake,
        name: str,
        schema: pa.Schema,
        version: str,
    ) -> None:
        self._connection, self._lake, self._name = connection, lake, name
        self._schema, self._version = schema, version
        self._open()

    def add(self, which: str, compute: Compute) -> int:
        """Compute and keep what this version has not told of known texts; returns how many."""
        untold = UNTOLD.format(which=which, told=self._name, version=self._version)
        self._connection.execute(untold)
        [(count, digest)] = self._connection.execute(
            "select count(*), lower(to_hex(bit_xor(number))) from untold"
        ).fetchall()
        if count:
            path = f"state/{self._name}/{self._version}--{digest}.parquet"
            self._lake.replace(path, self._computed(compute), self._schema)
            self._open()
        self._connection.execute("drop table untold")
        return int(count)

    def _computed(self, compute: Compute) -> Iterator[pa.RecordBatch]:
        new = self._connection.sql(
            "select content_hash, text from known_text where source in (select source from untold)"
        )
        # A connection of its own: the one that streams the texts can do nothing else meanwhile.
        with self._connection.cursor() as worker, new.to_arrow_reader(BATCH) as reader:
            for batch in reader:
                worker.register("batch", pa.Table.from_batches([batch]))
                told = compute(worker)
                version = pa.array([self._version] * told.num_rows)
                told = told.append_column("signal_version", version)
                yield from told.select(self._schema.names).cast(self._schema).to_batches()

    def _open(self) -> None:
        paths = self._lake.paths(f"state/{self._name}")
        now = [path for path in paths if PurePath(path).name.startswith(f"{self._version}--")]
        before = [self._lake.uri(path) for path in paths if path not in now]
        self._connection.execute(f"drop view if exists {self._name}")
        if not before:
            open_files(self._connection, self._name, self._lake, now, self._schema)
            return
        self._connection.execute(f"drop view if exists {self._name}_now")
        open_files(self._connection, f"{self._name}_now", self._lake, now, self._schema)
        self._connection.execute(
            f"create temp view {self._name} as from {self._name}_now union all by name "
            f"from read_parquet({before}, union_by_name = true) as before "
            f"where content_hash not in (select content_hash from {self._name}_now) "
            "qualify row_number() over ("
            "partition by content_hash order by signal_version desc) = 1"
        )


def _text_signals(worker: duckdb.DuckDBPyConnection, model: Sentiment) -> pa.Table:
    told = worker.sql(TEXT_WORDS).to_arrow_table()
    texts = told.column("text").to_pylist()
    spoken = languages(texts)
    felt = [place for place, language in enumerate(spoken) if language in model.languages]
    scores: list[float | None] = [None] * len(texts)
    for place, score in zip(felt, model.scores([texts[place] for place in felt]), strict=True):
        scores[place] = score
    names = [None if score is None else model.name for score in scores]
    counts = function_word_counts(told.column("words").combine_chunks(), spoken)
    return (
        told.append_column("language", pa.array(spoken, pa.string()))
        .append_column("sentiment_score", pa.array(scores, pa.float64()))
        .append_column("sentiment_model", pa.array(names, pa.string()))
        .append_column("function_word_counts", counts)
    )


def _reply_shapes(worker: duckdb.DuckDBPyConnection) -> pa.Table:
    told = worker.sql(SHAPE).to_arrow_table()
    found = bands(told.column("shingles").to_pylist())
    return told.append_column("bands", pa.array(found, pa.list_(pa.uint64())))
