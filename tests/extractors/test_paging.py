from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from extractors.client import Client
from extractors.errors import BadCredentials, Unreadable
from extractors.paging import Pages, cursor_pages, link_pages, numbered_pages
from tests.loopback import Asked, Clock, Loopback, Reply, Script, in_turn, loopback

PAST_THE_END = Reply({"code": "rest_post_invalid_page_number", "data": {"status": 400}}, 400)


def read(
    script: Script, pager: Callable[..., Pages], **more: Any
) -> tuple[list[tuple[int, list[Any]]], Loopback]:
    clock = Clock()
    with loopback(script) as server:
        client = Client("pond", "acme", base_url=server.url, now=clock, sleep=clock.sleep)
        return list(pager(client, "/list", {"q": "x y"}, stream="posts", **more)), server


def linked(body: Any, link: str = "") -> Reply:
    return Reply(body, headers={"Link": f'<{{url}}{link}>; rel="next"'} if link else {})


def test_links_are_followed_to_the_last_page() -> None:
    script = in_turn(
        {"/list": [linked([1, 2], "/list?max_id=2"), linked([3], "/more")], "/more": [linked([4])]}
    )
    pages, server = read(script, link_pages)
    assert pages == [(1, [1, 2]), (2, [3]), (3, [4])]
    assert [each.query for each in server.asked] == [{"q": "x y"}, {"max_id": "2"}, {}]


def test_a_last_page_may_still_carry_a_link() -> None:
    script = in_turn({"/list": [linked([1], "/list?max_id=1"), linked([], "/list?max_id=0")]})
    assert read(script, link_pages)[0] == [(1, [1]), (2, [])]


def test_links_that_go_round_in_circles_end_the_reading() -> None:
    script = in_turn(
        {
            "/list": [linked([1], "/more")],
            "/more": [linked([2], "/again")],
            "/again": [linked([3], "/more")],
        }
    )
    with pytest.raises(Unreadable, match=r"stream=posts page=3: the pages go round in circles"):
        read(script, link_pages)


@pytest.mark.parametrize("body", [{"error": "odd"}, None, "list", 7])
def test_an_answer_that_is_no_list_is_unreadable(body: Any) -> None:
    with pytest.raises(Unreadable, match="where a list was promised"):
        read(in_turn({"/list": [Reply(body)]}), link_pages)


def numbered(total_pages: int | None, sizes: list[int]) -> Script:
    """Pages of such sizes; HTTP 400 behind the last, as WordPress answers."""
    headers = {} if total_pages is None else {"X-WP-TotalPages": str(total_pages)}

    def script(asked: Asked) -> Reply:
        page = int(asked.query["page"])
        if page > len(sizes):
            return PAST_THE_END
        return Reply([page] * sizes[page - 1], headers=headers)

    return script


@pytest.mark.parametrize(
    ("total_pages", "sizes", "request_count"),
    [(3, [2, 2, 2], 3), (3, [2, 1, 2], 3), (None, [2, 2, 1], 3), (None, [2, 2], 3), (4, [2, 2], 3)],
    ids=["as many as told", "one is hidden", "the last is short", "all are full", "some vanished"],
)
def test_numbered_pages_end_where_the_list_does(
    total_pages: int | None, sizes: list[int], request_count: int
) -> None:
    pages, server = read(numbered(total_pages, sizes), numbered_pages, size=2)
    assert [len(elements) for _, elements in pages] == sizes
    assert len(server.asked) == request_count
    assert server.asked[0].query == {"q": "x y", "per_page": "2", "page": "1"}


@pytest.mark.parametrize(
    ("refusal", "kind", "reason"),
    [
        (Reply({"code": "rest_invalid_param"}, 400), Unreadable, "HTTP 400"),
        (Reply(["odd"], 400), Unreadable, "HTTP 400"),
        (Reply({"code": "rest_forbidden"}, 401), BadCredentials, "HTTP 401"),
    ],
)
def test_another_refusal_of_a_page_is_an_error(
    refusal: Reply, kind: type[Exception], reason: str
) -> None:
    with pytest.raises(kind, match=reason):
        read(in_turn({"/list": [Reply([1, 2]), refusal]}), numbered_pages, size=2)


def test_a_refusal_of_the_first_page_is_no_end() -> None:
    with pytest.raises(Unreadable):
        read(in_turn({"/list": [PAST_THE_END]}), numbered_pages, size=2)


def cursors(*pages: tuple[list[int], str | None]) -> Script:
    return in_turn({"/list": [Reply({"found": found, "next": cursor}) for found, cursor in pages]})


def by_cursor(script: Script, **more: Any) -> tuple[list[tuple[int, list[Any]]], Loopback]:
    return read(
        script,
        cursor_pages,
        **more,
        elements_in=lambda body: body["found"],
        cursor_in=lambda body: body["next"] and {"cursor": body["next"]},
    )


def test_cursors_are_followed_until_there_is_none() -> None:
    pages, server = by_cursor(cursors(([1], "a"), ([2], "b"), ([3], None)))
    assert pages == [(1, [1]), (2, [2]), (3, [3])]
    assert [each.query.get("cursor") for each in server.asked] == [None, "a", "b"]
    assert {each.query["q"] for each in server.asked} == {"x y"}


def test_an_empty_page_ends_the_list_whatever_its_cursor() -> None:
    assert len(by_cursor(cursors(([1], "a"), ([], "b")))[0]) == 2


def test_an_empty_page_may_stand_before_others() -> None:
    pages, _ = by_cursor(cursors(([], "a"), ([2], None)), ends_empty=False)
    assert pages == [(1, []), (2, [2])]


def test_a_cursor_seen_before_ends_the_reading() -> None:
    with pytest.raises(Unreadable, match="round in circles"):
        by_cursor(cursors(([1], "a"), ([2], "b"), ([3], "a")))


def test_pages_are_asked_for_one_at_a_time() -> None:
    numbers = count(1)

    def endless(_: Asked) -> Reply:
        number = next(numbers)
        return linked([number], f"/list?max_id={number}")

    clock = Clock()
    with loopback(endless) as server:
        client = Client("pond", "acme", base_url=server.url, now=clock, sleep=clock.sleep)
        pages = link_pages(client, "/list", stream="posts")
        assert [next(pages), next(pages)] == [(1, [1]), (2, [2])]
    assert len(server.asked) == 2
