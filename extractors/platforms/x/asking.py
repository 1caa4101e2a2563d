"""How lists of X are asked for: page by page as the money allows, and later from where it ended.

What a later night has to know is kept in the lake as items that hold nothing but a `note`: of
`unread` parts of a list, and of counters that were seen when something was `told`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from extractors.client import Place
from extractors.errors import BadCredentials, NotThere, Unreadable
from extractors.paging import cursor_pages
from extractors.platform import Elements, Fetched, Item, Reading, fetched
from extractors.platforms.x.items import either
from extractors.platforms.x.money import Lot, OverBudget, money_left, pay, unpaid
from extractors.platforms.x.posts import FetchedPost, post_in
from extractors.windows import moment

POST_FIELDS = (
    "author_id",
    "conversation_id",
    "created_at",
    "entities",
    "in_reply_to_user_id",
    "public_metrics",
)
USER_FIELDS = "name,username,entities,protected,public_metrics,verified_type"

BEGINNING = datetime(2010, 11, 6, tzinfo=UTC)  # X refuses to look further back
REACH = timedelta(days=6)  # of the recent search: 7, less those hours that a night may be late
Pages = Iterator[tuple[int, Item]]
Range = tuple[datetime, datetime]


def post_fields(reading: Reading) -> dict[str, str]:
    """What to tell of posts, in the vocabulary that the options choose."""
    name = reading.options.names
    fields = [f"referenced_{name}s", f"note_{name}", f"edit_history_{name}_ids", *POST_FIELDS]
    references_of = f"referenced_{name}s.id"
    return {
        f"{name}.fields": ",".join(fields),
        "user.fields": USER_FIELDS,
        "expansions": f"author_id,{references_of},{references_of}.author_id",
    }


def pages_of(
    reading: Reading, stream: str, path: str, asked: Mapping[str, str], lot: Lot, *, cursor: str
) -> Pages:
    """Every page of a list, also behind an empty one; `OverBudget` before one that is too dear."""
    numbers = count(1)

    def size() -> dict[str, str]:
        return {"max_results": str(lot.page_size(reading, stream, next(numbers)))}

    def bought(body: Any) -> Any:
        if not isinstance(body, dict) or not ({"data", "meta", "errors"} & body.keys()):
            return body  # no list: the pager says so
        _expect_some(reading, stream, body)
        _pay_for(reading, body, lot)
        return [body]

    def next_page(body: Item) -> Mapping[str, str] | None:
        token = (body.get("meta") or {}).get("next_token")
        return {cursor: token, **size()} if token else None

    first = {**asked, **size()}
    bodies = cursor_pages(
        reading.client, path, first, stream=stream, elements_in=bought, cursor_in=next_page
    )
    for page, (body,) in bodies:
        yield page, body


def bought_one(reading: Reading, stream: str, path: str, lot: Lot) -> Item:
    """The one thing that is there."""
    lot.page_size(reading, stream, 1)
    answer = reading.client.get(path, stream=stream, page=1)
    body = answer.json()
    if not isinstance(body, dict) or not ({"data", "errors"} & body.keys()):
        raise answer.unreadable(f"{type(body).__name__} without data")
    _expect_some(reading, stream, body)
    found: Item = body["data"]
    pay(reading, lot.kind, lot.price, [found])
    return found


def _pay_for(reading: Reading, body: Item, lot: Lot) -> None:
    prices, along = reading.options.prices, body.get("includes") or {}
    pay(reading, lot.kind, lot.price, elements_of(body))
    pay(reading, "post", prices.post, either(along, "tweets") or [])
    pay(reading, "user", prices.user, along.get("users") or [])


def elements_of(body: Item) -> list[Any]:
    """What a page lists; `TypeError` if that is no list."""
    elements = body.get("data", [])
    if not isinstance(elements, list):
        raise TypeError("no list")
    return elements


def _expect_some(reading: Reading, stream: str, body: Item) -> None:
    """Raise what an answer says that holds nothing but errors: HTTP has told 200 all the same."""
    if "data" in body or "meta" in body:
        return
    kinds = {str(each.get("type")).rpartition("/")[2] for each in body["errors"]}
    place = Place(
        platform=reading.account.platform,
        account=reading.account.account,
        stream=stream,
        page=None,
    )
    if kinds == {"resource-not-found"}:
        raise NotThere("X does not find it", **place)
    if kinds == {"not-authorized-for-resource"}:
        raise BadCredentials("X does not let this token see it", **place)
    raise Unreadable("an answer of nothing but errors", **place)


def joined(body: Item, page: int | None = None) -> Elements:
    """The posts of a page, each with what the page tells of the posts and people it refers to."""
    along = body.get("includes") or {}
    posts = {each.get("id"): each for each in either(along, "tweets") or []}
    people = {each.get("id"): each for each in along.get("users") or []}
    errors = {each.get("resource_id"): each for each in body.get("errors") or []}
    for element in elements_of(body):
        post = post_in(element) if isinstance(element, dict) else None
        if not post:
            yield fetched(element, page)
            continue
        ids = dict.fromkeys(post.refers_to.values())
        refers = [posts[one] for one in ids if one in posts]
        authors = {one.get("author_id", one.get("sender_id")): None for one in (element, *refers)}
        found = {"users": [people[one] for one in authors if one in people], "tweets": refers}
        item = {**element, "includes": found}
        if errors and (lost := [errors[one] for one in ids if one in errors]):
            item["errors"] = lost
        yield FetchedPost(item, page, post=post)


def search_path(reading: Reading) -> str:
    """Which of the two searches to ask."""
    return f"2/tweets/search/{'all' if reading.options.archive else 'recent'}"


def reach_of(reading: Reading) -> datetime:
    """How far back that search reaches."""
    return BEGINNING if reading.options.archive else reading.window.observed_at - REACH


def while_paid(reading: Reading, told: Elements, unread: Callable[[], tuple[str, int]]) -> Elements:
    """What is told while there is money for it, and then what is `unread`: in words, and how much.

    Where there was none for anything, the stream fails, and is read some other night.
    """
    before = money_left(reading)
    try:
        yield from told
    except OverBudget as error:
        if money_left(reading) == before:
            raise
        yield unpaid(error, *unread())


def told_between(
    reading: Reading,
    stream: str,
    ask: Callable[[Mapping[str, str]], Pages],
    of: str = "",
    since: datetime = BEGINNING,
) -> Elements:
    """The window's posts of a list, then what earlier nights could not pay.

    `of` tells several lists of a stream apart; nothing from before `since` can be asked for.
    """
    window, before = (reading.window.start, reading.window.end), money_left(reading)
    for part in [window, *unread(reading, stream, of)]:
        instead_of = None if part is window else _iso(part)
        progress = _Progress(max(part[0], since), part[1])
        try:
            yield from progress.told(ask)
        except OverBudget as error:
            if part is window and money_left(reading) == before:
                raise
            if progress.left != part or part is window:  # else the note of that part still holds
                start, end = map(zulu, progress.left)
                yield unpaid(error, f"{start} to {end} is")
                yield _note(unread=_iso(progress.left), instead_of=instead_of, of=of)
            return
        if instead_of:
            yield _note(unread=None, instead_of=instead_of, of=of)


class _Progress:
    """What is left of a part of a list, which is told from its end to its start."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.left = start, end

    def told(self, ask: Callable[[Mapping[str, str]], Pages]) -> Elements:
        start, end = self.left
        if start >= end:
            return
        for page, body in ask({"start_time": zulu(start), "end_time": zulu(end)}):
            oldest = end
            for each in joined(body, page):
                yield each
                if isinstance(each, FetchedPost) and start <= each.post.made_at < oldest:
                    oldest = each.post.made_at
            # More may have been said within the same second, which is all that X tells.
            end = min(end, oldest + timedelta(seconds=1))
            self.left = start, end


