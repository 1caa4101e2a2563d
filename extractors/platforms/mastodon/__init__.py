"""Mastodon, and every server that speaks its client API.

`account` is our handle there. Options: `instance`, the server's host; `tags` and `searches`, the
talk beyond our own community to follow. Without a token only what is public is read: no
notifications, quotes and searches, and of a thread at most 60 answers.

What is surprising:

- Old statuses get new answers. Own statuses are re-read for 30 days, and a thread is told again
  when `replies_count` differs from what the stream of contexts last held of that status. An answer
  deeper down counts only for its own parent, and shows if that is ours or mentions us. All else
  shows when a thread is looked through again.
- A deletion shows as absence. Whatever is missing is asked for once more: 404 means gone.

API: https://docs.joinmastodon.org/methods/ (accounts, notifications, statuses, timelines, search).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from pydantic import field_validator

from extractors.client import Credentials
from extractors.errors import NotThere
from extractors.observations import Observation
from extractors.pace import Rate
from extractors.paging import Pages, cursor_pages, link_pages
from extractors.platform import (
    Elements,
    Fetched,
    Item,
    Options,
    Platform,
    Reading,
    Stream,
    fetched,
    safely,
)
from extractors.platforms.mastodon.access import check
from extractors.platforms.mastodon.items import (
    SEEN_BY_ALL,
    concerns_us,
    is_direct,
    read_boost,
    read_favourite,
    read_follower,
    read_notification,
    read_status,
    server,
)
from extractors.windows import held, is_dated, newest, walk
from lake.organisation import AccountToRead

STATUSES, PEOPLE = {"limit": "40"}, {"limit": "80"}  # the most that Mastodon gives
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class MastodonOptions(Options):
    """The server, and the talk to follow there."""

    instance: str
    tags: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()

    @field_validator("instance")
    @classmethod
    def _is_server(cls, instance: str) -> str:
        url = server(instance)
        if not url.hostname or url.path.strip("/") or url.query or "@" in url.netloc:
            raise ValueError(f'{instance!r} is not a server; write its host: "social.example"')
        if url.scheme != "https" and url.hostname not in LOOPBACK:
            raise ValueError(f"{instance!r} is not encrypted; write https:// or only the host")
        return instance


def _base_url(_: AccountToRead, options: MastodonOptions, __: Credentials | None) -> str:
    url = server(options.instance)
    return f"{url.scheme}://{url.netloc}"


def fetch_statuses(reading: Reading) -> Elements:
    """What the account wrote and boosted, and what it wrote and has deleted since."""
    path, seen = f"/api/v1/accounts/{_number(reading, 'statuses')}/statuses", set()
    for each in _list(reading, "statuses", path):
        if isinstance(each, Fetched):
            seen.add(each.item.get("id"))
        yield each
    for status in _own_statuses(reading):
        if status["id"] not in seen:
            yield from _look_again(reading, "statuses", status)


def fetch_notifications(reading: Reading) -> Elements:
    """What others did towards the account."""
    return _list(reading, "notifications", "/api/v1/notifications")


def fetch_tags(reading: Reading) -> Elements:
    """What the server saw under the tags to follow."""
    for tag in reading.options.tags:
        name = quote(tag.removeprefix("#"), safe="")
        yield from _list(reading, "tags", f"/api/v1/timelines/tag/{name}")


def fetch_searches(reading: Reading) -> Elements:
    """What the server finds for the searches to follow."""

    def next_page(body: Any) -> Mapping[str, str] | None:
        found = body["statuses"]
        return {"max_id": found[-1]["id"]} if len(found) == int(STATUSES["limit"]) else None

    search = partial(cursor_pages, elements_in=itemgetter("statuses"), cursor_in=next_page)
    for words in reading.options.searches:
        asked = {"q": words, "type": "statuses"}
        yield from _list(reading, "searches", "/api/v2/search", asked, pages=search)


def fetch_followers(reading: Reading) -> Elements:
    """Who follows the account now, unless it hides that."""
    path = f"/api/v1/accounts/{_number(reading, 'followers')}/followers"
    for page, people in link_pages(reading.client, path, PEOPLE, stream="followers"):
        yield from (fetched(each, page) for each in people)


def fetch_around(reading: Reading, *, stream: str, path: str, counter: str) -> Elements:
    """Who favoured or boosted own statuses of the window, each with the status's id; or quotes."""

    def tell(status: Item) -> Elements:
        address = f"{_path(status)}/{path}"
        for page, elements in link_pages(reading.client, address, PEOPLE, stream=stream):
            if stream == "quotes":
                yield from (fetched(each, page) for each in elements)
            else:
                about = {"status_id": status["id"]}
                yield from (Fetched({**about, "account": each}, page) for each in elements)

    return _each((one for one in _own_statuses(reading) if one.get(counter)), tell)


def fetch_contexts(reading: Reading) -> Elements:
    """The threads around own statuses and mentions of us that raw does not hold as they are now.

    The status that led to a thread comes along: its `replies_count` says what has been read.
    """
    kept = ("id", "created_at", "visibility", "in_reply_to_id", "replies_count", "gone")
    known = newest({key: item.get(key) for key in kept} for item in held(reading, "contexts"))
    told: set[str] = set()

    def tell(status: Item) -> Elements:
        is_due = reading.is_rewalk or _is_news(status, known.get(status["id"]))
        if is_due and status["id"] not in told:
            for each in _thread(reading, status, known):
                if each.item["id"] not in told:
                    told.add(each.item["id"])
                    yield each

    return _each(sorted(_concerning_us(reading), key=lambda one: str(one["created_at"])), tell)


