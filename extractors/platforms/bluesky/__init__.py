"""Bluesky, and every app view of the AT Protocol that answers like it.

`account` is our handle or DID. What is public is asked of the public app view (`appview`), never
signed, so that what we see does not depend on whom our account blocks or is blocked by. With an app
password, given to the server that holds the account (`server`), come notifications, and the
`searches` to follow.

What is surprising:

- Old posts get new answers. Own posts are re-read for 30 days, and everybody else's in threads that
  concern us are looked up, 25 at a time; where `replyCount` differs from what the stream of threads
  last held, the thread is told again. `replyCount` counts direct answers only. What stands above
  the topmost post that concerns us is told, but its other answers are not followed.
- A thread is told only to some depth, whatever depth is asked for (ten levels, 2026). So it is
  asked for again where it breaks off. Fewer answers than counted are set aside with the reason.
- A deletion shows as absence from a look-up by address. Whatever is missing is asked for once more.
  Posts of accounts that are deactivated or suspended are missing as well, until they come back.
- Lists come in the order of the earlier of `createdAt` and `indexedAt`, so that is what a window
  cuts; what was imported later with old dates is found only where it is sorted. A cursor is the
  platform's own: a history read by months walks from the newest post each time.
- Posts are not edited; direct messages are not read.

API: https://docs.bsky.app/docs/category/http-reference
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

from pydantic import Field

from extractors.client import Credentials, Rate, SignIn
from extractors.errors import NotThere
from extractors.observations import Observation
from extractors.paging import Pages, cursor_pages
from extractors.platform import (
    Fetched,
    Item,
    Options,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
    safely,
    untold,
)
from extractors.platforms.bluesky.access import SIGN_IN, check, session
from extractors.platforms.bluesky.items import (
    concerns,
    is_post,
    read_like,
    read_notification,
    read_post,
    read_profile,
    read_repost,
    sorted_at,
)
from lake.organisation import AccountToRead

PAGE, BATCH = 100, 25  # the most the lists and the look-ups take
DEPTH, HEIGHT = 100, 300  # of 1000 allowed: JSON nested deeper than Python reads helps nobody
EMPTY_PAGES = 3  # pages may be empty in the midst, where all on them is hidden
HOST = r"^(https://[^\s/@?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?)$"

Elements = Iterator[Fetched | SetAside]


class BlueskyOptions(Options):
    """Whom to ask, and the talk to follow."""

    appview: str = Field("https://public.api.bsky.app", pattern=HOST)
    server: str = Field("https://bsky.social", pattern=HOST)
    searches: tuple[str, ...] = ()


def _base_url(_: AccountToRead, options: BlueskyOptions, held: Credentials | None) -> str:
    return (held.base_url or options.server) if held and held.secret else options.appview


def fetch_posts(reading: Reading) -> Elements:
    """What the account wrote and reposted, and what it wrote and has deleted since."""
    asked = {"actor": _actor(reading), "filter": "posts_with_replies"}
    method, seen = _public(reading, "app.bsky.feed.getAuthorFeed"), set()
    for each in _walk(reading, _pages(reading, "posts", method, "feed", asked)):
        if isinstance(each, Fetched):
            seen.add(_uri(each.item))
        yield each
    missing = {one["uri"]: one for one in _own_posts(reading) if one["uri"] not in seen}
    now = _look_up(reading, "posts", missing)
    yield from (Fetched({"post": one}) for one in now.values())
    yield from (_gone(one) for uri, one in missing.items() if uri not in now)


def fetch_notifications(reading: Reading) -> Elements:
    """What others did towards the account."""
    method = "xrpc/app.bsky.notification.listNotifications"
    return _walk(reading, _pages(reading, "notifications", method, "notifications"))


def fetch_searches(reading: Reading) -> Elements:
    """What the platform finds for the searches to follow."""
    window = {"since": reading.window.start, "until": reading.window.end}
    asked = {key: f"{told:%Y-%m-%dT%H:%M:%SZ}" for key, told in window.items()}
    for words in reading.options.searches:
        params, method = {"q": words, "sort": "latest", **asked}, "xrpc/app.bsky.feed.searchPosts"
        for each in _walk(reading, _pages(reading, "searches", method, "posts", params)):
            yield Fetched({"post": each.item}, each.page) if isinstance(each, Fetched) else each


def fetch_followers(reading: Reading) -> Elements:
    """Who the account is and who follows it now."""
    own = _own(reading, "followers")
    yield Fetched({"profile": own})
    told, asked = 0, {"actor": own["did"]}
    method = _public(reading, "app.bsky.graph.getFollowers")
    for page, people in _pages(reading, "followers", method, "followers", asked):
        told += len(people)
        yield from (Fetched({"profile": each, "follows": own["did"]}, page) for each in people)
    yield from untold(own["did"], own.get("followersCount"), told, "followers")


def fetch_profiles(reading: Reading) -> Elements:
    """Who they are whom we met in threads, quotes and searches, each once in the window."""
    since, streams = reading.window.start, ("threads", "quotes", "searches")
    known = {_did(item.get("profile")) for item in reading.raw("profiles", since)} | {""}
    items = (item.get("post") or {} for each in streams for item in reading.raw(each, since))
    met = dict.fromkeys(_did(post.get("author")) for post in items)
    for batch in _batches([did for did in met if did not in known]):
        method = _public(reading, "app.bsky.actor.getProfiles")
        answer = reading.client.get(method, {"actors": batch}, stream="profiles").json()
        yield from (Fetched({"profile": each}) for each in answer["profiles"])


def fetch_around(
    reading: Reading, *, stream: str, method: str, key: str, name: str, counter: str
) -> Elements:
    """Who liked, reposted or quoted own posts whose counter differs from when it was last read."""
    before: dict[str, int] = {}
    for item in reading.raw(stream, reading.window.start):
        before.setdefault(item["of"]["uri"], item["of"]["count"])

    def tell(post: Item) -> Elements:
        told, of = 0, {"uri": post["uri"], "count": post[counter]}
        asked, address = {"uri": post["uri"]}, _public(reading, method)
        for page, elements in _pages(reading, stream, address, key, asked):
            told += len(elements)
            yield from (Fetched({"of": of, name: each}, page) for each in elements)
        yield from untold(post["uri"], post[counter], told, stream)

    posts = (one for one in _own_posts(reading) if one.get(counter))
    return _each((one for one in posts if one[counter] != before.get(one["uri"])), tell)


def fetch_threads(reading: Reading) -> Elements:
    """The threads around own posts and what concerns us that raw does not hold as they are now.

    The post that led to a thread comes along: its `replyCount` says what has been read.
    """
    known: dict[str, Item] = {}
    for item in _held(reading, "threads"):
        known.setdefault(_uri(item), _mark(item))
    own = {post["uri"]: post for post in _own_posts(reading)}
    others = {uri: mark for uri, mark in known.items() if uri not in own and not mark["gone"]}
    for item in chain(_held(reading, "notifications"), _held(reading, "quotes")):
        uri = _uri(item)
        if is_post(uri) and uri not in known and uri not in own:
            others.setdefault(uri, _mark(item))
    now = _look_up(reading, "threads", others)
    yield from (_gone(mark["post"]) for uri, mark in others.items() if uri not in now)
    news = [one for one in (own | now).values() if _is_news(one, known.get(one["uri"]))]
    told: set[str] = set()
    due = (one for one in sorted(news, key=_age) if one["uri"] not in told)
    did = _own(reading, "threads")["did"] if news else ""
    for each in _each(due, partial(_thread, reading, did)):
        if isinstance(each, SetAside):
            yield each
        elif (uri := _uri(each.item)) not in told:
            told.add(uri)
            yield each


def _mark(item: Item) -> Item:
    """What must be remembered of a post that raw holds."""
    post = item.get("post", item)
    is_above, count = "is_above" in item, post.get("replyCount")
    return {"post": post, "count": count, "gone": "gone" in item, "is_above": is_above}


def _is_news(post: Item, before: Item | None) -> bool:
    if before is None:
        return bool((post.get("record") or {}).get("reply") or post.get("replyCount"))
    return not before["is_above"] and before["count"] != post.get("replyCount")


def _age(post: Item) -> str:
    return str(sorted_at(post))


def _thread(reading: Reading, did: str, post: Item) -> Elements:
    """A thread below the topmost post that concerns us, and what that answers."""
    tree = _ask_thread(reading, post["uri"])
    nodes = [tree, *_above(tree)]
    highest = nodes[-1]["post"]
    if highest["record"].get("reply") and "parent" not in nodes[-1]:
        yield SetAside(highest["uri"], "the thread is cut off above this post")
    above = [node["post"] for node in nodes[1:]]
    top = max((place for place, each in enumerate(above) if concerns(each, did)), default=-1)
    if top >= 0:
        tree = _ask_thread(reading, above[top]["uri"])
    yield from _below(reading, tree)
    yield from (Fetched({"post": each}) for each in (post, *above[: max(top, 0)]))
    yield from (Fetched({"post": each, "is_above": True}) for each in above[top + 1 :])


def _above(node: Item) -> Iterator[Item]:
    """What a post answers, nearest first, as far as it is told."""
    while "post" in (node := node.get("parent") or {}):
        yield node


def _below(reading: Reading, tree: Item) -> Elements:
    """A post and all that answers it; where the answer breaks off, the platform is asked again."""
    due = [(tree, _levels(tree))]
    asked = {tree["post"]["uri"]}
    while due:
        node, levels = due.pop()
        post, uri = node["post"], node["post"]["uri"]
        if not levels and post.get("replyCount") and uri not in asked:
            asked.add(uri)
            node = _asked_again(reading, node)
            levels = _levels(node)
        answers = node.get("replies") or []
        yield Fetched({"post": node["post"]})
        yield from untold(uri, post.get("replyCount"), len(answers), "answers")
        due += [(each, levels - 1) for each in answers if "post" in each]


def _asked_again(reading: Reading, node: Item) -> Item:
    """A post with its answers; as it was, if it has been deleted or hidden a moment ago."""
    try:
        return _ask_thread(reading, node["post"]["uri"])
    except NotThere:
        return node


def _levels(tree: Item) -> int:
    """How many levels of answers are told below a post."""
    count, level = -1, [tree]
    while level:
        count += 1
        level = [one for each in level for one in each.get("replies") or [] if "post" in one]
    return count


def _ask_thread(reading: Reading, uri: str) -> Item:
    """The thread around a post; `NotThere` if that is deleted or hidden, which is HTTP 400 here."""
    asked = {"uri": uri, "depth": DEPTH, "parentHeight": HEIGHT}
    method = _public(reading, "app.bsky.feed.getPostThread")
    answer = reading.client.get(method, asked, stream="threads", expected={400})
    body = answer.json()
    if answer.status == 400 and body.get("error") != "NotFound":
        raise answer.unreadable("HTTP 400: the platform refuses this request")
    if answer.status == 400 or "post" not in body["thread"]:
        raise NotThere("the thread is deleted or hidden", **answer.place)
    tree: Item = body["thread"]
    return tree


def _own(reading: Reading, stream: str) -> Item:
    """The account's own profile."""
    method, asked = _public(reading, "app.bsky.actor.getProfile"), {"actor": _actor(reading)}
    own: Item = reading.client.get(method, asked, stream=stream).json()
    return own


