"""The only HTTP: session, credentials, timeout, retry, rate limits, budget, redaction.

Errors and log lines name platform, account, stream and page; never an address, header or body.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections import deque
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, NoReturn, TypedDict
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.auth import HTTPBasicAuth

from extractors import VERSION
from extractors.errors import BadCredentials, NotThere, ReadingError, TryLater, Unreadable

log = logging.getLogger(__name__)

MAX_REDIRECTS = 5
_DEFAULT_PORTS = {"http": 80, "https": 443}
_BAD_TOKEN = re.compile(rb"(invalid|expired)[ _]?token|invalid_grant|AuthMissing", re.IGNORECASE)


@dataclass(frozen=True)
class Credentials:
    """What an Airflow Connection holds; secrets never show in its text form."""

    base_url: str = ""
    login: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Rate:
    """So many requests per so many seconds are allowed, and the headers that tell what is left.

    `remaining_header` holds a number; `reset_header` an epoch, an ISO time or seconds left.
    `pause_told` finds in the headers of a dialect without such numbers for how many seconds to ask
    nothing; null where nothing is told.
    """

    requests: int
    per_seconds: float
    remaining_header: str = ""
    reset_header: str = ""
    pause_told: Callable[[Mapping[str, str]], float | None] | None = None


class Place(TypedDict):
    """Where something was asked for; what every error says."""

    platform: str
    account: str
    stream: str
    page: int | None


@dataclass(frozen=True)
class Answer:
    """What the platform answered; `links` is its Link header: `{"next": {"url": …}}`."""

    status: int
    headers: Mapping[str, str]
    links: Mapping[str, Mapping[str, str]]
    place: Place
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body's JSON value; `Unreadable` if it is cut off, misspelt or wrongly encoded."""
        try:
            return json.loads(self.body, parse_constant=_no_number)
        except (ValueError, RecursionError):
            reason = f"HTTP {self.status} with a body of {len(self.body)} bytes that is not JSON"
        raise self.unreadable(reason)  # outside `except`: the parser's error holds the body

    def unreadable(self, reason: str) -> Unreadable:
        """The error that says so about this answer."""
        return Unreadable(reason, **self.place)


Authenticate = Callable[[requests.PreparedRequest, Credentials], None]
"""Puts credentials into a request that is about to be sent to the platform's own host."""


def bearer(request: requests.PreparedRequest, credentials: Credentials) -> None:
    """Authenticate with the secret as OAuth 2 bearer token (RFC 6750)."""
    request.headers["Authorization"] = f"Bearer {credentials.secret}"


def basic(request: requests.PreparedRequest, credentials: Credentials) -> None:
    """Authenticate with login and secret (RFC 7617), e.g. a WordPress application password."""
    HTTPBasicAuth(credentials.login.encode(), credentials.secret.encode())(request)


@dataclass(frozen=True)
class Verdict:
    """What a refusal means. A `TryLater` is tried again, after `after` seconds where that is known.

    The reason becomes part of an error: no body, no name, no address.
    """

    kind: type[ReadingError]
    reason: str
    after: float | None = None


Judge = Callable[[int, Mapping[str, str], bytes], Verdict | None]
"""Reads a refusal (status, headers, body) in the platform's dialect; null: the status says all."""


@dataclass(frozen=True)
class _Trouble:
    """An attempt that failed for a reason that may pass, in `after` seconds where that was told."""

    reason: str
    after: float | None = None


