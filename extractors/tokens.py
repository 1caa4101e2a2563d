"""Tokens that run out: renewed when that is due, and kept for the nights to come.

A new token is kept before it is used. Where a refresh token can be given but once, it is
noted before that a renewal has begun: whoever comes in the meantime waits for its end, and one that
broke off can be told from one that was refused.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from extractors.client import Answer, Client, Credentials, Exchange
from extractors.errors import BadCredentials, ReadingError, TryLater
from lake.organisation import OrganisationError

log = logging.getLogger(__name__)

MEANWHILE = timedelta(minutes=10)  # longer takes no renewal that is still going on
WHAT_TO_DO = "make a new one and put it into the Airflow connection {!r} (docs/platforms.md)"


class Keep(Protocol):
    """Where a connection's renewed tokens are kept, for nobody else to read; null if none are."""

    def load(self) -> Mapping[str, Any] | None: ...

    def save(self, kept: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class Refresh:
    """How a token is exchanged for one that lasts longer.

    `exchange` says what is given for it; null where the connection does not hold all that it takes.
    It is due when less than `due` is left, or nobody knows how much. `is_one_time`: what is given
    is worth nothing afterwards, and the answer holds what to give the next time.
    """

    exchange: Callable[[Any, Credentials], Exchange | None]
    due: timedelta
    is_one_time: bool = False


def held_by(
    connection: str, *, base_url: str, login: str, password: str, extra: object
) -> Credentials:
    """What an Airflow connection's fields say; `OrganisationError` if `expires_at` is no time."""
    told = json.loads(extra) if isinstance(extra, str) and extra else extra
    more = told if isinstance(told, dict) else {}
    return Credentials(
        base_url,
        login,
        password,
        client_id=str(more.get("client_id") or ""),
        client_secret=str(more.get("client_secret") or ""),
        refresh_token=str(more.get("refresh_token") or ""),
        expires_at=_time_told(connection, more.get("expires_at")),
    )


def _time_told(connection: str, told: object) -> datetime | None:
    if told is None or told == "":
        return None
    try:
        return _moment(str(told))
    except ValueError:
        raise OrganisationError(
            f"the Airflow connection {connection!r}: expires_at in extra is no time; "
            'write one such as "2026-03-01"'
        ) from None


def _moment(text: str) -> datetime:
    if text.isdigit() and len(text) > 8:  # seconds since 1970, as most platforms tell them
        return datetime.fromtimestamp(int(text), UTC)
    told = datetime.fromisoformat(text)
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def latest(held: Credentials, keep: Keep | None) -> Credentials:
    """The credentials with the token that was renewed last, unless the connection has changed."""
    kept = _load(held, keep) if keep else None
    return kept.credentials if kept else held


@dataclass(frozen=True)
class _Kept:
    """What is kept of one connection."""

    credentials: Credentials
    renewed_at: datetime | None = None
    begun_at: datetime | None = None


def _load(held: Credentials, keep: Keep) -> _Kept | None:
    """What was kept, if it was made from the tokens that the connection holds now."""
    told = keep.load()
    if not isinstance(told, Mapping) or told.get("made_from") != _mark(held):
        return None
    try:
        moments = {
            key: _moment(told[key]) if told.get(key) else None
            for key in ("expires_at", "renewed_at", "begun_at")
        }
        credentials = replace(
            held,
            secret=str(told["secret"]),
            refresh_token=str(told["refresh_token"]),
            expires_at=moments["expires_at"],
            scopes=tuple(map(str, told["scopes"])),
        )
    except (KeyError, TypeError, ValueError):
        return None  # other hands changed it
    return _Kept(credentials, moments["renewed_at"], moments["begun_at"])


def _save(held: Credentials, keep: Keep, kept: _Kept) -> None:
    token = kept.credentials
    moments = {
        "expires_at": token.expires_at,
        "renewed_at": kept.renewed_at,
        "begun_at": kept.begun_at,
    }
    keep.save(
        {
            "made_from": _mark(held),
            "secret": token.secret,
            "refresh_token": token.refresh_token,
            "scopes": list(token.scopes),
            **{key: when.isoformat() if when else None for key, when in moments.items()},
        }
    )


def _mark(held: Credentials) -> str:
    both = f"{held.secret}\n{held.refresh_token}"
    return hashlib.sha256(both.encode("utf-8", "surrogatepass")).hexdigest()


class Tokens:
    """The token of one connection: `renew` is for a client to ask before each request."""

    def __init__(
        self,
        connection: str,
        held: Credentials,
        refresh: Refresh,
        options: Any,
        *,
        keep: Keep,
        now: Callable[[], datetime],
    ) -> None:
        self._connection, self._held, self._keep, self._now = connection, held, keep, now
        self._refresh, self._options = refresh, options
        self._tried_at: datetime | None = None

    def renew(self, client: Client, token: Credentials) -> Credentials:
        """The credentials to use now.

        Where renewing fails, a token that is still good is used on, with a warning. If there is
        none, raises `TryLater` where that may help, else `BadCredentials` that says what to do.
        """
        now = self._now()
        was_tried = self._tried_at and now - self._tried_at < MEANWHILE
        if was_tried or not self._is_due(_Kept(token), now):
            return token
        self._tried_at = now
        kept = _load(self._held, self._keep) or _Kept(token)
        given = self._refresh.exchange(self._options, kept.credentials)
        if not given or not self._is_due(kept, now):
            return kept.credentials
        try:
            return self._exchange(client, given, kept, now)
        except ReadingError as error:
            failure = error
        return self._without(kept.credentials, failure, now)

    def _is_due(self, kept: _Kept, now: datetime) -> bool:
        if kept.credentials.expires_at:
            return kept.credentials.expires_at - now < self._refresh.due
        return not kept.renewed_at or now - kept.renewed_at > self._refresh.due

    def _exchange(self, client: Client, given: Exchange, kept: _Kept, now: datetime) -> Credentials:
        if self._refresh.is_one_time:
            self._begin(client, kept, now)
        try:
            renewed = _renewed(client.exchange(given, stream="credentials"), kept.credentials, now)
        except TryLater:
            raise  # whether it was used up nobody knows: it stays noted that it has begun
        except ReadingError as error:
            if kept.begun_at:
                reason = f"{error.reason}; an earlier renewal broke off before its answer was kept"
                raise BadCredentials(reason, **_place(client)) from None
            if self._refresh.is_one_time:
                _save(self._held, self._keep, kept)
            raise
        _save(self._held, self._keep, _Kept(renewed, renewed_at=now))
        return renewed

    def _begin(self, client: Client, kept: _Kept, now: datetime) -> None:
        """Note that what can be given but once is being given now, or was and no answer kept."""
        if kept.begun_at and now - kept.begun_at < MEANWHILE:
            after = (kept.begun_at + MEANWHILE - now).total_seconds()
            raise TryLater("a renewal has begun and not ended", after=after, **_place(client))
        _save(self._held, self._keep, replace(kept, begun_at=kept.begun_at or now))

    def _without(self, token: Credentials, error: ReadingError, now: datetime) -> Credentials:
        may_be_good = not self._refresh.is_one_time
        if token.expires_at:
            may_be_good = token.expires_at > now
        if not may_be_good and isinstance(error, TryLater):
            raise error
        if not may_be_good:
            to_do = WHAT_TO_DO.format(self._connection)
            raise BadCredentials(
                f"the token cannot be renewed ({error.reason}): {to_do}",
                platform=error.platform,
                account=error.account,
            )
        log.warning(
            "credentials platform=%s account=%s connection=%s not renewed, still used: %s",
            error.platform,
            error.account,
            self._connection,
            error.reason,
        )
        return token


def _renewed(answer: Answer, token: Credentials, now: datetime) -> Credentials:
    told = answer.json()
    secret = told.get("access_token") if isinstance(told, dict) else None
    if not (isinstance(secret, str) and secret and secret.isascii() and secret.isprintable()):
        raise answer.unreadable("no token where one was promised")
    seconds = told.get("expires_in")
    lasts = isinstance(seconds, int | float) and 0 < seconds < 1e9
    return replace(
        token,
        secret=secret,
        refresh_token=str(told.get("refresh_token") or token.refresh_token),
        expires_at=now + timedelta(seconds=seconds) if lasts else None,
        scopes=tuple(str(told.get("scope") or "").split()) or token.scopes,
    )


def _place(client: Client) -> dict[str, Any]:
    return {"platform": client.platform, "account": client.account}
