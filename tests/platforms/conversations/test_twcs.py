"""The customer-support-on-Twitter layout, and its first rows accounted for one by one."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.observations import AccountSeen, MessageSeen
from extractors.platforms.conversations import read_message
from tests.platforms.conversations.imports import (
    account_to_read,
    accounts,
    imported,
    items,
    messages,
    set_aside,
)

HEADER = ",tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
ITEM = {
    "tweet_id": "3",
    "author_id": "AcmeHelp",
    "inbound": "False",
    "created_at": "Tue Oct 31 22:10:47 +0000 2017",
    "text": "@115712 We are looking into it with @AcmeLabs. ^KC",
    "response_tweet_id": "4,5",
    "in_response_to_tweet_id": "2.0",
}
Shared = Callable[[str], Path]


def write(folder: Path, rows: str) -> Path:
    path = folder / "twcs.csv"
    path.write_text(HEADER + rows, encoding="utf-8", newline="")
    return path


def test_a_row_becomes_an_author_and_a_message(tmp_path: Path) -> None:
    text = '"@115712 We are looking into it with @AcmeLabs. ^KC"'
    line = f'0,3,AcmeHelp,False,Tue Oct 31 22:10:47 +0000 2017,{text},"4,5",2.0\n'
    (row,) = items(imported(write(tmp_path, line), layout="twcs"))
    assert row.item == ITEM | {"mentions": ["115712", "acmelabs"]}
    assert read_message(row.item, account_to_read()) == [
        AccountSeen(
            account_id="conversations:import:acmehelp",
            handle="AcmeHelp",
            declared_kind="organisation",
        ),
        MessageSeen(
            message_id="conversations:import:3",
            author_id="conversations:import:acmehelp",
            sent_at=datetime(2017, 10, 31, 22, 10, 47, tzinfo=UTC),
            text="@115712 We are looking into it with @AcmeLabs. ^KC",
            kind="reply",
            channel="import",
            parent_id="conversations:import:2",
            mentions=("conversations:import:115712", "conversations:import:acmelabs"),
        ),
    ]


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("@Delta hello", ["delta"]),
        (".@delta @DELTA hello", ["delta", "delta"]),
        ("made@travel fun, mail me@acme.example", []),
        ("thanks @AskPayPal\u2019s team", ["askpaypal"]),
        ("\u3053\u3093@AppleSupport\u3053\u3093", ["applesupport"]),
        ("(@116_a)@b", ["116_a", "b"]),
        ("@ @@x @abcdefghijklmnopqrstuvwxyz", []),
    ],
)
def test_mentions_are_the_handles_of_the_text(
    tmp_path: Path, text: str, mentions: list[str]
) -> None:
    line = f'0,3,7,True,Tue Oct 31 22:10:47 +0000 2017,"{text}",,\n'
    (row,) = items(imported(write(tmp_path, line), layout="twcs"))
    assert row.item["mentions"] == mentions


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"inbound": "Tue Oct 31 22:10:47 +0000 2017"}, "inbound is neither true nor false"),
        ({"inbound": ""}, "inbound is neither true nor false"),
        ({"created_at": "@AcmeHelp hello"}, "created_at is not a time"),
        ({"tweet_id": ""}, "tweet_id is missing"),
        ({"tweet_id": "AcmeHelp"}, "tweet_id is not a number"),
        ({"tweet_id": "9.2E+17"}, "tweet_id has lost its digits in a table program"),
        ({"in_response_to_tweet_id": "hello"}, "in_response_to_tweet_id is not a number"),
    ],
)
def test_a_row_whose_columns_have_shifted_is_refused(cells: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{fault}$"):
        read_message(ITEM | cells, account_to_read())


@pytest.fixture(scope="module")
def recording(shared: Shared) -> Path:
    return shared("recordings/csv_twcs/twcs_first_2500.csv")


@pytest.fixture(scope="module")
def plain_rows(recording: Path) -> list[dict[str, str]]:
    """The recording read with nothing but the csv module, its bare CRs made spaces."""
    text = recording.read_bytes().decode("utf-8").replace("\r", " ")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_recorded_row_is_read(recording: Path, plain_rows: list[dict[str, str]]) -> None:
    rows = imported(recording, layout="twcs")
    assert set_aside(rows) == []
    assert len(items(rows)) == len(plain_rows) == 2498
    assert [row.item["tweet_id"] for row in items(rows)] == [row["tweet_id"] for row in plain_rows]
    assert len({each.message_id for each in messages(rows)}) == 2498
    authors = {row["author_id"].casefold() for row in plain_rows}
    assert len({each.account_id for each in accounts(rows)}) == len(authors) == 778


def test_one_recorded_row_has_bare_line_breaks_at_which_the_csv_module_tears_it(
    recording: Path,
) -> None:
    with recording.open(encoding="utf-8", newline="") as file:
        torn = [row for row in csv.reader(file) if len(row) != 8]
    assert [len(row) for row in torn] == [6, 0, 3]
    (whole,) = (row for row in items(imported(recording, layout="twcs")) if row.page == 2589)
    assert whole.item["tweet_id"] == "3399"
    assert whole.item["text"].count("\r") == 2


def test_reply_edges_are_those_of_the_recording(
    recording: Path, plain_rows: list[dict[str, str]]
) -> None:
    parents = {
        row["tweet_id"]: str(int(float(row["in_response_to_tweet_id"])))
        for row in plain_rows
        if row["in_response_to_tweet_id"]
    }
    found = {
        each.message_id.rpartition(":")[2]: each.parent_id.rpartition(":")[2]
        for each in messages(imported(recording, layout="twcs"))
        if each.parent_id
    }
    assert found == parents
    assert len(found) == 1849
    assert (
        sum(parent in {row["tweet_id"] for row in plain_rows} for parent in found.values()) == 1846
    )


def test_answers_that_a_recorded_row_lists_name_it_as_their_parent(
    plain_rows: list[dict[str, str]],
) -> None:
    parents = {row["tweet_id"]: row["in_response_to_tweet_id"] for row in plain_rows}
    listed = [
        (answer, row["tweet_id"])
        for row in plain_rows
        for answer in row["response_tweet_id"].split(",")
        if answer in parents
    ]
    assert len(listed) == 1846
    assert all(parents[answer] == f"{tweet}.0" for answer, tweet in listed)


def test_mentions_and_authors_of_the_recording_are_those_of_its_text(
    recording: Path, plain_rows: list[dict[str, str]]
) -> None:
    found = messages(imported(recording, layout="twcs"))
    spoken = Counter(each.author_id for each in found)
    for brand in ("ChipotleTweets", "Delta", "AmazonHelp", "AppleSupport", "Uber_Support"):
        account_id = f"conversations:import:{brand.lower()}"
        assert spoken[account_id] == sum(row["author_id"] == brand for row in plain_rows)
        told = [each.message_id for each in found if account_id in each.mentions]
        handle = re.compile(rf"(^|\W)@{brand}(?!\w)", re.IGNORECASE)
        assert told == [
            f"conversations:import:{row['tweet_id']}"
            for row in plain_rows
            if handle.search(row["text"])
        ]
