"""What raw holds of posts and comments, and what became of those that a list no longer tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from extractors.platform import Elements, Fetched, Item, Reading, Window
from extractors.platforms.wordpress.asking import by_ids
from extractors.windows import moment

_MARK = ("id", "post", "date_gmt", "_links", "gone")


def held(reading: Reading, route: str, window: Window) -> dict[int, Item]:
    """What raw holds as there of the window's posts or comments: by id, without their words.

    What the stream of late changes said last counts first: it looks after what is wrong in it.
    """
    known: dict[int, Item] = {}
    for stream in ("late_changes", route):
        for told in filter(None, reading.raw(stream, window.start, window.end, _marked)):
            written_at, mark = told
            if written_at in window and ("post" in mark) == (route == "comments"):
                known.setdefault(mark["id"], mark)
    return {one: mark for one, mark in known.items() if "gone" not in mark}


def asked_again(reading: Reading, stream: str, route: str, lacking: Mapping[int, Item]) -> Elements:
    """What a list does not tell and raw holds: as it is now, or that it is gone for everybody.

    That is so for what is deleted, in the trash, spam, or not approved any more.
    """
    missing = yield from by_ids(reading, stream, route, lacking)
    yield from (Fetched({**lacking[one], "gone": True}) for one in sorted(missing))


def _marked(item: Item) -> tuple[datetime, Item] | None:
    """When it was written, and the item without its words; null for what cannot be read."""
    try:
        written_at = moment(item["date_gmt"])
        is_numbered = isinstance(item["id"], int)
    except (KeyError, TypeError, ValueError):
        return None
    return (written_at, {key: item[key] for key in _MARK if key in item}) if is_numbered else None
