"""The threads around what concerns us: below the topmost such post, and what stands above it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain

from extractors.errors import NotThere
from extractors.platform import Elements, Fetched, Item, Reading, SetAside, untold
from extractors.platforms.bluesky.asking import (
    ask_thread,
    each_of,
    held,
    look_up,
    newest,
    own,
    own_posts,
    uri_of,
)
from extractors.platforms.bluesky.items import concerns, is_post, sorted_at

DEPTH, HEIGHT = 100, 300  # of 1000 allowed: JSON nested deeper than Python reads helps nobody


def fetch_threads(reading: Reading) -> Elements:
    """The threads around own posts and what concerns us that raw does not hold as they are now.

    The post that led to a thread comes along: its `replyCount` says what has been read. Of what is
    no news but was rewritten, the post alone is told.
    """
    known = {uri: _mark(item) for uri, item in newest(held(reading, "threads")).items()}
    ours = {post["uri"]: post for post in own_posts(reading)}
    others = {uri: mark for uri, mark in known.items() if uri not in ours and not mark["gone"]}
    for item in chain(held(reading, "notifications"), held(reading, "quotes")):
        uri = uri_of(item)
        if is_post(uri) and uri not in known and uri not in ours:
            others.setdefault(uri, _mark(item))
    now, losses = look_up(reading, "threads", others)
    yield from losses
    news = {
        uri: post
        for uri, post in (ours | now).items()
        if _is_news(post, known.get(uri), is_rewalk=reading.is_rewalk)
    }
    yield from _threads(reading, news)
    for uri, post in now.items():
        before = known.get(uri)
        if uri not in news and (before is None or before["cid"] != post.get("cid")):
            yield _told(post, is_above=bool(before and before["is_above"]))


def _threads(reading: Reading, news: dict[str, Item]) -> Elements:
    """The threads of all these posts, each post once."""
    told: set[str] = set()
    due = (post for post in sorted(news.values(), key=_age) if post["uri"] not in told)
    did = own(reading, "threads")["did"] if news else ""
    for each in each_of(due, partial(_thread, reading, did)):
        if isinstance(each, SetAside):
            yield each
        elif (uri := uri_of(each.item)) not in told:
            told.add(uri)
            yield each


def _mark(item: Item) -> Item:
    """What must be remembered of a post that raw holds."""
    post = item.get("post", item)
    told = {"count": post.get("replyCount"), "cid": post.get("cid")}
    return {"post": post, **told, "gone": "gone" in item, "is_above": "is_above" in item}


def _is_news(post: Item, before: Item | None, *, is_rewalk: bool) -> bool:
    if before and before["is_above"]:
        return False
    if before is None or is_rewalk:
        return bool((post.get("record") or {}).get("reply") or post.get("replyCount"))
    return bool(before["count"] != post.get("replyCount"))


def _age(post: Item) -> str:
    return str(sorted_at(post))


def _told(post: Item, *, is_above: bool = False) -> Fetched:
    return Fetched({"post": post, "is_above": True} if is_above else {"post": post})


def _thread(reading: Reading, did: str, post: Item) -> Elements:
    """A thread below the topmost post that concerns us, and what that answers."""
    tree = _ask(reading, post["uri"])
    nodes = [tree, *_above(tree)]
    highest = nodes[-1]["post"]
    if highest["record"].get("reply") and "parent" not in nodes[-1]:
        yield SetAside(highest["uri"], "the thread is cut off above this post")
    above = [node["post"] for node in nodes[1:]]
    top = max((place for place, each in enumerate(above) if concerns(each, did)), default=-1)
    if top >= 0:
        tree = _ask(reading, above[top]["uri"])
    yield from _below(reading, tree)
    yield from map(_told, (post, *above[: max(top, 0)]))
    yield from (_told(each, is_above=True) for each in above[top + 1 :])


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
        yield _told(node["post"])
        yield from untold(uri, post.get("replyCount"), len(answers), "answers")
        due += [(each, levels - 1) for each in answers if "post" in each]


def _asked_again(reading: Reading, node: Item) -> Item:
    """A post with its answers; as it was, if it has been deleted or hidden a moment ago."""
    try:
        return _ask(reading, node["post"]["uri"])
    except NotThere:
        return node


def _ask(reading: Reading, uri: str) -> Item:
    return ask_thread(reading, "threads", uri, depth=DEPTH, height=HEIGHT)


def _levels(tree: Item) -> int:
    """How many levels of answers are told below a post."""
    count, level = -1, [tree]
    while level:
        count += 1
        level = [one for each in level for one in each.get("replies") or [] if "post" in one]
    return count
