"""Nights at a server of some dialect: read into a lake, and worked out up to who spoke to whom."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from extractors.extract import StreamReading, extract
from extractors.observations import (
    AccountSeen,
    FollowSeen,
    Gone,
    MessageSeen,
    Observation,
    ReactionSeen,
)
from extractors.platform import Fetched, Item, Platform, Reading, Stream, Window
from extractors.registry import PLATFORMS
from lake.organisation import AccountToRead, Organisation
from lake.store import Lake
from tests.loopback import Asked, Clock, Reply, Script, loopback
from tests.night.pipeline import Pipeline
from tests.platforms.dialect import Dialect
from tests.platforms.town import START, Said, Town, at

Spoil = Callable[[Reply, int], Reply]


@dataclass
class Spoilt:
    """A server whose pages of one list are spoiled: each in its turn, counted from 1."""

    server: Script
    lists: str
    spoil: Spoil
    count: int = 0

    def __call__(self, asked: Asked) -> Reply:
        reply = self.server(asked)
        if not re.fullmatch(self.lists, asked.path):
            return reply
        self.count += 1
        return self.spoil(copy.deepcopy(reply), self.count)


@dataclass(frozen=True)
class Core:
    """What a lake says in the end; `living`: without what was deleted, and what was done to it."""

    messages: dict[str, tuple[Any, ...]]
    acts: set[tuple[Any, ...]]
    deleted: set[str]

    @property
    def living(self) -> tuple[dict[str, tuple[Any, ...]], set[tuple[Any, ...]]]:
        messages = {key: row for key, row in self.messages.items() if key not in self.deleted}
        return messages, {act for act in self.acts if act[3] not in self.deleted}


@dataclass
class Heard:
    """What the raw zone says, its newest copies: without the work of core, for many small tests."""

    messages: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    texts: dict[str, str | None] = field(default_factory=dict)
    acts: set[tuple[str, str | None, str]] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def hear(self, said: Observation) -> None:
        if isinstance(said, MessageSeen):
            told = (said.author_id, said.sent_at, said.parent_id, said.quoted_id)
            self.messages.setdefault(said.message_id, told)
            self.texts.setdefault(said.message_id, said.text)
        elif isinstance(said, ReactionSeen):
            self.acts.add((said.kind, said.account_id, said.message_id))
        elif isinstance(said, FollowSeen):
            self.acts.add(("follow", said.follower_id, said.followed_id))
        elif isinstance(said, Gone) and said.message_id:
            self.gone.add(said.message_id)


@dataclass
class Visits:
    """One account's nights. A night reads one day, and runs two hours after its end."""

    dialect: Dialect
    home: Path
    history_from: datetime = START
    rewalk_days: int = 7
    clock: Clock = field(default_factory=Clock)
    url: str = ""

    @property
    def organisation(self) -> Organisation:
        found = self.dialect.organisation(self.url, self.history_from)
        return found.model_copy(update={"rewalk_days": self.rewalk_days})

    @property
    def lake(self) -> Lake:
        return Lake.of("acme", str(self.home))

    def night(self, day: int, server: Script, *, is_retry: bool = False) -> list[StreamReading]:
        """Read one day, and what is missing before it; raises what the night raises."""
        if not is_retry:
            self.clock.now = at(day + 1, 2)
        with loopback(server) as running:
            return self.night_at(running.url, day)

    def night_at(self, url: str, day: int) -> list[StreamReading]:
        """Read one day from a server that runs already."""
        self.url = url
        (account,) = self.organisation.read
        return extract(
            self.lake,
            self.organisation,
            account,
            Window(at(day), at(day + 1), at(day + 1)),
            self.dialect.credentials(url),
            now=self.clock,
            sleep=self.clock.sleep,
        )

    def core(self, day: int) -> Core:
        pipeline = Pipeline(self.home, self.organisation)
        pipeline.core(at(day).date())
        tables = {name: table.to_pylist() for name, table in pipeline.core_tables().items()}
        messages = {
            row["message_id"]: (
                row["author_id"],
                row["sent_at"],
                row["parent_id"],
                row["quoted_id"],
            )
            for row in tables["message"]
        }
        acts = {
            (row["kind"], row["from_account_id"], row["to_account_id"], row["message_id"])
            for row in tables["interaction"]
        }
        deleted = {row["message_id"] for row in tables["message"] if row["deleted_at"]}
        return Core(messages, acts, deleted)

    def heard(self) -> Heard:
        heard = Heard()
        platform, (account,) = PLATFORMS[self.dialect.name], self.organisation.read
        newest = sorted(self.lake.partitions("raw"), key=lambda one: one.end, reverse=True)
        for partition in newest:
            stream = platform.stream(partition.stream)
            for row in self.lake.read(f"raw/{partition.path}").to_pylist():
                for said in _said(row, stream, account):
                    heard.hear(said)
        return heard

    def set_asides(self) -> list[tuple[str, str, int]]:
        """Stream, reason and number of the rows that the nights set aside."""
        return [
            (row["stream"], row["set_aside_reason"], row["row_count"])
            for path in self.lake.paths("raw")
            for row in self.lake.read(path).to_pylist()
            if row["set_aside_reason"]
        ]


