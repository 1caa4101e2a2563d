"""Bluesky, and every app view of the AT Protocol that answers like it.

`account` is our handle or DID. What is public is asked of the public app view (`appview`), never
signed, so that what we see does not depend on whom our account blocks or is blocked by. With an app
password, given to the server that holds the account (`server`), come notifications, what we like,
the `searches` to follow and, if switched on, `direct_messages`.

What is surprising:

- Old posts get new answers. Own posts are re-read for 30 days, and everybody else's in threads that
  concern us are looked up, 25 at a time; where `replyCount` differs from what the stream of threads
  last held, the thread is told again. `replyCount` counts direct answers only. What stands above
  the topmost post that concerns us is told, but its other answers are not followed. To older posts
  answers show in notifications, or when their days are looked through again.
- A thread is told only to some depth, whatever depth is asked for (ten levels, 2026). So it is
  asked for again where it breaks off. Fewer answers than counted are set aside with the reason.
- A deletion shows as absence from a look-up by address. Whatever is missing is asked for alone, and
  is gone if that is refused while its author is there. Posts of accounts that are deactivated or
  suspended are kept; what the network's moderation takes down looks deleted. What is known only
  because somebody quotes it is not looked up.
- A record can be rewritten: its `cid` changes, and the app view's software shows the new words at
  the old time. On bsky.app the first ones have been seen to stay.
- Lists come in the order of the earlier of `createdAt` and `indexedAt`, so that is what a window
  cuts; what was imported later with old dates is found only where it is sorted. A cursor is the
  platform's own: a history read by months walks from the newest post each time.
- Nobody tells how much a search finds. It may end before all is told.
- Direct messages are kept by one server for all accounts, to which ours passes us on. An app
  password must allow it. Those that are deleted after a week stay.

API: https://docs.bsky.app/docs/category/http-reference
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from more_itertools import chunked
from pydantic import Field

from extractors.client import Credentials, SignIn
from extractors.observations import Observation
from extractors.pace import Rate
from extractors.platform import (
    Elements,
    Fetched,
    Item,
    Options,
    Platform,
    Reading,
    SetAside,
    Stream,
    untold,
)
from extractors.platforms.bluesky.access import SIGN_IN, check, session
from extractors.platforms.bluesky.asking import (
    BATCH,
    actor,
    each_of,
    judge,
    own,
    own_posts,
    pages,
    public,
    sign,
    views,
    with_missing,
)
from extractors.platforms.bluesky.items import (
    LIKE,
    is_post,
    read_direct,
    read_like,
    read_liked,
    read_notification,
    read_post,
    read_profile,
    read_repost,
    sorted_at,
)
from extractors.platforms.bluesky.messages import fetch_messages
from extractors.platforms.bluesky.threads import fetch_threads
from extractors.windows import within
from lake.organisation import AccountToRead

HOST = r"^(https://[^\s/@?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?)$"


class BlueskyOptions(Options):
    """Whom to ask, the talk to follow, and whether to read the direct messages."""

    appview: str = Field("https://public.api.bsky.app", pattern=HOST)
    server: str = Field("https://bsky.social", pattern=HOST)
    searches: tuple[str, ...] = ()
    direct_messages: bool = False


def _base_url(_: AccountToRead, options: BlueskyOptions, held: Credentials | None) -> str:
    return (held.base_url or options.server) if held and held.secret else options.appview


def fetch_posts(reading: Reading) -> Elements:
    """What the account wrote and reposted, and what has been deleted of that since."""
    asked = {"actor": actor(reading), "filter": "posts_with_replies"}
    method = public(reading, "app.bsky.feed.getAuthorFeed")
    listed = within(reading, pages(reading, "posts", method, "feed", asked), sorted_at)
    return with_missing(reading, "posts", listed)


def fetch_notifications(reading: Reading) -> Elements:
    """What others did towards the account."""
    method = "xrpc/app.bsky.notification.listNotifications"
    return within(reading, pages(reading, "notifications", method, "notifications"), sorted_at)


def fetch_searches(reading: Reading) -> Elements:
    """What the platform finds for the searches to follow, and what became of what it found."""
    return with_missing(reading, "searches", _found(reading))


def _found(reading: Reading) -> Elements:
    window = {"since": reading.window.start, "until": reading.window.end}
    asked = {key: f"{told:%Y-%m-%dT%H:%M:%SZ}" for key, told in window.items()}
    for words in reading.options.searches:
        params, method = {"q": words, "sort": "latest", **asked}, "xrpc/app.bsky.feed.searchPosts"
        for each in within(reading, pages(reading, "searches", method, "posts", params), sorted_at):
            yield Fetched({"post": each.item}, each.page) if isinstance(each, Fetched) else each


def fetch_liked(reading: Reading) -> Elements:
    """What the account likes, each with the post, and what is gone of that."""
    method = "xrpc/com.atproto.repo.listRecords"
    asked = {"repo": actor(reading), "collection": LIKE}
    listed = (
        (page, [{"liked": each} for each in records])
        for page, records in pages(reading, "liked", method, "records", asked)
    )
    likes = [(each, _subject(each)) for each in within(reading, listed, sorted_at)]
    now = views(reading, "liked", (uri for _, uri in likes if is_post(uri)))
    told = (
        Fetched({**each.item, "post": now[uri]}, each.page)
        if isinstance(each, Fetched) and uri in now
        else each
        for each, uri in likes
    )
    return with_missing(reading, "liked", told)


def _subject(each: Fetched | SetAside) -> str:
    """The address of what is liked, if that is told."""
    if isinstance(each, SetAside):
        return ""
    try:
        return str(each.item["liked"]["value"]["subject"]["uri"])
    except (KeyError, TypeError):
        return ""


def fetch_followers(reading: Reading) -> Elements:
    """Who the account is and who follows it now."""
    profile = own(reading, "followers")
    yield Fetched({"profile": profile})
    told, did = 0, profile["did"]
    method = public(reading, "app.bsky.graph.getFollowers")
    for page, people in pages(reading, "followers", method, "followers", {"actor": did}):
        told += len(people)
        yield from (Fetched({"profile": each, "follows": did}, page) for each in people)
    yield from untold(did, profile.get("followersCount"), told, "followers")


def fetch_profiles(reading: Reading) -> Elements:
    """Who they are whom we met or liked, each once in the window."""
    since, streams = reading.window.start, ("threads", "quotes", "searches", "liked")
    known = {_did(item.get("profile")) for item in reading.raw("profiles", since)} | {""}
    items = (item.get("post") or {} for each in streams for item in reading.raw(each, since))
    met = dict.fromkeys(_did(post.get("author")) for post in items)
    for batch in chunked((did for did in met if did not in known), BATCH):
        method = public(reading, "app.bsky.actor.getProfiles")
        answer = reading.client.get(method, {"actors": batch}, stream="profiles").json()
        yield from (Fetched({"profile": each}) for each in answer["profiles"])


def fetch_around(
    reading: Reading, *, stream: str, method: str, key: str, name: str, counter: str
) -> Elements:
    """Who liked, reposted or quoted own posts whose counter differs from when it was last read."""
    before: dict[str, int] = {}
    for item in reading.raw(stream, reading.window.start):
        before.setdefault(item["of"]["uri"], item["of"]["count"])

    def is_due(post: Item) -> bool:
        return reading.is_rewalk or post[counter] != before.get(post["uri"])

    def tell(post: Item) -> Elements:
        told, of = 0, {"uri": post["uri"], "count": post[counter]}
        asked, address = {"uri": post["uri"]}, public(reading, method)
        for page, elements in pages(reading, stream, address, key, asked):
            told += len(elements)
            yield from (Fetched({"of": of, name: each}, page) for each in elements)
        yield from untold(post["uri"], post[counter], told, stream)

    posts = (one for one in own_posts(reading) if one.get(counter))
    return each_of(filter(is_due, posts), tell)


def _did(who: Any) -> str:
    return str(who.get("did", "")) if isinstance(who, dict) else ""


def _rate(url: str) -> Rate:
    """Servers, and signing in, have limits of their own; the reset is told as an epoch.

    https://docs.bsky.app/docs/advanced-guides/rate-limits
    """
    of = SIGN_IN if url.endswith(SIGN_IN) else url.partition("/xrpc/")[0]
    left, reset, limit = "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Limit"
    return Rate(3000, 300, left, reset, of=of, limit_header=limit)


def _around(
    stream: str, method: str, key: str, name: str, read: Callable[..., Iterator[Observation]]
) -> Stream:
    counter = f"{stream.removesuffix('s')}Count"
    fetch = partial(fetch_around, stream=stream, method=method, key=key, name=name, counter=counter)
    return Stream(stream, fetch, read, 30, hangs_on="posts", rewalks=True)


BLUESKY = Platform(
    name="bluesky",
    options=BlueskyOptions,
    base_url=_base_url,
    authenticate=sign,
    # A session lasts some hours. 30 sign-ins per 5 minutes and 100 a day are allowed.
    sign_in=SignIn(SIGN_IN, session, "accessJwt"),
    judge=judge,
    rate=_rate,
    check=check,
    text_keys=frozenset({"text", "alt", "title", "description", "tag"}),
    streams=(
        Stream("posts", fetch_posts, read_post, lookback_days=30, rewalks=True),
        Stream("notifications", fetch_notifications, read_notification, 7, needs_token=True),
        _around("likes", "app.bsky.feed.getLikes", "likes", "like", read_like),
        _around("reposts", "app.bsky.feed.getRepostedBy", "repostedBy", "by", read_repost),
        _around("quotes", "app.bsky.feed.getQuotes", "posts", "post", read_post),
        Stream("threads", fetch_threads, read_post, 30, hangs_on="posts", rewalks=True),
        Stream("searches", fetch_searches, read_post, 2, needs_token=True, rewalks=True),
        Stream("liked", fetch_liked, read_liked, 7, needs_token=True, rewalks=True),
        Stream("messages", fetch_messages, read_direct, 7, needs_token=True, is_direct=True),
        Stream("profiles", fetch_profiles, read_profile, 30, hangs_on="threads"),
        Stream("followers", fetch_followers, read_profile, is_snapshot=True),
    ),
)