def _own_posts(reading: Reading) -> list[Item]:
    """Newest copies of what the account wrote in the window, without what is gone."""
    newest: dict[str, Item] = {}
    for item in _held(reading, "posts"):
        if is_post(_uri(item)) and "by" not in (item.get("reason") or {}):
            newest.setdefault(_uri(item), item)
    return [each["post"] for each in newest.values() if "gone" not in each]


def _held(reading: Reading, stream: str) -> Iterator[Item]:
    """The window's items of a stream that raw holds, newest copies first."""
    for item in reading.raw(stream, reading.window.start):
        told = sorted_at(item)
        if told and reading.window.start <= told < reading.window.end:
            yield item


def _walk(reading: Reading, pages: Pages) -> Elements:
    """The window's part of a list that comes newest first; ends with a page that is all older."""
    for page, elements in pages:
        moments = [sorted_at(each) for each in elements]
        for told, element in zip(moments, elements, strict=True):
            if told is None or reading.window.start <= told < reading.window.end:
                yield fetched(element, page)
        if moments and all(told and told < reading.window.start for told in moments):
            return


def _look_up(reading: Reading, stream: str, uris: Iterable[str]) -> dict[str, Item]:
    """The posts as they are now; whatever is missing is asked for once more."""
    found: dict[str, Item] = {}
    method = _public(reading, "app.bsky.feed.getPosts")
    for _ in range(2):
        for batch in _batches([uri for uri in uris if uri not in found]):
            answer = reading.client.get(method, {"uris": batch}, stream=stream)
            found |= {post["uri"]: post for post in answer.json()["posts"]}
    return found


