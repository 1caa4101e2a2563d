"""Instagram: a professional account's media, what people say under them, and where it is tagged.

`account` is our user name. Options: `user_id`, the number of the account; `login`, with which the
token was made: "facebook" (a Facebook Login, the default) or "instagram" (a Business Login); the
first alone tells where we are tagged. `version` of the API.

What is surprising:

- A person is known by user name. `from`, which has a number, is told under our own media only, so
  that the same person would be somebody else in a tag. Who takes another name is another account.
- Answers are one level deep, and a handful come along with their comment: where more are named,
  they are asked for. An answer to an answer begins with the name of the one it answers.
- Old media get new comments. Media are listed again for 90 days; comments are read again where
  `comments_count` has changed. Comments have no time of edit, and edits alone are not noticed.
- Mentions in other people's comments and captions are told to a webhook only: not read. Nor are
  direct messages, stories, comments on advertisements and who liked what.

API: https://developers.facebook.com/docs/instagram-platform/reference/instagram-media/comments,
https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from pydantic import Field

from extractors.client import Credentials, Exchange
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
    told_of,
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
from extractors.platform import (
    Access,
    Fetched,
    Inspection,
    Item,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
)
from extractors.tokens import Refresh
from extractors.windows import moment
from lake.organisation import AccountToRead

TIME = "timestamp"
_PROFILE = "id,username,name,followers_count"
_MEDIA = "id,caption,username,timestamp,permalink,comments_count,like_count"
_COMMENT = "id,from,username,text,timestamp,parent_id,hidden,like_count"
_COMMENTS = f"{_COMMENT},replies.limit(50){{{_COMMENT}}}"
_NEEDS = {
    "profile": "instagram_basic",
    "media": "instagram_basic",
    "comments": "instagram_manage_comments",
    "tagged": "pages_read_engagement",
}
_NAME = re.compile(r"(?<![\w@.])@(\w(?:[\w.]*\w)?)", re.ASCII)


class InstagramOptions(GraphOptions):
    """Whose account it is, and with which login its token was made."""

    user_id: str = Field(pattern=r"^\d+$")
    login: Literal["facebook", "instagram"] = "facebook"


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
    yield fetched(reading.client.get(path, {"fields": _PROFILE}, stream="profile").json())


def fetch_media(reading: Reading) -> Elements:
    """What the account published in the window, and what has been deleted since."""
    asked = {
        "fields": _MEDIA,
        "limit": "100",
        "since": str(int((reading.window.start - timedelta(seconds=1)).timestamp())),
        "until": str(int(reading.window.end.timestamp())),
    }
    path = path_of(reading.options.user_id, "media")
    found = until_before(reading, pages(reading.client, path, asked, stream="media"), TIME)
    return with_missing(reading, "media", found, TIME, _MEDIA)


def fetch_comments(reading: Reading) -> Elements:
    """All comments of the media that raw does not hold as they are now, and what is gone of them.

    The media object comes along: its counter says what has been read.
    """

    def tell(media: Item, known: list[Item]) -> Elements:
        return thread(
            reading,
            "comments",
            media,
            _comments(reading, media),
            known=known,
            counted=media.get("comments_count"),
            fields=_COMMENT,
        )

    return told_of(reading, "comments", "media", time_key=TIME, mark=_talk, tell=tell)


def _talk(media: Item) -> Any:
    return None if media.get("gone") else media.get("comments_count")


def _comments(reading: Reading, media: Item) -> Elements:
    """Comments, and behind each its answers, of which only the first come along with it."""
    ask = partial(pages, reading.client, stream="comments")
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


def read_profile(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """The account itself."""
    yield AccountSeen(
        account_id=_id(item["username"].lower()),
        handle=item["username"],
        display_name=item.get("name") or None,
        profile_url=f"https://www.instagram.com/{item['username']}/",
        follower_count=item.get("followers_count"),
    )


def read_media(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """One of our media, or that it is gone."""
    own = {"username": account.account, **item}
    return _media(own, account, is_own_space=True)


def read_tagged(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """Somebody else's media in which we are tagged."""
    return _media(item, account, is_own_space=False)


def _media(item: Item, account: AccountToRead, *, is_own_space: bool) -> Iterator[Observation]:
    if item.get("gone"):
        yield Gone(message_id=_message_id(item["id"]))
        return
    author_id, us = _author_id(item), _id(account.account.lower())
    yield from _author(item)
    yield MessageSeen(
        message_id=_message_id(item["id"]),
        author_id=author_id,
        sent_at=moment(item["timestamp"]),
        text=item.get("caption"),
        kind="post",
        channel=account.account if is_own_space else item.get("username") or "tagged",
        mentions=() if is_own_space else (us,),
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
    text_keys=frozenset({"caption", "text"}),
    streams=(
        Stream("profile", fetch_profile, read_profile, is_snapshot=True),
        Stream("media", fetch_media, read_media, lookback_days=90),
        Stream("comments", fetch_comments, read_comment, lookback_days=90, hangs_on="media"),
        Stream("tagged", fetch_tagged, read_tagged, lookback_days=7),
    ),
)
