"""What raw holds of posts and comments, and what became of those that a list no longer tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from extractors.platform import Elements, Fetched, Item, Reading, Window
from extractors.platforms.wordpress.asking import by_ids
from extractors.windows import moment


def held(reading: Reading, route: str, window: Window) -> dict[int, Item]:
    """What raw holds as there of the window's posts or comments: by id, without their words.

    What the stream of late changes said last counts first: it looks after what is wrong in it.
    """
    known: dict[int, Item] = {}
    for stream in ("late_changes", route):
        for item in reading.raw(stream, window.start, window.end):
            if _written_at(item) in window and ("post" in item) == (route == "comments"):
                known.setdefault(item["id"], _mark(item))
    return {one: mark for one, mark in known.items() if "gone" not in mark}


def asked_again(reading: Reading, stream: str, route: str, lacking: Mapping[int, Item]) -> Elements:
    """What a list does not tell and raw holds: as it is now, or that it is gone for everybody.

    That is so for what is deleted, in the trash, spam, or not approved any more.
    """
    missing = yield from by_ids(reading, stream, route, lacking)
    yield from (Fetched({**lacking[one], "gone": True}) for one in sorted(missing))


def _mark(item: Item) -> Item:
    kept = ("id", "post", "date_gmt", "_links", "gone")
    return {key: item[key] for key in kept if key in item}


def _written_at(item: Any) -> datetime | None:
    try:
        return moment(item["date_gmt"]) if isinstance(item["id"], int) else None
    except (KeyError, TypeError, ValueError):
        return None
