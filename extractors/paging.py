"""How lists go on: by Link header, page number or cursor.

Every pager yields `(page, elements)`, pages counted from 1, and raises `Unreadable` when an answer
is no list, or when the platform sends us back to a page we have had: it would go on for ever, and
what lies behind that page is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from extractors.client import Answer, Client

Pages = Iterator[tuple[int, list[Any]]]


def link_pages(
    client: Client, path: str, params: Mapping[str, Any] | None = None, *, stream: str
) -> Pages:
    """Follow `rel="next"` of the Link header (RFC 8288) until there is none or a page is empty."""
    seen: set[str] = set()
    address = path
    for page in count(1):
        answer = client.get(address, params if page == 1 else None, stream=stream, page=page)
        elements = _listed(answer, answer.json())
        yield page, elements
        address = answer.links.get("next", {}).get("url", "")
        if not (elements and address):
            return
        _refuse_loop(answer, address, seen)


def numbered_pages(
    client: Client, path: str, params: Mapping[str, Any] | None = None, *, stream: str, size: int
) -> Pages:
    """Ask for `page` 1, 2, … of `per_page` elements, as WordPress does, until the last.

    That is the page `X-WP-TotalPages` names, else the first that is not full, else the one before
    HTTP 400 `rest_post_invalid_page_number`: items may vanish while we read.
    """
    for page in count(1):
        asked = {**(params or {}), "per_page": size, "page": page}
        beyond = {400} if page > 1 else ()
        answer = client.get(path, asked, stream=stream, page=page, expected=beyond)
        if answer.status == 400:
            _expect_past_the_end(answer)
            return
        elements = _listed(answer, answer.json())
        yield page, elements
        last = answer.headers.get("X-WP-TotalPages", "")
        if page >= int(last) if last.isdecimal() else len(elements) < size:
            return


def cursor_pages(
    client: Client,
    path: str,
    params: Mapping[str, Any] | None = None,
    *,
    stream: str,
    elements_in: Callable[[Any], Any],
    cursor_in: Callable[[Any], Mapping[str, str] | None],
    ends_empty: bool = True,
) -> Pages:
    """Ask again with the parameters that the answer names, until it names none or a page is empty.

    `elements_in` finds the list in an answer's JSON, `cursor_in` what to ask the next page with.
    Without `ends_empty` an empty page is no end: others may follow.
    """
    seen: set[str] = set()
    cursor: Mapping[str, str] | None = {}
    for page in count(1):
        answer = client.get(path, {**(params or {}), **(cursor or {})}, stream=stream, page=page)
        body = answer.json()
        elements = _listed(answer, elements_in(body))
        yield page, elements
        cursor = cursor_in(body) if elements or not ends_empty else None
        if not cursor:
            return
        _refuse_loop(answer, repr(sorted(cursor.items())), seen)


def _listed(answer: Answer, elements: Any) -> list[Any]:
    if not isinstance(elements, list):
        raise answer.unreadable(f"{type(elements).__name__} where a list was promised")
    return elements


def _refuse_loop(answer: Answer, cursor: str, seen: set[str]) -> None:
    if cursor in seen:
        raise answer.unreadable("the pages go round in circles: this one leads to an earlier one")
    seen.add(cursor)


def _expect_past_the_end(answer: Answer) -> None:
    body = answer.json()
    code = body.get("code") if isinstance(body, dict) else None
    if not re.fullmatch(r"rest_\w+_invalid_page_number", str(code)):
        raise answer.unreadable(f"HTTP {answer.status}: the platform refuses this page")
