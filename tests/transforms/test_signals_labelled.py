"""Replies of ours held against what a human calls them: canned, personal, automated, or none."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from extractors.observations import Observation
from tests.transforms.conftest import World, account, at, message

FILE = Path(__file__).resolve().parents[1] / "labelled" / "replies.tsv"
FLOORS = {"canned": (0.95, 0.85), "personal": (0.65, 0.8), "automated": (1.0, 0.5)}


def replies() -> list[dict[str, str]]:
    """Labels, language, who to whom, with which program, seconds after what was asked, the text."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def said(rows: list[dict[str, str]]) -> list[Observation]:
    """What was asked every seven hours, and the reply to each."""
    told: list[Observation] = [
        account(name, display_name=name.title()) for name in sorted({row["to"] for row in rows})
    ]
    told += [account("zoe"), account("acme"), account("crier", declared_kind="bot")]
    for number, row in enumerate(rows):
        asked_at = at(1) + number * timedelta(hours=7)
        text = row["text"].replace("\\n", "\n")
        told += [
            message(f"q{number}", row["to"], asked_at, text=row["asked"]),
            message(
                f"r{number}",
                row["by"],
                asked_at + timedelta(seconds=int(row["after"])),
                text=text,
                parent_id=f"q{number}",
                client_name=None if row["client"] == "-" else row["client"],
            ),
        ]
    return told


def test_replies_are_called_what_a_human_calls_them(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = replies()
    world.night(30, said(rows))
    world.build()
    told = world.rows("reply_signal", "message_id")
    found = {
        "canned": {name for name, row in told.items() if row["canned_at"]},
        "personal": {name for name, row in told.items() if row["is_personal"]},
        "automated": {*world.rows("automated_message", "message_id")},
    }
    for label, floor in FLOORS.items():
        right = {f"r{n}" for n, row in enumerate(rows) if label in row["labels"].split()}
        hits = len(right & found[label])
        precision, recall = hits / len(found[label]), hits / len(right)
        with capsys.disabled():
            print(
                f"\nreplies: {label} precision {precision:.3f} recall {recall:.3f} "
                f"({len(right)} of {len(rows)} lines)",
                end="",
            )
        assert precision >= floor[0], label
        assert recall >= floor[1], label
