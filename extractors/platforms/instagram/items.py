"""What an item of Instagram says: pure functions from an item to observations.

A person is a user name, in lower case: an account is `instagram::<name>`, a message
`instagram::<id>`. An item `about` something was told of that: a comment of media, a message of a
conversation, media of a tag.
Objects: https://developers.facebook.com/docs/instagram-platform/reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.observations import AccountSeen, Gone, MessageSeen, Observation, make_id
from extractors.platform import Item
from extractors.text import links_in
from extractors.windows import moment
from lake.organisation import AccountToRead

_NAME = re.compile(r"(?<![\w@.])@(\w(?:[\w.]*\w)?)", re.ASCII)


def read_profile(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """The account itself."""
    yield AccountSeen(
        account_id=_id(item["username"].lower()),
        handle=item["username"],
        display_name=item.get("name") or None,
        profile_url=f"https://www.instagram.com/{item['username']}/",
        follower_count=item.get("followers_count"),
        profile_links=tuple(
            filter(None, (item.get("website"), *links_in(item.get("biography") or "")))
        ),
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
