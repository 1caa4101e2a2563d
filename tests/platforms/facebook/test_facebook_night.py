"""A Page's night from the API to core: who spoke to whom."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extractors.client import Credentials
from lake.organisation import Organisation
from tests.graph import SECRET
from tests.loopback import loopback
from tests.night.pipeline import Pipeline
from tests.platforms.facebook.page import PAGE, Page
from tests.platforms.town import at

NIGHT = date(2026, 1, 2)


def organisation(*, direct_messages: bool) -> Organisation:
    read = {
        "platform": "facebook",
        "account": PAGE,
        "options": {"direct_messages": True},
    }
    return Organisation.model_validate(
        {
            "name": "acme",
            "title": "Acme",
            "history_from": date(2026, 1, 1),
            "read": (read,),
            "ours": ({"name": "Acme", "kind": "brand", "accounts": (f"facebook:{PAGE}:acme",)},),
            "privacy": {"direct_messages": direct_messages},
        }
    )


def edges(tables: dict[str, Any]) -> set[tuple[str, str | None, str | None, str]]:
    columns = ("kind", "from_account_id", "to_account_id", "direction")
    return {
        tuple(row[name] for name in columns)  # type: ignore[misc]
        for row in tables["interaction"].to_pylist()
        if row["kind"] != "post"
    }


@pytest.mark.parametrize("direct_messages", [False, True])
def test_a_night_finds_who_spoke_to_whom(tmp_path: Path, direct_messages: bool) -> None:
    page = Page()
    post = page.posts_at(at(0, 9))
    ask = page.comments_at(at(0, 10), "ada", post)
    page.comments_at(at(1, 9), "acme", post, to=ask)
    page.comments_at(at(1, 10), "bob", post, to=ask)
    nobody = page.comments_at(at(1, 11), "carl", post)
    del page.comments[nobody]["from"]
    page.reactions[post] = ["carl"]
    page.writes(at(1, 12), "ada", "t_1")
    pipeline = Pipeline(tmp_path, organisation(direct_messages=direct_messages))
    with loopback(page) as server:
        pipeline.extract(NIGHT, Credentials(base_url=server.url, secret=SECRET))
    pipeline.core(NIGHT)

    us, ada, bob, carl = (f"facebook:{PAGE}:{number}" for number in (PAGE, "2", "3", "4"))
    inbox = {("direct", ada, us, "inbound")} if direct_messages else set()
    tables = pipeline.core_tables()
    assert edges(tables) == inbox | {
        ("reply", ada, us, "inbound"),
        ("reply", us, ada, "outbound"),
        ("reply", bob, ada, "peer"),
        ("reply", None, us, "inbound"),
        ("reaction", carl, us, "inbound"),
    }
    assert {row["account_id"] for row in tables["account"].to_pylist()} == {us, ada, bob, carl}
    assert tables["set_aside"].num_rows == 0
