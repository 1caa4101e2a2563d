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

from collections import deque
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

from pydantic import Field

from extractors.client import Credentials
from extractors.errors import BadCredentials, NotThere
from extractors.graph import (
    RATE,
    GraphOptions,
    base_url,
    between,
    each_of,
    judge,
    known_below,
    pages,
    path_of,
    require_account,
    thread,
    until_before,
    with_missing,
)
from extractors.platform import (
    NOT_TOLD,
    Elements,
    Fetched,
    Item,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
    safely,
)
from extractors.platforms.threads.access import REFRESH, check, expiry
from extractors.platforms.threads.items import read_answer, read_mention, read_own, read_profile
from extractors.windows import held, is_within, newest
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


class ThreadsOptions(GraphOptions):
    """The version of the API to ask, and the talk to follow."""

    version: str = Field("v1.0", pattern=r"^v\d+\.\d+$")
    searches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def _base_url(
    account: AccountToRead, options: ThreadsOptions, credentials: Credentials | None
) -> str:
    require_account(account, r"\w[\w.]*", "our user name, without @")
    return base_url(HOME, options, credentials)


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


THREADS = Platform(
    name="threads",
    options=ThreadsOptions,
    base_url=_base_url,
    judge=judge,
    rate=RATE,
    check=check,
    expiry=expiry,
    refresh=REFRESH,
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
