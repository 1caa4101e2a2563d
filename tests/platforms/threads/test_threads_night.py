"""An account's night from the API to core: who spoke to whom."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from extractors.client import Credentials
from lake.organisation import Organisation
from tests.graph import SECRET
from tests.loopback import loopback
from tests.night.pipeline import Pipeline
from tests.platforms.threads.account import Account
from tests.platforms.town import at

NIGHT = date(2026, 1, 2)
ACME = Organisation.model_validate(
    {
        "name": "acme",
        "title": "Acme",
        "history_from": date(2026, 1, 1),
        "read": ({"platform": "threads", "account": "acme"},),
        "ours": ({"name": "Acme", "kind": "brand", "accounts": ("threads::acme",)},),
    }
)


def test_a_night_finds_who_spoke_to_whom(tmp_path: Path) -> None:
    account = Account()
    post = account.says(at(0, 9), "acme")
    ask = account.says(at(0, 10), "ada", to=post)
    account.says(at(1, 9), "acme", to=ask)
    account.says(at(1, 10), "bob", to=ask)
    account.says(at(1, 11), "", to=post)
    account.mentions = [account.says(at(1, 12), "carl")]
    pipeline = Pipeline(tmp_path, ACME)
    with loopback(account) as server:
        pipeline.extract(NIGHT, Credentials(base_url=server.url, secret=SECRET))
    pipeline.core(NIGHT)
    tables = pipeline.core_tables()
    columns = ("kind", "from_account_id", "to_account_id", "direction")
    edges = [tuple(row[name] for name in columns) for row in tables["interaction"].to_pylist()]
    us, ada, bob, carl = (f"threads::{name}" for name in ("acme", "ada", "bob", "carl"))
    assert {edge for edge in edges if edge[0] != "post"} == {
        ("reply", ada, us, "inbound"),
        ("reply", us, ada, "outbound"),
        ("reply", bob, ada, "peer"),
        ("reply", None, us, "inbound"),
        ("mention", carl, us, "inbound"),
    }
    assert tables["set_aside"].num_rows == 0
