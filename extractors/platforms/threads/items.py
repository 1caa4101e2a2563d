"""What an item of Threads says: pure functions from an item to observations.

A person is a user name, in lower case: an account is `threads::<name>`, a message `threads::<id>`.
Objects: https://developers.facebook.com/docs/threads/reference/media-retrieval.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.observations import (
    AccountSeen,
    Gone,
    MessageSeen,
    Observation,
    ReactionSeen,
    make_id,
)
from extractors.platform import Item
from extractors.text import links_in
from extractors.windows import moment
from lake.organisation import AccountToRead

_HIDDEN = {"HIDDEN", "COVERED", "BLOCKED", "RESTRICTED"}


def read_profile(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """The account itself."""
    yield AccountSeen(
        account_id=_account_id(item["username"]),
        handle=item["username"],
        display_name=item.get("name") or None,
        profile_url=f"https://www.threads.net/@{item['username']}",
        profile_links=links_in(item.get("threads_biography") or ""),
    )


def read_own(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """What we wrote, or reposted; or that it is gone."""
    return _said({"username": account.account, **item}, account, ())


def read_answer(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """What somebody answered; or that it is gone."""
    return _said(item, account, ())


def read_mention(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """What somebody wrote that mentions us."""
    return _said(item, account, (_account_id(account.account),))


def _said(item: Item, account: AccountToRead, told: tuple[str, ...]) -> Iterator[Observation]:
    if item.get("gone"):
        yield Gone(message_id=_message_id(item["id"]))
        return
    name, reposted = item.get("username"), _linked(item, "reposted_post")
    author_id = _account_id(name) if name else None
    if author_id:
        yield AccountSeen(account_id=author_id, handle=name)
    if reposted:
        if author_id:
            yield ReactionSeen(
                account_id=author_id,
                message_id=reposted,
                kind="repost",
                reacted_at=moment(item["timestamp"]),
            )
        return
    yield _message(item, author_id, told or _mentions(item, account))


def _message(item: Item, author_id: str | None, mentions: tuple[str, ...]) -> MessageSeen:
    parent, quoted = _linked(item, "replied_to"), _linked(item, "quoted_post")
    return MessageSeen(
        message_id=_message_id(item["id"]),
        author_id=author_id,
        sent_at=moment(item["timestamp"]),
        text=item.get("text"),
        kind="reply" if parent else "quote" if quoted else "post",
        channel="threads",
        visibility="private" if item.get("hide_status") in _HIDDEN else "public",
        parent_id=parent,
        root_id=_linked(item, "root_post"),
        quoted_id=quoted,
        mentions=mentions,
        permalink=item.get("permalink"),
    )


def _mentions(item: Item, account: AccountToRead) -> tuple[str, ...]:
    """Us alone: other names in a text may be nobody's."""
    name = re.escape(account.account)
    pattern = rf"(?<![\w@.])@{name}(?![\w]|\.\w)"
    found = re.search(pattern, item.get("text") or "", re.IGNORECASE | re.ASCII)
    return (_account_id(account.account),) if found else ()


def _linked(item: Item, key: str) -> str | None:
    return _message_id(item[key]["id"]) if item.get(key) else None


def _account_id(name: str) -> str:
    return make_id("threads", "", name.lower())


def _message_id(source_id: str) -> str:
    if not isinstance(source_id, str):
        raise TypeError("a message's id must be text")
    return make_id("threads", "", source_id)
