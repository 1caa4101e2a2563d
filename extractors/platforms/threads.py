"""Threads: what we write there, what people answer, where they mention us, and talk beyond that.

`account` is our user name. Options: `version` of the API; `searches` and `tags`, the talk to follow
where nobody mentions us. Without Meta's approval of `threads_keyword_search` these find our own.

What is surprising:

- A person is a user name; there are no numbers. Who takes another name is another account, and who
  is not public is nobody we know.
- Posts have no counter of answers, only `has_replies`. A conversation is read each night for two
  weeks, and again where it is older and we wrote in it, or were mentioned there, within two weeks;
  one that begins later is noticed for 90 days. All else shows when it is looked through again.
  Counters are told as insights alone, a post by request: as much as reading the conversation.
- Lists name a cursor, but no address of a next page, and end with an empty one.
- Below other people's posts only direct answers to ours are told; what ours answer, or we quote or
  repost, is looked up once, with all above it.
- Who liked, reposted or quoted us is not told, nor who follows us; there are no direct messages.

API: https://developers.facebook.com/docs/threads/reference/user,
https://developers.facebook.com/docs/threads/retrieve-and-manage-replies/replies-and-conversations,
https://developers.facebook.com/docs/threads/threads-mentions,
https://developers.facebook.com/docs/threads/keyword-search.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

from pydantic import Field

from extractors.client import Credentials, Exchange
from extractors.errors import BadCredentials, NotThere
from extractors.graph import (
    RATE,
    Elements,
    GraphOptions,
    between,
    each_of,
    judge,
    known_below,
    links_in,
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
    NOT_TOLD,
    Access,
    Fetched,
    Inspection,
    Item,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
    safely,
)
from extractors.tokens import Refresh
from extractors.windows import held, is_within, moment, newest
from lake.organisation import AccountToRead

HOME = "https://graph.threads.net"
TIME = "timestamp"
OPENED = datetime(2023, 7, 5, tzinfo=UTC)  # an earlier `since` is refused
LATELY = timedelta(days=14)  # so long a conversation is read every night
_PROFILE = "id,username,name,threads_biography"
_POST = (
    "id,username,text,timestamp,permalink,media_type,has_replies,is_quote_post,quoted_post,"
    "reposted_post"
)
_REPLY = f"{_POST},root_post,replied_to"
_ANSWER = f"{_REPLY},hide_status"
_NEEDS = {
    "profile": "threads_basic",
    "posts": "threads_basic",
    "replies": "threads_read_replies",
    "conversations": "threads_read_replies",
    "mentions": "threads_manage_mentions",
}
_HIDDEN = {"HIDDEN", "COVERED", "BLOCKED", "RESTRICTED"}


class ThreadsOptions(GraphOptions):
    """The version of the API to ask, and the talk to follow."""

    version: str = Field("v1.0", pattern=r"^v\d+\.\d+$")
    searches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


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
    yield fetched(reading.client.get("me", {"fields": _PROFILE}, stream="profile").json())


def fetch_own(reading: Reading, *, stream: str, path: str, fields: str) -> Elements:
    """What we wrote in the window, and what has been deleted since."""
    found = _dated(reading, stream, path, {"fields": fields})
    return with_missing(reading, stream, found, TIME, fields)


def _dated(reading: Reading, stream: str, path: str, asked: dict[str, str]) -> Elements:
    """The window's part of a list that comes newest first."""
    start = max(reading.window.start, OPENED + timedelta(seconds=1))
    if start < reading.window.end:
        asked = {**asked, "limit": "100", **between(start, reading.window.end)}
        listed = pages(reading.client, path, asked, stream=stream, tells_next=False)
        yield from until_before(reading, listed, TIME)


def fetch_mentions(reading: Reading) -> Elements:
    """What others wrote that mentions us."""
    return _dated(reading, "mentions", "me/mentions", {"fields": _ANSWER})


def fetch_conversations(reading: Reading) -> Elements:
    """All answers, however deep, below our posts of the window that may have new ones."""
    posts = newest(held(reading, "posts", TIME))
    known = known_below(reading, ["conversations"], posts)
    lately = _lately(reading)
    stirred = {
        _root(item) for stream in ("replies", "mentions") for item in held(lately, stream, TIME)
    }
    for key, post in posts.items():
        is_due = (
            reading.is_rewalk or key in stirred or key not in known or is_within(lately, post, TIME)
        )
        if is_due and post.get("has_replies") and not post.get("gone"):
            yield from _below(reading, "conversations", post, "conversation", known.get(key, ()))


def _lately(reading: Reading) -> Reading:
    """The reading of the window's last two weeks only."""
    start = reading.window.end - LATELY
    return replace(reading, window=replace(reading.window, start=start))


