"""What an item of a Facebook Page says: pure functions from an item to observations.

People are numbered for each Page apart: an account is `facebook:<page>:<number>`. Posts, comments
and messages have one id everywhere: a message is `facebook::<id>`.

An item `about` another was told of that: a comment or a reaction of a post, a message of a
conversation. Objects: https://developers.facebook.com/docs/graph-api/reference/ (PagePost, Comment,
Message, Page).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from extractors.observations import (
    AccountSeen,
    Gone,
    MessageSeen,
    Observation,
    ReactionSeen,
    make_id,
)
from extractors.platform import Item
from extractors.windows import moment
from lake.organisation import AccountToRead


def read_page(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """The Page itself."""
    yield AccountSeen(
        account_id=_account_id(item["id"], account),
        handle=item.get("username"),
        display_name=item.get("name"),
        profile_url=item.get("link"),
        declared_kind="organisation",
        follower_count=item.get("followers_count"),
        profile_links=tuple((item.get("website") or "").split()),
    )


def is_at_home(source_id: str, account: AccountToRead) -> bool:
    """Whether a post of this id stands on the Page: it begins with the number of its place."""
    return source_id.partition("_")[0] == account.account


def read_post(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """A post, or that it is gone. One elsewhere tags the Page, whether in its words or not."""
    if item.get("gone"):
        yield Gone(message_id=_message_id(item["id"]))
        return
    is_own_space = is_at_home(item["id"], account)
    us = () if is_own_space else (_account_id(account.account, account),)
    tags = list(_tagged(item, account))
    yield from (*_author(item, account), *tags)
    summary = (item.get("comments") or {}).get("summary") or {}
    yield MessageSeen(
        message_id=_message_id(item["id"]),
        author_id=_author_id(item, account),
        sent_at=moment(item["created_time"]),
        text=item.get("message"),
        kind="post",
        channel=item["id"].partition("_")[0],
        visibility=_visibility(item),
        mentions=_mentions(tags, us),
        is_own_space=is_own_space,
        permalink=item.get("permalink_url"),
        reply_count=summary.get("total_count"),
    )


def read_comment(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """A comment of a post or of a comment; or that it is gone; or the post that led to it."""
    if "about" not in item:
        yield from read_post(item, account)
        return
    found, answered = _ids(item)
    if item.get("gone"):
        yield Gone(message_id=_message_id(found))
        return
    parent, tags = item.get("parent") or {}, list(_tagged(item, account))
    yield from (*_author(item, account), *_author(parent, account), *tags)
    yield MessageSeen(
        message_id=_message_id(found),
        author_id=_author_id(item, account),
        sent_at=moment(item["created_time"]),
        text=item.get("message"),
        kind="comment",
        channel=item["about"].partition("_")[0],
        visibility=_visibility(item),
        parent_id=_message_id(parent.get("id") or answered or item["about"]),
        parent_author_id=_author_id(parent, account),
        root_id=_message_id(item["about"]),
        mentions=_mentions(tags),
        is_own_space=is_at_home(item["about"], account),
        permalink=item.get("permalink_url"),
        reply_count=item.get("comment_count"),
    )


def _ids(comment: Item) -> tuple[str, str]:
    """A comment's id and, if it answers another, that one's, where only the address tells."""
    if "id" in comment:
        return comment["id"], ""
    url = urlsplit(comment["permalink_url"])
    post, query = re.search(r"/posts/(\d+)", url.path), parse_qs(url.query)
    if not post:
        raise ValueError("neither an id nor an address that holds it")
    (top,), (answer,) = query["comment_id"], query.get("reply_comment_id", [""])
    own = f"{post[1]}_{answer or top}"
    return own, f"{post[1]}_{top}" if answer else ""


def read_reaction(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """One of those who reacted to a post; when, the platform does not tell. Or the post."""
    if "about" not in item:
        yield from read_post(item, account)
        return
    yield from _author({"from": item}, account)
    yield ReactionSeen(
        account_id=_account_id(item["id"], account),
        message_id=_message_id(item["about"]),
        kind="reaction",
    )


def read_message(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """A message between the Page and a person."""
    people = [each for each in (item.get("to") or {}).get("data", []) if "id" in each]
    yield from _author(item, account)
    for each in people:
        yield from _author({"from": each}, account)
    yield MessageSeen(
        message_id=_message_id(item["id"]),
        author_id=_author_id(item, account),
        sent_at=moment(item["created_time"]),
        text=item.get("message") or None,
        kind="direct",
        channel=f"{account.account}/{item['about']}",
        visibility="direct",
        mentions=tuple(_account_id(each["id"], account) for each in people),
        is_own_space=True,
        is_flat=True,
    )


def _visibility(item: Item) -> str:
    """What is hidden is seen by its author, the author's friends and the Page."""
    return "private" if item.get("is_hidden") else "public"


def _author(item: Item, account: AccountToRead) -> Iterator[AccountSeen]:
    if who := item.get("from"):
        yield AccountSeen(
            account_id=_account_id(who["id"], account), display_name=who.get("name") or None
        )


def _author_id(item: Item, account: AccountToRead) -> str | None:
    return _account_id(item["from"]["id"], account) if item.get("from") else None


def _tagged(item: Item, account: AccountToRead) -> Iterator[AccountSeen]:
    """People and Pages tagged in the words; older versions tell lists by the place in the text."""
    told = item.get("message_tags") or []
    lists = told.values() if isinstance(told, dict) else [told]
    for tag in (each for tags in lists for each in tags):
        if "id" in tag and tag.get("type", "user") in {"user", "page"}:
            yield AccountSeen(
                account_id=_account_id(tag["id"], account), display_name=tag.get("name") or None
            )


def _mentions(tags: list[AccountSeen], more: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(each.account_id for each in tags), *more)))


def _account_id(number: str, account: AccountToRead) -> str:
    if not isinstance(number, str):
        raise TypeError("an account's number must be text")
    return make_id("facebook", account.account, number)


def _message_id(source_id: str) -> str:
    if not isinstance(source_id, str):
        raise TypeError("a message's id must be text")
    return make_id("facebook", "", source_id)
