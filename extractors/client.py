"""The only HTTP: session, credentials, timeout, retry, rate limits, budget, redaction.

Errors and log lines name platform, account, stream and page; never an address, header or body.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Any, NoReturn, TypedDict
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.auth import HTTPBasicAuth

from extractors import VERSION
from extractors.errors import BadCredentials, NotThere, ReadingError, TryLater, Unreadable
from extractors.pace import Limit, Pace, Rate, RateOf, told_seconds
from extractors.parsing import parsed

log = logging.getLogger(__name__)

MAX_REDIRECTS = 5
TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two pieces of an answer
WORTH_TELLING = 10.0  # seconds of waiting: shorter ones would fill the log
_DEFAULT_PORTS = {"http": 80, "https": 443}
_BAD_TOKEN = re.compile(rb"(invalid|expired)[ _]?token|invalid_grant|AuthMissing", re.IGNORECASE)


@dataclass(frozen=True)
class Credentials:
    """What an Airflow Connection holds; secrets never show in its text form.

    `scopes` are what the token allows, where that was told when it was made.
    """

    base_url: str = ""
    login: str = ""
    secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


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
            return parsed(self.body, _no_number)
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


Judge = Callable[[Answer, datetime], ReadingError | None]
"""What a platform's body says of a refusal, now; null where the status says it all.

