"""Threads: what we write there, what people answer, and where they mention us.

`account` is our user name. Options: `version` of the API.

What is surprising:

- A person is a user name; there are no numbers. Who takes another name is another account.
- Posts have no counter of answers, only `has_replies`. So the conversations under our posts of the
  last two weeks that have any are read each night; later answers are not noticed.
- Lists name a cursor, but no address of a next page, and end with an empty one.
- Answers to our answers under other people's posts are told only where they mention us.
- Who liked, reposted or quoted us is not told, nor are there direct messages.

API: https://developers.facebook.com/docs/threads/reference/user,
https://developers.facebook.com/docs/threads/retrieve-and-manage-replies/replies-and-conversations,
https://developers.facebook.com/docs/threads/threads-mentions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from pydantic import Field

from extractors.client import Credentials, Exchange
from extractors.graph import (
    RATE,
    Elements,
    GraphOptions,
    each_of,
    held,
    judge,
    known_below,
    pages,
    path_of,
    require_account,
    thread,
    until_before,
    with_missing,
)
from extractors.graph_tokens import (
    LASTS_60_DAYS,
    RENEWED_WHEN_LEFT,
    lacking,
    refused,
    token_facts,
)
from extractors.observations import (
    AccountSeen,
    Gone,
    MessageSeen,
    Observation,
    ReactionSeen,
    make_id,
)
from extractors.platform import (
    Access,
    Inspection,
    Item,
    Platform,
    Reading,
    Stream,
    fetched,
    safely,
)
from extractors.tokens import Refresh
from extractors.windows import moment
from lake.organisation import AccountToRead

HOME = "https://graph.threads.net"
TIME = "timestamp"
OPENED = datetime(2023, 7, 5, tzinfo=UTC)  # an earlier `since` is refused
_POST = (
    "id,username,text,timestamp,permalink,media_type,has_replies,is_quote_post,quoted_post,"
    "reposted_post"
)
_REPLY = f"{_POST},root_post,replied_to"
_NEEDS = {
    "profile": "threads_basic",
    "posts": "threads_basic",
    "replies": "threads_read_replies",
    "conversations": "threads_read_replies",
    "mentions": "threads_manage_mentions",
}
_HIDDEN = {"HIDDEN", "COVERED", "BLOCKED", "RESTRICTED"}


class ThreadsOptions(GraphOptions):
    """The version of the API to ask."""

    version: str = Field("v1.0", pattern=r"^v\d+\.\d+$")


def _base_url(
    account: AccountToRead, options: ThreadsOptions, credentials: Credentials | None
) -> str:
    require_account(account, r"\w[\w.]*", "our user name, without @")
    home = credentials.base_url if credentials else ""
    return f"{(home or HOME).rstrip('/')}/{options.version}"


def _exchange(_: ThreadsOptions, held: Credentials) -> Exchange:
    """https://developers.facebook.com/docs/threads/get-started/long-lived-tokens."""
    asked = {"grant_type": "th_refresh_token", "access_token": held.secret}
    return Exchange("/refresh_access_token", query=asked)


def expiry(inspection: Inspection) -> datetime | None:
    """When the token, or access to data with it, ends; null where that is not told."""
    return token_facts(inspection).expires_at


def check(inspection: Inspection) -> Access:
    """Whose token it is, with which permissions; where these are not told, whether lists are."""
    mine = inspection.client.get("me", {"fields": "id,username"}, stream="credentials").json()
    facts = token_facts(inspection)
    if facts.permissions is None:
        lists = {each: (f"me/{each}", {"fields": "id"}) for each in ("replies", "mentions")}
        lacks = refused(inspection, lists)
    else:
        lacks = lacking(facts.permissions, _NEEDS)
    is_own = mine["username"].lower() == inspection.account.account.lower()
    return Access(
        f"@{mine['username']}, number {mine['id']}",
        allows=tuple(sorted(facts.permissions or ())),
        lasts=LASTS_60_DAYS,
        expires_at=facts.expires_at,
        refused=lacks,
        faults=() if is_own else ("the token is not that of the account",),
    )


def fetch_profile(reading: Reading) -> Elements:
    """The account itself; fails where the token is not one."""
    answer = reading.client.get("me", {"fields": "id,username,name"}, stream="profile")
    yield fetched(answer.json())


def fetch_own(reading: Reading, *, stream: str, path: str, fields: str) -> Elements:
    """What we wrote in the window, and what has been deleted since."""
    since = max(reading.window.start - timedelta(seconds=1), OPENED)
    if since >= reading.window.end:
        return
    asked = {
        "fields": fields,
        "limit": "100",
        "since": str(int(since.timestamp())),
        "until": str(int(reading.window.end.timestamp())),
    }
    listed = pages(reading.client, path, asked, stream=stream, tells_next=False)
    yield from with_missing(reading, stream, each_of(listed), TIME, fields)


