"""What platforms answer when they are asked what a token is worth, as their documents say.

Each door is a server for one platform and one state of the credentials: "good", "wrong", "narrow",
"missing" or "expiring".
"""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from extractors.client import Credentials
from lake.organisation import AccountToRead
from tests.loopback import Asked, Clock, Reply, Script

SECRET = "d00r-t0ken"
APP = {"client_id": "our-app", "client_secret": "cl1ent-secret"}
SECRETS = (SECRET, "cl1ent-secret", "r3fresh-t0ken", b64encode(f"acme:{SECRET}".encode()).decode())
STATES = ("good", "wrong", "narrow", "missing", "expiring")
SOON = Clock().now + timedelta(days=9, hours=1)
LATER = Clock().now + timedelta(days=50)
CHANNEL = "UC0123456789abcdefghijkl"

Door = Callable[[Asked], Reply]


def reads(platform: str, url: str, **options: Any) -> AccountToRead:
    """The account that is read there."""
    fixed: dict[str, dict[str, Any]] = {
        "bluesky": {"server": url, "appview": url},
        "instagram": {"user_id": "17"},
        "mastodon": {"instance": url, "searches": ["acme"], "tags": ["acme"]},
        "wordpress": {"url": url},
        "x": {"url": url},
    }
    account = {"facebook": "17", "youtube": CHANNEL, "wordpress": "blog.example"}.get(
        platform, "acme"
    )
    told = fixed.get(platform, {}) | options
    return AccountToRead(platform=platform, account=account, options=told)


def held(platform: str, state: str, url: str, **more: Any) -> Credentials | None:
    """What the connection holds."""
    if state == "missing" or platform in {"sample", "conversations"}:
        return None
    base_url = url if platform in {"facebook", "instagram", "threads", "youtube"} else ""
    ends = SOON if state == "expiring" and platform not in {"facebook", "threads"} else None
    app = APP if platform == "facebook" else {}
    return Credentials(base_url, "acme", SECRET, expires_at=ends, **app, **more)


def door(platform: str, state: str) -> Script:
    """The server; it answers nothing that it was not asked for as the documents say."""

    def script(asked: Asked) -> Reply:
        answer = DOORS[platform].get(asked.path)
        if answer is None:
            return Reply({"error": "Record not found"}, 404)
        return answer(state, asked)

    return script


def _mastodon(scope: str, told: Any) -> Callable[[str, Asked], Reply]:
    def answer(state: str, asked: Asked) -> Reply:
        if asked.headers.get("Authorization") not in {None, f"Bearer {SECRET}"} or state == "wrong":
            return Reply({"error": "The access token is invalid"}, 401)
        if state == "narrow" and scope in {"read:notifications", "read:search"}:
            return Reply({"error": "This action is outside the authorized scopes"}, 403)
        return Reply(told)

    return answer


