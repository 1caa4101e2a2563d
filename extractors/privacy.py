"""What may enter the lake at all: the organisation's privacy switches, applied at the door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from extractors.observations import MessageSeen
from extractors.platform import Fetched, Platform, SetAside, Stream
from lake.organisation import AccountToRead, Privacy


def admitted(
    fetched: Iterable[Fetched | SetAside],
    privacy: Privacy,
    platform: Platform,
    stream: Stream,
    account: AccountToRead,
) -> Iterator[Fetched | SetAside]:
    """Leave out direct messages and blank texts where the organisation says so.

    `fetched` asks the platform as it goes on: what is not taken from it is never asked for.
    """
    if stream.is_direct and not privacy.direct_messages:
        return
    drops_direct = platform.has_direct_messages and not privacy.direct_messages
    for each in fetched:
        if isinstance(each, SetAside):
            yield replace(each, text="") if privacy.metadata_only else each
        elif not (drops_direct and _is_direct(each, stream, account)):
            yield _blanked(each, platform.text_keys) if privacy.metadata_only else each


def _is_direct(fetched: Fetched, stream: Stream, account: AccountToRead) -> bool:
    try:
        said = list(stream.read(fetched.item, account))
    except (KeyError, TypeError, ValueError):
        return False  # the read step sets it aside and counts it
    return any(isinstance(each, MessageSeen) and each.visibility == "direct" for each in said)


def _blanked(fetched: Fetched, text_keys: frozenset[str]) -> Fetched:
    def blank(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: "" if key in text_keys and isinstance(inner, str) else blank(inner)
                for key, inner in value.items()
            }
        return [blank(inner) for inner in value] if isinstance(value, list) else value

    return replace(fetched, item=blank(fetched.item))