A `TryLater` is waited out like any passing trouble, and raised where our patience is shorter.
"""


@dataclass(frozen=True)
class Exchange:
    """What is given for a token: unsigned, and never sent on to where an answer redirects it.

    `query` is asked for; `json` or `form` is posted, with the login and password of `basic`. A path
    with a leading "/" begins at the host, any other one at `base_url`.
    """

    path: str
    query: Mapping[str, str] | None = field(default=None, repr=False)
    json: Mapping[str, str] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def method(self) -> str:
        return "GET" if self.json is None and self.form is None else "POST"


@dataclass(frozen=True)
class SignIn:
    """Where a password is given for a token that lasts a while: `body` is posted there as JSON.

    `body` gets the account's name and what the connection holds; the answer holds the token.
    """

    path: str
    body: Callable[[str, Credentials], Mapping[str, str]]
    token_key: str


@dataclass(frozen=True)
class _Trouble:
    """An attempt that failed for a reason that may pass, in `after` seconds where that was told."""

    reason: str
    after: float | None = None


class Client:
    """Speaks to one platform for one account.

    `tries` and `patience` (seconds of waiting) hold for each request, `budget` (requests sent) for
    the client's whole life; beyond them it raises `TryLater`. `spent` of it is used up already,
    `renewal` tells from now in how many seconds there is a new one. With `sign_in` the secret is a
    password: it is given once for a token, and again when the token has run out. `renew` gives the
    credentials to use next: the same ones, or new ones where theirs are about to run out.
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
        sign_in: SignIn | None = None,
        renew: Callable[[Client, Credentials], Credentials] | None = None,
        rate: Rate | RateOf | None = None,
        judge: Judge | None = None,
        budget: int | None = None,
        renewal: Callable[[datetime], float] | None = None,
        spent: int = 0,
        tries: int = 5,
        patience: float = 900,
        timeout: tuple[float, float] | None = None,
        adapter: BaseAdapter | None = None,
    ) -> None:
        self.platform, self.account = platform, account
        self.base_url, self.request_count = base_url.rstrip("/"), 0
        self._spent_before = spent
        self._now, self._sleep, self._pace = now, sleep, Pace(rate)
        self.credentials, self._authenticate = credentials, authenticate
        self._sign_in, self._token, self._renew = sign_in, "", renew
        self._budget, self._tries, self._patience = budget, tries, patience
        self._timeout = timeout or TIMEOUT
        self._judge, self._renewal = judge, renewal
        self._session = _Session()
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

    @property
    def spent(self) -> int:
        """What is used up of the budget, in this and earlier tries."""
        return self._spent_before + self.request_count

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
        Raises `TryLater` when it does not pass, `BadCredentials` on 401 to 403 and on a 400 that
        speaks of the token, `NotThere` on 404 and 410, `Unreadable` on every other refusal, which
        would be the same again; where the platform has a judge of its own, what that says goes
        first. A status in `expected` is for the caller to judge.
        """
        place = Place(platform=self.platform, account=self.account, stream=stream, page=page)
        url = path_or_url if "://" in path_or_url else self._below(path_or_url)
        may_have_run_out = self._token and self._is_home(url)
        try:
            return self._answer(url, params, place, expected)
        except BadCredentials:
            if not may_have_run_out:
                raise
        self._token = ""
        return self._answer(url, params, place, expected)

    def exchange(self, given: Exchange, *, stream: str) -> Answer:
        """What the platform answers to `given`; raises as `get` does."""
        place = Place(platform=self.platform, account=self.account, stream=stream, page=None)
        return self._persist(self._at(given.path), given.query, place, (), given)

    def stay_signed_in(self) -> None:
        """Have credentials renewed that are about to run out; raises what hinders it."""
        if self._renew and self.credentials:
            self.credentials = self._renew(self, self.credentials)

    def _answer(
        self, url: str, params: Mapping[str, Any] | None, place: Place, expected: Container[int]
    ) -> Answer:
        self.stay_signed_in()
        if self._sign_in and self._is_home(url) and not self._token:
            self._token = self._ask_for_token(self._sign_in, place)
        return self._persist(url, params, place, expected)

    def _ask_for_token(self, sign_in: SignIn, place: Place) -> str:
        if not (self.credentials and self.credentials.secret):
            return ""
        password = Exchange(sign_in.path, json=sign_in.body(self.account, self.credentials))
        answer = self._persist(self._at(password.path), None, place, (), password)
        told = answer.json()
        token = told.get(sign_in.token_key) if isinstance(told, dict) else None
        if not (isinstance(token, str) and token and token.isascii() and token.isprintable()):
            raise answer.unreadable("no token where one was promised")
        return token

    def _persist(
        self,
        url: str,
        params: Mapping[str, Any] | None,
        place: Place,
        expected: Container[int],
        given: Exchange | None = None,
    ) -> Answer:
        trouble, patience = _Trouble("rate limit"), self._patience
        for attempt in range(self._tries):
            pause = max(2.0 ** (attempt - 1), trouble.after or 0) if attempt else 0
            pause = max(pause, self._pace.limit(url).seconds_left(self._now()))
            patience -= self._wait(pause, patience, trouble.reason, place)
            found = self._attempt(url, params, place, expected, given)
            if isinstance(found, Answer):
                return found
            trouble = found
        raise TryLater(f"{trouble.reason}, {self._tries} times", after=trouble.after, **place)

    def _below(self, path: str) -> str:
        return f"{self.base_url}/{path.lstrip('/')}"

    def _at(self, path: str) -> str:
        return urljoin(f"{self.base_url}/", path)

    def _wait(self, seconds: float, patience: float, reason: str, place: Place) -> float:
        if seconds > patience:
            raise TryLater(f"{reason}: would have to wait {seconds:.0f} s", after=seconds, **place)
        if seconds >= WORTH_TELLING:
            log.info(
                "waiting platform=%s account=%s stream=%s seconds=%.0f reason=%s",
                self.platform,
                self.account,
                place["stream"],
                seconds,
                reason,
            )
        if seconds > 0:
            self._sleep(seconds)
        return seconds

    def _attempt(
        self,
        url: str,
        params: Mapping[str, Any] | None,
        place: Place,
        expected: Container[int],
        given: Exchange | None,
    ) -> Answer | _Trouble:
        response = self._send(url, params, place, given)
        if isinstance(response, _Trouble):
            return response
        limit = self._pace.limit(url)
        limit.learn(response.headers, response.content, self._now())
        status = response.status_code
        answer = Answer(status, response.headers, response.links, place, response.content)
        if 200 <= status < 300 or status in expected:
            return answer
        judged = self._judge(answer, self._now()) if self._judge else None
        if isinstance(judged, TryLater):
            return _Trouble(judged.reason, judged.after)
        if judged:
            raise judged
        return self._trouble(response, limit) or _refuse(response, place)

    def _send(
        self,
        url: str,
        params: Mapping[str, Any] | None,
        place: Place,
        given: Exchange | None,
    ) -> requests.Response | _Trouble:
        for _ in range(1 + MAX_REDIRECTS):
            self._spend(url, place)
            try:
                response = self._session.request(
                    given.method if given else "GET",
                    url,
                    params=params,
                    json=given.json if given else None,
                    data=given.form if given else None,
                    auth=(given.basic or _unsigned) if given else self._sign,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
            except ValueError as error:  # an address or header that cannot be sent
                unsendable = type(error).__name__
                break
            except requests.RequestException as error:
                return _Trouble(f"no whole answer ({type(error).__name__})")
            if not response.is_redirect or given:  # a password goes nowhere else
                return response
            url, params = urljoin(url, response.headers["location"]), None
        else:
            unsendable = f"more than {MAX_REDIRECTS} redirects"
        raise Unreadable(f"an address that leads nowhere ({unsendable})", **place)

    def _spend(self, url: str, place: Place) -> None:
        if self._budget is not None and self.spent >= self._budget:
            after = self._renewal(self._now()) if self._renewal else None
            raise TryLater(
                f"the budget of {self._budget} requests is used up", after=after, **place
            )
        self.request_count += 1
        self._pace.limit(url).count(self._now())

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        held = self.credentials
        if held and held.secret and self._is_home(request.url or ""):
            held = replace(held, secret=self._token) if self._sign_in else held
            self._authenticate(request, held)
        return request

    def _is_home(self, url: str) -> bool:
        return _origin(urlsplit(url)) == _origin(urlsplit(self.base_url))

    def _trouble(self, response: requests.Response, limit: Limit) -> _Trouble | None:
        status, headers, now = response.status_code, response.headers, self._now()
        is_limited = "Retry-After" in headers or limit.is_used_up(headers)
        if status == 429 or (status == 403 and is_limited):
            return _Trouble(f"HTTP {status}, rate limit", limit.pause(headers, now))
        if status >= 500 or status in {408, 425}:
            return _Trouble(f"HTTP {status}", told_seconds(headers, "Retry-After", now))
        return None


class _Session(requests.Session):
    """Spares requests what `requests` does with each of them, though it comes out the same.

    That is asking the environment about proxies, which is done once for each host, and merging
    headers, where a request brings none of its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._settings: dict[tuple[str, str], Any] = {}

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        host = urlsplit(url)[:2]
        if host not in self._settings:
            told = super().merge_environment_settings(url, proxies, stream, verify, cert)
            self._settings[host] = told
        return self._settings[host]

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        its_own = (request.headers, request.cookies, request.data, request.json, request.files)
        if request.method != "GET" or any(its_own):
            return super().prepare_request(request)
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        prepared.prepare_url(request.url, request.params)
        prepared.prepare_headers(self.headers)
        prepared.prepare_cookies(self.cookies)
        prepared.prepare_auth(request.auth)
        prepared.prepare_hooks(request.hooks)
        return prepared


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request as it is, which keeps `requests` from signing it with a .netrc file."""
    return request


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _DEFAULT_PORTS.get(url.scheme)


def _refuse(response: requests.Response, place: Place) -> NoReturn:
    status = response.status_code
    if status in {401, 403} or (status == 400 and _BAD_TOKEN.search(response.content[:2000])):
        raise BadCredentials(
            f"HTTP {status}: the credentials are missing, wrong, expired or too narrow", **place
        )
    if status == 402:
        raise BadCredentials("HTTP 402: the platform wants to be paid first", **place)
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
