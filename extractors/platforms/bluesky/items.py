"""What an item of Bluesky says: pure functions from an item to observations.

An account is `bluesky::<DID>`, because handles change hands; a message is `bluesky::<AT-URI>`, a
direct one `bluesky::<conversation>/<id>`. The DID in the address of what is answered is its author.

A message is dated by `indexedAt`, when the network got to see it. `createdAt` is whatever the
author's app declares, years back for what was imported, or ahead of time.

Lexicons: https://docs.bsky.app/docs/category/http-reference (app.bsky.feed.defs, .actor.defs,
.richtext.facet).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from extractors.observations import (
    AccountSeen,
    FollowSeen,
    Gone,
    MessageSeen,
    Observation,
    ReactionSeen,
    make_id,
)
from extractors.platform import Item
from extractors.windows import moment
from lake.organisation import AccountToRead

PLACE = "bsky.app"
POST, LIKE = "app.bsky.feed.post", "app.bsky.feed.like"
REPOST, FOLLOW = "app.bsky.feed.repost", "app.bsky.graph.follow"
NO_HANDLE = "handle.invalid"  # what the platform shows for one that does not resolve


def read_post(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """A post with what it answers and quotes, perhaps as somebody's repost; or that it is gone.

    Or that an account is gone.
    """
    if "gone" in item:
        yield _gone(item["gone"])
        return
    yield from _post(item["post"])
    reposter = (item.get("reason") or {}).get("by")
    if reposter:
        yield _account(reposter)
        when = item["reason"].get("indexedAt")
        yield _reaction(reposter, item["post"]["uri"], "repost", when)
    answered = item.get("reply") or {}
    found = {each["uri"]: each for each in (answered.get("root"), answered.get("parent")) if each}
    for each in found.values():
        if "record" in each:  # else deleted, or out of sight
            yield from _post(each)


def read_notification(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """Somebody mentioned, answered, quoted, liked, reposted or followed us."""
    who, record = item["author"], item["record"]
    kind = record["$type"]
    if kind == POST:
        yield from _post(item)
        return
    yield _account(who)
    if kind == FOLLOW:
        yield FollowSeen(
            follower_id=_account_id(who["did"]),
            followed_id=_account_id(record["subject"]),
            followed_at=moment(item["indexedAt"]),
        )
    elif kind in {LIKE, REPOST} and is_post(record["subject"]["uri"]):
        reaction = "reaction" if kind == LIKE else "repost"
        yield _reaction(who, record["subject"]["uri"], reaction, item["indexedAt"])


def read_like(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """One of those who like a post."""
    like = item["like"]
    yield _account(like["actor"])
    yield _reaction(like["actor"], item["of"]["uri"], "reaction", like["indexedAt"])


def read_repost(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """One of those who reposted a post; when, the platform does not tell."""
    yield _account(item["by"])
    yield _reaction(item["by"], item["of"]["uri"], "repost")


def read_liked(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """That we like a post, which comes along where it is there still; or that it is gone."""
    if "gone" in item:
        yield _gone(item["gone"])
        return
    like = item["liked"]
    if "post" in item:
        yield from _post(item["post"])
    if is_post(like["value"]["subject"]["uri"]):
        yield _reaction(
            {"did": author_of(like["uri"])},
            like["value"]["subject"]["uri"],
            "reaction",
            like["value"]["createdAt"],
        )


def read_direct(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """A direct message with who reacted to it; or that it is deleted; or nothing anybody said."""
    message, convo = item["message"], item["convo"]
    kind = message["$type"].rpartition("#")[2]
    if kind == "systemMessageView":
        return
    message_id = _direct_id(convo, message["id"])
    if kind == "deletedMessageView":
        yield Gone(message_id=message_id)
        return
    yield from map(_account, convo["members"])
    sender, answered = message["sender"]["did"], message.get("replyTo") or {}
    others = [] if convo["is_group"] else [who["did"] for who in convo["members"]]
    named = dict.fromkeys([*others, *_mentioned(message)])
    place = f"{PLACE}/messages/{convo['id']}"
    yield MessageSeen(
        message_id=message_id,
        author_id=_account_id(sender),
        sent_at=moment(message["sentAt"]),
        text=_text(message),
        kind="direct",
        channel=place,
        visibility="direct",
        parent_id=_direct_id(convo, answered["id"]) if "id" in answered else None,
        parent_author_id=_account_id(answered["sender"]["did"]) if "sender" in answered else None,
        quoted_id=_quoted(message),
        mentions=tuple(_account_id(did) for did in named if did != sender),
        is_own_space=not convo["is_group"],
        is_flat=True,
        permalink=f"https://{place}",
    )
    for each in message.get("reactions") or []:
        yield ReactionSeen(
            account_id=_account_id(each["sender"]["did"]),
            message_id=message_id,
            kind="reaction",
            reacted_at=moment(each["createdAt"]),
        )


def read_profile(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """Who somebody is, and whom they follow, if that is told; since when, is not."""
    who, followed = item["profile"], item.get("follows")
    yield _account(who)
    if followed:
        yield FollowSeen(follower_id=_account_id(who["did"]), followed_id=_account_id(followed))


def sorted_at(element: Any) -> datetime | None:
    """The time by which the platform orders its lists: declared, but never ahead of indexing.

    Of our like of a post, when we declared that.
    """
    try:
        if "liked" in element:
            return moment(element["liked"]["value"]["createdAt"])
        reason = element.get("reason")
        if isinstance(reason, dict) and "by" in reason:
            return moment(reason["indexedAt"])
        view = element.get("post", element)
        indexed_at = moment(view["indexedAt"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    try:
        return min(moment(_record(view)["createdAt"]), indexed_at)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return indexed_at


def is_post(uri: str) -> bool:
    """Whether an address is a post's, and not a list's or a feed's."""
    return f"/{POST}/" in uri


