"""Facebook Pages: what a Page of ours publishes, and what people say under it, to it and of it.

`account` is the Page's number. The connection's password is a Page access token, its host, where
given, another address than Meta's. Options: `version`; `direct_messages`, to read the inbox, which
the organisation's privacy settings must allow as well.

What is surprising:

- Old posts get new comments. The Page's posts are listed again for 90 days, a hundred by request;
  comments are read again where their number or the post's `updated_time` has changed. Of older
  posts only the counters are listed, and the post comes along where they have changed.
- By default the API hides answers to comments. With `filter=stream` they come as well, each with
  its `parent`.
- People are numbered for each Page apart. Where `from` is missing, the author is nobody we know.
- The feed holds what visitors wrote and public posts that tag the Page, too. Of people, it does not
  tell who tagged it, and what is said under such a post only where its author uses the app.
- The counter of comments counts what is hidden or deleted, too: where it is higher than what is
  told, the difference is set aside and counted.
- A post's `updated_time` moves when somebody comments: nothing tells when it was edited.
- Who reacted is told only of those who use the app. Who shared a post, comments elsewhere that tag
  the Page (but for a webhook), the Page's own comments elsewhere, and recommendations (since v22)
  are not told.
- The inbox has no search by time: it is read newest first, as far as the window reaches.

API: https://developers.facebook.com/docs/graph-api/reference/page/feed,
https://developers.facebook.com/docs/graph-api/reference/object/comments,
https://developers.facebook.com/docs/graph-api/reference/object/reactions,
https://developers.facebook.com/docs/graph-api/reference/conversation.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from extractors.client import Credentials
from extractors.errors import BadCredentials, NotThere
from extractors.graph import (
    RATE,
    GraphOptions,
    Talk,
    base_url,
    between,
    each_of,
    judge,
    pages,
    path_of,
    require_account,
    thread,
    told_about,
    told_of_each,
    until_before,
    with_missing,
)
from extractors.platform import (
    NOT_TOLD,
    Elements,
    Item,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
    untold,
)
from extractors.platforms.facebook.access import check, expiry
from extractors.platforms.facebook.items import (
    is_at_home,
    read_comment,
    read_message,
    read_page,
    read_post,
    read_reaction,
)
from extractors.windows import is_within, moment
from lake.organisation import AccountToRead

HOME = "https://graph.facebook.com"
TIME = "created_time"
MOST = "100"
DAYS = 90  # so long posts are listed again whole
_PAGE = "id,name,username,link,website,followers_count"
_POST = "id,from,message,message_tags,created_time,updated_time,permalink_url,is_hidden"
_COUNTERS = "comments.filter(stream).limit(0).summary(true),reactions.limit(0).summary(total_count)"
_COUNTED_POST = f"{_POST},{_COUNTERS}"
_COMMENT = (
    "id,from,parent{id,from},message,message_tags,created_time,comment_count,like_count,is_hidden,"
    "permalink_url"
)
_MESSAGE = "id,created_time,from,to,message"


class FacebookOptions(GraphOptions):
    """The API's version, and whether to read the inbox."""

    direct_messages: bool = False


def _base_url(
    account: AccountToRead, options: FacebookOptions, credentials: Credentials | None
) -> str:
    require_account(account, r"\d+", "the number of the Page")
    return base_url(HOME, options, credentials)


def fetch_page(reading: Reading) -> Elements:
    """The Page itself; fails where the token is not one."""
    answer = reading.client.get(_of_page(reading), {"fields": _PAGE}, stream="page")
    yield fetched(answer.json())


def fetch_posts(reading: Reading) -> Elements:
    """What the Page and its visitors posted there, and what has been deleted since."""
    found = _posts(reading, "posts", reading.window.start, reading.window.end)
    return with_missing(reading, "posts", found, TIME, _COUNTED_POST)


def fetch_tagged(reading: Reading) -> Elements:
    """Public posts in which others tagged the Page."""
    window = reading.window
    return _posts(reading, "tagged", window.start, window.end, edge="tagged", fields=_POST)


def _posts(
    reading: Reading,
    stream: str,
    start: datetime,
    end: datetime,
    *,
    edge: str = "feed",
    fields: str = _COUNTED_POST,
) -> Elements:
    asked = {"fields": fields, "limit": MOST, **between(start, end)}
    return each_of(pages(reading.client, _of_page(reading, edge), asked, stream=stream))


def fetch_comments(reading: Reading) -> Elements:
    """All comments of the posts that raw does not hold as they are now, and what is gone of them.

    The post comes along: its counter and `updated_time` say what has been read.
    """
    return _comments(reading, "comments").of_window(reading, "posts")


