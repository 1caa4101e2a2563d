"""X (Twitter), read over its API v2, which charges for everything that it tells.

`account` is our handle there; the connection's password is a bearer token, the app's or a user's
(see `access.py`).
Options: `budget`, the dollars that a night may spend; `prices`, if they change; `owned_reads`, if
the token is that of the account itself and the app is its own too: its posts and mentions are
cheaper then; `user_id`, our number there, which saves asking for it; `searches`, the talk beyond
our own community to follow; `followers`, if they are to be read as well; `names`, which of its
vocabularies X is asked in.

What is surprising:

- Nothing is asked for that could cost more than is left. Where the money ends in the midst of a
  list, a row that is set aside says what is unread, and a note in the lake lets a later night go on
  there. Where it ends before anything was read, the stream fails, and is read some other night.
- Old posts get new answers. For 7 days the counters of own posts are looked up; those who quoted,
  liked or reposted are read only where one differs from what was noted when they were last read. A
  thread is searched every night for what was said since, which costs nothing where nothing was.
- Threads and searches reach back 7 days, and no more than 100 people who liked a post are told.
- X says of our own posts that they are deleted when their counters are looked up; of other people's
  only where a later post still refers to them.
- Direct messages are not read.

API: https://docs.x.com/x-api (posts/timelines, posts/search, posts/likes, fundamentals/edit-posts).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field

from extractors.client import Credentials
from extractors.errors import NotThere
from extractors.pace import Rate
from extractors.platform import (
    Fetched,
    Item,
    Options,
    Platform,
    Reading,
    SetAside,
    Stream,
    safely,
    untold,
)
from extractors.platforms.x.access import REFRESH, check
from extractors.platforms.x.asking import (
    USER_FIELDS,
    Elements,
    Pages,
    bought_one,
    elements_of,
    joined,
    note_told,
    notes_told,
    pages_of,
    post_fields,
    told_between,
    zulu,
)
from extractors.platforms.x.items import (
    counter,
    is_not_found,
    is_post,
    read_follower,
    read_post,
    read_reaction,
    references,
    versions,
)
from extractors.platforms.x.money import (
    Lot,
    OverBudget,
    Prices,
    money_left,
    pay,
    people_at,
    posts_at,
)
from extractors.windows import held, moment
from lake.organisation import AccountToRead

LOOK_BACK = 7  # days
REACH = timedelta(days=6)  # of the search: 7 days, less those hours that a night may be late
RECENT_SEARCH = "2/tweets/search/recent"


class XOptions(Options):
    """What may be spent, in which words X is asked, and what is read beyond our own posts."""

    budget: float = Field(1.0, ge=0)
    prices: Prices = Prices()
    owned_reads: bool = False
    user_id: str = Field("", pattern=r"^\d*$")
    searches: tuple[str, ...] = ()
    followers: bool = False
    names: Literal["tweet", "post"] = "tweet"
    url: str = Field("https://api.x.com", pattern=r"^(https://|http://127\.0\.0\.1[:/])\S+$")


def _base_url(_: AccountToRead, options: XOptions, __: Credentials | None) -> str:
    return options.url


def _rate(url: str) -> Rate:
    """Every list has a limit of its own; X tells it, the reset as an epoch."""
    left, reset, limit = (f"x-rate-limit-{name}" for name in ("remaining", "reset", "limit"))
    return Rate(300, 900, left, reset, of=re.sub(r"\d+", "", url), limit_header=limit)


def fetch_mentions(reading: Reading) -> Elements:
    """What mentions us, answers to our posts among it."""
    yield from told_between(reading, "mentions", _timeline(reading, "mentions", "mentions"))


def fetch_posts(reading: Reading) -> Elements:
    """What the account wrote and reposted."""
    yield from told_between(reading, "posts", _timeline(reading, "posts", "tweets"))


def fetch_counters(reading: Reading) -> Elements:
    """Own posts as they are now, with their counters and nothing that costs more; or gone."""
    posts, fields = _own_posts(reading), post_fields(reading)
    del fields["expansions"]
    price = reading.options.prices.post
    lot = Lot("post", price, price)
    while posts:
        try:
            size = lot.page_size(reading, "counters", 1)
        except OverBudget as error:
            reason = f"{error.reason}: their counters, and whether they are deleted, are unread"
            yield SetAside("", reason, row_count=len(posts))
            return
        due, posts = {one["id"]: one for one in posts[:size]}, posts[size:]
        asked = {**fields, "ids": ",".join(due)}
        body = reading.client.get("2/tweets", asked, stream="counters").json()
        pay(reading, lot.kind, lot.price, elements_of(body))
        yield from joined(body)
        yield from _gone(body, due)


def _gone(body: Item, asked: Mapping[str, Item]) -> Elements:
    """Posts that X does not find; of those that it does not let us see nothing is known."""
    for error in body.get("errors") or []:
        post = asked.get(error.get("resource_id"))
        if post and is_not_found(error):
            told = {"id": _first(post), "created_at": post["created_at"], "gone": True}
            yield Fetched(told)


def fetch_searches(reading: Reading) -> Elements:
    """What the recent search finds for the searches to follow."""
    since = reading.window.observed_at - REACH
    lot = posts_at(reading.options.prices.post, reading.options.prices, smallest=10)
    for words in reading.options.searches:

        def ask(asked: Mapping[str, str], query: str = words) -> Pages:
            told = {**post_fields(reading), "query": query, **asked}
            return pages_of(reading, "searches", RECENT_SEARCH, told, lot, cursor="next_token")

        if reading.window.start < since:
            missed = f"{zulu(reading.window.start)} to {zulu(min(since, reading.window.end))}"
            yield SetAside(words, f"the search does not reach back so far: {missed} is unread")
        yield from told_between(reading, "searches", ask, of=words, since=since)


def fetch_followers(reading: Reading) -> Elements:
    """Who follows the account now, if the options ask for it."""
    if not reading.options.followers:
        return
    number, lot = _number(reading, "followers"), people_at(reading.options.prices.follower)
    before, asked = money_left(reading), {"user.fields": USER_FIELDS}
    path = f"2/users/{number}/followers"
    try:
        for page, body in pages_of(
            reading, "followers", path, asked, lot, cursor="pagination_token"
        ):
            for each in elements_of(body):
                yield Fetched({"followed_id": number, "user": each}, page)
    except OverBudget as error:
        if money_left(reading) == before:
            raise
        yield SetAside("", f"{error.reason}: all further followers are unread", error.page)


def fetch_around(reading: Reading, *, stream: str, path: str, counts: str) -> Elements:
    """Who liked or reposted own posts, each with the post's id; or quotes of them.

    Only where the counter is another than when they were last told.
    """
    noted = notes_told(reading, stream)

    def has_changed(post: Item) -> bool:
        known = noted.get(_first(post), {"counts": {}})["counts"]
        return bool(known.get(_first(post), 0) != (counter(post, counts) or 0))

    def tell(post: Item) -> Elements:
        first, told = _first(post), 0
        for each in _around(reading, post, stream, path):
            told += 1
            yield each
        yield from untold(first, counted := counter(post, counts) or 0, told, stream)
        yield note_told(first, {first: counted})

    return _each(reading, [one for one in _own_posts(reading) if has_changed(one)], tell)


def _around(reading: Reading, post: Item, stream: str, path: str) -> Elements:
    prices, address = reading.options.prices, f"2/tweets/{quote(post['id'], safe='')}/{path}"
    if stream == "quotes":
        lot, asked = posts_at(prices.post, prices, smallest=10), post_fields(reading)
    else:
        lot, asked = people_at(prices.user), {"user.fields": USER_FIELDS}
    for page, body in pages_of(reading, stream, address, asked, lot, cursor="pagination_token"):
        if stream == "quotes":
            yield from joined(body, page)
        else:
            about = {"post_id": _first(post)}
            yield from (Fetched({**about, "user": each}, page) for each in elements_of(body))


def fetch_conversations(reading: Reading) -> Elements:
    """What is new in the threads around own posts and mentions of us.

    Where nothing is new the search finds nothing, which costs nothing.
    """
    threads, window = _threads(reading), reading.window
    noted = notes_told(reading, "conversations")
    since = {one: moment(noted[one]["until"]) for one in threads if one in noted}
    due = [one for one in threads if one not in since or since[one] < window.end]
    if due and window.end <= window.observed_at - REACH:
        reason = "the search does not reach back so far: these threads are unread"
        yield SetAside("", reason, row_count=len(due))
        return
    answers = _answers(reading)

    def tell(group: Sequence[str]) -> Elements:
        started = min((since[one] for one in group if one in since), default=None)
        yield from _found(reading, group, started, answers)
        for one in group:
            counts = {_first(post): counter(post, "reply") or 0 for post in threads[one]}
            before = noted[one]["counts"] if one in noted else {}
            news = [
                post for post in threads[one] if before.get(_first(post)) != counts[_first(post)]
            ]
            yield from _missing_answers(news, answers)
            yield note_told(one, counts, window.observed_at.isoformat())

    yield from _each(reading, _in_groups(due, since), tell)


def _threads(reading: Reading) -> dict[str, list[Item]]:
    """Own posts of the window and mentions of us by thread, without what nobody answers."""
    found = {_first(post): post for post in _own_posts(reading)}
    talk = {key: post for key, post in found.items() if "replied_to" in references(post)}
    talk |= {key: post for key, post in found.items() if counter(post, "reply")}
    for item in filter(is_post, held(reading, "mentions")):
        talk.setdefault(_first(item), item)
    threads: defaultdict[str, list[Item]] = defaultdict(list)
    for post in talk.values():
        if thread := post.get("conversation_id"):
            threads[thread].append(post)
    return threads


def _in_groups(due: Sequence[str], since: Mapping[str, datetime]) -> list[Sequence[str]]:
    """Threads by when they were read last, as many as fit into a search of 512 characters."""
    fresh, followed = ([one for one in due if (one in since) is old] for old in (False, True))
    lists = (fresh, sorted(followed, key=since.__getitem__))
    return [each[at : at + 12] for each in lists for at in range(0, len(each), 12)]


def _found(
    reading: Reading,
    threads: Sequence[str],
    since: datetime | None,
    answers: defaultdict[str, set[str]],
) -> Elements:
    """What was said in threads since they were last read; notes what answers what."""
    window, query = reading.window, " OR ".join(f"conversation_id:{one}" for one in threads)
    asked = {**post_fields(reading), "query": query}
    if since and since > window.observed_at - REACH:
        asked["start_time"] = zulu(since)  # X refuses one that it does not reach
    if window.end == window.observed_at:
        asked["end_time"] = zulu(window.end)
    lot = posts_at(reading.options.prices.post, reading.options.prices, smallest=10)
    pages = pages_of(reading, "conversations", RECENT_SEARCH, asked, lot, cursor="next_token")
    for page, body in pages:
        for each in joined(body, page):
            yield each
            if isinstance(each, Fetched) and is_post(each.item):
                _count_answer(each.item, answers)


def _answers(reading: Reading) -> defaultdict[str, set[str]]:
    """Answers that raw holds, by the version of a post that they answer."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for stream in ("posts", "mentions", "conversations"):
        for item in reading.raw(stream, reading.window.start):
            if is_post(item):
                _count_answer(item, found)
    return found


