"""An account's night from the API to core: who spoke to whom."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extractors.client import Credentials
from lake.organisation import Organisation
from tests.graph import SECRET, told
from tests.loopback import loopback
from tests.night.pipeline import Pipeline
from tests.platforms.instagram.account import NUMBER, Account
from tests.platforms.town import at

NIGHT = date(2026, 1, 2)
US, ADA, BOB, CARL = (f"instagram::{name}" for name in ("acme", "ada", "bob", "carl"))


def edges(
    home: Path, account: Account, options: dict[str, Any], *, allows_inbox: bool = False
) -> set[tuple[str, ...]]:
    """Who spoke to whom on the night; nothing of it is set aside."""
    read = {"platform": "instagram", "account": "acme", "options": {"user_id": NUMBER, **options}}
    organisation = Organisation.model_validate(
        {
            "name": "acme",
            "title": "Acme",
            "history_from": date(2026, 1, 1),
            "read": (read,),
            "ours": ({"name": "Acme", "kind": "brand", "accounts": (US,)},),
            "privacy": {"direct_messages": allows_inbox},
        }
    )
    pipeline = Pipeline(home, organisation)
    with loopback(account) as server:
        pipeline.extract(NIGHT, Credentials(base_url=server.url, secret=SECRET))
    pipeline.core(NIGHT)
    tables = pipeline.core_tables()
    assert tables["set_aside"].num_rows == 0
    columns = ("kind", "from_account_id", "to_account_id", "direction")
    rows = tables["interaction"].to_pylist()
    return {tuple(row[name] for name in columns) for row in rows if row["kind"] != "post"}


def test_a_night_finds_who_spoke_to_whom(tmp_path: Path) -> None:
    account = Account()
    media = account.publishes(at(0, 9))
    ask = account.says(at(0, 10), "ada", media)
    account.says(at(1, 9), "acme", media, to=ask)
    account.says(at(1, 10), "bob", media, to=ask)
    account.says(at(1, 11), "", media)
    account.tags = [{"id": "7", "username": "carl", "timestamp": told(at(1, 12))}]
    account.under_tags = {"acme": [{"id": "8", "timestamp": told(at(1, 13))}]}
    assert edges(tmp_path, account, {"tags": ["acme"]}) == {
        ("reply", ADA, US, "inbound"),
        ("reply", US, ADA, "outbound"),
        ("reply", BOB, ADA, "peer"),
        ("reply", None, US, "inbound"),
        ("mention", CARL, US, "inbound"),
    }


@pytest.mark.parametrize("is_allowed", [False, True])
def test_the_inbox_enters_where_the_organisation_allows_it(
    tmp_path: Path, is_allowed: bool
) -> None:
    account = Account()
    account.writes(at(1, 9), "ada", "t")
    account.writes(at(1, 10), "acme", "t")
    options = {"login": "instagram", "direct_messages": True}
    both = {("direct", ADA, US, "inbound"), ("direct", US, ADA, "outbound")}
    found = edges(tmp_path, account, options, allows_inbox=is_allowed)
    assert found == (both if is_allowed else set())