def _batches(names: list[str]) -> Iterator[list[str]]:
    return (names[start : start + BATCH] for start in range(0, len(names), BATCH))


def _each(posts: Iterable[Item], tell: Callable[[Item], Elements]) -> Elements:
    """What is told of each post, so that one that cannot be read does not stop the others.

    All of it or nothing: a part would pass for the whole when counters are compared tomorrow.
    """

    def at_once(post: Item) -> Elements:
        yield from list(tell(post))

    for post in posts:
        try:
            yield from safely(post["uri"], at_once(post))
        except NotThere:
            continue  # deleted a moment ago: tomorrow's look-up tells of it


def _pages(
    reading: Reading, stream: str, address: str, key: str, asked: Mapping[str, str] | None = None
) -> Pages:
    def next_page(body: Any) -> Mapping[str, str] | None:
        return {"cursor": body["cursor"]} if body.get("cursor") else None

    return cursor_pages(
        reading.client,
        address,
        {"limit": PAGE, **(asked or {})},
        stream=stream,
        elements_in=itemgetter(key),
        cursor_in=next_page,
        empty_pages=EMPTY_PAGES,
    )


def _public(reading: Reading, method: str) -> str:
    return f"{reading.options.appview}/xrpc/{method}"


def _actor(reading: Reading) -> str:
    return reading.account.account.removeprefix("@")


