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

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, Literal

from pydantic import Field, model_validator

from extractors.client import Credentials, Exchange
from extractors.graph import (
    RATE,
    Elements,
    GraphOptions,
    Talk,
    between,
    each_of,
    judge,
    links_in,
    pages,
    path_of,
    require_account,
    thread,
    told_about,
    until_before,
    with_missing,
)
from extractors.graph_tokens import (
    LASTS_60_DAYS,
    RENEWED_WHEN_LEFT,
    lacking,
    refused,
    token_facts,
)
from extractors.observations import AccountSeen, Gone, MessageSeen, Observation, make_id
from extractors.paging import Pages
from extractors.platform import (
    NOT_TOLD,
    Access,
    Fetched,
    Inspection,
    Item,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
    safely,
)
from extractors.tokens import Refresh
from extractors.windows import is_within, moment
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
_NEEDS = {
    "profile": "instagram_basic",
    "media": "instagram_basic",
    "comments": "instagram_manage_comments",
    "tagged": "pages_read_engagement",
}
_NAME = re.compile(r"(?<![\w@.])@(\w(?:[\w.]*\w)?)", re.ASCII)


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
    home = credentials.base_url if credentials else ""
    return f"{(home or f'https://graph.{options.login}.com').rstrip('/')}/{options.version}"


def _exchange(options: InstagramOptions, held: Credentials) -> Exchange | None:
    """A token of a Facebook Login may be one that never ends: it needs an `expires_at`.

    https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token,
    https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived.
    """
    if options.login == "instagram":
        asked = {"grant_type": "ig_refresh_token", "access_token": held.secret}
        return Exchange("/refresh_access_token", query=asked)
    if not (held.client_id and held.client_secret and held.expires_at):
        return None
    asked = {"grant_type": "fb_exchange_token", "fb_exchange_token": held.secret}
    app = {"client_id": held.client_id, "client_secret": held.client_secret}
    return Exchange("oauth/access_token", query=asked | app)


def expiry(inspection: Inspection) -> datetime | None:
    """When the token, or access to data with it, ends; a Business Login does not tell."""
    is_told = inspection.options.login == "facebook"
    return token_facts(inspection, asks_as_app=True).expires_at if is_told else None


def check(inspection: Inspection) -> Access:
    """Whose token it is, with which permissions; where these are not told, whether lists are."""
    path, options = path_of(inspection.options.user_id), inspection.options
    mine = inspection.client.get(path, {"fields": "id,username"}, stream="credentials").json()
    permissions, expires_at = None, None
    if options.login == "facebook":
        facts = token_facts(inspection, asks_as_app=True)
        permissions, expires_at = facts.permissions, facts.expires_at
    if permissions is None:
        media = path_of(options.user_id, "media")
        asked = {"media": "id", "comments": "id,comments.limit(1){id}"}
        lacks = refused(inspection, {key: (media, {"fields": asked[key]}) for key in asked})
    else:
        lacks = lacking(permissions, _NEEDS)
    is_own = mine["username"].lower() == inspection.account.account.lower()
    held, notes = inspection.client.credentials, []
    if expires_at and options.login == "facebook" and not _exchange(options, held or Credentials()):
        notes.append("client_id, client_secret and expires_at in extra would have it renewed")
    return Access(
        f"@{mine['username']}, number {mine['id']}",
        allows=tuple(sorted(permissions or ())),
        lasts=LASTS_60_DAYS,
        expires_at=expires_at,
        refused=lacks,
        faults=() if is_own else ("options.user_id is not the number of the account",),
        notes=tuple(notes),
    )


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
    for each in until_before(reading, listed, "updated_time"):
        if isinstance(each, SetAside):
            yield each
        else:
            yield from safely(str(each.item.get("id")), _messages(reading, each.item))


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