def _bluesky_session(state: str, asked: Asked) -> Reply:
    told = json.loads(asked.body)
    if state == "wrong" or told != {"identifier": "acme", "password": SECRET}:
        wrong = {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
        return Reply(wrong, 401)
    scope = {"scope": "com.atproto.appPass", "sub": "did:plc:acme"}
    middle = urlsafe_b64encode(json.dumps(scope).encode()).decode().rstrip("=")
    session = {"handle": "acme", "did": "did:plc:acme", "accessJwt": f"e30.{middle}.c2ln"}
    return Reply(session | {"active": state != "narrow", "status": "deactivated"})


def _graph(told: Any) -> Callable[[str, Asked], Reply]:
    def answer(state: str, asked: Asked) -> Reply:
        signed = asked.headers.get("Authorization") == f"Bearer {SECRET}"
        if state == "wrong" or not signed:
            return Reply({"error": {"code": 190, "message": SECRET}}, 400)
        return Reply(told)

    return answer


def _debugged(*scopes: str, asker: str = SECRET, narrow: int = 1) -> Callable[[str, Asked], Reply]:
    def answer(state: str, asked: Asked) -> Reply:
        if asked.query != {"input_token": SECRET, "access_token": asker}:
            return Reply({"error": {"code": 100, "message": SECRET}}, 400)
        told = {"is_valid": True, "scopes": list(scopes[:narrow] if state == "narrow" else scopes)}
        ends = SOON if state == "expiring" else LATER
        told |= {"expires_at": 0, "data_access_expires_at": int(ends.timestamp())}
        return Reply({"data": told})

    return answer


def _wordpress_me(state: str, asked: Asked) -> Reply:
    word = b64encode(f"acme:{SECRET}".encode()).decode()
    if state == "wrong" or asked.headers.get("Authorization") != f"Basic {word}":
        return Reply({"code": "incorrect_password"}, 401)
    able = {"read": True, "moderate_comments": state != "narrow", "list_users": state != "narrow"}
    role = "subscriber" if state == "narrow" else "editor"
    return Reply({"id": 3, "slug": "zoe", "roles": [role], "capabilities": able})


def _x_me(state: str, asked: Asked) -> Reply:
    if state == "wrong" or asked.headers.get("Authorization") != f"Bearer {SECRET}":
        return Reply({"title": "Unauthorized", "status": 401}, 401)
    return Reply({"data": {"id": "1000", "username": "Acme", "name": "Acme"}})


def x_of_an_app(asked: Asked) -> Reply:
    """X, asked with the token of an app."""
    if asked.path == "/2/usage/tweets":
        return Reply({"data": {"project_usage": "1200", "project_cap": "2000000"}})
    kind = "https://api.twitter.com/2/problems/unsupported-authentication"
    return Reply({"title": "Unsupported Authentication", "type": kind, "status": 403}, 403)


def _youtube(state: str, asked: Asked) -> Reply:
    if state in {"wrong", "narrow"} or asked.headers.get("X-Goog-Api-Key") != SECRET:
        reason = "SERVICE_DISABLED" if state == "narrow" else "API_KEY_INVALID"
        details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]
        status = 403 if state == "narrow" else 400
        return Reply({"error": {"code": status, "details": details}}, status)
    return Reply({"items": [{"id": CHANNEL, "snippet": {"title": "Acme's films"}}]})


OURS = {"id": "1", "acct": "acme"}
PAGE = ("pages_read_engagement", "pages_read_user_content", "pages_messaging")
DOORS: dict[str, dict[str, Callable[[str, Asked], Reply]]] = {
    "bluesky": {
        "/xrpc/com.atproto.server.createSession": _bluesky_session,
        "/xrpc/app.bsky.actor.getProfile": lambda *_: Reply({"handle": "acme", "did": "did:x"}),
    },
    "facebook": {
        "/v25.0/me": _graph({"id": "17", "name": "Acme"}),
        "/v25.0/debug_token": _debugged(*PAGE, asker="our-app|cl1ent-secret"),
    },
    "instagram": {
        "/v25.0/17": _graph({"id": "17", "username": "acme"}),
        "/v25.0/debug_token": _debugged(
            "instagram_basic", "pages_read_engagement", "instagram_manage_comments", narrow=2
        ),
    },
    "mastodon": {
        "/api/v1/accounts/lookup": _mastodon("read:accounts", OURS),
        "/api/v1/accounts/verify_credentials": _mastodon("profile", OURS),
        "/api/v1/apps/verify_credentials": _mastodon("", {"scopes": ["read"]}),
        "/api/v1/accounts/1/statuses": _mastodon("read:statuses", []),
        "/api/v1/notifications": _mastodon("read:notifications", []),
        "/api/v2/search": _mastodon("read:search", {"statuses": []}),
    },
    "threads": {
        "/v1.0/me": _graph({"id": "9", "username": "acme"}),
        "/v1.0/debug_token": _debugged(
            "threads_basic", "threads_read_replies", "threads_manage_mentions", narrow=2
        ),
    },
    "wordpress": {
        "/wp-json/wp/v2/users/me": _wordpress_me,
        "/wp-json/wp/v2/comments": lambda *_: Reply([{"id": 1}]),
    },
    "x": {"/2/users/me": _x_me},
    "youtube": {"/channels": _youtube},
}
