"""Sample: a made-up community, served without any network. The same options, the same community.

It has a forum (ours, threaded), `social` (threaded, everybody's; we post there too) and a chat
(ours, without threads). What a real server would do, it does: it answers with its state as of
`observed_at`, lists what *changed* in the window (new, edited, deleted, or told only now although
sent days ago), and keeps a deleted message as a stub without text, so that its thread holds.

Options: `seed`, `people`, `days`, `first_day` make another community; `outage` raises that error
instead of answering, to see what a night does then. One organisation reads one such community:
the ids of two would be the same. What is true of it: `extractors.sample_community.truth`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Literal

from pydantic import Field

from extractors.errors import BadCredentials, TryLater
from extractors.observations import (
    AccountSeen,
    FollowSeen,
    Gone,
    MessageSeen,
    Observation,
    ReactionSeen,
    make_id,
)
from extractors.platform import (
    Access,
    Fetched,
    Inspection,
    Item,
    Options,
    Platform,
    Reading,
    Stream,
)
from extractors.sample_community import Community, Settings, community
from extractors.sample_community.people import Account, Follow, Message, Reaction
from lake.organisation import AccountToRead

PAGE_SIZE = 100
OUR_SPACES = ("forum", "chat")
_OUTAGES = {"TryLater": TryLater, "BadCredentials": BadCredentials}
_KINDS = {"brand": "organisation", "helper": "bot", "bot": "bot"}


class SampleOptions(Options):
    """Which community, and whether its server is out of order."""

    seed: int = Settings.seed
    people: int = Field(Settings.people, ge=20, le=20_000)
    days: int = Field(Settings.days, ge=30, le=1_000)
    first_day: date = Settings.first_day
    outage: Literal["TryLater", "BadCredentials"] | None = None

    @property
    def settings(self) -> Settings:
        return Settings(self.seed, self.people, self.days, self.first_day)


def check(inspection: Inspection) -> Access:
    """A community of our own making, which asks for nothing."""
    outage = inspection.options.outage
    faults = (f"its options ask for the outage {outage}",) if outage else ()
    return Access("a made-up community", faults=faults)


def messages(reading: Reading) -> Iterator[Fetched]:
    """Messages that are new, edited or deleted in the window, each as it is by now."""
    now = reading.window.observed_at
    told = _ask(reading, "messages").messages_changed(*_bounds(reading))
    return _paged(_message_item(each, now) for each in told)


def accounts(reading: Reading) -> Iterator[Fetched]:
    """Accounts that are new, changed or deleted in the window, each as it is by now."""
    now = reading.window.observed_at
    told = _ask(reading, "accounts").accounts_changed(*_bounds(reading))
    return _paged(_account_item(each, now) for each in told)


def reactions(reading: Reading) -> Iterator[Fetched]:
    """Likes and reposts of the window."""
    start, end = _bounds(reading)
    told = _ask(reading, "reactions").reactions
    return _paged(_reaction_item(each) for each in told if start <= each.at < end)


def follows(reading: Reading) -> Iterator[Fetched]:
    """Who began to follow one of us in the window, or one of us whom."""
    start, end = _bounds(reading)
    told = _ask(reading, "follows").follows
    return _paged(_follow_item(each) for each in told if start <= each.at < end)


def _ask(reading: Reading, stream: str) -> Community:
    options: SampleOptions = reading.options
    if options.outage:
        account = reading.account
        raise _OUTAGES[options.outage](
            "the option `outage` asks for this error; remove it to read the community",
            platform=account.platform,
            account=account.account,
            stream=stream,
        )
    return community(options.settings)


def _bounds(reading: Reading) -> tuple[float, float]:
    window = reading.window
    return window.start.timestamp(), min(window.end, window.observed_at).timestamp()


def _paged(items: Iterable[Item]) -> Iterator[Fetched]:
    for number, item in enumerate(items):
        yield Fetched(item, page=1 + number // PAGE_SIZE)


def _time(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _account_item(account: Account, now: datetime) -> Item:
    kind = _KINDS.get(account.kind, "person")
    if account.deleted is not None and account.deleted < now.timestamp():
        deleted_at = _time(account.deleted)
        return {"id": account.source_id, "kind": kind, "deleted": True, "deleted_at": deleted_at}
    profile = account.profile_at(now.timestamp())
    return {
        "id": account.source_id,
        "handle": account.handle,
        "name": profile.name,
        "kind": kind,
        "url": account.url,
        "links": list(profile.links),
        "followers": account.followers_at(now.timestamp()),
        "created_at": _time(account.joined),
    }


def _message_item(message: Message, now: datetime) -> Item:
    moment, parent = now.timestamp(), message.parent
    edits = [since for since, _ in message.edits if since < moment]
    item = {
        "id": message.source_id,
        "author": _account_item(message.author, now),
        "created_at": _time(message.sent),
        "edited_at": _time(edits[-1]) if edits else None,
        "channel": message.channel,
        "thread": None if message.channel == "chat" else message.root.source_id,
        "in_reply_to": parent and {"id": parent.source_id, "author": parent.author.source_id},
        "quotes": message.quoted and message.quoted.source_id,
        "mentions": [{"id": each.source_id, "handle": each.handle} for each in message.mentions],
        "client": message.client,
        "url": f"https://community.example/{message.channel}/{message.source_id}",
    }
    if message.deleted is not None and message.deleted < moment:
        return item | {"deleted": True, "deleted_at": _time(message.deleted)}
    return item | {"text": message.text_at(moment), "replies": message.reply_count_at(moment)}


def _reaction_item(reaction: Reaction) -> Item:
    return {
        "account": reaction.account.source_id,
        "message": reaction.message.source_id,
        "kind": reaction.kind,
        "created_at": _time(reaction.at),
    }


def _follow_item(follow: Follow) -> Item:
    return {
        "follower": follow.follower.source_id,
        "followed": follow.followed.source_id,
        "created_at": _time(follow.at),
    }


def read_message(item: Item, _: AccountToRead) -> Iterable[Observation]:
    """A message and its author; of a deleted one the stub, and that it is gone."""
    parent, thread, quoted = item["in_reply_to"], item["thread"], item["quotes"]
    is_deleted = item.get("deleted", False)
    yield from read_account(item["author"], _)
    yield MessageSeen(
        message_id=_id(item["id"]),
        author_id=_id(item["author"]["id"]),
        sent_at=_moment(item["created_at"]),
        text=None if is_deleted else item["text"],
        kind="quote" if quoted else "reply" if parent else "post",
        channel=item["channel"],
        parent_id=_id(parent["id"]) if parent else None,
        parent_author_id=_id(parent["author"]) if parent else None,
        root_id=_id(thread) if thread else None,
        quoted_id=_id(quoted) if quoted else None,
        mentions=tuple(_id(each["id"]) for each in item["mentions"]),
        is_own_space=item["channel"] in OUR_SPACES,
        is_flat=item["channel"] == "chat",
        edited_at=_moment(item["edited_at"]) if item["edited_at"] else None,
        permalink=item["url"],
        client_name=item["client"],
        reply_count=item.get("replies"),
    )
    if is_deleted:
        yield Gone(message_id=_id(item["id"]), gone_at=_moment(item["deleted_at"]))


def read_account(item: Item, _: AccountToRead) -> Iterable[Observation]:
    """An account; of a deleted one only its kind, and that it is gone."""
    account_id = _id(item["id"])
    if item.get("deleted"):
        yield AccountSeen(account_id=account_id, declared_kind=item["kind"])
        yield Gone(account_id=account_id, gone_at=_moment(item["deleted_at"]))
        return
    yield AccountSeen(
        account_id=account_id,
        handle=item["handle"],
        display_name=item["name"],
        profile_url=item["url"],
        declared_kind=item["kind"],
        follower_count=item["followers"],
        profile_links=tuple(item["links"]),
    )


def read_reaction(item: Item, _: AccountToRead) -> Iterable[Observation]:
    """A like or a repost."""
    yield ReactionSeen(
        account_id=_id(item["account"]),
        message_id=_id(item["message"]),
        kind=item["kind"],
        reacted_at=_moment(item["created_at"]),
    )


def read_follow(item: Item, _: AccountToRead) -> Iterable[Observation]:
    """Who follows whom."""
    yield FollowSeen(
        follower_id=_id(item["follower"]),
        followed_id=_id(item["followed"]),
        followed_at=_moment(item["created_at"]),
    )


def _id(source_id: str) -> str:
    return make_id(SAMPLE.name, "", source_id)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC)


SAMPLE = Platform(
    name="sample",
    streams=(
        Stream("messages", fetch=messages, read=read_message),
        Stream("accounts", fetch=accounts, read=read_account),
        Stream("reactions", fetch=reactions, read=read_reaction),
        Stream("follows", fetch=follows, read=read_follow),
    ),
    options=SampleOptions,
    check=check,
    text_keys=frozenset({"text"}),
)
