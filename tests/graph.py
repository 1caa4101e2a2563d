"""What fake servers that speak Meta's Graph dialect share."""

from __future__ import annotations

from dataclasses import MISSING as MISSING_DEFAULT
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from extractors.observations import Observation
from extractors.platform import Item
from tests.loopback import Asked, Reply
from tests.platforms.nights import Nights

SECRET = "gr4ph-t0ken"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: int, hour: int = 0) -> datetime:
    """Midnight of day 0 is the first of January 2026."""
    return EPOCH + timedelta(days=day, hours=hour)


def told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S+0000}"


def error(code: int, status: int = 400, subcode: int | None = None, **headers: str) -> Reply:
    """A refusal as the Graph API words it."""
    body = {"message": f"(#{code}) about {SECRET}", "type": "OAuthException", "code": code}
    more = {"error_subcode": subcode} if subcode else {}
    return Reply({"error": body | more}, status, headers)


MISSING = error(100, subcode=33)


def listed(asked: Asked, items: list[Item], size: int = 100, *, tells_next: bool = True) -> Reply:
    """One page of a list; the address of the next holds the token, as Meta's does."""
    first = int(asked.query.get("after", "0"))
    size = min(size, int(asked.query.get("limit", "25")))
    body: dict[str, Any] = {"data": items[first : first + size]}
    after = first + size
    if body["data"]:
        body["paging"] = {"cursors": {"before": str(first), "after": str(after)}}
        if tells_next and after < len(items):
            query = {**asked.query, "after": after, "access_token": SECRET}
            body["paging"]["next"] = f"https://graph.example{asked.path}?{urlencode(query)}"
    return Reply(body)


@dataclass
class GraphNights(Nights):
    """Nights with a token of Meta's."""

    secret: str = SECRET


def plain(said: Observation) -> dict[str, Any]:
    """An observation as an example file writes it: without what is not said."""
    shown: dict[str, Any] = {"says": type(said).__name__}
    for each in fields(said):
        value = getattr(said, each.name)
        if each.default is MISSING_DEFAULT or value != each.default:
            shown[each.name] = value.isoformat() if isinstance(value, datetime) else value
    return {key: list(value) if isinstance(value, tuple) else value for key, value in shown.items()}
