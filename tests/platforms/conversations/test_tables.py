"""Every row of an export file is read or set aside with its line and reason, and they add up."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.platform import Fetched, Item, SetAside
from extractors.tables import (
    EMPTY,
    MAX_CHARACTERS,
    MISQUOTED,
    TOO_LONG,
    Columns,
    TableError,
    read_table,
)
from tests.platforms.conversations.imports import items, set_aside

COLUMNS = Columns(required=("id", "at"), optional=("text", "note"))
HEADER = "id,at,text,note\n"


def check(item: Item) -> None:
    if not item.get("id"):
        raise ValueError("id is missing")
    try:
        datetime.fromisoformat(item["at"])
    except (KeyError, TypeError, ValueError):
        raise ValueError("at is not a time") from None


@contextmanager
def a_file(content: bytes, name: str = "export.csv") -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


def table(
    content: str | bytes, name: str = "export.csv", encoding: str | None = None
) -> list[Fetched | SetAside]:
    with a_file(content.encode() if isinstance(content, str) else content, name) as path:
        return list(read_table(path, COLUMNS, check, encoding))


def ids(rows: list[Fetched | SetAside]) -> list[str]:
    return [row.item["id"] for row in items(rows)]


def test_a_row_knows_the_line_it_begins_on() -> None:
    rows = table(HEADER + '1,2026-01-01,"two\nlines",\n2,2026-01-01,one,\n')
    assert [(row.page, row.item["text"]) for row in items(rows)] == [(2, "two\nlines"), (4, "one")]


@pytest.mark.parametrize(
    "content",
    [
        " ID ,At,TEXT,Note\n1,2026-01-01,a,b\n",
        "note,text,at,id\nb,a,2026-01-01,1\n",
        ",id,at,text,note\n0,1,2026-01-01,a,b\n",
        "id;at;text;note\n1;2026-01-01;a;b\n",
        "id\tat\ttext\tnote\r\n1\t2026-01-01\ta\tb\r\n",
        "id,at,text,note\r1,2026-01-01,a,b\r",
        '"id","at","text","note","phone"\n"1","2026-01-01","a","b","555"',
        "id,at,text,note\n1,2026-01-01,a,b,,,\n",
        "id,at,text,note,text\n1,2026-01-01,a,b,another text\n",
    ],
)
def test_order_case_delimiter_line_ends_and_further_columns_do_not_matter(content: str) -> None:
    (row,) = table(content)
    assert row == Fetched({"id": "1", "at": "2026-01-01", "text": "a", "note": "b"}, 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_the_encoding_shows_in_the_file(encoding: str) -> None:
    (row,) = items(table((HEADER + "1,2026-01-01,Grüße à 5 € bientôt,\n").encode(encoding)))
    assert row.item["text"] == "Grüße à 5 € bientôt"


def test_one_old_line_does_not_spoil_a_utf_8_file() -> None:
    lines = [
        HEADER.encode(),
        "1,2026-01-01,naïve 🙂,\n".encode(),
        "2,2026-01-01,naïve,\n".encode("cp1252"),
    ]
    assert [row.item["text"] for row in items(table(b"".join(lines)))] == ["naïve 🙂", "naïve"]


def test_a_named_encoding_is_obeyed() -> None:
    rows = items(table((HEADER + "1,2026-01-01,Привет,\n").encode("koi8-r"), encoding="koi8-r"))
    assert rows[0].item["text"] == "Привет"


def test_runs_of_empty_rows_are_set_aside_as_one_each() -> None:
    rows = table(HEADER + "1,2026-01-01,,\n,,,\n\n  ,,\0,\n2,2026-01-01,,\n" + ",,,\n" * 1000)
    assert ids(rows) == ["1", "2"]
    assert set_aside(rows) == [(3, EMPTY, 3), (7, EMPTY, 1000)]


def test_a_row_with_nothing_but_an_index_is_empty() -> None:
    rows = table(",id,at,text,note\n0,1,2026-01-01,,\n1.0,,,,\n")
    assert set_aside(rows) == [(3, EMPTY, 1)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,2026-01-01,a", "the row has 3 fields, the header 4"),
        ("1,2026-01-01,a,b,c", "the row has 5 fields, the header 4"),
        ("a,1,2026-01-01,", "at is not a time"),
        (",2026-01-01,a,", "id is missing"),
        ("id,at,text,note", "the row repeats the header"),
        ('1,2026-01-01,"a" and,b', MISQUOTED),
        (f"1,2026-01-01,{'a' * MAX_CHARACTERS},b", TOO_LONG),
        (f"1,2026-01-01,{'a' * 10 * MAX_CHARACTERS},b", TOO_LONG),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_with_its_reason(row: str, reason: str) -> None:
    rows = table(f"{HEADER}8,2026-01-01,,\n{row}\n9,2026-01-01,,\n")
    assert ids(rows) == ["8", "9"]
    assert set_aside(rows) == [(3, reason, 1)]
    (aside,) = (each for each in rows if isinstance(each, SetAside))
    assert aside.text == row[: MAX_CHARACTERS + 1]


@pytest.mark.parametrize(
    "last", ["2,2026-01-01", '2,2026-01-01,"and th', '2,2026-01-01,"and\nthen,\nsome mo']
)
def test_a_torn_last_record_is_one_row(last: str) -> None:
    rows = table(f"{HEADER}1,2026-01-01,,\n{last}")
    assert ids(rows) == ["1"]
    assert set_aside(rows) == [(3, "the file ends inside this row", 1)]


@pytest.mark.parametrize(
    "after",
    [
        "2,2026-01-01,a,b\n3,2026-01-01,a,b\n",
        '2,2026-01-01,"a, b",\n3,2026-01-01,a,"b"\n',
        '2,2026-01-01,"a\nb",\n3,2026-01-01,,\n',
        '2,2026-01-01,",",\n3,2026-01-01,,""\n',
        "2,2026-01-01,a,b\n3,2026-01-01,a," + "b" * MAX_CHARACTERS + "\n",
    ],
)
def test_a_quote_that_is_not_closed_swallows_no_row_after_it(after: str) -> None:
    rows = table(f'{HEADER}1,2026-01-01,"never closed,b\n{after}')
    assert set_aside(rows)[0] == (3 - 1, MISQUOTED, 1)
    assert ids(rows)[0] == "2"
    assert len(rows) == 3


@pytest.mark.parametrize("stray", ['x,2026-01-01,a,"stray', 'x,"stray', '"stray', 'x,"stray,,,'])
def test_a_stray_quote_that_another_seems_to_close_swallows_no_whole_row(stray: str) -> None:
    rows = table(f'{HEADER}{stray}\n1,2026-01-01,a,b\n2,2026-01-01,",c",\n3,2026-01-01,a,b\n')
    assert ids(rows) == ["1", "2", "3"]
    assert set_aside(rows) == [(2, MISQUOTED, 1)]


def test_a_whole_row_that_somebody_wrote_into_a_text_stays_text() -> None:
    forged = '1,2026-01-01,"see:\n2,2026-01-01,forged,by me\n3,2026-01-01,forged,",\n'
    (row,) = items(table(HEADER + forged))
    assert row.item["id"] == "1"


def test_line_breaks_of_another_kind_are_text_even_without_quotes() -> None:
    (row,) = table(HEADER + "1,2026-01-01,one\r\rtwo,b\n")
    assert row == Fetched({"id": "1", "at": "2026-01-01", "text": "one\r\rtwo", "note": "b"}, 2)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n\n",
        "1,2026-01-01,a,b\n",
        "id,text\n1,a\n",
        "\0" * 50,
        "[" * 200,
        "x" * 2 * MAX_CHARACTERS,
    ],
)
def test_a_file_without_the_needed_columns_is_refused_as_a_whole(content: str) -> None:
    with pytest.raises(TableError):
        table(content)


def test_a_header_alone_is_a_table_without_rows() -> None:
    assert table("id,at") == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "1", "at": ', "the line is not JSON"),
        ('{"id": NaN}', "the line is not JSON"),
        ("[" * 100_000, "the line is not JSON"),
        (f'{{"id": {"9" * 5000}}}', "the line is not JSON"),
        ('["1", "2026-01-01"]', "the line is not a JSON object"),
        ("null", "the line is not a JSON object"),
        ('{"at": "2026-01-01"}', "id is missing"),
        ('{"id": "1", "at": 5}', "at is not a time"),
        ('{"id": null, "at": ""}', EMPTY),
        ("{}", EMPTY),
        (" \t", EMPTY),
        (f'{{"id": "{"1" * MAX_CHARACTERS}"}}', TOO_LONG),
    ],
)
def test_a_json_line_that_cannot_be_read_is_set_aside(line: str, reason: str) -> None:
    good = '{"id": "8", "at": "2026-01-01"}'
    rows = table(f"{good}\n{line}\n{good}\n", "export.jsonl")
    assert ids(rows) == ["8", "8"]
    assert set_aside(rows) == [(2, reason, 1)]


def test_json_lines_are_known_by_their_content_and_by_the_files_name() -> None:
    line = '{"Id": "1", "at": "2026-01-01", "phone": "555", "text": ["kept", 3.50]}\r\n'
    item = {"id": "1", "at": "2026-01-01", "text": ["kept", 3.5]}
    assert table(line, "export.txt") == table("\ufeff" + line) == [Fetched(item, 1)]
    assert set_aside(table("junk\n" + line, "export.NDJSON")) == [(1, "the line is not JSON", 1)]


def test_a_cut_off_last_json_line_is_torn() -> None:
    rows = table('{"id": "1", "at": "2026-01-01"}\n{"id": "2", "a', "export.jsonl")
    assert set_aside(rows) == [(2, "the file ends inside this row", 1)]


# Decoding never yields surrogates, and a table whose first column is blank is about empty rows.
CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text(
    st.sampled_from('",;\t|\r\n\0 a\ufeff'), max_size=6
)
DIALECTS = {
    "comma": {"lineterminator": "\r\n"},
    "semicolon": {"delimiter": ";", "lineterminator": "\r\n"},
    "tab": {"delimiter": "\t", "lineterminator": "\n"},
    "unix": {"lineterminator": "\n", "quoting": csv.QUOTE_ALL},
    "line feed": {"lineterminator": "\n"},
    "old Macintosh": {"lineterminator": "\r"},
}


def unconditionally(_: Item) -> None:
    """Accept whatever the row holds."""


@given(
    cells=st.lists(st.tuples(CELL, CELL, CELL), max_size=8),
    dialect=st.sampled_from(sorted(DIALECTS)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_whatever_a_csv_writer_writes_reads_back_the_same(
    cells: list[tuple[str, str, str]], dialect: str, encoding: str
) -> None:
    written = [
        # Before a line feed, a CR that ends an unquoted last cell is part of the line's end.
        (str(number), at, text, note.rstrip("\r"))
        for number, (at, text, note) in enumerate(cells)
    ]
    file = io.StringIO(newline="")
    csv.writer(file, **DIALECTS[dialect]).writerows([("id", "at", "text", "note"), *written])  # type: ignore[arg-type]
    with a_file(file.getvalue().encode(encoding)) as path:
        rows = list(read_table(path, COLUMNS, unconditionally))
    assert [tuple(row.item.values()) for row in items(rows)] == written
    assert set_aside(rows) == []


@given(
    st.binary(max_size=400)
    | st.text(st.sampled_from('",\r\n\0a1{}[]:'), max_size=80).map(str.encode)
)
def test_no_bytes_are_too_broken_to_be_accounted_for(content: bytes) -> None:
    for name in ("export.csv", "export.jsonl"):
        rows = table(HEADER.encode() + content, name)
        lines = (HEADER.encode() + content).count(b"\n") + 1
        pages = [row.page or 0 for row in rows]
        assert pages == sorted(set(pages))
        assert sum(getattr(row, "row_count", 1) for row in rows) <= lines
        assert not rows or pages[-1] <= lines


@given(st.binary(max_size=400))
def test_rows_read_and_rows_set_aside_add_up_to_the_lines_where_no_quote_joins_lines(
    content: bytes,
) -> None:
    content = content.replace(b'"', b"'")
    lines = content.split(b"\n")
    rows = table(HEADER.encode() + content)
    assert sum(getattr(row, "row_count", 1) for row in rows) == len(lines) - (lines[-1] == b"")


@given(st.lists(st.binary(max_size=30) | st.just(b'{"id": "1", "at": "2026-01-01"}')))
def test_json_lines_read_and_set_aside_add_up_to_the_lines(lines: list[bytes]) -> None:
    lines = [line.replace(b"\n", b"") for line in lines]
    rows = table(b"{}\n" + b"".join(line + b"\n" for line in lines), "export.jsonl")
    assert sum(getattr(row, "row_count", 1) for row in rows) == len(lines) + 1
    assert len(items(rows)) >= lines.count(b'{"id": "1", "at": "2026-01-01"}')


@given(
    texts=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8),
    place=st.integers(0, 8),
)
def test_a_stray_quote_costs_its_own_row_only(texts: list[tuple[str, str]], place: int) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    for number, (text, note) in enumerate(texts):
        if number == place:
            file.write('x,2026-01-01,"stray,\n')
        # Texts begin with a letter: a quoted one that begins with a comma would end the stray one.
        writer.writerow((number, "2026-01-01", f"a{text}", f"a{note}".rstrip("\r")))
    rows = table(HEADER + file.getvalue())
    assert ids(rows) == [str(number) for number in range(len(texts))]
    assert set_aside(rows) == ([] if place >= len(texts) else [(rows[place].page, MISQUOTED, 1)])


def test_json_items_are_what_the_line_says() -> None:
    item = {"id": "1", "at": "2026-01-01", "text": "caf\u00e9 \ud83d", "note": None}
    assert table(json.dumps(item), "export.jsonl") == [Fetched(item, 1)]