def fetch_conversations(reading: Reading) -> Elements:
    """All answers, however deep, below our posts of the window that have any."""
    asked = {"fields": f"{_REPLY},hide_status", "reverse": "false", "limit": "100"}
    ask = partial(pages, reading.client, asked=asked, stream="conversations", tells_next=False)
    known = known_below(reading, "conversations")
    for key, post in held(reading, "posts", TIME).items():
        if post.get("has_replies") and not post.get("gone"):
            told = thread(
                reading,
                "conversations",
                post,
                each_of(ask(path_of(key, "conversation"))),
                known=known.get(key, []),
                counted=None,
                fields=_REPLY,
            )
            yield from safely(key, told)


def fetch_mentions(reading: Reading) -> Elements:
    """What others wrote that mentions us."""
    asked = {"fields": _REPLY, "limit": "100"}
    listed = pages(reading.client, "me/mentions", asked, stream="mentions", tells_next=False)
    return until_before(reading, listed, TIME)


def read_profile(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """The account itself."""
    yield AccountSeen(
        account_id=_account_id(item["username"]),
        handle=item["username"],
        display_name=item.get("name") or None,
        profile_url=f"https://www.threads.net/@{item['username']}",
    )


def read_own(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """What we wrote, or reposted; or that it is gone."""
    return _said({"username": account.account, **item}, account, ())


def read_answer(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """What somebody answered; or that it is gone."""
    return _said(item, account, ())


def read_mention(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """What somebody wrote that mentions us."""
    return _said(item, account, (_account_id(account.account),))


def _said(item: Item, account: AccountToRead, told: tuple[str, ...]) -> Iterator[Observation]:
    if item.get("gone"):
        yield Gone(message_id=_message_id(item["id"]))
        return
    name, reposted = item.get("username"), _linked(item, "reposted_post")
    author_id = _account_id(name) if name else None
    if author_id:
        yield AccountSeen(account_id=author_id, handle=name)
    if reposted:
        if author_id:
            yield ReactionSeen(
                account_id=author_id,
                message_id=reposted,
                kind="repost",
                reacted_at=moment(item["timestamp"]),
            )
        return
    yield _message(item, author_id, told or _mentions(item, account))


def _message(item: Item, author_id: str | None, mentions: tuple[str, ...]) -> MessageSeen:
    parent, quoted = _linked(item, "replied_to"), _linked(item, "quoted_post")
    return MessageSeen(
        message_id=_message_id(item["id"]),
        author_id=author_id,
        sent_at=moment(item["timestamp"]),
        text=item.get("text"),
        kind="reply" if parent else "quote" if quoted else "post",
        channel="threads",
        visibility="private" if item.get("hide_status") in _HIDDEN else "public",
        parent_id=parent,
        root_id=_linked(item, "root_post"),
        quoted_id=quoted,
        mentions=mentions,
        permalink=item.get("permalink"),
    )


def _mentions(item: Item, account: AccountToRead) -> tuple[str, ...]:
    """Us alone: other names in a text may be nobody's."""
    name = re.escape(account.account)
    pattern = rf"(?<![\w@.])@{name}(?![\w]|\.\w)"
    found = re.search(pattern, item.get("text") or "", re.IGNORECASE | re.ASCII)
    return (_account_id(account.account),) if found else ()


def _linked(item: Item, key: str) -> str | None:
    return _message_id(item[key]["id"]) if item.get(key) else None


def _account_id(name: str) -> str:
    return make_id("threads", "", name.lower())


def _message_id(source_id: str) -> str:
    if not isinstance(source_id, str):
        raise TypeError("a message's id must be text")
    return make_id("threads", "", source_id)


THREADS = Platform(
    name="threads",
    options=ThreadsOptions,
    base_url=_base_url,
    judge=judge,
    rate=RATE,
    check=check,
    expiry=expiry,
    refresh=Refresh(_exchange, due=RENEWED_WHEN_LEFT),
    needs_credentials=True,
    text_keys=frozenset({"text"}),
    streams=(
        Stream("profile", fetch_profile, read_profile, is_snapshot=True),
        Stream(
            "posts",
            partial(fetch_own, stream="posts", path="me/threads", fields=_POST),
            read_own,
            lookback_days=14,
        ),
        Stream(
            "replies",
            partial(fetch_own, stream="replies", path="me/replies", fields=_REPLY),
            read_own,
            lookback_days=7,
        ),
        Stream(
            "conversations", fetch_conversations, read_answer, lookback_days=14, hangs_on="posts"
        ),
        Stream("mentions", fetch_mentions, read_mention, lookback_days=7),
    ),
)
