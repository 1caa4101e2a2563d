"""How WordPress is asked: lists by numbered pages, things by their ids, a hundred at once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from more_itertools import chunked

from extractors.paging import numbered_pages
from extractors.platform import Elements, Fetched, Item, Reading, SetAside, Window, fetched
from extractors.platforms.wordpress import guests

PAGE_SIZE = 100  # the most WordPress gives
FIELDS = {
    "users": "id,name,slug,link,url,description",
    "posts": "id,date_gmt,modified_gmt,type,link,title,content,author,categories,tags",
    "comments": "id,post,parent,author,author_name,author_url,date_gmt,content,link,type,_links.up",
}
Asked = Generator[Fetched | SetAside, None, set[int]]


def within(window: Window, what: str = "") -> dict[str, str]:
    """Ask for what was written in the window, or, `modified_`, what was last changed in it."""
    after = window.start - timedelta(seconds=1)  # which is exclusive
    return {
        f"{what}after": f"{after:%Y-%m-%dT%H:%M:%SZ}",
        f"{what}before": f"{window.end:%Y-%m-%dT%H:%M:%SZ}",
    }


def listed(reading: Reading, stream: str, route: str, params: Mapping[str, str]) -> Elements:
    """Every element of a list, by id: ids never tie."""
    path, asked = f"{reading.options.api}/{route}", {"orderby": "id", "order": "asc"}
    asked["_fields"] = FIELDS.get(route, FIELDS["posts"])
    if route == "comments":
        evidence, how = guests.asked(reading)
        asked |= {"_fields": f"{asked['_fields']},{evidence}"} | how if evidence else {}
    asked |= params
    pages = numbered_pages(reading.client, path, asked, stream=stream, size=PAGE_SIZE)
    for page, elements in pages:
        for element in elements:
            if route == "comments" and isinstance(element, dict):
                guests.seal(element, reading)
            yield fetched(element, page)


def by_ids(reading: Reading, stream: str, route: str, ids: Iterable[int]) -> Asked:
    """What is there, for everybody, of these ids; returns those that are not."""
    wanted, there = sorted(set(ids)), set[Any]()
    for some in chunked(wanted, PAGE_SIZE):
        chosen = ",".join(map(str, some))
        for each in listed(reading, stream, route, {"include": chosen}):
            if isinstance(each, Fetched):
                there.add(each.item.get("id"))
            yield each
    missing = set(wanted) - there
    if missing and len(there) + len(missing) > len(wanted):  # a cache does not look at the ids
        reason = "the site tells other things than those asked for"
        yield SetAside("", reason, row_count=len(missing))
        return set()
    return missing


def ids_of(reading: Reading, stream: str, route: str, params: Mapping[str, str]) -> set[int]:
    """The ids alone of a list."""
    elements = listed(reading, stream, route, {**params, "_fields": "id"})
    return {each.item["id"] for each in elements if isinstance(each, Fetched)}


def count(reading: Reading, stream: str, route: str, params: Mapping[str, str]) -> int | None:
    """How many elements a list has; null where a proxy keeps that to itself."""
    asked = {**params, "per_page": "1", "_fields": "id"}
    answer = reading.client.get(f"{reading.options.api}/{route}", asked, stream=stream)
    total = answer.headers.get("X-WP-Total", "")
    return int(total) if total.isdecimal() else None


def with_what_they_answer(reading: Reading, stream: str, comments: Elements) -> Elements:
    """Comments, and what they answer, however old it is: comments, posts, pages.

    A post that comments were gone of is looked for as well, and may be gone itself.
    """
    threads = _Threads()
    yield from threads.noting(comments)
    while unseen := threads.unseen_comments():
        yield from threads.noting(by_ids(reading, stream, "comments", unseen))
    for route, posts in threads.posts.items():
        missing = yield from by_ids(reading, stream, route, posts)
        for one in sorted(missing & threads.doubtful):
            yield Fetched({"id": one, "gone": True})


@lru_cache(maxsize=1024)
def _post_above(links: str) -> tuple[str, int] | None:
    """The API route and the id of the post that comments stand under."""
    found = re.search(r"wp/v2/([\w-]+)/(\d+)", unquote(links))
    return (found[1], int(found[2])) if found else None


@dataclass
class _Threads:
    """What the comments seen so far belong to: ids of comments, and of posts by their API route."""

    seen: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    posts: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    doubtful: set[int] = field(default_factory=set)

    def noting(self, comments: Elements) -> Elements:
        for each in comments:
            if isinstance(each, Fetched):
                self.note(each.item)
            yield each

    def note(self, comment: Item) -> None:
        self.seen.add(comment.get("id", 0))
        parent = comment.get("parent")
        if parent and isinstance(parent, int):
            self.answered.add(parent)
        links = comment.get("_links")  # PHP writes an empty object as []
        found = _post_above(str(links.get("up"))) if isinstance(links, dict) else None
        if found:
            route, post = found
            self.posts[route].add(post)
            if "gone" in comment:
                self.doubtful.add(post)

    def unseen_comments(self) -> set[int]:
        """Each but once, since some are deleted or were never approved."""
        unseen = self.answered - self.seen
        self.seen |= unseen
        return unseen
