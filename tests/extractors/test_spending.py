"""What is left of a budget when reading is tried again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from extractors.spending import Spending
from lake.organisation import AccountToRead
from lake.store import Lake
from tests.loopback import Clock


def spending(home: Path, clock: Clock, platform: str = "youtube", name: str = "one") -> Spending:
    account = AccountToRead(platform=platform, account=name)
    return Spending(Lake.of("acme", str(home)), account, clock)


def test_what_was_spent_counts_until_the_budget_is_renewed(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 3, 1, 2, tzinfo=UTC))  # 18:00 in California, the day before
    tries = spending(tmp_path, clock)
    assert tries.before() == 0
    tries.note(7)
    tries.note(9)
    clock.sleep(6 * 3600 - 1)
    assert spending(tmp_path, clock).before() == 9
    clock.sleep(1)
    assert spending(tmp_path, clock).before() == 0


@pytest.mark.parametrize(("platform", "name"), [("youtube", "two"), ("mastodon", "one")])
def test_each_account_has_its_own_and_where_nothing_is_renewed_nothing_is_kept(
    platform: str, name: str, tmp_path: Path
) -> None:
    spending(tmp_path, Clock()).note(7)
    other = spending(tmp_path, Clock(), platform, name)
    assert other.before() == 0
    if platform == "mastodon":
        other.note(3)
        assert other.before() == 0
