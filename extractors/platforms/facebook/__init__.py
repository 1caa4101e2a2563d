"""Facebook Pages: what a Page of ours publishes, and what people say under it, to it and of it.

`account` is the Page's number. The connection's password is a Page access token, its host, where
given, another address than Meta's. Options: `version`; `direct_messages`, to read the inbox, which
the organisation's privacy settings must allow as well.

What is surprising:

- Old posts get new comments. The Page's posts are listed again for 90 days, a hundred by request;
  comments are read again where their number or the post's `updated_time` has changed.
- By default the API hides answers to comments. With `filter=stream` they come as well, each with
  its `parent`.
- People are numbered for each Page apart. Where `from` is missing, the author is nobody we know.
- The counter of comments counts what is hidden or deleted, too: where it is higher than what is
  told, the difference is set aside and counted.
- A post's `updated_time` moves when somebody comments: nothing tells when it was edited.
- The inbox has no search by time: it is read newest first, as far as the window reaches.

API: https://developers.facebook.com/docs/graph-api/reference/page/feed,
https://developers.facebook.com/docs/graph-api/reference/object/comments,
https://developers.facebook.com/docs/graph-api/reference/conversation.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from extractors.client import Credentials
from extractors.errors import NotThere
from extractors.graph import (
    RATE,
    Elements,
    GraphOptions,
    each_of,
    judge,
    pages,
    path_of,
    require_account,
    thread,
    told_about,
    told_of,
    until_before,
    with_missing,
)
from extractors.platform import Fetched, Item, Platform, Reading, SetAside, Stream, fetched, untold
from extractors.platforms.facebook.access import check, expiry
from extractors.platforms.facebook.items import (
    read_comment,
    read_message,
    read_page,
    read_post,
    read_reaction,
    read_tagged,
)
from extractors.windows import moment
from lake.organisation import AccountToRead

HOME = "https://graph.facebook.com"
TIME = "created_time"
MOST = "100"
_PAGE = "id,name,username,link,website,followers_count"
_POST = "id,from,message,message_tags,created_time,updated_time,permalink_url,is_hidden"
_COUNTERS = "comments.filter(stream).limit(0).summary(true),reactions.limit(0).summary(total_count)"
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
    home = credentials.base_url if credentials else ""
    return f"{(home or HOME).rstrip('/')}/{options.version}"


def fetch_page(reading: Reading) -> Elements:
    """The Page itself; fails where the token is not one."""
    answer = reading.client.get(_of_page(reading), {"fields": _PAGE}, stream="page")
    yield fetched(answer.json())


def fetch_posts(reading: Reading) -> Elements:
    """What the Page and its visitors posted there, and what has been deleted since."""
    fields = f"{_POST},{_COUNTERS}"
    return with_missing(reading, "posts", _posts(reading, "posts", "feed", fields), TIME, fields)


def fetch_tagged(reading: Reading) -> Elements:
    """Public posts in which others tagged the Page."""
    return _posts(reading, "tagged", "tagged", _POST)


def _posts(reading: Reading, stream: str, edge: str, fields: str) -> Elements:
    window = {
        "since": str(int((reading.window.start - timedelta(seconds=1)).timestamp())),
        "until": str(int(reading.window.end.timestamp())),
    }
    asked = {"fields": fields, "limit": MOST, **window}
    return each_of(pages(reading.client, _of_page(reading, edge), asked, stream=stream))


def fetch_comments(reading: Reading) -> Elements:
    """All comments of the posts that raw does not hold as they are now, and what is gone of them.

    The post comes along: its counter and `updated_time` say what has been read.
    """
    tell = partial(_comments, reading)
    return told_of(reading, "comments", "posts", time_key=TIME, mark=_talk, tell=tell)


def _talk(post: Item) -> Any:
    count = _count(post, "comments")
    return None if post.get("gone") or count == 0 else [count, post.get("updated_time")]


def _comments(reading: Reading, post: Item, known: list[Item]) -> Elements:
    asked = {
        "fields": _COMMENT,
        "filter": "stream",
        "order": "chronological",
        "limit": MOST,
    }
    listed = pages(reading.client, path_of(post["id"], "comments"), asked, stream="comments")
    return thread(
        reading,
        "comments",
        post,
        each_of(listed),
        known=known,
        counted=_count(post, "comments"),
        fields=_COMMENT,
    )


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
    return told_of(reading, "reactions", "posts", time_key=TIME, mark=mark, tell=tell)


def _count(post: Item, edge: str) -> Any:
    return ((post.get(edge) or {}).get("summary") or {}).get("total_count")


def fetch_messages(reading: Reading) -> Elements:
    """What people wrote to the Page and it to them in the window, each with its conversation."""
    if not reading.options.direct_messages:
        return
    asked = {"fields": "id,updated_time,message_count", "limit": MOST}
    address = _of_page(reading, "conversations")
    listed = pages(reading.client, address, asked, stream="messages")
    for each in until_before(reading, listed, "updated_time"):
        if isinstance(each, SetAside):
            yield each
        elif moment(each.item["updated_time"]) >= reading.window.start:
            yield from _messages(reading, each.item)


def _messages(reading: Reading, conversation: Item) -> Iterator[Fetched | SetAside]:
    """The window's messages, newest first; older than the last twenty are often not told."""
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
            if reading.window.start <= moment(each.item[TIME]) < reading.window.end:
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
    has_direct_messages=True,
    streams=(
        Stream("page", fetch_page, read_page, is_snapshot=True),
        Stream("posts", fetch_posts, read_post, lookback_days=90),
        Stream("comments", fetch_comments, read_comment, lookback_days=90, hangs_on="posts"),
        Stream("reactions", fetch_reactions, read_reaction, lookback_days=90, hangs_on="posts"),
        Stream("tagged", fetch_tagged, read_tagged, lookback_days=7),
        Stream("messages", fetch_messages, read_message, lookback_days=2),
    ),
)
