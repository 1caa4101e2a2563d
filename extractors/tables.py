"""Rows of an export file, CSV or JSONL: each is read, or set aside with its line and the reason.

The file is streamed: memory holds one row, and no row may be longer than `MAX_CHARACTERS`.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import NoReturn, TextIO

from msgspec.structs import replace

from extractors.platform import Fetched, Item, SetAside

MAX_CHARACTERS = 131_072  # of one row; as many as the csv module allows one field
DELIMITERS = (",", ";", "\t", "|")
EMPTY = "the row is empty"
TORN = "the file ends inside this row"
TOO_LONG = f"the row is longer than {MAX_CHARACTERS} characters"
MISQUOTED = "a quote is not closed, or text follows a closing quote"
HEADER_AGAIN = "the row repeats the header"

_BLOCK = 1 << 16
_BLANK = " \t\r\n\v\f\0\ufeff\u00a0"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the mark of UTF-16: must be tried before it
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Stand for line breaks inside a line, at which the csv module would end the row. Decoding never
# yields these two, so they cannot be mistaken for something that is in the file.
_HIDE = {"\r": "\udc0d", "\n": "\udc0a"}
_HIDDEN = str.maketrans(_HIDE)
_SHOWN = str.maketrans({hidden: shown for shown, hidden in _HIDE.items()})

Found = Fetched | SetAside
Check = Callable[[Item], object]


class TableError(ValueError):
    """The file as a whole is not such a table; the message is one line without its content."""


@dataclass(frozen=True)
class Columns:
    """Columns a layout knows, and which of them the header has to name."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> frozenset[str]:
        return frozenset(self.required + self.optional)


def read_table(
    path: Path, columns: Columns, check: Check, encoding: str | None = None
) -> Iterator[Found]:
    """Read a file row by row; `page` is the line a row begins on, the header's being no row.

    An item holds the known columns only, under their plain names, values as found. What `check`
    refuses with a `ValueError` is set aside, its message being the reason: it has to refuse an
    empty item. Consecutive empty rows are set aside as one.

    Without `encoding`: what the byte order mark says, else UTF-8, in which bytes that cannot be
    UTF-8 are taken for Windows-1252. Raises `TableError` if the required columns are not there,
    and `OSError` if the file cannot be opened.
    """
    with io.BufferedReader(io.FileIO(path), _BLOCK) as file:
        head = file.peek(_BLOCK)
        name, errors = (encoding, "replace") if encoding else _encoding(head)
        beginning = head.decode(name, "ignore")
        newline = _line_end(beginning)
        is_jsonl = path.suffix.casefold() in {".jsonl", ".ndjson"} or beginning.lstrip(
            _BLANK
        ).startswith("{")
        with io.TextIOWrapper(file, name, errors, newline) as text:
            rows = _json_rows if is_jsonl else _csv_rows
            yield from _collapsed(rows(_Lines(text, newline), columns, check))


def _encoding(head: bytes) -> tuple[str, str]:
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name, "replace"
    return "utf-8-sig", "windows-1252"


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("windows-1252", _as_windows_1252)


def _line_end(text: str) -> str:
    """The character every line ends with, seen from the first; before LF, a CR may come along."""
    found = re.search(r"\r\n|\n|\r", text)
    return "\r" if found and found[0] == "\r" else "\n"


@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    """A column's name without what people vary: case, spaces around, spaces or hyphens inside."""
    return re.sub(r"[\s-]+", "_", name.strip(_BLANK).casefold())


def _hide_breaks(line: str) -> str:
    """The line, or a copy in which line breaks other than at its end are hidden."""
    inside = line[:-2] if line.endswith("\r\n") else line[:-1]
    if "\r" in inside or "\n" in inside:
        return inside.translate(_HIDDEN) + line[len(inside) :]
    return line


class _TooLongError(Exception):
    """The row being read has outgrown `MAX_CHARACTERS`."""


class _Lines:
    """The lines of a file; remembers those of the row being read, and takes lines back."""

    def __init__(self, text: TextIO, newline: str) -> None:
        self.row: list[str] = []
        self.number = 1  # of the row's first line
        self.is_at_end = False
        self.has_hidden = False
        self._text, self._newline = text, newline
        self._size = 0
        self._waiting: deque[str] = deque()

    def begin(self) -> None:
        """Begin a new row."""
        self.number += len(self.row)
        self.row, self._size, self.has_hidden = [], 0, False

    def take_back(self) -> None:
        """Leave the row its first line; the others are to be read again."""
        self._waiting.extendleft(reversed(self.row[1:]))
        del self.row[1:]

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._line()
        self.is_at_end = not line
        if not line:
            raise StopIteration
        self.row.append(line)
        self._size += len(line)
        if self._size > MAX_CHARACTERS:
            raise _TooLongError
        hidden = _hide_breaks(line)
        self.has_hidden = self.has_hidden or hidden is not line
        return hidden

    def _line(self) -> str:
        line = self._text.readline(MAX_CHARACTERS + 1)
        if len(line) > MAX_CHARACTERS and not line.endswith(self._newline):
            while (rest := self._text.readline(_BLOCK)) and not rest.endswith(self._newline):
                pass
        return line

    @property
    def is_torn(self) -> bool:
        """Whether the file ends without ending this line."""
        return not self.row[-1].endswith(self._newline)

    def aside(self, reason: str) -> SetAside:
        """Set the row aside."""
        return SetAside("".join(self.row).rstrip("\r\n"), reason, self.number)