def unread(reading: Reading, stream: str, of: str) -> list[Range]:
    """Parts of a list that earlier nights could not pay for, newest first.

    Only tonight's own partition makes up for them: older ones may be read by the same night, too.
    """
    if reading.window.end != reading.window.observed_at:
        return []
    notes = filter(None, reading.raw(stream, None, None, _note_in))
    mine = [each for each in notes if each.get("of") == of and "instead_of" in each]
    done = [each["instead_of"] for each in mine]
    left = [each["unread"] for each in mine if each["unread"] and each["unread"] not in done]
    return sorted({(moment(start), moment(end)) for start, end in left}, reverse=True)


def note_told(about: str, counts: Mapping[str, int | None], until: str | None = None) -> Fetched:
    """That something was told when the counters of posts stood so."""
    return _note(told_of=about, counts=dict(counts), until=until)


def notes_told(reading: Reading, stream: str) -> dict[str, Item]:
    """The latest such notes, by what they are about."""
    latest: dict[str, Item] = {}
    for note in filter(None, reading.raw(stream, reading.window.start, None, _note_in)):
        if "told_of" in note:
            latest.setdefault(note["told_of"], note)
    return latest


def zulu(when: datetime) -> str:
    """A time as X takes it: RFC 3339, in whole seconds."""
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def _note(**facts: Any) -> Fetched:
    return Fetched({"note": facts})


def _note_in(item: Item) -> Item | None:
    return item.get("note")


def _iso(part: Range) -> list[str]:
    return [each.isoformat() for each in part]