def _missing_answers(posts: Sequence[Item], answers: Mapping[str, set[str]]) -> Elements:
    """Where a counter says that there are more answers than were told: older or hidden ones."""
    for post in posts:
        told = len(set[str]().union(*(answers.get(one, set()) for one in versions(post))))
        yield from untold(_first(post), counter(post, "reply"), told)


def _count_answer(item: Item, answers: defaultdict[str, set[str]]) -> None:
    if parent := references(item).get("replied_to"):
        answers[parent].add(_first(item))


def _own_posts(reading: Reading) -> list[Item]:
    """Newest copies of what the account wrote in the window, without reposts and what is gone."""
    newest: dict[str, Item] = {}
    for stream in ("counters", "posts"):
        for item in filter(is_post, held(reading, stream)):
            newest.setdefault(_first(item), item)
    return [
        one for one in newest.values() if not (one.get("gone") or "retweeted" in references(one))
    ]


def _each(reading: Reading, things: Sequence[Any], tell: Callable[[Any], Elements]) -> Elements:
    """What is told of each thing, so that one that cannot be read does not stop the others."""
    before = money_left(reading)
    for position, thing in enumerate(things):
        name = _first(thing) if isinstance(thing, dict) else ",".join(thing)
        try:
            yield from safely(name, tell(thing))
        except OverBudget as error:
            if money_left(reading) == before:
                raise
            left = len(things) - position
            yield SetAside("", f"{error.reason}: these are unread", error.page, left)
            return
        except NotThere:
            continue  # deleted a moment ago: the counters of the next night tell of it


