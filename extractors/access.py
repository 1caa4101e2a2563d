"""Whether credentials work, what they allow, and when they run out: what `check` says of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from extractors.client import Credentials
from extractors.errors import BadCredentials, NotThere, ReadingError
from extractors.platform import Access, Inspection, Platform
from extractors.registry import connection_id, open_client, options_of, platform_of
from extractors.tokens import Keep, latest
from lake.organisation import AccountToRead, OrganisationError

log = logging.getLogger(__name__)

WARNED_BEFORE = timedelta(days=14)
PATIENCE = 20  # seconds: who has just typed a command does not wait for a quota


@dataclass(frozen=True)
class Verdict:
    """What is to be said of an account's credentials, and whether a night reads all with them."""

    is_fine: bool
    lines: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "\n".join(f"  {label:<12}{told}" for label, told in self.lines)


def verdict(
    account: AccountToRead,
    credentials: Credentials | None,
    keep: Keep | None = None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> Verdict:
    """Ask the account's platform what its credentials are worth; renews them if that is due.

    Raises `OrganisationError` if the account is named in another way than the platform's are.
    """
    platform, lines = platform_of(account), list(_connection(account, credentials))
    try:
        with open_client(
            account, credentials, keep=keep, now=now, sleep=sleep, patience=PATIENCE
        ) as client:
            inspection = Inspection(account, options_of(account), client)
            if not platform.check:
                return Verdict(False, (*lines, ("works", "UNKNOWN: the platform has no check")))
            access = platform.check(inspection)
    except OrganisationError:
        raise
    except ReadingError as error:
        return Verdict(False, (*lines, *_failure(error)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        shape = f"the answer has another shape than expected ({type(error).__name__})"
        return Verdict(False, (*lines, ("works", f"UNKNOWN: {shape}")))
    lines += _worth(platform, inspection, access, now())
    return Verdict(not (access.faults or access.refused), tuple(lines))


def _connection(
    account: AccountToRead, credentials: Credentials | None
) -> Iterator[tuple[str, str]]:
    if platform_of(account).base_url:
        is_empty = not (credentials and credentials.secret)
        empty = " is not there, or holds no password" if is_empty else ""
        yield "connection", f"{connection_id(account)}{empty}"


def _failure(error: ReadingError) -> Iterator[tuple[str, str]]:
    is_known = isinstance(error, BadCredentials | NotThere)
    yield "works", f"{'NO' if is_known else 'UNKNOWN'}: {error.reason}"
    if isinstance(error, BadCredentials):
        yield "TO DO", f"mend that, or put new ones into the connection; {_recipe(error.platform)}"
    if isinstance(error, NotThere):
        yield "TO DO", "look whether account and options name what is there"


def _recipe(platform: str) -> str:
    return f"see docs/platforms.md, {platform}"


def _worth(
    platform: Platform, inspection: Inspection, access: Access, now: datetime
) -> Iterator[tuple[str, str]]:
    how = "yes" if inspection.has_token else "without credentials"
    yield "works", f"{how if platform.base_url else 'needs no credentials'}: {access.whose}"
    if access.allows:
        yield "allows", ", ".join(access.allows)
    for lack in sorted(set(access.refused.values())):
        streams = ", ".join(each for each, told in access.refused.items() if told == lack)
        yield "REFUSED", f"{streams}, for lack of {lack}; {_recipe(platform.name)}"
    left_out = [each.name for each in platform.streams if each.needs_token]
    if left_out and not inspection.has_token:
        yield "left out", f"{', '.join(left_out)}: for a token only; {_recipe(platform.name)}"
    if inspection.has_token:
        yield "lasts", _end(platform, inspection, access, now)
    yield from (("TO DO", fault) for fault in access.faults)
    yield from (("note", note) for note in access.notes)


def _end(platform: Platform, inspection: Inspection, access: Access, now: datetime) -> str:
    held, options = inspection.client.credentials or Credentials(), inspection.options
    ends = access.expires_at or held.expires_at
    is_renewed = platform.refresh and platform.refresh.exchange(options, held)
    if not ends:
        return f"{access.lasts or 'nobody told'}{', and is renewed before' if is_renewed else ''}"
    until = f"until {ends:%Y-%m-%d %H:%M} UTC, {_days(ends - now)} days"
    if _is_soon(platform, options, held, ends - now):
        return f"NOT LONG: {until}; put new ones into the connection"
    return f"{until}{', and is renewed before' if is_renewed else ''}"


def _is_soon(platform: Platform, options: Any, held: Credentials, left: timedelta) -> bool:
    """Whether it is time to worry; not about what is made for one night and renewed in the next."""
    refresh = platform.refresh
    is_for_a_night = refresh and refresh.is_one_time and refresh.exchange(options, held)
    return left < WARNED_BEFORE and not is_for_a_night


def _days(left: timedelta) -> int:
    return max(left // timedelta(days=1), 0)


def days_left(
    account: AccountToRead,
    credentials: Credentials | None,
    keep: Keep | None = None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> int | None:
    """Days until an account's credentials run out, with a warning; null if that is not soon.

    The platform is asked where it tells; else the connection says it, or the last renewal did.
    """
    if not (credentials and credentials.secret):
        return None
    platform, options = platform_of(account), options_of(account)
    held = latest(credentials, keep)
    ends = held.expires_at
    if platform.expiry:
        try:
            with open_client(account, held, now=now, sleep=sleep, patience=PATIENCE) as client:
                ends = platform.expiry(Inspection(account, options, client)) or ends
        except ReadingError as error:
            log.info("credentials: when they run out is not told: %s", error)
    if not ends or not _is_soon(platform, options, held, ends - now()):
        return None
    days = _days(ends - now())
    log.warning(
        "credentials platform=%s account=%s connection=%s expire_at=%s days_left=%d: put new ones "
        "into the connection as docs/platforms.md says, then run python -m extractors check %s",
        account.platform,
        account.account,
        connection_id(account),
        ends,
        days,
        account.platform,
    )
    return days
