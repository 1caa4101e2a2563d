"""Direct messages: read only if the account's options and the organisation's privacy allow it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from extractors.errors import NotThere
from extractors.platform import Elements, Fetched, Item, Reading, fetched, safely
from extractors.platforms.bluesky.asking import pages
from extractors.windows import moment, within


def fetch_messages(reading: Reading) -> Elements:
    """What people wrote to the account and it to them, each message with its conversation.

    Conversations that were not accepted yet are among them. All are listed each time, since nothing
    promises an order.
    """
    if not reading.options.direct_messages:
        return
    method = "xrpc/chat.bsky.convo.listConvos"
    for page, convos in pages(reading, "messages", method, "convos"):
        for convo in convos:
            if not isinstance(convo, dict):
                yield fetched(convo, page)
                continue
            latest = _sent_at(convo.get("lastMessage"))
            if latest is None or latest >= reading.window.start:
                yield from safely(str(convo.get("id")), _messages(reading, convo))


def _messages(reading: Reading, convo: Item) -> Elements:
    """The window's messages of a conversation, without what tells of other people."""
    shown = ("did", "handle", "displayName")
    about = {
        "id": convo["id"],
        "members": [{key: who.get(key) for key in shown} for who in convo["members"]],
        "is_group": str((convo.get("kind") or {}).get("$type")).endswith("#groupConvo"),
    }
    method, asked = "xrpc/chat.bsky.convo.getMessages", {"convoId": convo["id"]}
    listed = pages(reading, "messages", method, "messages", asked)
    try:
        for each in within(reading, listed, _sent_at):
            if isinstance(each, Fetched):
                yield Fetched({"message": each.item, "convo": about}, each.page)
            else:
                yield each
    except NotThere:
        return  # we left it a moment ago


def _sent_at(message: Any) -> datetime | None:
    try:
        return moment(message["sentAt"])
    except (KeyError, TypeError, ValueError):
        return None
