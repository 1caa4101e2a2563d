"""X (Twitter), read over its API v2, which charges for everything that it tells.

`account` is our handle there; the connection's password is a bearer token, the app's or a user's
(see `access.py`).
Options: `budget`, the dollars that a night may spend; `prices`, if they change; `owned_reads`, if
the token is that of the account itself and the app is its own too: its posts, mentions and
followers are cheaper then; `user_id`, our number there, which saves asking for it; `searches`, the
talk beyond our own community to follow; `archive`, to search more than the last week, with the
app's token; `followers` and `direct_messages`, if they are to be read as well, the latter with the
account's own token; `names`, which of its vocabularies X is asked in.

What is surprising:

- Nothing is asked for that could cost more than is left. Where the money ends in the midst of a
  list, a row that is set aside says what is unread, and a note in the lake lets a later night go on
  there. Where it ends before anything was read, the stream fails, and is read some other night.
- Old posts get new answers. For 7 days the counters of own posts are looked up; those who quoted,
  liked or reposted are read only where one differs from what was noted when they were last read. A
  thread is searched every night for what was said since, which costs nothing where nothing was.
- Without `archive` threads and searches reach back 7 days. No more is told than the 3,200 newest
  own posts and the 800 newest mentions, 100 people who liked a post, and direct messages of 30
  days; those of X's encrypted chat not at all.
- X says of our own posts that they are deleted when their counters are looked up. Answers to them
  and quotes of them are looked up only where a counter says that there are fewer than were told.
  Of everything else a deletion is told only by a later post that still refers to it.

API: https://docs.x.com/x-api (posts/timelines, posts/search, posts/likes, fundamentals/edit-posts,
fundamentals/rate-limits, direct-messages/lookup).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field

from extractors.client import Credentials
from extractors.pace import Rate
from extractors.platform import (
    NOT_TOLD,
    Elements,
    Fetched,
    Options,
    Platform,
    Reading,
    SetAside,
    Stream,
)
from extractors.platforms.x.access import REFRESH, check
from extractors.platforms.x.asking import (
    USER_FIELDS,
    Pages,
    bought_one,
    elements_of,
    joined,
    pages_of,
    post_fields,
    reach_of,
    search_path,
    told_between,
    while_paid,
    zulu,
)
from extractors.platforms.x.items import read_follower, read_message, read_post, read_reaction
from extractors.platforms.x.money import Lot, Prices, people_at, posts_at, spent
from extractors.platforms.x.posts import FetchedPost, posts_held
from extractors.platforms.x.threads import fetch_around, fetch_conversations, fetch_counters
from extractors.windows import is_dated, moment
from lake.organisation import AccountToRead

LOOK_BACK = 7  # days
NEWEST_POSTS, NEWEST_MENTIONS = 3200, 800  # X tells no more of them
MESSAGES_KEPT = timedelta(days=30)


class XOptions(Options):
    """What may be spent, in which words X is asked, and what is read beyond our own posts."""

    budget: float = Field(1.0, ge=0)
    prices: Prices = Prices()
    owned_reads: bool = False
    user_id: str = Field("", pattern=r"^\d*$")
    searches: tuple[str, ...] = ()
    archive: bool = False
    followers: bool = False
    direct_messages: bool = False
    names: Literal["tweet", "post"] = "tweet"
    url: str = Field("https://api.x.com", pattern=r"^(https://|http://127\.0\.0\.1[:/])\S+$")


def _base_url(_: AccountToRead, options: XOptions, __: Credentials | None) -> str:
    return options.url


def _rate(url: str) -> Rate:
    """Every list has a limit of its own; X tells it, the reset as an epoch."""
    of = re.sub(r"\d+", "", url)
    left, reset, limit = (f"x-rate-limit-{name}" for name in ("remaining", "reset", "limit"))
    apart = 1 if of.endswith("/search/all") else 0
    return Rate(300, 900, left, reset, of=of, apart=apart, limit_header=limit)


def fetch_mentions(reading: Reading) -> Elements:
    """What mentions us, answers to our posts among it."""
    return _timeline(reading, "mentions", "mentions", NEWEST_MENTIONS)


def fetch_posts(reading: Reading) -> Elements:
    """What the account wrote and reposted."""
    return _timeline(reading, "posts", "tweets", NEWEST_POSTS)


def _timeline(reading: Reading, stream: str, path: str, most: int) -> Elements:
    address = f"2/users/{_number(reading, stream)}/{path}"
    price = reading.options.prices.post
    lot = posts_at(_own_price(reading, price), reading.options.prices, smallest=5)

    def ask(asked: Mapping[str, str]) -> Pages:
        told = {**post_fields(reading), **asked}
        return pages_of(reading, stream, address, told, lot, cursor="pagination_token")

    yield from _cut_off(reading, stream, told_between(reading, stream, ask), most)


def _cut_off(reading: Reading, stream: str, told: Elements, most: int) -> Elements:
    """The window's part of a list; and that some of it may be missing if X tells no more.

    The newest that X counts are not all known here: those said since the window's end are not read
    yet, and some are deleted. So a tenth less is enough.
    """
    window, oldest = reading.window, reading.window.end
    later = posts_held(reading, stream, window.end)
    known = {each.first for each in later if each.made_at >= window.end}
    for each in told:
        yield each
        if isinstance(each, FetchedPost) and each.post.made_at >= window.start:
            known.add(each.post.first)
            oldest = min(oldest, each.post.made_at)
    if len(known) >= 0.9 * most:
        part = f"{zulu(window.start)} to {zulu(oldest)}"
        reason = f"X tells the newest {most:,} of this list: {part} may be missing"
        yield SetAside("", f"{NOT_TOLD}{reason}")


def fetch_searches(reading: Reading) -> Elements:
    """What is found for the searches to follow."""
    window, since = reading.window, reach_of(reading)
    lot = posts_at(reading.options.prices.post, reading.options.prices, smallest=10)
    for words in reading.options.searches:

        def ask(asked: Mapping[str, str], query: str = words) -> Pages:
            told = {**post_fields(reading), "query": query, **asked}
            path = search_path(reading)
            return pages_of(reading, "searches", path, told, lot, cursor="next_token")

        if window.start < since:
            missed = f"{zulu(window.start)} to {zulu(min(since, window.end))} is unread"
            yield SetAside(words, f"{NOT_TOLD}the search does not reach back so far: {missed}")
        yield from told_between(reading, "searches", ask, of=words, since=since)


def fetch_followers(reading: Reading) -> Elements:
    """Who follows the account now, if the options ask for it."""
    if not reading.options.followers:
        return
    number, asked = _number(reading, "followers"), {"user.fields": USER_FIELDS}
    lot = people_at(_own_price(reading, reading.options.prices.follower))
    path, cursor = f"2/users/{number}/followers", "pagination_token"
    told = (
        Fetched({"followed_id": number, "user": each}, page)
        for page, body in pages_of(reading, "followers", path, asked, lot, cursor=cursor)
        for each in elements_of(body)
    )
    yield from while_paid(reading, told, lambda: ("all further followers are", 1))


def fetch_messages(reading: Reading) -> Elements:
    """Direct messages of the window, if the options ask for them."""
    if not reading.options.direct_messages:
        return
    window, kept = reading.window, reading.window.observed_at - MESSAGES_KEPT
    if window.start < kept:
        missed = f"{zulu(window.start)} to {zulu(min(kept, window.end))} is unread"
        yield SetAside("", f"{NOT_TOLD}X keeps direct messages for 30 days: {missed}")
    if window.end > kept:
        unread = "direct messages from before those that were told are"
        yield from while_paid(reading, _messages(reading), lambda: (unread, 1))


def _messages(reading: Reading) -> Elements:
    """The window's part of a list that can only be asked for from its newest end on."""
    prices, window = reading.options.prices, reading.window
    asked = {
        "event_types": "MessageCreate",
        "dm_event.fields": "created_at,dm_conversation_id,sender_id",
        "expansions": "sender_id",
        "user.fields": USER_FIELDS,
    }
    lot = Lot("message", prices.message, prices.message + prices.user)
    path, cursor = "2/dm_events", "pagination_token"
    for page, body in pages_of(reading, "messages", path, asked, lot, cursor=cursor):
        last = None
        for each in joined(body, page):
            made = _made(each)
            last = made or last
            if made is None or made in window:
                yield each
        if last and last < window.start:
            return