def _said(row: Item, stream: Stream, account: AccountToRead) -> list[Observation]:
    """What one raw row says; nothing where it is set aside, now or by the step that reads it."""
    if row["set_aside_reason"]:
        return []
    try:
        return list(stream.read(json.loads(row["item"]), account))
    except (KeyError, TypeError, ValueError, AttributeError):
        return []


def plain(dialect: Dialect, town: Town) -> Platform:
    """The platform, if it told all of a town in one list, without being asked.

    What core makes of it is what core has to make of the dialect's own answers.
    """

    def fetch(_: Reading) -> Iterator[Fetched]:
        yield from (Fetched({"said": number}) for number in town.said)
        yield from (Fetched({"act": number}) for number in range(len(town.acts)))
        yield from (Fetched({"name": name}) for name in town.names)

    def read(item: Item, _: AccountToRead) -> Iterable[Observation]:
        if "name" in item:
            handle = dialect.handle.removeprefix("@") if item["name"] == town.names[0] else None
            yield AccountSeen(account_id=dialect.account_id(item["name"]), handle=handle)
        elif "said" in item:
            yield _message(dialect, town, town.said[item["said"]])
        else:
            act = town.acts[item["act"]]
            who = dialect.account_id(act.by)
            if act.on is None:
                us = dialect.account_id(town.names[0])
                yield FollowSeen(follower_id=who, followed_id=us, followed_at=act.at)
            else:
                on = dialect.message_id(town.said[act.on])
                yield ReactionSeen(account_id=who, message_id=on, kind=act.kind, reacted_at=act.at)

    streams = (Stream("all", fetch, read, is_snapshot=True),)
    return replace(PLATFORMS[dialect.name], streams=streams)


def _message(dialect: Dialect, town: Town, said: Said) -> MessageSeen:
    parent, quoted = town.named_by(said.to), town.named_by(said.quotes)
    return MessageSeen(
        message_id=dialect.message_id(said),
        author_id=dialect.account_id(said.by) if said.by else None,
        sent_at=said.at,
        text=said.text,
        kind="reply" if parent else "quote" if quoted else "post",
        channel="plain",
        parent_id=dialect.message_id(parent) if parent else None,
        parent_author_id=dialect.account_id(parent.by) if parent and parent.by else None,
        quoted_id=dialect.message_id(quoted) if quoted else None,
        root_id=dialect.message_id(town.root(said)),
        mentions=tuple(dialect.account_id(name) for name in said.mentions),
        is_own_space=dialect.is_own_space(said, town),
    )
