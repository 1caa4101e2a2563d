"""Tokens of Meta's platforms: what they allow, when they end, and how they are renewed.

A token of a person lasts 60 days, and may be exchanged for one that lasts 60 more. Access to data
may end before its token does, 90 days after the person was last asked.

https://developers.facebook.com/docs/graph-api/reference/debug_token
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from extractors.client import Credentials, Exchange
from extractors.errors import BadCredentials, NotThere, Unreadable
from extractors.platform import Inspection

RENEWED_WHEN_LEFT = timedelta(days=30)
LASTS_60_DAYS = "60 days from when it was made"


@dataclass(frozen=True)
class TokenFacts:
    """What is told of a token: its permissions, null where that is not told, and when it ends."""

    permissions: frozenset[str] | None = None
    expires_at: datetime | None = None


def token_facts(inspection: Inspection, *, asks_as_app: bool = False) -> TokenFacts:
    """What Meta tells of a token; nothing where it does not tell this asker.

    Its app may ask, if the connection holds `client_id` and `client_secret`; else the token asks
    for itself, which is answered if its owner has a role in the app.
    """
    held = inspection.client.credentials or Credentials()
    is_app = asks_as_app and held.client_id and held.client_secret
    asker = f"{held.client_id}|{held.client_secret}" if is_app else held.secret
    asked = {"input_token": held.secret, "access_token": asker}
    given = Exchange("debug_token", query=asked)
    try:
        told = inspection.client.exchange(given, stream="credentials").json()["data"]
        ends = [told.get("expires_at"), told.get("data_access_expires_at")]  # 0: never
        seconds = [each for each in ends if each]
        return TokenFacts(
            frozenset(told["scopes"]),
            datetime.fromtimestamp(min(seconds), UTC) if seconds else None,
        )
    except (BadCredentials, NotThere, Unreadable):
        return TokenFacts()
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return TokenFacts()  # another shape than documented: nothing is told


def lacking(permissions: Collection[str], needs: Mapping[str, str]) -> dict[str, str]:
    """The streams whose permission is not among these, each with its name."""
    return {stream: need for stream, need in needs.items() if need not in permissions}


def refused(
    inspection: Inspection, lists: Mapping[str, tuple[str, Mapping[str, str]]]
) -> dict[str, str]:
    """The streams whose list is refused; to be asked where permissions are not told."""
    found = {}
    for stream, (path, asked) in lists.items():
        try:
            inspection.client.get(path, {**asked, "limit": "1"}, stream="credentials")
        except (BadCredentials, Unreadable) as error:
            found[stream] = error.reason
    return found