def _made(each: Fetched | SetAside) -> datetime | None:
    if isinstance(each, Fetched) and is_dated(each.item):
        return moment(each.item["created_at"])
    return None


def _own_price(reading: Reading, price: float) -> float:
    """What is ours is cheaper for an app and a token of our own."""
    return reading.options.prices.owned if reading.options.owned_reads else price


def _number(reading: Reading, stream: str) -> str:
    """X's own number for the account."""
    if reading.options.user_id:
        return str(reading.options.user_id)
    name = quote(reading.account.account.removeprefix("@"), safe="")
    path, lot = f"2/users/by/username/{name}", people_at(reading.options.prices.user)
    return quote(bought_one(reading, stream, path, lot)["id"], safe="")


def _around_own(stream: str, path: str, counts: str, read: Callable[..., Any]) -> Stream:
    fetch = partial(fetch_around, stream=stream, path=path, counts=counts)
    return Stream(stream, fetch, read, LOOK_BACK, hangs_on="counters")


X = Platform(
    name="x",
    options=XOptions,
    base_url=_base_url,
    needs_credentials=True,
    rate=_rate,
    cost=spent,
    check=check,
    refresh=REFRESH,
    text_keys=frozenset({"text", "title", "description", "detail"}),
    streams=(  # in the order in which the money is spent
        Stream("mentions", fetch_mentions, read_post),
        Stream("posts", fetch_posts, read_post),
        Stream("counters", fetch_counters, read_post, LOOK_BACK, hangs_on="posts"),
        Stream("conversations", fetch_conversations, read_post, LOOK_BACK, hangs_on="counters"),
        _around_own("quotes", "quote_tweets", "quote", read_post),
        Stream("messages", fetch_messages, read_message, is_direct=True),
        Stream("searches", fetch_searches, read_post),
        _around_own("reposts", "retweeted_by", "retweet", partial(read_reaction, kind="repost")),
        _around_own("likes", "liking_users", "like", partial(read_reaction, kind="reaction")),
        Stream("followers", fetch_followers, read_follower, is_snapshot=True),
    ),
)