def fetch_answers(reading: Reading) -> Elements:
    """What people answered to our answers below other people's posts."""
    ours = _our_posts(reading)
    replies = newest(held(reading, "replies", TIME))
    known = known_below(reading, ["answers"], replies)
    for key, reply in replies.items():
        is_elsewhere = _root(reply) not in ours
        if is_elsewhere and reply.get("has_replies") and not reply.get("gone"):
            yield from _below(reading, "answers", reply, "replies", known.get(key, ()))


def _our_posts(reading: Reading) -> set[Any]:
    return {post["id"] for post in reading.raw("posts", reading.window.start) if "id" in post}


def _root(item: Item) -> Any:
    return (item.get("root_post") or {}).get("id")


def _below(reading: Reading, stream: str, item: Item, edge: str, known: Iterable[Item]) -> Elements:
    asked = {"fields": _ANSWER, "reverse": "false", "limit": "100"}
    path = path_of(item["id"], edge)
    listed = pages(reading.client, path, asked, stream=stream, tells_next=False)
    found = each_of(listed)
    told = thread(reading, stream, item, found, known=known, counted=None, fields=_ANSWER)
    return safely(item["id"], told)


def fetch_elsewhere(reading: Reading) -> Elements:
    """Other people's posts that ours answer, quote or repost, mentions of us answer, and all above.

    Without Meta's approval of `threads_basic` for everybody's posts none are told.
    """
    ours = _our_posts(reading)
    items = (reading.raw(one, reading.window.start) for one in ("replies", "mentions", "answers"))
    told = ours | {item.get("id") for item in chain(reading.raw("elsewhere"), *items)}
    wanted = deque[str]()
    for stream in ("posts", "replies", "mentions"):
        for item in held(reading, stream, TIME):
            wanted.extend(_linked_ids(item, ours))
    while wanted:
        key = wanted.popleft()
        if key not in told:
            told.add(key)
            for each in safely(key, _looked_up(reading, key)):
                yield each
                if isinstance(each, Fetched):
                    wanted.extend(_linked_ids(each.item, ours))


def _linked_ids(item: Item, ours: Container[Any]) -> Iterator[str]:
    """What an item refers to, but for what our own conversations tell."""
    above = () if _root(item) in ours else ("replied_to", "root_post")
    keys = (*above, "quoted_post", "reposted_post")
    return (item[key]["id"] for key in keys if item.get(key))


def _looked_up(reading: Reading, key: str) -> Elements:
    try:
        answer = reading.client.get(path_of(key), {"fields": _ANSWER}, stream="elsewhere")
    except (NotThere, BadCredentials) as error:
        yield SetAside(key, f"{NOT_TOLD}{error.reason}")
    else:
        yield fetched(answer.json())


def fetch_searches(reading: Reading) -> Elements:
    """Public posts with the words and under the tags to follow, but what is told in threads."""
    searches = [(words, "KEYWORD") for words in reading.options.searches]
    tags = [(tag.removeprefix("#"), "TAG") for tag in reading.options.tags]
    if not (searches or tags):
        return
    told = {item.get("id") for item in reading.raw("conversations", reading.window.start)}
    for words, mode in searches + tags:
        asked = {"q": words, "search_mode": mode, "search_type": "RECENT", "fields": _REPLY}
        for each in _dated(reading, "searches", "keyword_search", asked):
            if isinstance(each, SetAside) or each.item.get("id") not in told:
                yield each


def read_profile(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """The account itself."""
    yield AccountSeen(
        account_id=_account_id(item["username"]),
        handle=item["username"],
        display_name=item.get("name") or None,
        profile_url=f"https://www.threads.net/@{item['username']}",
        profile_links=tuple(links_in(item.get("threads_biography"))),
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
    text_keys=frozenset({"text", "threads_biography"}),
    streams=(
        Stream("profile", fetch_profile, read_profile, is_snapshot=True),
        Stream(
            "posts",
            partial(fetch_own, stream="posts", path="me/threads", fields=_POST),
            read_own,
            lookback_days=90,
            rewalks=True,
        ),
        Stream(
            "replies",
            partial(fetch_own, stream="replies", path="me/replies", fields=_REPLY),
            read_own,
            lookback_days=LATELY.days,
            rewalks=True,
        ),
        Stream("mentions", fetch_mentions, read_mention, lookback_days=7),
        Stream(
            "conversations",
            fetch_conversations,
            read_answer,
            lookback_days=90,
            hangs_on="posts",
            rewalks=True,
        ),
        Stream(
            "answers",
            fetch_answers,
            read_answer,
            lookback_days=LATELY.days,
            hangs_on="replies",
            rewalks=True,
        ),
        Stream("elsewhere", fetch_elsewhere, read_answer, lookback_days=2, hangs_on="replies"),
        Stream("searches", fetch_searches, read_answer, lookback_days=2),
    ),
)
