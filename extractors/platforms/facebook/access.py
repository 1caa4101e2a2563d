"""Page tokens: whether it is one, and what it allows.

One that is made from a long-lived token of a person has no end of its own.
https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
"""

from __future__ import annotations

from datetime import datetime

from extractors.graph import path_of
from extractors.graph_tokens import lacking, refused, token_facts
from extractors.platform import Access, Inspection

NEEDS = {
    "page": "pages_read_engagement",
    "posts": "pages_read_engagement",
    "reactions": "pages_read_engagement",
    "comments": "pages_read_user_content",
    "tagged": "pages_read_user_content",
}
EDGES = {"posts": "feed", "tagged": "tagged"}


def expiry(inspection: Inspection) -> datetime | None:
    """When the token, or access to data with it, ends; null where that is not told."""
    return token_facts(inspection, asks_as_app=True).expires_at


def check(inspection: Inspection) -> Access:
    """Whose token it is, with which permissions; where these are not told, whether lists are."""
    mine = inspection.client.get("me", {"fields": "id,name"}, stream="credentials").json()
    facts, page = token_facts(inspection, asks_as_app=True), inspection.account.account
    wants_inbox = inspection.options.direct_messages
    needs = NEEDS | ({"messages": "pages_messaging"} if wants_inbox else {})
    edges = EDGES | ({"messages": "conversations"} if wants_inbox else {})
    if facts.permissions is None:
        lists = {stream: (path_of(page, edge), {"fields": "id"}) for stream, edge in edges.items()}
        lacks = refused(inspection, lists)
    else:
        lacks = lacking(facts.permissions, needs)
    is_page = mine["id"] == page
    not_page = "the token is not the Page's: take the one that me/accounts tells of the Page"
    return Access(
        f"the Page {mine.get('name')!r}" if is_page else f"number {mine['id']}, not the Page",
        allows=tuple(sorted(facts.permissions or ())),
        lasts="until its maker changes password or loses the role",
        expires_at=facts.expires_at,
        refused=lacks,
        faults=() if is_page else (not_page,),
        notes=()
        if facts.expires_at
        else ("when access to data ends is told to the app alone: client_id, client_secret",),
    )