def author_of(uri: str | None) -> str:
    """The DID in an address; empty where it has a handle instead, which may be another's by now."""
    found = re.match(r"at://(did:[^/]+)/", uri or "")
    return found[1] if found else ""


def concerns(view: Item, did: str) -> bool:
    """Whether a post is by the account, mentions it or answers it."""
    parent = (_record(view).get("reply") or {}).get("parent", {})
    return did in (view["author"]["did"], author_of(parent.get("uri")), *_mentioned(_record(view)))


def _post(view: Item) -> Iterator[Observation]:
    yield _account(view["author"])
    yield _message(view)
    embedded = (view.get("embed") or {}).get("record") or {}
    quoted = embedded.get("record", embedded)  # one deeper beside pictures
    if isinstance(quoted, dict) and "value" in quoted and is_post(quoted["uri"]):
        yield from _post(quoted)


def _message(view: Item) -> MessageSeen:
    record = _record(view)
    reply, quoted = record.get("reply"), _quoted(record)
    parent = reply["parent"]["uri"] if reply else None
    author, client = view["author"]["did"], record.get("via")
    return MessageSeen(
        message_id=_message_id(view["uri"]),
        author_id=_account_id(author),
        sent_at=moment(view["indexedAt"]),
        text=_text(record),
        kind="reply" if reply else "quote" if quoted else "post",
        channel=PLACE,
        parent_id=_message_id(parent) if parent else None,
        parent_author_id=_account_id(author_of(parent)) if author_of(parent) else None,
        root_id=_message_id(reply["root"]["uri"]) if reply else None,
        quoted_id=_message_id(quoted) if quoted else None,
        mentions=tuple(map(_account_id, _mentioned(record))),
        permalink=f"https://{PLACE}/profile/{author}/post/{view['uri'].rpartition('/')[2]}",
        client_name=client if isinstance(client, str) else None,
        reply_count=view.get("replyCount"),
    )


def _record(view: Item) -> Item:
    """What the author wrote; in a quotation it has another name."""
    record: Item = view["record"] if "record" in view else view["value"]
    return record


def _quoted(record: Item) -> str | None:
    embedded = (record.get("embed") or {}).get("record") or {}
    uri = embedded.get("record", embedded).get("uri")
    return uri if uri and is_post(uri) else None


def _features(record: Item) -> Iterator[tuple[Item, Item]]:
    for facet in record.get("facets") or []:
        for feature in facet["features"]:
            yield facet["index"], feature


def _mentioned(record: Item) -> tuple[str, ...]:
    kind = "app.bsky.richtext.facet#mention"
    told = [each["did"] for _, each in _features(record) if each.get("$type") == kind]
    return tuple(dict.fromkeys(told))


def _text(record: Item) -> str:
    """The text, with links that apps shorten in it spelled out.

    Facets count bytes of UTF-8, and are made by anybody's app: those that cut a character, overlap
    or lie outside are left alone.
    """
    written = record["text"].encode("utf-8", "surrogatepass")
    links = sorted(
        (index["byteStart"], index["byteEnd"], feature["uri"].encode())
        for index, feature in _features(record)
        if feature.get("$type") == "app.bsky.richtext.facet#link"
    )
    parts, end = [], 0
    for start, stop, uri in links:
        if end <= start < stop <= len(written) and _is_whole(written, start, stop):
            parts += [written[end:start], uri]
            end = stop
    return b"".join([*parts, written[end:]]).decode("utf-8", "surrogatepass")


def _is_whole(written: bytes, *cuts: int) -> bool:
    """Whether no cut goes through a character; bytes 10xxxxxx go on with one."""
    return all(cut == len(written) or written[cut] & 0xC0 != 0x80 for cut in cuts)


def _account(who: Item) -> AccountSeen:
    did, handle = who["did"], who.get("handle")
    handle = None if handle == NO_HANDLE else handle
    labels = [each.get("val") for each in who.get("labels") or [] if each.get("src") == did]
    return AccountSeen(
        account_id=_account_id(did),
        handle=handle,
        display_name=who.get("displayName") or None,
        profile_url=f"https://{PLACE}/profile/{handle or did}",
        declared_kind="bot" if "bot" in labels else None,  # by the account itself
        follower_count=who.get("followersCount"),
        profile_links=_links(who),
    )


def _links(who: Item) -> tuple[str, ...]:
    found = re.findall(r"https?://[^\s<>\"()]+", who.get("description") or "")
    told = [who.get("website"), *(each.rstrip(".,;:!?'") for each in found)]
    return tuple(dict.fromkeys(filter(None, told)))


def _reaction(who: Item, uri: str, kind: str, when: str | None = None) -> ReactionSeen:
    return ReactionSeen(
        account_id=_account_id(who["did"]),
        message_id=_message_id(uri),
        kind=kind,
        reacted_at=moment(when) if when else None,
    )


def _gone(what: str) -> Gone:
    """That a post is gone, or an account."""
    is_account = what.startswith("did:")
    return Gone(account_id=_account_id(what)) if is_account else Gone(message_id=_message_id(what))


def _direct_id(convo: Item, source_id: str) -> str:
    return make_id("bluesky", "", f"{convo['id']}/{source_id}")


def _account_id(did: str) -> str:
    if not did.startswith("did:"):
        raise ValueError("an account is not told by its DID")
    return make_id("bluesky", "", did)


def _message_id(uri: str) -> str:
    if not uri.startswith("at://"):
        raise ValueError("a post is not told by its AT-URI")
    return make_id("bluesky", "", uri)
