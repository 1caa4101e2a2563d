"""Threads user tokens: what they allow, when they end, and how they are renewed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from extractors.client import Credentials, Exchange
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
    "profile": "threads_basic",
    "posts": "threads_basic",
    "replies": "threads_read_replies",
    "conversations": "threads_read_replies",
    "answers": "threads_read_replies",
    "mentions": "threads_manage_mentions",
}


def _exchange(_: Any, held: Credentials) -> Exchange:
    """https://developers.facebook.com/docs/threads/get-started/long-lived-tokens."""
    asked = {"grant_type": "th_refresh_token", "access_token": held.secret}
    return Exchange("/refresh_access_token", query=asked)


REFRESH = Refresh(_exchange, due=RENEWED_WHEN_LEFT)


def expiry(inspection: Inspection) -> datetime | None:
    """When the token, or access to data with it, ends; null where that is not told."""
    return token_facts(inspection).expires_at


def check(inspection: Inspection) -> Access:
    """Whose token it is, with which permissions; where these are not told, whether lists are."""
    mine = inspection.client.get("me", {"fields": "id,username"}, stream="credentials").json()
    facts = token_facts(inspection)
    if facts.permissions is None:
        lists = {each: (f"me/{each}", {"fields": "id"}) for each in ("replies", "mentions")}
        lacks = refused(inspection, lists)
    else:
        follows = inspection.options.searches or inspection.options.tags
        searches = {"searches": "threads_keyword_search"} if follows else {}
        lacks = lacking(facts.permissions, NEEDS | searches)
    is_own = mine["username"].lower() == inspection.account.account.lower()
    return Access(
        f"@{mine['username']}, number {mine['id']}",
        allows=tuple(sorted(facts.permissions or ())),
        lasts=LASTS_60_DAYS,
        expires_at=facts.expires_at,
        refused=lacks,
        faults=() if is_own else ("the token is not that of the account",),
    )