def _is_news(status: Item, before: Item | None) -> bool:
    if before is None:
        return bool(status.get("in_reply_to_id") or status.get("replies_count"))
    return not before["gone"] and before["replies_count"] != status.get("replies_count")


def _thread(reading: Reading, status: Item, known: Mapping[str, Item]) -> Iterator[Fetched]:
    """A thread below the topmost status that concerns us, what that answers, and what is gone."""
    try:
        ancestors, answers = _context(reading, status)
    except NotThere:
        yield from _look_again(reading, "contexts", status)
        return
    top = next((each for each in ancestors if concerns_us(each, reading.account)), status)
    if top is not status:
        answers += _context(reading, top)[1]
    yield from map(Fetched, [*ancestors, status, *answers])
    for missing in _below(top["id"], known) - {each["id"] for each in answers}:
        if not known[missing]["gone"]:
            yield from _look_again(reading, "contexts", known[missing])


def _context(reading: Reading, status: Item) -> tuple[list[Item], list[Item]]:
    context = reading.client.get(f"{_path(status)}/context", stream="contexts").json()
    return context["ancestors"], context["descendants"]


def _below(top: str, known: Mapping[str, Item]) -> set[str]:
    """Ids of the known statuses that answer `top`, or an answer to it, and so on."""
    found, latest = set[str](), {top}
    while latest:
        latest = {one for one in known if known[one]["in_reply_to_id"] in latest} - found
        found |= latest
    return found


def _concerning_us(reading: Reading) -> Iterable[Item]:
    found = {status["id"]: status for status in _own_statuses(reading)}
    for item in held(reading, "notifications"):
        if item.get("type") == "mention" and is_dated(item.get("status")):
            found.setdefault(item["status"]["id"], item["status"])
    return found.values()


def _own_statuses(reading: Reading) -> list[Item]:
    """Newest copies of what the account wrote in the window, without what is gone."""
    own = newest(held(reading, "statuses")).values()
    return [one for one in own if not (one.get("reblog") or one.get("gone"))]


def _each(statuses: Iterable[Item], tell: Callable[[Item], Elements]) -> Elements:
    """What is told of each status, so that one that cannot be read does not stop the others."""
    for status in statuses:
        try:
            yield from safely(status["id"], tell(status))
        except NotThere:
            continue  # deleted a moment ago: the streams of statuses and contexts tell of it


def _look_again(reading: Reading, stream: str, status: Item) -> Iterator[Fetched]:
    """A status that is not where it was: as it is now, or that it is gone.

    One that was not for everybody may only be hidden from us by now: nothing is known then.
    """
    try:
        yield Fetched(reading.client.get(_path(status), stream=stream).json())
    except NotThere:
        if status.get("visibility") in SEEN_BY_ALL:
            yield Fetched({"id": status["id"], "created_at": status["created_at"], "gone": True})


def _list(
    reading: Reading,
    stream: str,
    path: str,
    asked: Mapping[str, str] | None = None,
    pages: Callable[..., Pages] = link_pages,
) -> Elements:
    def ask(start: Mapping[str, str]) -> Pages:
        return pages(reading.client, path, {**STATUSES, **(asked or {}), **start}, stream=stream)

    return walk(reading, stream, ask)


def _path(status: Item) -> str:
    return f"/api/v1/statuses/{quote(status['id'], safe='')}"


def _number(reading: Reading, stream: str) -> str:
    """The server's own number for the account."""
    asked = {"acct": reading.account.account.removeprefix("@")}
    found = reading.client.get("/api/v1/accounts/lookup", asked, stream=stream).json()
    return quote(found["id"], safe="")


def _around(
    stream: str,
    path: str,
    counter: str,
    read: Callable[..., Iterator[Observation]],
    *,
    needs_token: bool = False,
) -> Stream:
    fetch = partial(fetch_around, stream=stream, path=path, counter=counter)
    return Stream(stream, fetch, read, 7, needs_token=needs_token, hangs_on="statuses")


MASTODON = Platform(
    name="mastodon",
    options=MastodonOptions,
    base_url=_base_url,
    # https://docs.joinmastodon.org/api/rate-limits/; the reset is told as an ISO time.
    rate=Rate(
        300,
        300,
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        limit_header="X-RateLimit-Limit",
    ),
    check=check,
    text_keys=frozenset(
        {"content", "spoiler_text", "text", "title", "description", "html", "note"}
    ),
    is_direct=is_direct,
    streams=(
        Stream("statuses", fetch_statuses, read_status, lookback_days=30, rewalks=True),
        Stream("notifications", fetch_notifications, read_notification, 7, needs_token=True),
        Stream("contexts", fetch_contexts, read_status, 30, hangs_on="statuses", rewalks=True),
        _around("favourites", "favourited_by", "favourites_count", read_favourite),
        _around("boosts", "reblogged_by", "reblogs_count", read_boost),
        _around("quotes", "quotes", "quotes_count", read_status, needs_token=True),
        Stream("followers", fetch_followers, read_follower, is_snapshot=True),
        Stream("tags", fetch_tags, read_status, lookback_days=2),
        Stream("searches", fetch_searches, read_status, lookback_days=2, needs_token=True),
    ),
)
