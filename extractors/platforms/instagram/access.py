"""Instagram's tokens of both logins: what they allow, when they end, and how they are renewed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from extractors.client import Credentials, Exchange
from extractors.graph import path_of
from extractors.graph_tokens import (
    LASTS_60_DAYS,
    RENEWED_WHEN_LEFT,
    lacking,
    refused,
    token_facts,
)
from extractors.platform import Access, Inspection
from extractors.tokens import Refresh

NEEDS = {
    "profile": "instagram_basic",
    "media": "instagram_basic",
    "comments": "instagram_manage_comments",
    "tagged": "pages_read_engagement",
}


def _exchange(options: Any, held: Credentials) -> Exchange | None:
    """A token of a Facebook Login may be one that never ends: it needs an `expires_at`.

    https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token,
    https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived.
    """
    if options.login == "instagram":
        asked = {"grant_type": "ig_refresh_token", "access_token": held.secret}
        return Exchange("/refresh_access_token", query=asked)
    if not (held.client_id and held.client_secret and held.expires_at):
        return None
    asked = {"grant_type": "fb_exchange_token", "fb_exchange_token": held.secret}
    app = {"client_id": held.client_id, "client_secret": held.client_secret}
    return Exchange("oauth/access_token", query=asked | app)


REFRESH = Refresh(_exchange, due=RENEWED_WHEN_LEFT)


def expiry(inspection: Inspection) -> datetime | None:
    """When the token, or access to data with it, ends; a Business Login does not tell."""
    is_told = inspection.options.login == "facebook"
    return token_facts(inspection, asks_as_app=True).expires_at if is_told else None


def check(inspection: Inspection) -> Access:
    """Whose token it is, with which permissions; where these are not told, whether lists are."""
    path, options = path_of(inspection.options.user_id), inspection.options
    mine = inspection.client.get(path, {"fields": "id,username"}, stream="credentials").json()
    permissions, expires_at = None, None
    if options.login == "facebook":
        facts = token_facts(inspection, asks_as_app=True)
        permissions, expires_at = facts.permissions, facts.expires_at
    if permissions is None:
        media = path_of(options.user_id, "media")
        asked = {"media": "id", "comments": "id,comments.limit(1){id}"}
        lists = {key: (media, {"fields": asked[key]}) for key in asked}
        if options.direct_messages:
            inbox = path_of(options.user_id, "conversations")
            lists["messages"] = (inbox, {"fields": "id", "platform": "instagram"})
        lacks = refused(inspection, lists)
    else:
        lacks = lacking(permissions, NEEDS)
    is_own = mine["username"].lower() == inspection.account.account.lower()
    held, notes = inspection.client.credentials, []
    if expires_at and options.login == "facebook" and not _exchange(options, held or Credentials()):
        notes.append("client_id, client_secret and expires_at in extra would have it renewed")
    return Access(
        f"@{mine['username']}, number {mine['id']}",
        allows=tuple(sorted(permissions or ())),
        lasts=LASTS_60_DAYS,
        expires_at=expires_at,
        refused=lacks,
        faults=() if is_own else ("options.user_id is not the number of the account",),
        notes=tuple(notes),
    )
