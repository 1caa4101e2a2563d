"""`python -m extractors`: platforms without Airflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from lake.store import Lake

ROOT = Path(__file__).resolve().parents[2]


def command(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "extractors", *words],
        cwd=ROOT,
        env=os.environ | {"RAPPORT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_night_of_one_platform_is_read_into_the_lake(tmp_path: Path) -> None:
    done = command("fetch", "sample", "sample", "--night", "2025-01-10", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(Lake.of("sample", str(tmp_path)).partitions("raw", "sample", "community")) == 8


def test_recorded_items_are_shown_as_what_they_say(tmp_path: Path) -> None:
    file = tmp_path / "items.json"
    item = {"message_id": "1", "author_id": "ana", "sent_at": "2026-01-01T00:00:00Z", "text": "hi"}
    file.write_text(json.dumps([item]), encoding="utf-8")
    done = command("read", "conversations", "messages", "--load", str(file), home=tmp_path)
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    [message] = [each["MessageSeen"] for each in said if "MessageSeen" in each]
    assert message["message_id"] == "conversations:recording:1"


def test_an_unknown_stream_or_organisation_is_one_line_that_names_those_there_are(
    tmp_path: Path,
) -> None:
    done = command("read", "sample", "posts", "--load", "x.json", home=tmp_path)
    assert (done.returncode, "it has: messages, accounts" in done.stderr) == (2, True)
    done = command("fetch", "sampel", "sample", "--night", "2025-01-10", home=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "there are: sample" in done.stderr


def test_credentials_are_checked_as_those_of_a_night(tmp_path: Path) -> None:
    done = command("check", "sample", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("sample: sample community\n  works       needs no credentials: ")
