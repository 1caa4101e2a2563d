"""What hangs on own posts: their counters, who acted on them, and the talk around them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

from more_itertools import chunked

from extractors.errors import NotThere
from extractors.platform import NOT_TOLD, Elements, Fetched, Item, Reading, SetAside, safely, untold
from extractors.platforms.x.asking import (
    BEGINNING,
    USER_FIELDS,
    elements_of,
    joined,
    note_told,
    notes_told,
    pages_of,
    post_fields,
    reach_of,
    search_path,
    while_paid,
    zulu,
)
from extractors.platforms.x.items import is_not_found
from extractors.platforms.x.money import Lot, OverBudget, pay, people_at, posts_at, unpaid
from extractors.platforms.x.posts import FetchedPost, Post, posts_held
from extractors.windows import moment

AT_ONCE = 12  # threads: so many fit into a search of 512 characters

Answers = dict[str, dict[str, Post]]
"""By versions of posts: what refers to that version, by the ids under which it was first made."""


def fetch_counters(reading: Reading) -> Elements:
    """Own posts as they are now, with their counters and nothing that costs more; or gone."""
    yield from _looked_up(reading, "counters", {one.id: one for one in _own_posts(reading)})


def _looked_up(reading: Reading, stream: str, posts: Mapping[str, Post]) -> Elements:
    """Posts as they are now, or that they are gone, where X does not find the ids to ask for."""
    fields, left, price = post_fields(reading), list(posts), reading.options.prices.post
    del fields["expansions"]
    lot = Lot("post", price, price)
    while left:
        try:
            size = lot.page_size(reading, stream, 1)
        except OverBudget as error:
            what = "their counters, and whether they are deleted, are"
            yield unpaid(error, what, row_count=len(left))
            return
        due, left = {one: posts[one] for one in left[:size]}, left[size:]
        asked = {**fields, "ids": ",".join(due)}
        body = reading.client.get("2/tweets", asked, stream=stream).json()
        pay(reading, lot.kind, lot.price, elements_of(body))
        yield from joined(body)
        yield from _gone(body, due)


def _gone(body: Item, asked: Mapping[str, Post]) -> Elements:
    """Posts that X does not find; of those that it does not let us see nothing is known."""
    for error in body.get("errors") or []:
        post = asked.get(error.get("resource_id"))
        if post and is_not_found(error):
            yield Fetched({"id": post.first, "created_at": post.created_at, "gone": True})


def fetch_around(reading: Reading, *, stream: str, path: str, counts: str) -> Elements:
    """Who liked or reposted own posts, each with the post's id; or quotes of them.

    Only where the counter is another than when they were last told. A quote that was told then and
    is not told any more is looked up: it may be deleted.
    """
    noted = notes_told(reading, stream)

    def has_changed(post: Post) -> bool:
        known = noted.get(post.first, {"counts": {}})["counts"]
        return bool(known.get(post.first, 0) != (post.counter(counts) or 0))

    changed = [one for one in _own_posts(reading) if has_changed(one)]
    quoted = [version for one in changed for version in one.versions if stream == "quotes"]
    quotes = _referring(reading, "quoted", quoted, ["quotes"])

    def tell(post: Post) -> Elements:
        told, missing = 0, dict[str, Post]()
        for version in post.versions:
            missing |= quotes.get(version, {})
        for each in _around(reading, post, stream, path):
            told += 1
            if isinstance(each, FetchedPost):
                missing.pop(each.post.first, None)
            yield each
        yield from untold(post.first, counted := post.counter(counts) or 0, told, stream)
        yield from _looked_up(reading, stream, missing)
        yield note_told(post.first, {post.first: counted})

    return _each(reading, changed, tell)


def _around(reading: Reading, post: Post, stream: str, path: str) -> Elements:
    prices, address = reading.options.prices, f"2/tweets/{quote(post.id, safe='')}/{path}"
    if stream == "quotes":
        lot, asked = posts_at(prices.post, prices, smallest=10), post_fields(reading)
    else:
        lot, asked = people_at(prices.user), {"user.fields": USER_FIELDS}
    for page, body in pages_of(reading, stream, address, asked, lot, cursor="pagination_token"):
        if stream == "quotes":
            yield from joined(body, page)
        else:
            for each in elements_of(body):
                yield Fetched({"post_id": post.first, "user": each}, page)


def fetch_conversations(reading: Reading) -> Elements:
    """What is new in the threads around own posts and mentions of us.

    Where nothing is new the search finds nothing, which costs nothing.
    """
    own, window = {post.first: post for post in _own_posts(reading)}, reading.window
    noted = notes_told(reading, "conversations")
    threads = _threads(reading, own, noted)
    since = {one: moment(noted[one]["until"]) for one in threads if one in noted}
    due = [one for one in threads if one not in since or since[one] < window.end]
    if due and window.end <= reach_of(reading):
        reason = f"{NOT_TOLD}the search does not reach back so far: these threads are unread"
        yield SetAside("", reason, row_count=len(due))
        return
    answered = [post.id for one in due for post in threads[one]]
    answers = _referring(reading, "replied_to", answered, ("posts", "mentions", "conversations"))

    def tell(group: Sequence[str]) -> Elements:
        started = min((since[one] for one in group if one in since), default=None)
        yield from _found(reading, group, started, answers)
        for one in group:
            counts = {post.first: post.counter("reply") for post in threads[one]}
            before = noted[one]["counts"] if one in noted else {}
            for post in threads[one]:
                first, told = post.first, answers[post.id]
                if (counted := counts[first]) is None or counted == before.get(first):
                    continue
                yield from untold(first, counted, len(told))
                if first in own and counted < len(told):  # some may be deleted
                    yield from _looked_up(reading, "conversations", told)
            yield note_told(one, counts, window.observed_at.isoformat())

    yield from _each(reading, _in_groups(due, since), tell)


def _threads(
    reading: Reading, own: Mapping[str, Post], noted: Mapping[str, Item]
) -> dict[str, list[Post]]:
    """Own posts of the window and mentions of us by thread, without what nobody ever answered."""
    talk = {
        key: post
        for key, post in own.items()
        if "replied_to" in post.refers_to or post.counter("reply") or post.thread in noted
    }
    for post in _posts_of_window(reading, "mentions"):
        talk.setdefault(post.first, post)
    threads: defaultdict[str, list[Post]] = defaultdict(list)
    for post in talk.values():
        if post.thread:
            threads[post.thread].append(post)
    return threads


def _in_groups(due: Sequence[str], since: Mapping[str, datetime]) -> list[list[str]]:
    """Threads by when they were read last, as many as are searched at once."""
    fresh, followed = ([one for one in due if (one in since) is old] for old in (False, True))
    lists = (fresh, sorted(followed, key=since.__getitem__))
    return [group for each in lists for group in chunked(each, AT_ONCE)]


def _found(
    reading: Reading, threads: Sequence[str], since: datetime | None, answers: Answers
) -> Elements:
    """What was said in threads since they were last read; notes what answers what."""
    window, query = reading.window, " OR ".join(f"conversation_id:{one}" for one in threads)
    asked = {**post_fields(reading), "query": query}
    start = since or BEGINNING
    if start >= reach_of(reading):  # X refuses one that it does not reach
        asked["start_time"] = zulu(start)
    if window.end == window.observed_at:
        asked["end_time"] = zulu(window.end)
    lot = posts_at(reading.options.prices.post, reading.options.prices, smallest=10)
    path = search_path(reading)
    pages = pages_of(reading, "conversations", path, asked, lot, cursor="next_token")
    for page, body in pages:
        for each in joined(body, page):
            yield each
            if isinstance(each, FetchedPost):
                _note_reference(each.post, "replied_to", answers)


def _referring(
    reading: Reading, kind: str, versions: Iterable[str], streams: Iterable[str]
) -> Answers:
    """What raw holds that answers or quotes these versions, without what is gone."""
    found: Answers = {version: {} for version in versions}
    gone = set[str]()
    for stream in streams if found else ():
        for post in posts_held(reading, stream, reading.window.start):
            if post.is_gone:
                gone.add(post.id)
            _note_reference(post, kind, found)
    for referring in found.values():
        for one in gone & referring.keys():
            del referring[one]
    return found


def _note_reference(post: Post, kind: str, found: Answers) -> None:
    if (version := post.refers_to.get(kind)) in found:
        found[version][post.first] = post


def _own_posts(reading: Reading) -> list[Post]:
    """Newest copies of what the account wrote in the window, without reposts and what is gone."""
    newest: dict[str, Post] = {}
    for stream in ("counters", "posts"):
        for post in _posts_of_window(reading, stream):
            newest.setdefault(post.first, post)
    return [one for one in newest.values() if not (one.is_gone or "retweeted" in one.refers_to)]


def _posts_of_window(reading: Reading, stream: str) -> Iterator[Post]:
    window = reading.window
    found = posts_held(reading, stream, window.start, window.end)
    return (post for post in found if post.made_at in window)


def _each(reading: Reading, things: Sequence[Any], tell: Callable[[Any], Elements]) -> Elements:
    """What is told of each thing, so that one that cannot be read does not stop the others."""
    left = len(things)

    def told() -> Elements:
        nonlocal left
        for thing in things:
            name = thing.first if isinstance(thing, Post) else ",".join(thing)
            with suppress(NotThere):  # deleted a moment ago: the next night's counters tell of it
                yield from safely(name, tell(thing))
            left -= 1

    yield from while_paid(reading, told(), lambda: ("these are", left))
