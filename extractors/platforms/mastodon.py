"""Mastodon, and every server that speaks its client API.

An account's id is `mastodon:<domain>:<user name>`, the same from whichever server it is seen;
a message's id is `mastodon:<server we read>:<status id>`, because each server numbers for itself.

API: https://docs.joinmastodon.org/methods/ (accounts, notifications, statuses, timelines, search).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from html import unescape
from itertools import chain
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from pydantic import field_validator

from extractors.client import Client, Credentials, Rate
from extractors.errors import NotThere, Unreadable
from extractors.observations import (
    AccountSeen,
    FollowSeen,
    Gone,
    MessageSeen,
    Observation,
    ReactionSeen,
    make_id,
)
from extractors.paging import Pages, cursor_pages, link_pages
from extractors.platform import (
    Fetched,
    Item,
    Options,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
)
from extractors.text import plain_text
from lake.organisation import AccountToRead

STATUSES_PER_PAGE, PEOPLE_PER_PAGE = 40, 80  # the most that Mastodon gives
VISIBLE_TO_ALL = {"public", "unlisted"}
VISIBILITIES = VISIBLE_TO_ALL | {"private", "direct"}

Elements = Iterator[Fetched | SetAside]


class MastodonOptions(Options):
    """`instance`: host of the server that has the account; `tags` and `searches`: talk to follow."""

    instance: str
    tags: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()

    @field_validator("instance")
    @classmethod
    def _is_server(cls, instance: str) -> str:
        url = _server(instance)
        if not url.hostname or url.path.strip("/") or url.query or url.username:
            raise ValueError(f'{instance!r} is not a server; write its host: "social.example"')
        if url.scheme != "https" and not _is_loopback(url.hostname):
            raise ValueError(f"{instance!r} is not encrypted; write https:// or only the host")
        return instance


def _server(instance: str) -> SplitResult:
    return urlsplit(instance if "://" in instance else f"https://{instance}")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def base_url(
    account: AccountToRead,  # noqa: ARG001 (every platform's function gets the same arguments)
    options: MastodonOptions,
    credentials: Credentials | None,  # noqa: ARG001 (see above)
) -> str:
    """Address of the server: the token goes there and nowhere else."""
    url = _server(options.instance)
    return f"{url.scheme}://{url.netloc}"


# How an item reads.


def read_status(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """A status: who wrote what to whom; a boost of one; or that it is deleted."""
    if item.get("gone"):
        yield Gone(message_id=_message_id(item["id"], account))
        return
    yield _author(item, account)
    if item.get("reblog"):
        yield _reaction(item["account"], item["reblog"], account, "repost", item["created_at"])
        yield from read_status(item["reblog"], account)
        return
    yield _message(item, account)
    quoted = _quoted(item)
    if "content" in quoted:
        yield from read_status(quoted, account)


def read_notification(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """Somebody mentioned, quoted, favoured, boosted or followed us."""
    kind, status, when = item["type"], item.get("status"), item["created_at"]
    if status:
        yield from read_status(status, account)
    if not item.get("account"):
        return
    yield _author(item, account)
    if kind == "follow":
        yield _follow(item["account"], account, _moment(when))
    elif status and kind in {"favourite", "reblog"}:
        reacted = "repost" if kind == "reblog" else "reaction"
        yield _reaction(item["account"], status.get("reblog") or status, account, reacted, when)


def read_reaction(item: Item, account: AccountToRead, *, kind: str) -> Iterator[Observation]:
    """One of those who favoured or boosted a status; the platform does not tell when."""
    yield _author(item, account)
    yield _reaction(item["account"], {"id": item["status_id"]}, account, kind)


def read_follower(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """One of those who follow us now."""
    yield _author({"account": item}, account)
    yield _follow(item, account)


def _message(item: Item, account: AccountToRead) -> MessageSeen:
    author, parent, quoted = item["account"], item.get("in_reply_to_id"), _quoted(item)
    visibility = item["visibility"] if item["visibility"] in VISIBILITIES else "private"
    is_reply = parent or item.get("in_reply_to_account_id")  # the parent's id goes when it goes
    kind = "reply" if is_reply else "quote" if quoted else "post"
    words = [_text(item, "spoiler_text"), plain_text(item["content"])]
    mentioned = [_account_id(each, account) for each in item.get("mentions") or []]
    return MessageSeen(
        message_id=_message_id(item["id"], account),
        author_id=_account_id(author, account),
        sent_at=_moment(item["created_at"]),
        text="\n\n".join(filter(None, words)),
        kind="direct" if visibility == "direct" else kind,
        channel=_instance(account),
        visibility=visibility,
        parent_id=_message_id(parent, account) if parent else None,
        parent_author_id=_parent_author(item, account),
        quoted_id=_message_id(quoted["id"], account) if quoted else None,
        mentions=tuple(dict.fromkeys(mentioned)),
        edited_at=_moment(item["edited_at"]) if item.get("edited_at") else None,
        permalink=_text(item, "url") or _text(item, "uri"),
        client_name=_text(item.get("application") or {}, "name"),
        reply_count=_count(item, "replies_count"),
    )


def _parent_author(item: Item, account: AccountToRead) -> str | None:
    """The parent's author, told only by this server's number: known from author and mentions."""
    number = item.get("in_reply_to_account_id")
    seen = [item["account"], *(item.get("mentions") or [])]
    return next((_account_id(each, account) for each in seen if each["id"] == number), None)


def _quoted(item: Item) -> Item:
    """The quoted status, or only its id; empty where nothing is quoted or the quote is revoked."""
    told = item.get("quote") or {}
    quoted: Item = told.get("quoted_status") or {"id": told.get("quoted_status_id")}
    return quoted if quoted["id"] else {}


def _author(item: Item, account: AccountToRead) -> AccountSeen:
    author = item["account"]
    account_id = _account_id(author, account)
    _, domain, name = account_id.split(":", 2)
    verified = [each["value"] for each in author.get("fields") or [] if each.get("verified_at")]
    links = [link for value in verified for link in re.findall(r'href="([^"]+)"', value)]
    return AccountSeen(
        account_id=account_id,
        handle=f"{name}@{domain}",
        display_name=_text(author, "display_name"),
        profile_url=_text(author, "url"),
        declared_kind="bot" if author.get("bot") else None,
        follower_count=_count(author, "followers_count"),
        profile_links=tuple(unescape(link) for link in links),
    )


def _reaction(
    who: Item, status: Item, account: AccountToRead, kind: str, when: str | None = None
) -> ReactionSeen:
    return ReactionSeen(
        account_id=_account_id(who, account),
        message_id=_message_id(status["id"], account),
        kind=kind,
        reacted_at=_moment(when) if when else None,
    )


def _follow(who: Item, account: AccountToRead, when: datetime | None = None) -> FollowSeen:
    return FollowSeen(
        follower_id=_account_id(who, account), followed_id=_our_id(account), followed_at=when
    )


def _instance(account: AccountToRead) -> str:
    return _server(account.options["instance"]).hostname or ""


def _our_id(account: AccountToRead) -> str:
    return _account_id({"acct": account.account.removeprefix("@")}, account)


def _account_id(who: Item, account: AccountToRead) -> str:
    """Users of the server itself come without a domain; a port is no part of who somebody is."""
    name, _, domain = str(_text(who, "acct") or who["acct"]).lower().partition("@")
    return make_id("mastodon", domain.partition(":")[0] or _instance(account), name)


def _message_id(source_id: object, account: AccountToRead) -> str:
    if not isinstance(source_id, str | int):
        raise TypeError("an id must be text")
    return make_id("mastodon", _instance(account), source_id)


def _moment(told: str) -> datetime:
    moment = datetime.fromisoformat(told)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(item: Item, key: str) -> str | None:
    value = item.get(key)
    if not isinstance(value, str | None):
        raise TypeError(f"{key} must be text")
    return value or None


def _count(item: Item, key: str) -> int | None:
    """A counter of the platform; null where it is hidden (Mastodon then says -1) or untold."""
    value = item.get(key)
    return value if isinstance(value, int) and value >= 0 else None


# How streams are fetched. Lists come newest first.


def fetch_statuses(reading: Reading) -> Elements:
    """What the account wrote and boosted; and which of it, known from before, is deleted."""
    path = f"/api/v1/accounts/{_source_id(reading, 'statuses')}/statuses"
    seen = set()
    for each in _walk(reading, "statuses", path):
        if isinstance(each, Fetched):
            seen.add(each.item.get("id"))
        yield each
    for status in list(_own_statuses(reading).values()):
        if status["id"] not in seen:
            yield from map(Fetched, _look_again(reading, "statuses", status))


def fetch_notifications(reading: Reading) -> Elements:
    """What others did towards the account; needs its token."""
    return _walk(reading, "notifications", "/api/v1/notifications")


def fetch_tags(reading: Reading) -> Elements:
    """What anybody the server knows of wrote under the tags to follow."""
    for tag in reading.options.tags:
        name = quote(tag.removeprefix("#"), safe="")
        yield from _walk(reading, "tags", f"/api/v1/timelines/tag/{name}")


def fetch_searches(reading: Reading) -> Elements:
    """What the server finds for the searches to follow; needs a token."""

    def next_page(body: Any) -> Mapping[str, str] | None:
        found = body["statuses"]
        return {"max_id": found[-1]["id"]} if len(found) == STATUSES_PER_PAGE else None

    search = partial(
        cursor_pages, elements_in=lambda body: body["statuses"], cursor_in=next_page
    )
    for words in reading.options.searches:
        asked = {"q": words, "type": "statuses"}
        yield from _walk(reading, "searches", "/api/v2/search", asked, pages=search)


def fetch_followers(reading: Reading) -> Elements:
    """Who follows the account now, unless it hides that."""
    path = f"/api/v1/accounts/{_source_id(reading, 'followers')}/followers"
    asked = {"limit": PEOPLE_PER_PAGE}
    for page, people in link_pages(reading.client, path, asked, stream="followers"):
        yield from (fetched(each, page) for each in people)


def fetch_reactions(reading: Reading, *, stream: str, path: str, counter: str) -> Elements:
    """Who reacted to each own status of the window that has reactions."""
    for status in list(_own_statuses(reading).values()):
        if status.get(counter) == 0:
            continue
        address = f"{_address(status)}/{path}"
        asked = {"limit": PEOPLE_PER_PAGE}
        try:
            for page, people in link_pages(reading.client, address, asked, stream=stream):
                for each in people:
                    yield fetched(_about(status, each), page)
        except NotThere:
            continue  # deleted since: the stream of statuses tells
        except Unreadable as error:
            yield SetAside(str(status["id"]), error.reason, error.page)
