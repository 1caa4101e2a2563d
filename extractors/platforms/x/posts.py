"""A post as those who ask for posts look at it: what it is, what it refers to, what X counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from extractors.platform import Fetched, Item, Reading
from extractors.platforms.x.items import counter, references, versions
from extractors.windows import moment


class Post(Struct):
    """A post whose id, time and references can be relied on.

    `first` is the id under which it was first made, `refers_to` holds ids by `replied_to` and so
    on, `counters` what X counts. Without the item, so that a long history can be remembered.
    """

    id: str
    first: str
    versions: list[str]
    created_at: str
    made_at: datetime
    refers_to: dict[str, str]
    thread: str | None
    counters: Item
    is_gone: bool

    def counter(self, name: str) -> int | None:
        """One of its counters, such as `reply` or `retweet`."""
        return counter(self.counters, name)


class FetchedPost(Fetched, frozen=True, kw_only=True):
    """An item that is a post."""

    post: Post


def post_in(item: Item) -> Post | None:
    """The post that an item is; null for notes of ours and for what cannot be relied on."""
    try:
        told_at, post_id = item["created_at"], item["id"]
        if not isinstance(post_id, str):
            return None
        made_at, known, refers_to = moment(told_at), versions(item), references(item)
    except (KeyError, TypeError, ValueError):
        return None
    return Post(
        post_id,
        known[0],
        known,
        told_at,
        made_at,
        refers_to,
        item.get("conversation_id"),
        item.get("public_metrics") or {},
        bool(item.get("gone")),
    )


def posts_held(
    reading: Reading, stream: str, since: datetime, until: datetime | None = None
) -> Iterator[Post]:
    """The posts that raw holds of a stream, newest copies first; some may be from other days."""
    return filter(None, reading.raw(stream, since, until, post_in))