class _Csv:
    """A CSV file behind its header."""

    def __init__(self, lines: _Lines, columns: Columns, check: Check, header: str) -> None:
        self._lines, self._check = lines, check
        self._delimiter, self._header = _split_header(header, columns.required)
        self._names = [name for name in dict.fromkeys(self._header) if name in columns.known]
        self._pick = itemgetter(*(self._header.index(name) for name in self._names))

    def rows(self) -> Iterator[Found]:
        """Every row until the file ends."""
        reader = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        while True:
            self._lines.begin()
            try:
                fields = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooLongError) as error:
                yield self._unreadable(error)
                continue
            if self._lines.has_hidden:
                fields = [field.translate(_SHOWN) for field in fields]
            yield self._judged(fields)

    def _judged(self, fields: list[str]) -> Found:
        lines, width = self._lines, len(self._header)
        if len(fields) != width and not "".join(fields).strip(_BLANK):
            return lines.aside(EMPTY)
        if len(fields) < width or any(fields[width:]):
            return self._misshapen(len(fields))
        item = dict(zip(self._names, self._pick(fields), strict=True))
        try:
            self._check(item)
        except ValueError as fault:
            return self._refused(fields, item, str(fault))
        return Fetched(item, lines.number)

    def _refused(self, fields: list[str], item: Item, reason: str) -> SetAside:
        if not "".join(item.values()).strip(_BLANK):
            return self._lines.aside(EMPTY)
        if self._swallows_rows():
            return self._first_line_aside()
        is_header = [_plain(field) for field in fields] == self._header
        return self._lines.aside(HEADER_AGAIN if is_header else reason)

    def _misshapen(self, width: int) -> SetAside:
        """A row with too few or too many fields: perhaps a stray quote has joined several."""
        lines = self._lines
        if self._swallows_rows():
            return self._first_line_aside()
        if lines.is_torn and width < len(self._header):
            return lines.aside(TORN)
        return lines.aside(f"the row has {width} fields, the header {len(self._header)}")

    def _unreadable(self, error: Exception) -> SetAside:
        """A row the csv module refuses: give up its first line, or all where no row is inside."""
        lines, is_too_long = self._lines, isinstance(error, _TooLongError)
        if not (is_too_long or lines.is_at_end) or self._swallows_rows():
            return self._first_line_aside()
        return lines.aside(TOO_LONG if is_too_long else TORN)

    def _first_line_aside(self) -> SetAside:
        """Blame the row's first line; the others are read again."""
        self._lines.take_back()
        return self._lines.aside(MISQUOTED)

    def _swallows_rows(self) -> bool:
        """Whether a later line of the row is a whole row by itself."""
        return any(self._is_row(line) for line in self._lines.row[1:])

    def _is_row(self, line: str) -> bool:
        try:
            (fields,) = csv.reader([_hide_breaks(line)], delimiter=self._delimiter, strict=True)
            if len(fields) != len(self._header):
                return False
            self._check(dict(zip(self._names, self._pick(fields), strict=True)))
        except (csv.Error, ValueError):
            return False
        return True


def _csv_rows(lines: _Lines, columns: Columns, check: Check) -> Iterator[Found]:
    try:
        for line in lines:
            if line.strip(_BLANK):
                yield from _Csv(lines, columns, check, line).rows()
                return
            yield lines.aside(EMPTY)
            lines.begin()
    except _TooLongError:
        raise TableError(f"its first line is longer than {MAX_CHARACTERS} characters") from None
    raise TableError("it is empty: there is no header")


def _split_header(line: str, required: Iterable[str]) -> tuple[str, list[str]]:
    """The delimiter with which the line is a header, and the plain names of its columns."""
    for delimiter in DELIMITERS:
        names = [_plain(name) for row in csv.reader([line], delimiter=delimiter) for name in row]
        if set(required) <= set(names):
            return delimiter, names
    raise TableError(f"its first line is no header with the columns {', '.join(required)}")


def _json_rows(lines: _Lines, columns: Columns, check: Check) -> Iterator[Found]:
    known = columns.known
    while True:
        lines.begin()
        try:
            next(lines)
        except StopIteration:
            return
        except _TooLongError:
            yield lines.aside(TOO_LONG)
        else:
            yield _json_row(lines, known, check)


def _json_row(lines: _Lines, known: frozenset[str], check: Check) -> Found:
    line = lines.row[0]
    if not line.strip(_BLANK):
        return lines.aside(EMPTY)
    try:
        found = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return lines.aside(TORN if lines.is_torn else "the line is not JSON")
    if not isinstance(found, dict):
        return lines.aside("the line is not a JSON object")
    item = {name: value for key, value in found.items() if (name := _plain(key)) in known}
    try:
        check(item)
    except ValueError as fault:
        is_empty = all(value is None or value == "" for value in found.values())
        return lines.aside(EMPTY if is_empty else str(fault))
    return Fetched(item, lines.number)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _collapsed(rows: Iterable[Found]) -> Iterator[Found]:
    """The same rows, with each run of empty ones as one."""
    first, length = None, 0
    for row in rows:
        if isinstance(row, SetAside) and row.reason is EMPTY:
            first, length = first or row, length + 1
            continue
        if first:
            yield replace(first, row_count=length)
            first, length = None, 0
        yield row
    if first:
        yield replace(first, row_count=length)
