"""How YouTube is asked: lists page by page, and things by their ids, fifty at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from more_itertools import chunked

from extractors.client import Answer
from extractors.errors import BadCredentials, NotThere
from extractors.platform import Item, Reading
from extractors.platforms.youtube.refusals import COMMENTS_OFF

IDS_AT_ONCE = 50
# Of these a single one may be forbidden; that the key is good has shown before they are asked for.
MAY_BE_HIDDEN = {"comments", "commentThreads"}
PART = {
    "channels": "snippet,statistics",
    "videos": "snippet,statistics,status",
    "commentThreads": "snippet,replies",
    "comments": "snippet",
}


def pages(
    reading: Reading, path: str, asked: Mapping[str, str], *, stream: str, token: str = ""
) -> Iterator[tuple[int, str, list[Any]]]:
    """Number, token and elements of each page, from the page of `token` on; some may be empty."""
    seen: set[str] = set()
    for page in count(1):
        params = {**asked, "pageToken": token} if token else asked
        answer = reading.client.get(path, params, stream=stream, page=page)
        body = answer.json()
        yield page, token, _listed(answer, body)
        seen.add(token)
        token = body.get("nextPageToken") or ""
        if not token:
            return
        if token in seen:
            raise answer.unreadable("the pages go round in circles: this one was read before")


def elements_in(answer: Answer) -> list[Any]:
    """The elements of a list, which YouTube leaves out where there are none."""
    return _listed(answer, answer.json())


def _listed(answer: Answer, body: Any) -> list[Any]:
    is_list = str(body.get("kind")).endswith("ListResponse")
    elements = body.get("items", [] if is_list else None)
    if not isinstance(elements, list):
        raise answer.unreadable(f"{type(elements).__name__} where a list was promised")
    return elements


def by_ids(
    reading: Reading, path: str, ids: Iterable[str], *, stream: str
) -> tuple[list[Item], set[str]]:
    """What is there of these ids, and which are not: left out of an answer, or refused as such.

    Of an id that is only hidden from us nothing is known: it is in neither.
    """
    wanted, found, missing = sorted(set(ids)), list[Item](), set[str]()
    for some in chunked(wanted, IDS_AT_ONCE):
        told, lacking = _batch(reading, path, some, stream)
        found += told
        missing |= lacking
    return found, missing


def _batch(reading: Reading, path: str, ids: list[str], stream: str) -> tuple[list[Item], set[str]]:
    """Where one of several is refused, so is the request: ask for either half then."""
    asked = {"part": PART[path], "id": ",".join(ids)}
    try:
        found: list[Item] = elements_in(reading.client.get(path, asked, stream=stream))
    except (NotThere, BadCredentials) as error:
        if isinstance(error, BadCredentials) and path not in MAY_BE_HIDDEN:
            raise
        if len(ids) == 1:
            is_hidden = isinstance(error, BadCredentials) or error.reason == COMMENTS_OFF
            return [], set() if is_hidden else set(ids)
        half = len(ids) // 2
        halves = [_batch(reading, path, part, stream) for part in (ids[:half], ids[half:])]
        return [each for told, _ in halves for each in told], halves[0][1] | halves[1][1]
    return found, set(ids) - {each["id"] for each in found}
