"""What a token of Mastodon allows: a scope that it lacks is refused even where anybody may read.

https://docs.joinmastodon.org/api/oauth-scopes/, https://docs.joinmastodon.org/methods/apps/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from extractors.platform import Access, Inspection

OF_STATUSES = ("statuses", "contexts", "favourites", "boosts", "quotes")


def check(inspection: Inspection) -> Access:
    """Whose token it is, and whether it may be used for each kind of list."""
    name = inspection.account.account.removeprefix("@")
    ours = _asked(inspection, "accounts/lookup", {"acct": name})
    if not inspection.has_token:
        return Access(f"{_called(ours)} is there", allows=("what is public",))
    mine = _asked(inspection, "accounts/verify_credentials")
    app = _asked(inspection, "apps/verify_credentials") or {}
    is_another = mine and ours and mine["id"] != ours["id"]
    return Access(
        _called(mine),
        allows=tuple(app.get("scopes") or ()),
        lasts="until it is revoked",
        refused=_refused(inspection, ours),
        faults=("the token is not that of the account: notifications are not ours",)
        if is_another
        else (),
    )


def _called(account: Any) -> str:
    return f"@{account['acct']}, number {account['id']}" if account else "somebody it may not tell"


def _refused(inspection: Inspection, ours: Any) -> dict[str, str]:
    one = {"limit": "1"}
    refused: dict[str, str] = {}
    if not ours:
        refused |= dict.fromkeys((*OF_STATUSES, "followers"), "read:accounts")
    elif _asked(inspection, f"accounts/{quote(ours['id'], safe='')}/statuses", one) is None:
        refused |= dict.fromkeys(OF_STATUSES, "read:statuses")
    if inspection.options.tags and refused.get("quotes") == "read:statuses":
        refused["tags"] = "read:statuses"
    if _asked(inspection, "notifications", one) is None:
        refused["notifications"] = "read:notifications"
    if inspection.options.searches:
        found = {"q": inspection.options.searches[0], "type": "statuses", **one}
        if _asked(inspection, "search", found, version=2) is None:
            refused["searches"] = "read:search"
    return refused


def _asked(
    inspection: Inspection, path: str, asked: Mapping[str, str] | None = None, version: int = 1
) -> Any:
    """What is told; null where a scope is lacking for it."""
    address = f"/api/v{version}/{path}"
    answer = inspection.client.get(address, asked, stream="credentials", expected={403})
    return None if answer.status == 403 else answer.json()
