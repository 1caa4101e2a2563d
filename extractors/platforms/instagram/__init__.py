"""Instagram: a professional account's media, what people say under them, and where it is tagged.

`account` is our user name. Options: `user_id`, the number of the account; `login`, with which the
token was made: "facebook" (a Facebook Login, the default) or "instagram" (a Business Login);
`version` of the API. The first login alone tells the profile's links, where we are tagged, and
public media under `tags` to follow; the second alone takes `direct_messages`, to read the inbox,
which the organisation's privacy settings must allow as well.

What is surprising:

- A person is known by user name. `from`, which has a number, is told under our own media only, so
  that the same person would be somebody else in a tag. Who takes another name is another account.
- Answers are one level deep, and a handful come along with their comment: where more are named,
  they are asked for. An answer to an answer begins with the name of the one it answers.
- Old media get new comments. Media are listed again for 90 days; comments are read again where
  `comments_count` has changed. Of older media only the counters are listed, and the media object
  comes along where they have changed. Comments have no time of edit.
- Comments of people whom we restrict, and where age is asked for, are counted, but not told.
- Media under a tag are those of the last 24 hours, nobody is named, and thirty tags a week may be
  asked for. A conversation is told with its last twenty messages.
- Mentions in other people's comments and captions are told to a webhook only: without an id from
  there they cannot be asked for. Stories, comments on advertisements and on others' media, and who
  liked what are not told.

API: https://developers.facebook.com/docs/instagram-platform/reference/instagram-media/comments,
https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/tags,
https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-hashtag,
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/conversations-api.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Literal

from pydantic import Field, model_validator

from extractors.client import Credentials
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
from extractors.paging import Pages
from extractors.platform import (
    NOT_TOLD,
    Elements,
    Fetched,
    Item,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
    safely,
)
from extractors.platforms.instagram.access import REFRESH, check, expiry
from extractors.platforms.instagram.items import (
    read_comment,
    read_media,
    read_message,
    read_profile,
    read_tag,
    read_tagged,
)
from extractors.windows import is_within
from lake.organisation import AccountToRead

TIME = "timestamp"
DAYS = 90  # so long media are listed again whole
MOST_TAGS, MOST_TAGGED, MOST_MESSAGES = 30, 50, 20
_PROFILE = "id,username,name,followers_count"
_LINKS = "biography,website"
_MEDIA = "id,caption,username,timestamp,permalink,comments_count,like_count"
_COMMENT = "id,from,username,text,timestamp,parent_id,hidden,like_count"
_COMMENTS = f"{_COMMENT},replies.limit(50){{{_COMMENT}}}"
_TAGGED = "id,caption,timestamp,permalink,comments_count,like_count"
_MESSAGES = f"messages.limit({MOST_MESSAGES}){{id,created_time,from,to,message}}"


class InstagramOptions(GraphOptions):
    """Whose account it is, with which login its token was made, and what more to read with that."""

    user_id: str = Field(pattern=r"^\d+$")
    login: Literal["facebook", "instagram"] = "facebook"
    tags: tuple[str, ...] = Field((), max_length=MOST_TAGS)
    direct_messages: bool = False

    @model_validator(mode="after")
    def _suits_the_login(self) -> InstagramOptions:
        if self.tags and self.login != "facebook":
            raise ValueError('tags are told to login = "facebook" only')
        if self.direct_messages and self.login != "instagram":
            raise ValueError('direct messages are told to login = "instagram" only')
        return self


def _base_url(
    account: AccountToRead, options: InstagramOptions, credentials: Credentials | None
) -> str:
    require_account(account, r"\w[\w.]*", "our user name, without @")
    return base_url(f"https://graph.{options.login}.com", options, credentials)


def fetch_profile(reading: Reading) -> Elements:
    """The account itself; fails where the token is not one."""
    path = path_of(reading.options.user_id)
    fields = f"{_PROFILE},{_LINKS}" if reading.options.login == "facebook" else _PROFILE
    yield fetched(reading.client.get(path, {"fields": fields}, stream="profile").json())


def fetch_media(reading: Reading) -> Elements:
    """What the account published in the window, and what has been deleted since."""
    found = _media_of(reading, "media", reading.window.start, reading.window.end)
    return with_missing(reading, "media", until_before(reading, found, TIME), TIME, _MEDIA)


def _media_of(reading: Reading, stream: str, start: datetime, end: datetime) -> Pages:
    asked = {"fields": _MEDIA, "limit": "100", **between(start, end)}
    path = path_of(reading.options.user_id, "media")
    return pages(reading.client, path, asked, stream=stream)


def fetch_comments(reading: Reading) -> Elements:
    """All comments of the media that raw does not hold as they are now, and what is gone of them.

    The media object comes along: its counter says what has been read.
    """
    return _talk_of(reading, "comments").of_window(reading, "media")


def fetch_late_comments(reading: Reading) -> Elements:
    """The same of media that are no longer listed every night."""

    def ask(start: datetime, end: datetime) -> Elements:
        return each_of(_media_of(reading, "late_comments", start, end))

    return _talk_of(reading, "late_comments").of_older(reading, DAYS, ask)


def _talk_of(reading: Reading, stream: str) -> Talk:
    def tell(media: Item, known: list[Item]) -> Elements:
        return thread(
            reading,
            stream,
            media,
            _comments(reading, stream, media),
            known=known,
            counted=media.get("comments_count"),
            fields=_COMMENT,
        )

    return Talk(("late_comments", "comments"), TIME, _talk, tell)


def _talk(media: Item) -> Any:
    return None if media.get("gone") else media.get("comments_count")


def _comments(reading: Reading, stream: str, media: Item) -> Elements:
    """Comments, and behind each its answers, of which only the first come along with it."""
    ask = partial(pages, reading.client, stream=stream)
    asked = {"fields": _COMMENTS, "limit": "50"}
    for each in each_of(ask(path_of(media["id"], "comments"), asked)):
        if isinstance(each, SetAside):
            yield each
            continue
        yield Fetched({key: each.item[key] for key in each.item if key != "replies"}, each.page)
        replies = each.item.get("replies") or {}
        answers = [fetched(reply, each.page) for reply in replies.get("data", [])]
        yield from _answers(each.item, answers)
        paging = replies.get("paging") or {}
        if "next" in paging:
            more = {"fields": _COMMENT, "limit": "50", "after": paging["cursors"]["after"]}
            listed = ask(path_of(each.item["id"], "replies"), more)
            yield from _answers(each.item, each_of(listed))


def _answers(comment: Item, found: Any) -> Elements:
    """Answers, each with the comment that it stands under."""
    for each in found:
        if isinstance(each, Fetched):
            each.item.setdefault("parent_id", comment["id"])
        yield each


def fetch_tagged(reading: Reading) -> Elements:
    """Media in which others tagged the account: told to a Facebook Login only."""
    if reading.options.login == "facebook":
        path, asked = path_of(reading.options.user_id, "tags"), {"fields": _MEDIA, "limit": "100"}
        listed = pages(reading.client, path, asked, stream="tagged", tells_next=False)
        yield from until_before(reading, listed, TIME)


def fetch_tags(reading: Reading) -> Elements:
    """What was published of late under the tags to follow, but what is told with a name."""
    if not reading.options.tags:
        return
    named = {
        item.get("id")
        for stream in ("media", "tagged")
        for item in reading.raw(stream, reading.window.start)
    }
    for tag in reading.options.tags:
        for each in safely(tag, _under(reading, tag.removeprefix("#"))):
            if isinstance(each, SetAside) or each.item.get("id") not in named:
                yield each


def _under(reading: Reading, tag: str) -> Elements:
    """One page of media: the cursor to the next is the same on each, and would look like a loop."""
    user = {"user_id": reading.options.user_id}
    ask = partial(reading.client.get, stream="tags")
    (found,) = ask("ig_hashtag_search", {"q": tag, **user}).json()["data"]
    asked = {"fields": _TAGGED, "limit": str(MOST_TAGGED), **user}
    elements = ask(path_of(found["id"], "recent_media"), asked, page=1).json()["data"]
    yield from told_about({"id": tag}, (fetched(each, 1) for each in elements))
    if len(elements) >= MOST_TAGGED:
        yield SetAside(tag, f"{NOT_TOLD}more than {MOST_TAGGED} under a tag in a day")


def fetch_messages(reading: Reading) -> Elements:
    """What people wrote to us and we to them in the window, each with its conversation."""
    if not reading.options.direct_messages:
        return
    asked = {"platform": "instagram", "fields": f"id,updated_time,{_MESSAGES}", "limit": "25"}
    path = path_of(reading.options.user_id, "conversations")
    listed = pages(reading.client, path, asked, stream="messages")
    lately = until_before(reading, listed, "updated_time")
    yield from told_of_each(lately, partial(_messages, reading))


def _messages(reading: Reading, conversation: Item) -> Elements:
    found = map(fetched, (conversation.get("messages") or {}).get("data", []))
    within = [
        each
        for each in found
        if isinstance(each, SetAside) or is_within(reading, each.item, "created_time")
    ]
    yield from told_about(conversation, iter(within))
    if len(within) >= MOST_MESSAGES:
        yield SetAside(conversation["id"], f"{NOT_TOLD}more than {MOST_MESSAGES} messages")


INSTAGRAM = Platform(
    name="instagram",
    options=InstagramOptions,
    base_url=_base_url,
    judge=judge,
    rate=RATE,
    check=check,
    expiry=expiry,
    refresh=REFRESH,
    needs_credentials=True,
    text_keys=frozenset({"caption", "text", "message", "biography"}),
    streams=(
        Stream("profile", fetch_profile, read_profile, is_snapshot=True),
        Stream("media", fetch_media, read_media, DAYS, rewalks=True),
        Stream("comments", fetch_comments, read_comment, DAYS, hangs_on="media", rewalks=True),
        Stream(
            "late_comments", fetch_late_comments, read_comment, hangs_on="media", is_snapshot=True
        ),
        Stream("tagged", fetch_tagged, read_tagged, lookback_days=7),
        Stream("tags", fetch_tags, read_tag, is_snapshot=True),
        Stream("messages", fetch_messages, read_message, 2, is_direct=True),
    ),
)
