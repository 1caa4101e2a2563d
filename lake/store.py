"""Where a partition lies, and how one is replaced so that a reader never sees half of it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from lake.schemas import CORE

UNFINISHED = ".unfinished-"
_STAMP = "%Y-%m-%dT%H%MZ"


def home() -> str:
    """The root of all data: `RAPPORT_HOME`, a local path or an object-storage URI."""
    return os.environ.get("RAPPORT_HOME") or str(Path.cwd() / "var")


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d" if moment.hour == moment.minute == 0 else _STAMP)


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC)


def folder_of(*parts: str) -> str:
    """A folder named by platform, account and stream, whatever characters they hold."""
    return "/".join(quote(part, safe="") for part in parts)


@dataclass(frozen=True, order=True)
class Partition:
    """One raw file: what one stream of one account said about `[start, end)`."""

    platform: str
    account: str
    stream: str
    start: datetime
    end: datetime
    is_complete: bool = True

    @property
    def incomplete(self) -> Partition:
        """The same place for what was fetched before a failure."""
        return replace(self, is_complete=False)

    @property
    def folder(self) -> str:
        return folder_of(self.platform, self.account, self.stream)

    @property
    def file_name(self) -> str:
        suffix = "" if self.is_complete else ".incomplete"
        return f"{_stamp(self.start)}--{_stamp(self.end)}{suffix}.parquet"

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.file_name}"

    @classmethod
    def from_path(cls, path: str) -> Partition:
        platform, account, stream, name = (unquote(part) for part in path.split("/")[-4:])
        stem = name.removesuffix(".parquet")
        start, end = stem.removesuffix(".incomplete").split("--")
        return cls(
            platform,
            account,
            stream,
            _moment(start),
            _moment(end),
            not stem.endswith(".incomplete"),
        )


class DamagedFile(RuntimeError):
    """A file of the lake was cut off or changed by other hands; one line that says what to do."""


@dataclass
class Writing:
    """A file being written. `path` may still be changed: it is where the file goes in the end."""

    writer: pq.ParquetWriter
    path: str
    row_count: int = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self.writer.write_batch(batch)
        self.row_count += batch.num_rows

    def note(self, **facts: object) -> None:
        """Keep facts about the rows in the file's own metadata."""
        self.writer.add_key_value_metadata({name: str(fact) for name, fact in facts.items()})


