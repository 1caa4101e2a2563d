"""Conversations from an export file, CSV or JSONL; docs/conversations.md describes the layouts.

The file is a snapshot: it is read whole each night, however old its messages are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from msgspec.structs import replace
from pydantic import AfterValidator, Field

from extractors.cells import flag_in, id_in, ids_in, instant_in, number_in, text_in
from extractors.errors import NotThere, Unreadable
from extractors.observations import AccountSeen, MessageSeen, Observation, make_id
from extractors.platform import (
    Access,
    Fetched,
    Inspection,
    Item,
    Options,
    Platform,
    Reading,
    SetAside,
    Stream,
)
from extractors.tables import Columns, TableError, read_table
from lake.organisation import AccountToRead

PLATFORM, STREAM = "conversations", "messages"
LAYOUTS = {
    "conversations": Columns(
        required=("message_id", "author_id", "sent_at"),
        optional=(
            *("text", "in_reply_to", "conversation_id", "mentions", "kind", "channel"),
            *("author_name", "is_bot", "permalink"),
        ),
    ),
    # https://www.kaggle.com/datasets/thoughtvector/customer-support-on-twitter
    "twcs": Columns(
        required=("tweet_id", "author_id", "inbound", "created_at", "text"),
        optional=("response_tweet_id", "in_response_to_tweet_id"),
    ),
}
KINDS = ("post", "reply", "quote", "comment", "review", "direct")
# What may stand before and after a mention: https://github.com/twitter/twitter-text
HANDLE = re.compile(r"(?<![A-Za-z0-9_!#$%&*@])@([A-Za-z0-9_]{1,20})(?![A-Za-z0-9_@])")


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f"{name!r} is no encoding; use e.g. utf-8, utf-16 or cp1252") from None
    return name


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone; use an IANA name such as Europe/Madrid")
    return name


class ConversationsOptions(Options):
    """Which file to read, and what it does not tell itself."""

    path: str = Field(min_length=1)  # of a file, or a pattern such as "exports/*.csv"
    layout: Literal["conversations", "twcs"] = "conversations"
    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = None
    time_zone: Annotated[str, AfterValidator(_known_zone)] | None = None  # of times without one
    channel: str | None = None  # of messages that name none; default: the account
    is_own_space: bool = False  # whoever opens a conversation there speaks to us
    is_flat: bool = False  # messages do not tell what they reply to


def check(inspection: Inspection) -> Access:
    """Whether the files are there and may be opened; what is in them a night says."""
    paths = _files(inspection.options.path)
    closed = [f"{path} may not be read" for path in paths if not os.access(path, os.R_OK)]
    missing = [] if paths else [f"no file matches {inspection.options.path!r}"]
    return Access(f"files to read: {len(paths)}", faults=(*closed, *missing))


def import_rows(reading: Reading) -> Iterator[Fetched | SetAside]:
    """Every row of the file or files, as an item or set aside; `page` is the line it begins on.

    Raises `NotThere` if there is no such file, and, once the others are read, `Unreadable` for
    files that cannot be opened or lack the layout's columns.
    """
    options, account = reading.options, reading.account
    paths = _files(options.path)
    if not paths:
        raise NotThere(
            f"no file matches {options.path!r}",
            platform=PLATFORM,
            account=account.account,
            stream=STREAM,
        )
    check = partial(read_message, account=account)
    several, faults = len(paths) > 1, []
    for path in paths:
        try:
            for row in read_table(path, LAYOUTS[options.layout], check, options.encoding):
                if isinstance(row, Fetched):
                    yield _with_mentions(row)
                else:
                    yield replace(row, reason=f"{path.name}: {row.reason}") if several else row
        except OSError as error:
            faults.append(f"{path}: {error.strerror}")
        except TableError as error:
            faults.append(f"{path}: {error} (docs/conversations.md tells the layouts)")
    if faults:
        more = f", and {len(faults) - 1} more files" if len(faults) > 1 else ""
        raise Unreadable(
            f"{faults[0]}{more}", platform=PLATFORM, account=account.account, stream=STREAM
        )


def _files(path: str) -> list[Path]:
    named = Path(path).expanduser()
    if named.is_file() or named.is_dir():
        return [named] if named.is_file() else []
    try:
        found = Path(named.anchor).glob(str(named.relative_to(named.anchor)))
        return sorted(each for each in found if each.is_file())
    except ValueError:  # "a**b", which pathlib refuses as a pattern, matches nothing
        return []


def _with_mentions(row: Fetched) -> Fetched:
    """Note whom a tweet mentions: only its text tells, which the lake may not be free to keep."""
    if "tweet_id" not in row.item:
        return row
    handles = HANDLE.findall(text_in(row.item, "text"))
    return replace(row, item=row.item | {"mentions": [handle.casefold() for handle in handles]})


def read_message(item: Item, account: AccountToRead) -> list[Observation]:
    """One row: its author and its message. The layout shows in the name of the first column.

    Raises `ValueError`, whose text names the column and the fault but not the content.
    """
    return (_read_tweet if "tweet_id" in item else _read_row)(item, account)


def _kind(item: Item) -> str:
    return text_in(item, "kind").strip().casefold()


def _read_row(item: Item, account: AccountToRead) -> list[Observation]:
    make, author = _maker(account.account), _author(item)
    parent, root = id_in(item, "in_reply_to"), id_in(item, "conversation_id")
    kind = _kind(item) or ("reply" if parent else "post")
    if kind not in KINDS:
        raise ValueError(f"kind is none of {', '.join(KINDS)}")
    message = MessageSeen(
        message_id=make(id_in(item, "message_id", is_required=True)),
        author_id=make(author) if author else None,
        sent_at=instant_in(item, "sent_at", account.options.get("time_zone")),
        text=text_in(item, "text") or None,
        kind=kind,
        channel=text_in(item, "channel") or _channel(account),
        visibility="direct" if kind == "direct" else "public",
        parent_id=make(parent) if parent else None,
        root_id=make(root) if root else None,
        mentions=tuple(make(name.removeprefix("@")) for name in ids_in(item, "mentions")),
        is_own_space=account.options.get("is_own_space", False),
        is_flat=account.options.get("is_flat", False),
        permalink=text_in(item, "permalink") or None,
    )
    is_bot = bool(text_in(item, "is_bot")) and flag_in(item, "is_bot")
    return _with_author(
        message, author, "bot" if is_bot else None, text_in(item, "author_name") or None
    )


def _read_tweet(item: Item, account: AccountToRead) -> list[Observation]:
    """A handle's case means nothing on Twitter, so ids are made of the handle in lower case."""
    make, author = _maker(account.account), _author(item)
    parent, is_inbound = number_in(item, "in_response_to_tweet_id"), flag_in(item, "inbound")
    message = MessageSeen(
        message_id=make(number_in(item, "tweet_id", is_required=True)),
        author_id=make(author.casefold()) if author else None,
        sent_at=instant_in(item, "created_at", account.options.get("time_zone")),
        text=text_in(item, "text") or None,
        kind="reply" if parent else "post",
        channel=_channel(account),
        parent_id=make(parent) if parent else None,
        mentions=tuple(make(name) for name in ids_in(item, "mentions")),
        is_own_space=account.options.get("is_own_space", False),
        is_flat=account.options.get("is_flat", False),
    )
    return _with_author(message, author, None if is_inbound else "organisation")


def _with_author(
    message: MessageSeen, handle: str, declared_kind: str | None, display_name: str | None = None
) -> list[Observation]:
    if message.author_id is None:
        return [message]
    author = AccountSeen(
        account_id=message.author_id,
        handle="_".join(handle.split()),  # an organisation file could not name it with its spaces
        display_name=display_name,
        declared_kind=declared_kind,
    )
    return [author, message]


@lru_cache
def _maker(account: str) -> Callable[[str], str]:
    """What makes ids that no two imports of an organisation share, however they number."""
    return partial(make_id, PLATFORM, re.sub(r"[:\s]+", "-", account))


def _channel(account: AccountToRead) -> str:
    return account.options.get("channel") or account.account


def _author(item: Item) -> str:
    return id_in(item, "author_id").removeprefix("@")


CONVERSATIONS = Platform(
    name=PLATFORM,
    streams=(Stream(STREAM, fetch=import_rows, read=read_message, is_snapshot=True),),
    options=ConversationsOptions,
    check=check,
    text_keys=frozenset({"text"}),
    is_direct=lambda item: _kind(item) == "direct",
)
