"""What an app password of Bluesky is worth: the session made of it tells.

https://docs.bsky.app/docs/api/com-atproto-server-create-session.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping

from extractors.client import Credentials, Exchange
from extractors.platform import Access, Inspection

SIGN_IN = "xrpc/com.atproto.server.createSession"
NARROW = "com.atproto.appPass"
_SCOPES = {
    NARROW: "all but direct messages",
    "com.atproto.appPassPrivileged": "direct messages as well",
    "com.atproto.access": "everything",
}


def session(account: str, held: Credentials) -> Mapping[str, str]:
    """What a session is asked for with."""
    return {"identifier": held.login or account.removeprefix("@"), "password": held.secret}


def check(inspection: Inspection) -> Access:
    """Whose password it is, and what its session may do; else whether the account is there."""
    client, name = inspection.client, inspection.account.account.removeprefix("@")
    if not (inspection.has_token and client.credentials):
        path, asked = "xrpc/app.bsky.actor.getProfile", {"actor": name}
        told = client.get(path, asked, stream="credentials").json()
        return Access(f"@{told['handle']}, {told['did']} is there", allows=("what is public",))
    given = Exchange(SIGN_IN, json=session(inspection.account.account, client.credentials))
    told = client.exchange(given, stream="credentials").json()
    scope, faults, notes = _scope_of(str(told["accessJwt"])), [], []
    if name.casefold() not in (told["did"].casefold(), told["handle"].casefold()):
        faults.append("the password is not that of the account: notifications are not ours")
    if told.get("active") is False:
        faults.append(f"the account is not active: {told.get('status')}")
    if scope == "com.atproto.access":
        notes.append("this is the account's own password: take an app password, which can do less")
    needs_more = inspection.options.direct_messages and scope == NARROW
    return Access(
        f"@{told['handle']}, {told['did']}",
        allows=(_SCOPES.get(scope, scope),),
        lasts="until it is revoked",
        refused={"messages": "access to direct messages"} if needs_more else {},
        faults=tuple(faults),
        notes=tuple(notes),
    )


def _scope_of(token: str) -> str:
    """The scope that a token names (RFC 7519, its middle part)."""
    try:
        part = token.split(".")[1]
        return str(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))["scope"])
    except (IndexError, KeyError, TypeError, ValueError):
        return "what its server does not tell"
