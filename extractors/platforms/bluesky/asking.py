"""How Bluesky is asked, and what became of what is missing from an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

import requests
from more_itertools import chunked

from extractors.client import Answer, Credentials, bearer
from extractors.errors import BadCredentials, NotThere, ReadingError, Unreadable
from extractors.paging import Pages, cursor_pages
from extractors.platform import Elements, Fetched, Item, Reading, SetAside, safely
from extractors.platforms.bluesky.items import author_of, is_post, sorted_at

PAGE, BATCH = 100, 25  # the most the lists and the look-ups take
EMPTY_PAGES = 3  # pages may be empty in the midst, where all on them is hidden
ACTS = {"liked", "reason"}  # keys of items that tell what somebody did to a post
CHAT = "did:web:api.bsky.chat#bsky_chat"  # what keeps the direct messages of all accounts


def sign(request: requests.PreparedRequest, held: Credentials) -> None:
    """Put the token in; the account's server passes on to `CHAT` what is asked of that."""
    bearer(request, held)
    if "/xrpc/chat.bsky." in (request.url or ""):
        request.headers["atproto-proxy"] = CHAT


def judge(answer: Answer, _: datetime) -> ReadingError | None:
    """What a refusal's words mean; null where the status says it all."""
    error, message = _refusal(answer)
    if error in {"NotFound", "InvalidConvo"}:
        return NotThere("deleted or hidden", **answer.place)
    if message.startswith("Bad token "):
        return BadCredentials("the app password does not allow direct messages", **answer.place)
    return None


def _refusal(answer: Answer) -> tuple[str, str]:
    try:
        body = answer.json()
        return str(body["error"]), str(body.get("message"))
    except (Unreadable, KeyError, TypeError, AttributeError):
        return "", ""


def public(reading: Reading, method: str) -> str:
    """The address of a method of the app view, which is never signed."""
    return f"{reading.options.appview}/xrpc/{method}"


def actor(reading: Reading) -> str:
    """Whom we read, as requests name them."""
    return reading.account.account.removeprefix("@")


def own(reading: Reading, stream: str) -> Item:
    """The account's own profile."""
    method = public(reading, "app.bsky.actor.getProfile")
    told: Item = reading.client.get(method, {"actor": actor(reading)}, stream=stream).json()
    return told


def pages(
    reading: Reading, stream: str, address: str, key: str, asked: Mapping[str, str] | None = None
) -> Pages:
    """A list that goes on with a cursor."""

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


def held(reading: Reading, stream: str) -> Iterator[Item]:
    """The window's items of a stream that raw holds, newest copies first."""
    told = reading.raw(stream, reading.window.start, reading.window.end)
    return (item for item in told if sorted_at(item) in reading.window)


def newest(items: Iterable[Item]) -> dict[str, Item]:
    """The first, which is the newest, of all copies of a post."""
    found: dict[str, Item] = {}
    for item in items:
        if is_post(uri_of(item)):
            found.setdefault(uri_of(item), item)
    return found


def living(items: Iterable[Item]) -> dict[str, Item]:
    """Newest copies of posts, without those that are gone."""
    return {uri: item for uri, item in newest(items).items() if "gone" not in item}


def own_posts(reading: Reading) -> list[Item]:
    """Newest copies of what the account wrote in the window, without what is gone."""
    feed = held(reading, "posts")
    written = living(each for each in feed if "by" not in (each.get("reason") or {}))
    return [each["post"] for each in written.values()]


def with_missing(reading: Reading, stream: str, listed: Elements) -> Elements:
    """A list, and what became of the window's posts that are not in it any more."""
    told = set()
    for each in listed:
        if isinstance(each, Fetched):
            told.add(uri_of(each.item))
        yield each
    known = living(held(reading, stream))
    left_out = {uri: item for uri, item in known.items() if uri not in told}
    now, losses = look_up(reading, stream, left_out)
    for uri, post in now.items():
        if not ACTS & left_out[uri].keys():  # else we like or repost it no more
            yield Fetched({"post": post})
    yield from losses


def look_up(
    reading: Reading, stream: str, known: Mapping[str, Item]
) -> tuple[dict[str, Item], list[Fetched | SetAside]]:
    """Posts as they are now, and that others are gone.

    Whatever is left out of an answer is asked for alone, and gone only if that is refused. A
    deleted account is told as well. Of one that is deactivated or suspended nothing is told, for
    it may come back.
    """
    now = views(reading, stream, known)
    left_out = [uri for uri in known if uri not in now]
    authors = dict.fromkeys(map(author_of, left_out))
    refusals = {did: _refusal_of(reading, stream, did) for did in authors}
    deleted = {did for did, refusal in refusals.items() if refusal == "Profile not found"}
    if deleted:
        own(reading, stream)  # fails where the platform knows nobody at all
    losses: list[Fetched | SetAside] = [Fetched({"gone": did}) for did in authors if did in deleted]
    for uri in left_out:
        if author_of(uri) in deleted:
            losses.append(_gone(known[uri]))
        elif not refusals[author_of(uri)]:
            try:
                now[uri] = ask_thread(reading, stream, uri, depth=0, height=0)["post"]
            except NotThere:
                losses.append(_gone(known[uri]))
            except Unreadable as error:
                losses.append(SetAside(uri, error.reason))
    return now, losses


def views(reading: Reading, stream: str, uris: Iterable[str]) -> dict[str, Item]:
    """Posts as they are now, without those that the platform leaves out."""
    found: dict[str, Item] = {}
    method = public(reading, "app.bsky.feed.getPosts")
    for batch in chunked(dict.fromkeys(uris), BATCH):
        answer = reading.client.get(method, {"uris": batch}, stream=stream)
        found |= {post["uri"]: post for post in answer.json()["posts"]}
    return found


def _refusal_of(reading: Reading, stream: str, did: str) -> str:
    """Why the platform does not tell of an account; empty if it does."""
    method = public(reading, "app.bsky.actor.getProfile")
    answer = reading.client.get(method, {"actor": did}, stream=stream, expected={400})
    return _refusal(answer)[1] or "unknown" if answer.status == 400 else ""


def _gone(item: Item) -> Fetched:
    """That a post is gone, and when it was told: without what it said."""
    post = item.get("post", item)
    kept = {key: post.get(key) for key in ("uri", "indexedAt")}
    kept["record"] = {"createdAt": (post.get("record") or {}).get("createdAt")}
    dated = {key: item[key] for key in ACTS & item.keys()}
    return Fetched({"gone": post["uri"], "post": kept, **dated})


def ask_thread(reading: Reading, stream: str, uri: str, *, depth: int, height: int) -> Item:
    """The thread around a post; `NotThere` if that is deleted or hidden."""
    asked = {"uri": uri, "depth": depth, "parentHeight": height}
    method = public(reading, "app.bsky.feed.getPostThread")
    answer = reading.client.get(method, asked, stream=stream)
    tree: Item = answer.json()["thread"]
    if "post" not in tree:
        raise NotThere("deleted or hidden", **answer.place)
    return tree


def each_of(posts: Iterable[Item], tell: Callable[[Item], Elements]) -> Elements:
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


def uri_of(item: Item) -> str:
    """The address of the post that an item is about."""
    post = item.get("post", item)
    return str(post.get("uri")) if isinstance(post, dict) else ""
