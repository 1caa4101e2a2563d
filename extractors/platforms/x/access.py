"""Tokens of X: whose they are, what they allow, and how one that lasts two hours is renewed.

An app's own token lasts until it is revoked and reads what is public. One of a user lasts two
hours and comes with a refresh token (the scope `offline.access`) that works once and gives the
next; if it is given again, X revokes them all. X tells what a token allows only when it is made.

https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token,
https://docs.x.com/fundamentals/authentication/guides/v2-authentication-mapping.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from extractors.client import Answer, Credentials, Exchange
from extractors.errors import BadCredentials
from extractors.platform import Access, Inspection
from extractors.tokens import Refresh

_NEEDS = {
    **dict.fromkeys(
        ("mentions", "posts", "counters", "conversations", "quotes", "searches", "reposts"),
        ("tweet.read", "users.read"),
    ),
    "likes": ("tweet.read", "users.read", "like.read"),
    "followers": ("tweet.read", "users.read", "follows.read"),
    "messages": ("tweet.read", "users.read", "dm.read"),
}
_NOT_OWN = "owned_reads = true, but the token is not the account's own: set it to false"
_TWO_HOURS = "it lasts two hours only: put refresh_token and client_id into the connection's extra"


def _exchange(_: Any, held: Credentials) -> Exchange | None:
    if not (held.refresh_token and held.client_id):
        return None
    form = {"grant_type": "refresh_token", "refresh_token": held.refresh_token}
    if held.client_secret:
        return Exchange("/2/oauth2/token", form=form, basic=(held.client_id, held.client_secret))
    return Exchange("/2/oauth2/token", form={**form, "client_id": held.client_id})


REFRESH = Refresh(_exchange, due=timedelta(hours=1), is_one_time=True)


def check(inspection: Inspection) -> Access:
    """A user's token tells whose it is, which costs one person; an app's what it has used up."""
    answer = inspection.client.get("2/users/me", stream="credentials", expected={403})
    if answer.status == 403:
        return _of_an_app(inspection, answer)
    told, options = answer.json()["data"], inspection.options
    held = inspection.client.credentials or Credentials()
    is_own = told["username"].lower() == inspection.account.account.removeprefix("@").lower()
    is_renewed = _exchange(options, held) is not None
    faults = [_NOT_OWN] if options.owned_reads and not is_own else []
    faults += [] if is_renewed else [_TWO_HOURS]
    notes = [f"asking this cost ${options.prices.user:.3f}, the price of one person"]
    if is_own and not options.owned_reads:
        notes.append(
            "if the app is the account's own as well, owned_reads = true makes a post of ours or a "
            f"mention cost ${options.prices.owned:.3f} instead of ${options.prices.post:.3f}"
        )
    if options.archive:
        notes.append("the archive is said to be open to the app's own token only")
    if not held.scopes:
        notes.append("what a token allows X tells only when it renews it")
    return Access(
        f"@{told['username']}, number {told['id']}, token of a user",
        allows=held.scopes,
        lasts="two hours",
        refused=_refused(options, held.scopes) if held.scopes else {},
        faults=tuple(faults),
        notes=tuple(notes),
    )


def _of_an_app(inspection: Inspection, answer: Answer) -> Access:
    """What a token that is no user's has used of its month; free of charge."""
    if not str(answer.json().get("type")).endswith("unsupported-authentication"):
        raise BadCredentials("HTTP 403: X does not let this token read", **answer.place)
    told = inspection.client.get("2/usage/tweets", stream="credentials").json()["data"]
    return Access(
        "the app, token without a user",
        allows=("what is public",),
        lasts="until it is revoked",
        refused={"messages": "a user's token"} if inspection.options.direct_messages else {},
        faults=(_NOT_OWN,) if inspection.options.owned_reads else (),
        notes=(
            f"{told.get('project_usage')} posts of {told.get('project_cap')} are read this month",
            "whether the account exists was not asked: that costs the price of one person",
        ),
    )


def _refused(options: Any, scopes: tuple[str, ...]) -> dict[str, str]:
    is_off = {
        "searches": not options.searches,
        "followers": not options.followers,
        "messages": not options.direct_messages,
    }
    lacking = {
        stream: [each for each in needs if each not in scopes]
        for stream, needs in _NEEDS.items()
        if not is_off.get(stream)
    }
    return {stream: " and ".join(lacks) for stream, lacks in lacking.items() if lacks}