def fetch_late_comments(reading: Reading) -> Elements:
    """The same of posts that are no longer listed every night."""
    ask = partial(_posts, reading, "late_comments")
    return _comments(reading, "late_comments").of_older(reading, DAYS, ask)


def _comments(reading: Reading, stream: str) -> Talk:
    tell = partial(_thread, reading, stream)
    return Talk(("late_comments", "comments"), TIME, _talk, tell)


def _talk(post: Item) -> Any:
    count = _count(post, "comments")
    return None if post.get("gone") or count == 0 else [count, post.get("updated_time")]


def _thread(reading: Reading, stream: str, post: Item, known: list[Item]) -> Elements:
    """All comments of a post; those of a post elsewhere may not be for us to see."""
    asked = {
        "fields": _COMMENT,
        "filter": "stream",
        "order": "chronological",
        "limit": MOST,
    }
    listed = pages(reading.client, path_of(post["id"], "comments"), asked, stream=stream)
    try:
        yield from thread(
            reading,
            stream,
            post,
            each_of(listed),
            known=known,
            counted=_count(post, "comments"),
            fields=_COMMENT,
        )
    except BadCredentials as error:
        if is_at_home(post["id"], reading.account):
            raise
        yield SetAside(post["id"], f"{NOT_TOLD}{error.reason}")


def fetch_reactions(reading: Reading) -> Elements:
    """Who reacted to the posts whose number of reactions has changed, as far as that is told."""

    def tell(post: Item, _: list[Item]) -> Elements:
        asked = {"fields": "id,name,type", "limit": MOST}
        address = path_of(post["id"], "reactions")
        listed = pages(reading.client, address, asked, stream="reactions")
        try:
            yield from told_about(post, each_of(listed))
        except NotThere:
            return  # deleted a moment ago: the stream of posts tells of it

    mark = partial(_count, edge="reactions")
    return Talk(("reactions",), TIME, mark, tell).of_window(reading, "posts")


def _count(post: Item, edge: str) -> Any:
    return ((post.get(edge) or {}).get("summary") or {}).get("total_count")


def fetch_messages(reading: Reading) -> Elements:
    """What people wrote to the Page and it to them in the window, each with its conversation."""
    if not reading.options.direct_messages:
        return
    asked = {"fields": "id,updated_time,message_count", "limit": MOST}
    address = _of_page(reading, "conversations")
    listed = pages(reading.client, address, asked, stream="messages")
    lately = until_before(reading, listed, "updated_time")
    yield from told_of_each(lately, partial(_messages, reading))


def _messages(reading: Reading, conversation: Item) -> Elements:
    """The window's messages, newest first; older than the last twenty are often not told."""
    if moment(conversation["updated_time"]) < reading.window.start:
        return
    address = path_of(conversation["id"], "messages")
    asked = {"fields": _MESSAGE, "limit": MOST}
    listed = pages(reading.client, address, asked, stream="messages")
    count, oldest = 0, reading.window.end
    try:
        for each in told_about(conversation, until_before(reading, listed, TIME)):
            count += 1
            if isinstance(each, SetAside):
                yield each
                continue
            oldest = min(oldest, moment(each.item[TIME]))
            if is_within(reading, each.item, TIME):
                yield each
    except NotThere:
        return  # deleted a moment ago
    if oldest >= reading.window.start:
        yield from untold(conversation["id"], conversation.get("message_count"), count, "messages")


def _of_page(reading: Reading, edge: str = "") -> str:
    return path_of(reading.account.account, edge)


FACEBOOK = Platform(
    name="facebook",
    options=FacebookOptions,
    base_url=_base_url,
    judge=judge,
    rate=RATE,
    check=check,
    expiry=expiry,
    needs_credentials=True,
    text_keys=frozenset({"message"}),
    streams=(
        Stream("page", fetch_page, read_page, is_snapshot=True),
        Stream("posts", fetch_posts, read_post, DAYS, rewalks=True),
        Stream("comments", fetch_comments, read_comment, DAYS, hangs_on="posts", rewalks=True),
        Stream(
            "late_comments", fetch_late_comments, read_comment, hangs_on="posts", is_snapshot=True
        ),
        Stream("reactions", fetch_reactions, read_reaction, DAYS, hangs_on="posts"),
        Stream("tagged", fetch_tagged, read_post, lookback_days=7),
        Stream("messages", fetch_messages, read_message, 2, is_direct=True),
    ),
)
