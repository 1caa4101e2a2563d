"""Rows of the documented layout become messages and their authors."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from extractors.errors import NotThere, Unreadable
from extractors.observations import AccountSeen, MessageSeen
from extractors.platforms.conversations import ConversationsOptions, read_message
from lake.organisation import AccountToRead, Organisation, Ours
from tests.platforms.conversations.imports import (
    account_to_read,
    accounts,
    imported,
    items,
    messages,
    organisation_toml,
    set_aside,
)

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "conversations.md"
UNREADABLE = Path("/proc/self/mem")  # opens, but has nothing at its beginning
HALF_PAST_NINE = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
ROW = {"message_id": "1", "author_id": "ana", "sent_at": "2026-01-31T09:30:00Z"}


def message(options: dict[str, Any] | None = None, **cells: Any) -> MessageSeen:
    said = read_message(ROW | cells, account_to_read(**(options or {})))
    assert isinstance(said[-1], MessageSeen)
    return said[-1]


def documented(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


def test_a_full_row_becomes_an_author_and_a_message() -> None:
    item = {
        "message_id": 7,
        "author_id": "@acme-bot",
        "sent_at": "2026-01-31T10:30:00+01:00",
        "text": "Here you are",
        "in_reply_to": "6",
        "conversation_id": "5",
        "mentions": ["ana", "@ben", "ana"],
        "kind": "Comment",
        "channel": "garden",
        "author_name": "Acme Bot",
        "is_bot": True,
        "permalink": "https://forum.example/7",
    }
    assert read_message(item, account_to_read()) == [
        AccountSeen(
            account_id="conversations:import:acme-bot",
            handle="acme-bot",
            display_name="Acme Bot",
            declared_kind="bot",
        ),
        MessageSeen(
            message_id="conversations:import:7",
            author_id="conversations:import:acme-bot",
            sent_at=HALF_PAST_NINE,
            text="Here you are",
            kind="comment",
            channel="garden",
            parent_id="conversations:import:6",
            root_id="conversations:import:5",
            mentions=("conversations:import:ana", "conversations:import:ben"),
            permalink="https://forum.example/7",
        ),
    ]


def test_the_smallest_row_becomes_a_message_of_somebody_unknown() -> None:
    row = {"message_id": "1", "author_id": None, "sent_at": "2026-01-31T09:30:00Z"}
    assert read_message(row, account_to_read()) == [
        MessageSeen(
            message_id="conversations:import:1",
            author_id=None,
            sent_at=HALF_PAST_NINE,
            text=None,
            kind="post",
            channel="import",
        )
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-31T09:30:00Z",
        "2026-01-31 10:30:00+01:00",
        "20260131T093000Z",
        " 2026-01-31T09:30+00:00 ",
        "2026-01-31T09:30:00.000000Z",
        "Sat Jan 31 10:30:00 +0100 2026",
        "1769851800",
        1769851800,
        1769851800.0,
        "1769851800.000",
        1769851800000,
        "1769851800000000",
    ],
)
def test_a_time_is_read_in_each_documented_way(written: str | float) -> None:
    assert message(sent_at=written).sent_at == HALF_PAST_NINE


def test_parts_of_a_second_are_kept() -> None:
    assert message(sent_at="1769851800.25").sent_at == HALF_PAST_NINE.replace(microsecond=250_000)
    assert message(sent_at=1769851800001).sent_at == HALF_PAST_NINE.replace(microsecond=1_000)


def test_a_time_without_zone_needs_the_option_that_names_one() -> None:
    local = {"sent_at": "2026-01-31 10:30:00"}
    assert message({"time_zone": "Europe/Madrid"}, **local).sent_at == HALF_PAST_NINE
    with pytest.raises(ValueError, match=r"^sent_at has no time zone$"):
        message(**local)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"message_id": ""}, "message_id is missing"),
        ({"message_id": "5.7E+17"}, "message_id has lost its digits in a table program"),
        ({"message_id": 5.7e17}, "message_id has lost its digits in a table program"),
        ({"author_id": "5,7E+17"}, "author_id has lost its digits in a table program"),
        ({"in_reply_to": "1e+20"}, "in_reply_to has lost its digits in a table program"),
        ({"mentions": "ana 1.2E+18"}, "mentions has lost its digits in a table program"),
        ({"message_id": ["1"]}, "message_id is not an id"),
        ({"author_id": True}, "author_id is not an id"),
        ({"mentions": [{"id": 1}]}, "mentions is not an id"),
        ({"mentions": {"id": 1}}, "mentions is not text"),
        ({"text": {"en": "hello"}}, "text is not text"),
        ({"is_bot": "perhaps"}, "is_bot is neither true nor false"),
        ({"kind": "shout"}, "kind is none of post, reply, quote, comment, review, direct"),
        ({"sent_at": ""}, "sent_at is not a time"),
        ({"sent_at": None}, "sent_at is not a time"),
        ({"sent_at": "hello"}, "sent_at is not a time"),
        ({"sent_at": "2026-01-31"}, "sent_at is not a time"),
        ({"sent_at": "31"}, "sent_at is not a time"),
        ({"sent_at": "2026-02-30T10:00:00Z"}, "sent_at is not a time"),
        ({"sent_at": "0001-01-01T00:00:00+14:00"}, "sent_at is not a time"),
        ({"sent_at": "Sat Foo 31 10:30:00 +0100 2026"}, "sent_at is not a time"),
        ({"sent_at": 1.7e300}, "sent_at is not a time"),
    ],
)
def test_what_no_message_can_be_made_of_is_refused_by_the_name_of_its_column(
    cells: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$"):
        message(**cells)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *[("3.0", "3"), (3.0, "3"), (3, "3"), (" 3 ", "3"), ("3\0", "3"), ("3.10", "3.10")],
        *[("a.0", "a.0"), ("1e5", "1e5"), ("007", "007"), ("1434139102.000002",) * 2],
        (9007199254740993, "9007199254740993"),
    ],
)
def test_an_id_is_text_whatever_a_table_program_made_of_it(written: Any, read: str) -> None:
    assert message(message_id=written).message_id == f"conversations:import:{read}"
    assert message(in_reply_to=written).parent_id == f"conversations:import:{read}"


def test_nobody_is_mentioned_by_an_empty_list() -> None:
    assert message(mentions=[]).mentions == message(mentions="").mentions == ()


@pytest.mark.parametrize("written", ["ana ben", "@ana;@ben", "ana, ben,ana", ["ana", "ben"]])
def test_mentions_are_a_list_however_it_is_written(written: str | list[str]) -> None:
    mentioned = message(mentions=written).mentions
    assert mentioned == ("conversations:import:ana", "conversations:import:ben")


def test_an_answer_is_a_reply_unless_the_file_says_what_it_is() -> None:
    assert message(in_reply_to="0").kind == "reply"
    assert message(in_reply_to="0", kind="review").kind == "review"
    assert message(kind="direct").visibility == "direct"


@pytest.mark.parametrize(
    ("written", "kind"), [("yes", "bot"), (1, "bot"), ("False", None), ("", None)]
)
def test_a_machine_says_so(written: object, kind: str | None) -> None:
    author = read_message(ROW | {"is_bot": written}, account_to_read())[0]
    assert isinstance(author, AccountSeen)
    assert author.declared_kind == kind


def test_options_say_what_the_file_does_not() -> None:
    options = {"channel": "forum", "is_own_space": True, "is_flat": True}
    expected = replace(message(), channel="forum", is_own_space=True, is_flat=True)
    assert message(options) == expected
    assert message(options, channel="garden") == replace(expected, channel="garden")


def test_an_author_with_a_space_has_a_handle_that_an_organisation_file_can_name() -> None:
    author = read_message(ROW | {"author_id": "Acme  Support"}, account_to_read())[0]
    assert author == AccountSeen(
        account_id="conversations:import:Acme  Support", handle="Acme_Support"
    )


def test_two_imports_of_an_organisation_share_no_ids() -> None:
    account = AccountToRead(platform="conversations", account="Help desk: chat")
    (author, _) = read_message(ROW, account)
    assert isinstance(author, AccountSeen)
    assert author.account_id == "conversations:Help-desk-chat:ana"


def test_nul_characters_leave_texts() -> None:
    assert message(text="a\0b").text == "ab"
    assert message(text="\0").text is None


def test_a_message_in_two_rows_is_kept_twice(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("message_id,author_id,sent_at\n" + "1,ana,2026-01-31T09:30:00Z\n" * 2)
    assert [row.page for row in items(imported(path))] == [2, 3]


def test_rows_that_mean_nothing_are_set_aside_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    lines = [ROW, ROW | {"message_id": "5.7E+17"}, {}, ROW | {"sent_at": "soon"}, ROW]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    rows = imported(path)
    assert [row.page for row in items(rows)] == [1, 5]
    assert set_aside(rows) == [
        (2, "message_id has lost its digits in a table program", 1),
        (3, "the row is empty", 1),
        (4, "sent_at is not a time", 1),
    ]


def test_columns_that_the_layout_does_not_know_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("message_id,phone,author_id,sent_at\n1,555,ana,2026-01-31T09:30:00Z\n")
    assert [row.item for row in items(imported(path))] == [ROW]


def test_a_pattern_reads_its_files_in_order_and_reasons_name_the_file(tmp_path: Path) -> None:
    for name, number in (("b.csv", 2), ("a.csv", 1)):
        line = f"{number},ana,2026-01-31T09:30:00Z\nx,ana,never\n"
        (tmp_path / name).write_text("message_id,author_id,sent_at\n" + line)
    rows = imported(tmp_path / "*.csv")
    assert [row.item["message_id"] for row in items(rows)] == ["1", "2"]
    assert [reason for _, reason, _ in set_aside(rows)] == [
        "a.csv: sent_at is not a time",
        "b.csv: sent_at is not a time",
    ]


def test_a_file_may_be_called_like_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "export [1].csv"
    path.write_text("message_id,author_id,sent_at\n1,ana,2026-01-31T09:30:00Z\n")
    assert len(imported(path)) == 1


def test_the_encoding_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    header = "message_id,author_id,sent_at,text\n"
    path.write_text(header + "1,ana,2026-01-31T09:30:00Z,\u0447\u0430\u0439\n", encoding="koi8-r")
    (row,) = items(imported(path, encoding="koi8-r"))
    assert row.item["text"] == "\u0447\u0430\u0439"


def test_a_relative_path_starts_where_rapport_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exports").mkdir()
    header = "message_id,author_id,sent_at\n"
    (tmp_path / "exports" / "a.csv").write_text(header + "1,ana,2026-01-31T09:30:00Z\n")
    monkeypatch.chdir(tmp_path)
    assert len(imported("exports/a.csv")) == len(imported("exports/*.csv")) == 1


@pytest.mark.parametrize("path", ["nothing.csv", "nothing/*.csv", "", "a**b", "."])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, path: str) -> None:
    with pytest.raises(NotThere, match="account=import stream=messages: no file matches "):
        imported(f"{tmp_path}/{path}")


@pytest.mark.skipif(not UNREADABLE.exists(), reason="this system has no such file")
def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(Unreadable, match=f"{UNREADABLE}: Input/output error"):
        imported(UNREADABLE)


def test_a_file_without_the_columns_fails_the_import_after_the_others_are_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.csv").write_text("Name,Text\nana,hello\n")
    (tmp_path / "b.csv").write_text("message_id,author_id,sent_at\n1,ana,2026-01-31T09:30:00Z\n")
    (tmp_path / "c.csv").write_text("")
    expected = "a.csv: its first line is no header with the columns message_id, author_id, sent_at"
    with pytest.raises(Unreadable, match=f"{expected} .* and 1 more files"):
        imported(tmp_path / "*.csv")


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({}, "Field required"),
        ({"path": ""}, "at least 1 character"),
        ({"path": "a", "layout": "excel"}, "'conversations' or 'twcs'"),
        ({"path": "a", "encoding": "utf-9"}, "'utf-9' is no encoding; use e.g. utf-8"),
        ({"path": "a", "time_zone": "CET+1"}, "'CET\\+1' is no time zone; use an IANA name"),
        ({"path": "a", "colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_option_is_refused_with_what_is_allowed(
    options: dict[str, str], fault: str
) -> None:
    with pytest.raises(ValidationError, match=fault):
        ConversationsOptions.model_validate(options)


def test_the_documented_examples_say_the_same(tmp_path: Path) -> None:
    (as_csv,), (as_json,) = documented("csv"), documented("json")
    (tmp_path / "export.csv").write_text(as_csv)
    (tmp_path / "export.jsonl").write_text(as_json)
    csv_rows, json_rows = imported(tmp_path / "export.csv"), imported(tmp_path / "export.jsonl")
    assert len(items(csv_rows)) == len([*csv.reader(as_csv.splitlines(keepends=True))]) - 1 == 2
    assert messages(csv_rows)[:1] == messages(json_rows)
    assert accounts(csv_rows)[:1] == accounts(json_rows)
    assert messages(csv_rows)[1].parent_id == messages(csv_rows)[0].message_id


def test_the_documented_organisation_is_one_and_names_the_brand_of_the_examples() -> None:
    (text,) = documented("toml")
    written = tomllib.loads(text)
    account = AccountToRead.model_validate(written["read"][0])
    assert ConversationsOptions.model_validate(account.options).path == "exports/helpdesk.csv"
    author = read_message(ROW | {"author_id": "acme-support"}, account)[0]
    assert isinstance(author, AccountSeen)
    assert (author.account_id,) == Ours.model_validate(
        written["ours"][0] | {"accounts": tuple(written["ours"][0]["accounts"])}
    ).accounts


def test_an_organisation_file_can_be_written_for_an_import() -> None:
    text = organisation_toml(
        "acme",
        'Acme "the" Brand',
        "a\\b.csv",
        "twcs",
        ["Acme Help", "acme2"],
        options={"is_flat": True},
    )
    organisation = Organisation.model_validate(tomllib.loads(text))
    assert organisation.title == 'Acme "the" Brand'
    (read,) = organisation.read
    assert ConversationsOptions.model_validate(dict(read.options)).path == "a\\b.csv"
    logins = [login for ours in organisation.ours for login in ours.accounts]
    assert logins == ["conversations:import:Acme_Help", "conversations:import:acme2"]