def read_profile(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """The account itself."""
    yield AccountSeen(
        account_id=_id(item["username"].lower()),
        handle=item["username"],
        display_name=item.get("name") or None,
        profile_url=f"https://www.instagram.com/{item['username']}/",
        follower_count=item.get("followers_count"),
        profile_links=tuple(filter(None, (item.get("website"), *links_in(item.get("biography"))))),
    )


def read_media(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """One of our media, or that it is gone."""
    own = {"username": account.account, **item}
    return _media(own, account.account, is_own_space=True)


def read_tagged(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """Somebody else's media in which we are tagged."""
    return _media(item, item.get("username") or "tagged", (_id(account.account.lower()),))


def read_tag(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """Media of somebody who is not named, under a tag."""
    return _media(item, f"#{item['about']}")


def _media(
    item: Item, channel: str, mentions: tuple[str, ...] = (), *, is_own_space: bool = False
) -> Iterator[Observation]:
    if item.get("gone"):
        yield Gone(message_id=_message_id(item["id"]))
        return
    yield from _author(item)
    yield MessageSeen(
        message_id=_message_id(item["id"]),
        author_id=_author_id(item),
        sent_at=moment(item["timestamp"]),
        text=item.get("caption"),
        kind="post",
        channel=channel,
        mentions=mentions,
        is_own_space=is_own_space,
        permalink=item.get("permalink"),
        reply_count=item.get("comments_count"),
    )


def read_comment(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """A comment or an answer to one; or that it is gone; or the media that led to it."""
    if "about" not in item:
        yield from read_media(item, account)
        return
    if item.get("gone"):
        yield Gone(message_id=_message_id(item["id"]))
        return
    mentioned = list(_mentioned(item, account))
    yield from (*_author(item), *mentioned)
    yield MessageSeen(
        message_id=_message_id(item["id"]),
        author_id=_author_id(item),
        sent_at=moment(item["timestamp"]),
        text=item.get("text"),
        kind="comment",
        channel=account.account,
        visibility="private" if item.get("hidden") else "public",
        parent_id=_message_id(item.get("parent_id") or item["about"]),
        root_id=_message_id(item["about"]),
        mentions=tuple(each.account_id for each in mentioned),
        is_own_space=True,
    )


def read_message(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """A message between us and a person."""
    people = [{"from": each} for each in (item.get("to") or {}).get("data", [])]
    for each in (item, *people):
        yield from _author(each)
    yield MessageSeen(
        message_id=_message_id(item["id"]),
        author_id=_author_id(item),
        sent_at=moment(item["created_time"]),
        text=item.get("message") or None,
        kind="direct",
        channel=f"{account.account}/{item['about']}",
        visibility="direct",
        mentions=tuple(filter(None, map(_author_id, people))),
        is_own_space=True,
        is_flat=True,
    )


def _mentioned(item: Item, account: AccountToRead) -> Iterator[AccountSeen]:
    """Us, and whom an answer begins with: other names in a text may be nobody's."""
    text, us = item.get("text") or "", account.account.lower()
    for found in _NAME.finditer(text):
        is_answered = found.start() == 0 and item.get("parent_id")
        if found[1].lower() == us or is_answered:
            yield AccountSeen(account_id=_id(found[1].lower()), handle=found[1])


def _author(item: Item) -> Iterator[AccountSeen]:
    if author_id := _author_id(item):
        yield AccountSeen(account_id=author_id, handle=_username(item))


def _author_id(item: Item) -> str | None:
    name, number = _username(item), (item.get("from") or {}).get("id")
    return _id(name.lower()) if name else _id(f"id-{number}") if number else None


def _username(item: Item) -> str | None:
    return item.get("username") or (item.get("from") or {}).get("username") or None


def _id(name: str) -> str:
    return make_id("instagram", "", name)


def _message_id(source_id: str) -> str:
    if not isinstance(source_id, str):
        raise TypeError("a message's id must be text")
    return make_id("instagram", "", source_id)


INSTAGRAM = Platform(
    name="instagram",
    options=InstagramOptions,
    base_url=_base_url,
    judge=judge,
    rate=RATE,
    check=check,
    expiry=expiry,
    refresh=Refresh(_exchange, due=RENEWED_WHEN_LEFT),
    needs_credentials=True,
    text_keys=frozenset({"caption", "text", "message", "biography"}),
    has_direct_messages=True,
    streams=(
        Stream("profile", fetch_profile, read_profile, is_snapshot=True),
        Stream("media", fetch_media, read_media, DAYS, rewalks=True),
        Stream("comments", fetch_comments, read_comment, DAYS, hangs_on="media", rewalks=True),
        Stream(
            "late_comments", fetch_late_comments, read_comment, hangs_on="media", is_snapshot=True
        ),
        Stream("tagged", fetch_tagged, read_tagged, lookback_days=7),
        Stream("tags", fetch_tags, read_tag, is_snapshot=True),
        Stream("messages", fetch_messages, read_message, lookback_days=2),
    ),
)
