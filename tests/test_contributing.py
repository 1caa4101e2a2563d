"""The worked examples of CONTRIBUTING.md work."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractors.client import Client
from extractors.observations import AccountSeen, MessageSeen
from extractors.platform import Fetched, Options, Platform, Reading, Window
from lake.organisation import AccountToRead
from tests.loopback import Clock, Reply, in_turn, loopback

TEXT = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
BOARD = AccountToRead(platform="noticeboard", account="board.example")


def _example(language: str) -> str:
    [example] = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return str(example)


@pytest.fixture
def noticeboard() -> Platform:
    module = ModuleType("noticeboard")
    exec(compile(_example("python"), "CONTRIBUTING.md", "exec"), module.__dict__)  # noqa: S102
    platform: Platform = module.NOTICEBOARD
    return platform


@pytest.fixture
def case() -> dict[str, Any]:
    cases: dict[str, dict[str, Any]] = json.loads(_example("json"))
    [only] = cases.values()
    return only


def test_the_example_of_a_platform_reads_its_fixture(
    noticeboard: Platform, case: dict[str, Any]
) -> None:
    message = case["message"] | {"sent_at": datetime.fromisoformat(case["message"]["sent_at"])}

    said = list(noticeboard.stream("notes").read(case["item"], BOARD))

    assert said == [AccountSeen(**case["account"]), MessageSeen(**message)]


def test_the_example_of_a_platform_fetches_its_window(
    noticeboard: Platform, case: dict[str, Any]
) -> None:
    clock = Clock()
    window = Window(datetime(2026, 2, 4, tzinfo=UTC), datetime(2026, 2, 5, tzinfo=UTC), clock())
    with loopback(in_turn({"/api/notes": [Reply([case["item"]])]})) as server:
        client = Client("noticeboard", "b", base_url=server.url, now=clock, sleep=clock.sleep)
        reading = Reading(BOARD, Options(), window, client, lambda _stream, _since=None: iter(()))
        fetched = list(noticeboard.stream("notes").fetch(reading))

    assert fetched == [Fetched(case["item"], page=1)]
    [asked] = server.asked
    assert asked.query == {
        "since": "2026-02-04T00:00:00+00:00",
        "until": "2026-02-05T00:00:00+00:00",
    }