def _timeline(reading: Reading, stream: str, path: str) -> Callable[[Mapping[str, str]], Pages]:
    address = f"2/users/{_number(reading, stream)}/{path}"
    lot = posts_at(_own_price(reading), reading.options.prices, smallest=5)

    def ask(asked: Mapping[str, str]) -> Pages:
        told = {**post_fields(reading), **asked}
        return pages_of(reading, stream, address, told, lot, cursor="pagination_token")

    return ask


def _own_price(reading: Reading) -> float:
    prices: Prices = reading.options.prices
    return prices.owned if reading.options.owned_reads else prices.post


def _number(reading: Reading, stream: str) -> str:
    """X's own number for the account."""
    if reading.options.user_id:
        return str(reading.options.user_id)
    name = quote(reading.account.account.removeprefix("@"), safe="")
    path, lot = f"2/users/by/username/{name}", people_at(reading.options.prices.user)
    return quote(bought_one(reading, stream, path, lot)["id"], safe="")


def _first(post: Item) -> str:
    return versions(post)[0]


def _around_own(stream: str, path: str, counts: str, read: Callable[..., Any]) -> Stream:
    fetch = partial(fetch_around, stream=stream, path=path, counts=counts)
    return Stream(stream, fetch, read, LOOK_BACK, hangs_on="counters")


X = Platform(
    name="x",
    options=XOptions,
    base_url=_base_url,
    needs_credentials=True,
    rate=_rate,
    check=check,
    refresh=REFRESH,
    text_keys=frozenset({"text", "title", "description", "detail"}),
    streams=(  # in the order in which the money is spent
        Stream("mentions", fetch_mentions, read_post),
        Stream("posts", fetch_posts, read_post),
        Stream("counters", fetch_counters, read_post, LOOK_BACK, hangs_on="posts"),
        Stream("conversations", fetch_conversations, read_post, LOOK_BACK, hangs_on="counters"),
        _around_own("quotes", "quote_tweets", "quote", read_post),
        Stream("searches", fetch_searches, read_post),
        _around_own("reposts", "retweeted_by", "retweet", partial(read_reaction, kind="repost")),
        _around_own("likes", "liking_users", "like", partial(read_reaction, kind="reaction")),
        Stream("followers", fetch_followers, read_follower, is_snapshot=True),
    ),
)
