"""What an item of X says: pure functions from an item to observations.

An item is a post as X tells it, and under `includes` and `errors` what the same answer tells of
the posts it refers to and of their authors. X renames its fields from "tweet" to "post"; both are
understood.

An edit makes a new id. The message is the *first* id of the edit history, sent when that was made
(the id tells), and the latest version's text and time are its text and its edit. Others refer to
any version: `includes` tells which message is meant.

Objects: https://docs.x.com/x-api/fundamentals/data-dictionary
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
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

PLACE = "x.com"
ID_EPOCH = datetime(2010, 11, 4, 1, 42, 54, tzinfo=UTC)  # ids count milliseconds from here
NOT_FOUND = "/problems/resource-not-found"


def either(item: Item, name: str) -> Any:
    """The value under a name, with "tweet" or with "post" in it; null if there is none."""
    found = item.get(name)
    return item.get(name.replace("tweet", "post")) if found is None else found


def references(post: Item) -> dict[str, str]:
    """Ids of the posts that a post answers, quotes or reposts, by `replied_to` and so on."""
    told = either(post, "referenced_tweets")
    if not isinstance(told, list):
        return {}
    found = {each["type"]: _text(each["id"]) for each in told if isinstance(each, dict)}
    if "reposted" in found:
        found["retweeted"] = found.pop("reposted")
    return found


def versions(post: Item) -> list[str]:
    """Ids of all versions of a post, the first one first."""
    told = either(post, "edit_history_tweet_ids")
    found = [_text(each) for each in told if each] if isinstance(told, list) else []
    return found or [_text(post["id"])]


def counter(counters: Item, name: str) -> int | None:
    """One of the counters that X keeps of a post, such as `reply` or `retweet`."""
    found: int | None = counters.get(f"{name}_count")
    return counters.get("repost_count") if found is None and name == "retweet" else found


def is_not_found(error: Item) -> bool:
    """Whether an error of an answer says that a post does not exist, or not any more."""
    return error.get("resource_type") in {"tweet", "post"} and str(error.get("type")).endswith(
        NOT_FOUND
    )


def read_post(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """A post, what it refers to, and the people of both; or that a post is gone."""
    if "note" in item:
        return  # our own, of what is read already: see `extractors.platforms.x`
    if item.get("gone"):
        yield Gone(message_id=_message_id(item["id"]))
        return
    told = item.get("includes") or {}
    along = [item, *(either(told, "tweets") or [])]
    people = {each["id"]: each for each in told.get("users") or []}
    firsts = {version: versions(each)[0] for each in along for version in versions(each)}
    yield from map(_account, people.values())
    for post in along:
        yield from _post(post, people, firsts)
    for error in item.get("errors") or []:
        if is_not_found(error):
            yield Gone(message_id=_message_id(error["resource_id"]))


def _post(post: Item, people: dict[str, Item], firsts: dict[str, str]) -> Iterator[Observation]:
    refers_to = {kind: firsts.get(one, one) for kind, one in references(post).items()}
    author_id = post.get("author_id")
    mentioned = {each["id"]: each for each in _mentions(post) if each.get("id")}
    for account_id, each in mentioned.items():
        if account_id not in people:
            yield AccountSeen(account_id=_account_id(account_id), handle=each["username"])
    if "retweeted" in refers_to:
        if author_id:
            yield ReactionSeen(
                account_id=_account_id(author_id),
                message_id=_message_id(refers_to["retweeted"]),
                kind="repost",
                reacted_at=moment(post["created_at"]),
            )
        return
    if post["id"] not in versions(post)[:-1]:  # what an earlier version says holds no more
        yield _message(post, refers_to, firsts, tuple(map(_account_id, mentioned)), people)


def _message(
    post: Item,
    refers_to: dict[str, str],
    firsts: dict[str, str],
    mentions: tuple[str, ...],
    people: dict[str, Item],
) -> MessageSeen:
    (sent_at, edited_at), first = _times(post), versions(post)[0]
    author_id, root = post.get("author_id"), post.get("conversation_id")
    parent, quoted = refers_to.get("replied_to"), refers_to.get("quoted")
    answered = post.get("in_reply_to_user_id") if parent else None
    is_protected = people.get(author_id or "", {}).get("protected")
    return MessageSeen(
        message_id=_message_id(first),
        author_id=_account_id(author_id) if author_id else None,
        sent_at=sent_at,
        edited_at=edited_at,
        text=unescape((either(post, "note_tweet") or {}).get("text") or post["text"]),
        kind="reply" if parent else "quote" if quoted else "post",
        channel=PLACE,
        visibility="private" if is_protected else "public",
        parent_id=_message_id(parent) if parent else None,
        parent_author_id=_account_id(answered) if answered else None,
        root_id=_message_id(firsts.get(root, root)) if root else None,
        quoted_id=_message_id(quoted) if quoted else None,
        mentions=mentions,
        permalink=f"https://{PLACE}/i/status/{post['id']}",
        client_name=post.get("source"),
        reply_count=counter(post.get("public_metrics") or {}, "reply"),
    )


def _times(post: Item) -> tuple[datetime, datetime | None]:
    """When a post was sent, and when it was edited: X tells the time of the latest version."""
    first, told_at = versions(post)[0], moment(post["created_at"])
    if first == post["id"]:
        return told_at, None
    return min(told_at, _made_at(first)), told_at


def _mentions(post: Item) -> list[Item]:
    parts = [post, either(post, "note_tweet") or {}]
    return [each for one in parts for each in (one.get("entities") or {}).get("mentions") or []]


def read_reaction(item: Item, _: AccountToRead, *, kind: str) -> Iterator[Observation]:
    """One of those who liked or reposted a post; when, X does not tell."""
    if "note" in item:
        return
    yield _account(item["user"])
    yield ReactionSeen(
        account_id=_account_id(item["user"]["id"]),
        message_id=_message_id(item["post_id"]),
        kind=kind,
    )


def read_message(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """A direct message. A conversation of two is named by both, one of more people is not."""
    sender, conversation = item["sender_id"], item["dm_conversation_id"]
    yield from map(_account, (item.get("includes") or {}).get("users") or [])
    yield MessageSeen(
        message_id=make_id("x", "", f"dm-{_text(item['id'])}"),
        author_id=_account_id(sender),
        sent_at=moment(item["created_at"]),
        text=unescape(item["text"]),
        kind="direct",
        channel=f"{PLACE}/{conversation}",
        visibility="direct",
        mentions=tuple(
            _account_id(each)
            for each in conversation.split("-")
            if "-" in conversation and each != sender
        ),
        is_own_space=True,
        is_flat=True,
    )


def read_follower(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """One of those who follow us now; since when, X does not tell."""
    yield _account(item["user"])
    yield FollowSeen(
        follower_id=_account_id(item["user"]["id"]), followed_id=_account_id(item["followed_id"])
    )


def _account(who: Item) -> AccountSeen:
    parts = [(who.get("entities") or {}).get(part) or {} for part in ("url", "description")]
    links = [link.get("expanded_url") for part in parts for link in part.get("urls") or []]
    is_organisation = who.get("verified_type") in {"business", "government"}
    return AccountSeen(
        account_id=_account_id(who["id"]),
        handle=who["username"],
        display_name=unescape(who.get("name") or "") or None,
        profile_url=f"https://{PLACE}/{who['username']}",
        declared_kind="organisation" if is_organisation else None,
        follower_count=(who.get("public_metrics") or {}).get("followers_count"),
        profile_links=tuple(dict.fromkeys(filter(None, links))),
    )


def _made_at(post_id: str) -> datetime:
    """When an id was made, in whole seconds like the times that X tells."""
    try:
        made = ID_EPOCH + timedelta(milliseconds=657 + (int(post_id) >> 22))
    except OverflowError:
        raise ValueError("an id that no time makes") from None
    return made.replace(microsecond=0)


def _account_id(account_id: object) -> str:
    return make_id("x", "", _text(account_id))


def _message_id(post_id: object) -> str:
    return make_id("x", "", _text(post_id))


def _text(source_id: object) -> str:
    if not isinstance(source_id, str):
        raise TypeError("an id must be text")
    return source_id