class Client:
    """Speaks to one platform for one account.

    `tries` and `patience` (seconds of waiting) hold for each request, `budget` (requests sent) for
    the client's whole life; beyond them it raises `TryLater`.
    """

    def __init__(
        self,
        platform: str,
        account: str,
        *,
        base_url: str,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        credentials: Credentials | None = None,
        authenticate: Authenticate = bearer,
        judge: Judge | None = None,
        rate: Rate | None = None,
        budget: int | None = None,
        tries: int = 5,
        patience: float = 900,
        timeout: tuple[float, float] = (10, 60),
        adapter: BaseAdapter | None = None,
    ) -> None:
        self.platform, self.account = platform, account
        self.base_url, self.request_count = base_url.rstrip("/"), 0
        self._now, self._sleep, self._pace = now, sleep, _Pace(rate)
        self._credentials, self._authenticate, self._judge = credentials, authenticate, judge
        self._budget, self._tries, self._patience, self._timeout = budget, tries, patience, timeout
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"rapport/{VERSION}"
        if adapter:
            self._session.mount("https://", adapter)
            self._session.mount("http://", adapter)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session.close()

    def get(
        self,
        path_or_url: str,
        params: Mapping[str, Any] | None = None,
        *,
        stream: str,
        page: int | None = None,
        expected: Container[int] = (),
    ) -> Answer:
        """Ask for a path below `base_url`, or for a whole address that an answer told.

        Passing trouble (no connection, a body cut off, 5xx, 429) is retried with growing waits.
        Raises `TryLater` when it does not pass, `BadCredentials` on 401 and 403 and on a 400 that
        speaks of the token, `NotThere` on 404 and 410, `Unreadable` on every other refusal, which
        would be the same again; where the platform has a judge of its own, what that says goes
        first. A status in `expected` is for the caller to judge.
        """
        place = Place(platform=self.platform, account=self.account, stream=stream, page=page)
        url = path_or_url if "://" in path_or_url else self._below(path_or_url)
        trouble, patience = _Trouble("rate limit"), self._patience
        for attempt in range(self._tries):
            pause = max(2.0 ** (attempt - 1), trouble.after or 0) if attempt else 0
            patience -= self._wait(pause, patience, trouble.reason, place)
            found = self._attempt(url, params, place, expected)
            if isinstance(found, Answer):
                return found
            trouble = found
        raise TryLater(f"{trouble.reason}, {self._tries} times", after=trouble.after, **place)

    def _below(self, path: str) -> str:
        return f"{self.base_url}/{path.lstrip('/')}"

    def _wait(self, pause: float, patience: float, reason: str, place: Place) -> float:
        seconds = max(pause, self._pace.seconds_left(self._now()))
        if seconds > patience:
            raise TryLater(f"{reason}: would have to wait {seconds:.0f} s", after=seconds, **place)
        if seconds > 0:
            log.info(
                "waiting platform=%s account=%s stream=%s seconds=%.0f reason=%s",
                self.platform,
                self.account,
                place["stream"],
                seconds,
                reason,
            )
            self._sleep(seconds)
        return seconds

    def _attempt(
        self, url: str, params: Mapping[str, Any] | None, place: Place, expected: Container[int]
    ) -> Answer | _Trouble:
        response = self._send(url, params, place)
        if isinstance(response, _Trouble):
            return response
        self._pace.learn(response.headers, self._now())
        if 200 <= response.status_code < 300 or response.status_code in expected:
            return Answer(
                response.status_code, response.headers, response.links, place, response.content
            )
        return self._judged(response, place) or self._trouble(response) or _refuse(response, place)

    def _judged(self, response: requests.Response, place: Place) -> _Trouble | None:
        ask = self._judge or (lambda *_: None)
        verdict = ask(response.status_code, response.headers, response.content)
        if verdict and verdict.kind is not TryLater:
            raise verdict.kind(verdict.reason, **place)
        return _Trouble(verdict.reason, verdict.after) if verdict else None

    def _send(
        self, url: str, params: Mapping[str, Any] | None, place: Place
    ) -> requests.Response | _Trouble:
        for _ in range(1 + MAX_REDIRECTS):
            self._spend(place)
            try:
                response = self._session.get(
                    url,
                    params=params,
                    auth=self._sign,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
            except ValueError as error:  # an address or header that cannot be sent
                unsendable = type(error).__name__
                break
            except requests.RequestException as error:
                return _Trouble(f"no whole answer ({type(error).__name__})")
            if not response.is_redirect:
                return response
            url, params = urljoin(url, response.headers["location"]), None
        else:
            unsendable = f"more than {MAX_REDIRECTS} redirects"
        raise Unreadable(f"an address that leads nowhere ({unsendable})", **place)

    def _spend(self, place: Place) -> None:
        if self._budget is not None and self.request_count >= self._budget:
            raise TryLater(f"the budget of {self._budget} requests is used up", **place)
        self.request_count += 1
        self._pace.count(self._now())

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        is_home = _origin(urlsplit(request.url or "")) == _origin(urlsplit(self.base_url))
        if self._credentials and self._credentials.secret and is_home:
            self._authenticate(request, self._credentials)
        return request

    def _trouble(self, response: requests.Response) -> _Trouble | None:
        status, headers, now = response.status_code, response.headers, self._now()
        is_limited = "Retry-After" in headers or self._pace.is_used_up(headers)
        if status == 429 or (status == 403 and is_limited):
            return _Trouble(f"HTTP {status}, rate limit", self._pace.pause(headers, now))
        if status >= 500 or status in {408, 425}:
            return _Trouble(f"HTTP {status}", _told_seconds(headers, "Retry-After", now))
        return None


class _Pace:
    """When the next request may be sent: as the platform tells, else as its `Rate` is known."""

    def __init__(self, rate: Rate | None) -> None:
        self._rate = rate or Rate(0, 0)
        self._sent: deque[datetime] = deque(maxlen=self._rate.requests)
        self._not_before: datetime | None = None
        self._is_told = False

    def count(self, now: datetime) -> None:
        self._sent.append(now)

    def learn(self, headers: Mapping[str, str], now: datetime) -> None:
        """Take in what an answer tells about requests remaining."""
        if self._rate.remaining_header in headers:
            self._is_told, pause = True, self.pause(headers, now)
            seconds = self._rate.per_seconds if pause is None else pause
            is_used_up = self.is_used_up(headers)
            self._not_before = now + timedelta(seconds=seconds) if is_used_up else None
        if self._rate.pause_told:
            seconds = self._rate.pause_told(headers) or 0
            self._not_before = now + timedelta(seconds=seconds) if seconds else None

    def is_used_up(self, headers: Mapping[str, str]) -> bool:
        remaining = _number(headers.get(self._rate.remaining_header))
        return remaining is not None and remaining < 1

    def pause(self, headers: Mapping[str, str], now: datetime) -> float | None:
        """Seconds until we may ask again, if an answer tells."""
        after = _told_seconds(headers, "Retry-After", now)
        return _told_seconds(headers, self._rate.reset_header, now) if after is None else after

    def seconds_left(self, now: datetime) -> float:
        """How long the next request has to wait."""
        moments = [self._not_before] if self._not_before else []
        if not self._is_told and self._rate.requests and len(self._sent) == self._sent.maxlen:
            moments.append(self._sent[0] + timedelta(seconds=self._rate.per_seconds))
        return max([0, *((moment - now).total_seconds() for moment in moments)])


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


def _told_seconds(headers: Mapping[str, str], name: str, now: datetime) -> float | None:
    """What a header tells by the platform's clock, so that one set wrong does no harm."""
    try:
        its_now = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        its_now = now
    return seconds_until(headers.get(name), its_now if its_now.tzinfo else now)


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _DEFAULT_PORTS.get(url.scheme)


def _refuse(response: requests.Response, place: Place) -> NoReturn:
    status = response.status_code
    if status in {401, 403} or (status == 400 and _BAD_TOKEN.search(response.content[:2000])):
        raise BadCredentials(
            f"HTTP {status}: the credentials are missing, wrong, expired or too narrow", **place
        )
    if status in {404, 410}:
        raise NotThere(f"HTTP {status}", **place)
    raise Unreadable(f"HTTP {status}: the platform refuses this request", **place)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _without_queries(record: logging.LogRecord) -> bool:
    """Cut query strings, which may hold tokens, out of what urllib3 logs about addresses."""
    record.msg, record.args = re.sub(r"\?\S*", "?…", record.getMessage()), ()
    return True


for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_without_queries)
