"""What may enter the lake at all: the organisation's privacy switches, applied at the door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from extractors.platform import Fetched, Item, Platform, SetAside, Stream
from lake.organisation import Privacy


def admitted(
    fetched: Iterable[Fetched | SetAside],
    privacy: Privacy,
    platform: Platform,
    stream: Stream,
) -> Iterator[Fetched | SetAside]:
    """Leave out direct messages and blank texts where the organisation says so.

    `fetched` asks the platform as it goes on: what is not taken from it is never asked for.
    """
    if stream.is_direct and not privacy.direct_messages:
        return
    for each in fetched:
        if isinstance(each, SetAside):
            yield replace(each, text="") if privacy.metadata_only else each
        elif privacy.direct_messages or not _is_direct(each.item, platform):
            yield _blanked(each, platform.text_keys) if privacy.metadata_only else each


def _is_direct(item: Item, platform: Platform) -> bool:
    try:
        return bool(platform.is_direct and platform.is_direct(item))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False  # the read step sets it aside and counts it


def _blanked(fetched: Fetched, text_keys: frozenset[str]) -> Fetched:
    def blank(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: "" if key in text_keys and isinstance(inner, str) else blank(inner)
                for key, inner in value.items()
            }
        return [blank(inner) for inner in value] if isinstance(value, list) else value

    return replace(fetched, item=blank(fetched.item))