def _uri(item: Item) -> str:
    return str((item.get("post", item) or {}).get("uri"))


def _did(who: Any) -> str:
    return str(who.get("did", "")) if isinstance(who, dict) else ""


def _gone(post: Item) -> Fetched:
    """That a post is gone, and when it was: without what it said."""
    kept = {key: post.get(key) for key in ("uri", "indexedAt")}
    kept["record"] = {"createdAt": (post.get("record") or {}).get("createdAt")}
    return Fetched({"gone": post["uri"], "post": kept})


def _around(
    stream: str, method: str, key: str, name: str, read: Callable[..., Iterator[Observation]]
) -> Stream:
    counter = f"{stream.removesuffix('s')}Count"
    fetch = partial(fetch_around, stream=stream, method=method, key=key, name=name, counter=counter)
    return Stream(stream, fetch, read, 30, hangs_on="posts")


BLUESKY = Platform(
    name="bluesky",
    options=BlueskyOptions,
    base_url=_base_url,
    # A session lasts some hours. 30 sign-ins per 5 minutes and 100 a day are allowed.
    sign_in=SignIn(SIGN_IN, session, "accessJwt"),
    # https://docs.bsky.app/docs/advanced-guides/rate-limits; the reset is told as epoch.
    rate=Rate(3000, 300, "RateLimit-Remaining", "RateLimit-Reset"),
    check=check,
    text_keys=frozenset({"text", "alt", "title", "description", "tag"}),
    streams=(
        Stream("posts", fetch_posts, read_post, lookback_days=30),
        Stream("notifications", fetch_notifications, read_notification, 7, needs_token=True),
        _around("likes", "app.bsky.feed.getLikes", "likes", "like", read_like),
        _around("reposts", "app.bsky.feed.getRepostedBy", "repostedBy", "by", read_repost),
        _around("quotes", "app.bsky.feed.getQuotes", "posts", "post", read_post),
        Stream("threads", fetch_threads, read_post, lookback_days=30, hangs_on="posts"),
        Stream("searches", fetch_searches, read_post, lookback_days=2, needs_token=True),
        Stream("profiles", fetch_profiles, read_profile, 30, hangs_on="threads"),
        Stream("followers", fetch_followers, read_profile, is_snapshot=True),
    ),
)
