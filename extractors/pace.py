"""When the next request may be sent: as the platform tells, else as its limit is known.

The first half of a limit that the platform tells of may be used up at once. The second half is
spread over the time until the reset, and the last few requests are not sent at all: others use the
same key, people's own apps and our tasks for other accounts. A task has one request under way at a
time, and sends none once it was told that only the reserve is left; so as many tasks as the reserve
counts never go past the limit together, though none knows of the others.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

RESERVE = 8  # requests: as many accounts as are read at the same time, see dags/pools.json
SPREAD = 30.0  # seconds at most between two requests that are spread


@dataclass(frozen=True)
class Rate:
    """So many requests per so many seconds are allowed, and the headers that tell what is left.

    `remaining_header` holds a number; `reset_header` an epoch, an ISO time or seconds left.
    `pause_told` finds in headers and body of an answer without such numbers for how many seconds to
    ask nothing; null where nothing is told. `of` names what shares this limit, where a platform has
    several; `apart`: so many seconds lie between two requests. `limit_header` tells `requests`
    where it may be another number.
    """

    requests: int
    per_seconds: float
    remaining_header: str = ""
    reset_header: str = ""
    pause_told: Callable[[Mapping[str, str], bytes], float | None] | None = None
    of: str = ""
    apart: float = 0
    limit_header: str = ""


RateOf = Callable[[str], Rate]
"""The limit that a request for an address counts against, where lists have limits of their own."""


class Limit:
    """One limit: what was sent, and what was told of it."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._sent: deque[datetime] = deque(maxlen=rate.requests)
        self._not_before: datetime | None = None
        self._is_told = False

    def count(self, now: datetime) -> None:
        """A request is sent."""
        self._sent.append(now)

    def learn(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Take in what an answer tells about requests remaining."""
        rate = self._rate
        if rate.remaining_header in headers:
            self._is_told = True
            remaining = _number(headers.get(rate.remaining_header))
            seconds = 0 if remaining is None else self._rest(remaining, headers, now)
            self._not_before = now + timedelta(seconds=seconds)
        if rate.pause_told:
            self._not_before = now + timedelta(seconds=rate.pause_told(headers, body) or 0)

    def _rest(self, remaining: float, headers: Mapping[str, str], now: datetime) -> float:
        """Seconds to wait with so many requests left."""
        limit = _number(headers.get(self._rate.limit_header)) or self._rate.requests
        told = self._reset(headers, now)
        reset = self._rate.per_seconds if told is None else told
        spare = remaining - min(RESERVE, limit // 4)
        if spare < 1:
            return reset
        return min(reset / spare, SPREAD) if remaining < limit / 2 else 0

    def is_used_up(self, headers: Mapping[str, str]) -> bool:
        """Whether an answer says that no request remains."""
        remaining = _number(headers.get(self._rate.remaining_header))
        return remaining is not None and remaining < 1

    def pause(self, headers: Mapping[str, str], now: datetime) -> float | None:
        """Seconds until we may ask again, if a refusal tells.

        With requests left it is another limit that we met, and the reset is not about that.
        """
        is_another = self._rate.remaining_header in headers and not self.is_used_up(headers)
        if is_another:
            return told_seconds(headers, "Retry-After", now)
        return self._reset(headers, now)

    def _reset(self, headers: Mapping[str, str], now: datetime) -> float | None:
        after = told_seconds(headers, "Retry-After", now)
        return told_seconds(headers, self._rate.reset_header, now) if after is None else after

    def seconds_left(self, now: datetime) -> float:
        """How long the next request has to wait."""
        moments = [self._not_before] if self._not_before else []
        if self._sent:
            moments.append(self._sent[-1] + timedelta(seconds=self._rate.apart))
        if not self._is_told and self._sent and len(self._sent) == self._sent.maxlen:
            moments.append(self._sent[0] + timedelta(seconds=self._rate.per_seconds))
        return max([0, *((moment - now).total_seconds() for moment in moments)])


class Pace:
    """All limits that a client has to keep."""

    def __init__(self, rate: Rate | RateOf | None) -> None:
        self._rate = rate or Rate(0, 0)
        self._limits: dict[Rate, Limit] = {}
        self._latest: tuple[str, Limit] | None = None

    def limit(self, url: str) -> Limit:
        """The limit that a request for an address counts against."""
        if self._latest is None or url != self._latest[0]:
            self._latest = url, self._limit_of(url)
        return self._latest[1]

    def _limit_of(self, url: str) -> Limit:
        rate = self._rate if isinstance(self._rate, Rate) else self._rate(url)
        if rate not in self._limits:
            self._limits[rate] = Limit(rate)
        return self._limits[rate]


def told_seconds(headers: Mapping[str, str], name: str, now: datetime) -> float | None:
    """What a header tells by the platform's clock, so that one set wrong does no harm."""
    try:
        its_now = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        its_now = now
    return seconds_until(headers.get(name), its_now if its_now.tzinfo else now)


def seconds_until(told: str | None, now: datetime) -> float | None:
    """Seconds to the moment a header tells: seconds left, epoch, ISO time or HTTP date.

    Null if it tells none of these. Sources: RFC 9110 §10.2.3 (Retry-After); the platforms' own
    `*-RateLimit-Reset` headers, which differ in kind.
    """
    number = _number(told)
    if number is not None:
        return _bounded(number - now.timestamp() if number > 1e9 else number)
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(told or "")
        except ValueError:
            continue
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _bounded((aware - now).total_seconds())
    return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0), 1e9)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