@dataclass(frozen=True)
class Lake:
    """One organisation's folder: `raw/`, `observed/`, `reading/`, `spent/`, `state/`, `core/`."""

    root: str
    files: fs.FileSystem

    @classmethod
    def of(cls, organisation: str, at: str | None = None) -> Lake:
        """The lake of one organisation under `at` (default: `home()`)."""
        where = at or home()
        if "://" in where:
            files, root = fs.FileSystem.from_uri(where)
        else:
            files, root = fs.LocalFileSystem(), str(Path(where).resolve())
        return cls(f"{root.rstrip('/')}/lake/{organisation}", files)

    def uri(self, path: str) -> str:
        """The name under which DuckDB opens `path`."""
        kind = self.files.type_name
        return f"{self.root}/{path}" if kind == "local" else f"{kind}://{self.root}/{path}"

    def core(self, table: str, part: str = "all") -> str:
        """Path of one part of a core table; most tables have only one."""
        return f"core/{table}/{part}.parquet"

    def core_table(self, table: str) -> pa.Table:
        """A whole core table, in the order of its first column."""
        paths, schema = self.paths(f"core/{table}"), CORE[table]
        rows = pa.concat_tables([self.read(path).cast(schema) for path in paths])
        return rows.sort_by(schema.names[0])

    def paths(self, folder: str) -> list[str]:
        """Every finished Parquet file below `folder`, relative to the root, in order."""
        selector = fs.FileSelector(f"{self.root}/{folder}", recursive=True, allow_not_found=True)
        found = (info.path for info in self.files.get_file_info(selector) if info.is_file)
        relative = (path[len(self.root) + 1 :] for path in found)
        return sorted(
            path for path in relative if path.endswith(".parquet") and UNFINISHED not in path
        )

    def partitions(self, layer: str = "raw", *parts: str) -> list[Partition]:
        """Partitions of a layer, narrowed by platform, then account, then stream."""
        folder = f"{layer}/{folder_of(*parts)}" if parts else layer
        return [Partition.from_path(path) for path in self.paths(folder)]

    @contextmanager
    def writing(self, path: str, schema: pa.Schema) -> Iterator[Writing]:
        """Write a file under another name; it takes `path`'s place only when all went well."""
        folder, _, name = path.rpartition("/")
        self.files.create_dir(f"{self.root}/{folder}", recursive=True)
        unfinished = f"{self.root}/{folder}/{UNFINISHED}{uuid.uuid4().hex[:8]}-{name}"
        try:
            with pq.ParquetWriter(
                unfinished, schema, filesystem=self.files, compression="zstd"
            ) as writer:
                writing = Writing(writer, path)
                yield writing
        except BaseException:
            self._remove(unfinished)
            raise
        self.files.move(unfinished, f"{self.root}/{writing.path}")

    @contextmanager
    def unfinished(self, folder: str) -> Iterator[str]:
        """An empty folder inside `folder` for files under other names; gone afterwards."""
        path = f"{folder}/{UNFINISHED}{uuid.uuid4().hex[:8]}"
        self.files.create_dir(f"{self.root}/{path}", recursive=True)
        try:
            yield path
        finally:
            self.files.delete_dir(f"{self.root}/{path}")

    def move(self, path: str, to: str) -> None:
        """Move a finished file to its place, over what lay there."""
        self.files.move(f"{self.root}/{path}", f"{self.root}/{to}")

    def replace(self, path: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> int:
        """Replace one file by the rows of `batches`; returns how many there were."""
        with self.writing(path, schema) as writing:
            for batch in batches:
                writing.write(batch)
        return writing.row_count

    def read(self, path: str) -> pa.Table:
        """All rows of a file; `DamagedFile` if it cannot be read."""
        with self._opened(path) as file:
            return file.read()

    def schema(self, path: str) -> pa.Schema:
        """The columns of a file; `DamagedFile` if it cannot be read."""
        with self._opened(path) as file:
            return file.schema_arrow

    def facts(self, path: str) -> dict[str, str]:
        """What was noted about the rows of a file, and their number as `row_count`."""
        with self._opened(path) as file:
            metadata = file.metadata
        noted = {key.decode(): fact.decode() for key, fact in (metadata.metadata or {}).items()}
        return {**noted, "row_count": str(metadata.num_rows)}

    def batches(self, path: str, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The file's rows in batches of bounded size; `DamagedFile` if it cannot be read."""
        with self._opened(path) as file:
            yield from file.iter_batches(batch_size=8192, columns=columns)

    @contextmanager
    def _opened(self, path: str) -> Iterator[pq.ParquetFile]:
        try:
            with self.files.open_input_file(f"{self.root}/{path}") as source:
                yield pq.ParquetFile(source)
        except FileNotFoundError:
            raise
        except (pa.ArrowInvalid, OSError) as error:
            raise DamagedFile(
                f"{self.root}/{path}: not a whole Parquet file ({type(error).__name__}); move it "
                "out of the lake and run the night again: what it held is then read anew"
            ) from error

    def modified_at(self, path: str) -> datetime | None:
        """When the file was last replaced; null where there is none."""
        moment: datetime | None = self.files.get_file_info(f"{self.root}/{path}").mtime
        return moment

    def remove(self, path: str) -> None:
        """Remove a file; it is no error if there is none."""
        self._remove(f"{self.root}/{path}")

    def sweep(self, folder: str) -> int:
        """Remove what a killed process left half-written below `folder`; returns how many files."""
        selector = fs.FileSelector(f"{self.root}/{folder}", recursive=True, allow_not_found=True)
        left = [
            info
            for info in self.files.get_file_info(selector)
            if UNFINISHED in info.path[len(self.root) :]
        ]
        for info in left:
            self._remove(info.path)
        for info in left:
            if not info.is_file and UNFINISHED in info.path.rsplit("/", 1)[-1]:
                self.files.delete_dir(info.path)
        return sum(info.is_file for info in left)

    def _remove(self, full_path: str) -> None:
        if self.files.get_file_info(full_path).type == fs.FileType.File:
            self.files.delete_file(full_path)
