"""What may enter the lake at all: the organisation's privacy switches, applied at the door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

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
    is_direct = None if privacy.direct_messages else platform.is_direct
    for each in fetched:
        if isinstance(each, SetAside):
            yield replace(each, text="") if privacy.metadata_only else each
        elif not (is_direct and _holds(is_direct, each.item)):
            yield _blanked(each, platform.text_keys) if privacy.metadata_only else each


def _holds(is_direct: Callable[[Item], bool], item: Item) -> bool:
    try:
        return bool(is_direct(item))
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
