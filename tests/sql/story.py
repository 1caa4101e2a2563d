"""A few sentences about who said what to whom, written as the core tables that dbt reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lake.organisation import Organisation
from lake.schemas import CORE

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
US = None  # addressed to us as a whole, no one account named


def at(text: str) -> datetime:
    """An instant in UTC, e.g. `at("2026-03-10 08:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Story:
    """Core tables that grow by `person`, `says`, `reacts`, `reads`; columns not said are plain."""

    tables: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in CORE}
    )
    roles: dict[str, str] = field(default_factory=dict)

    def person(self, name: str, role: str = "person", accounts: Iterable[str] = ()) -> Story:
        """A person with one account of the same name, or with the accounts listed."""
        for account in tuple(accounts) or (name,):
            self.roles[account] = role
            self._add(
                "account", account_id=account, platform="test", instance="", role=role,
                source_account_id=account, role_evidence="none", profile_links=[],
                first_seen_at=LONG_AGO, last_seen_at=LONG_AGO,
            )
            self._add(
                "identity", account_id=account, person_id=name, method="same_account", score=1.0,
                evidence="one account", decided_by="rule", valid_from=LONG_AGO,
            )
        self._add(
            "person", person_id=name, person_kind=role, display_name=name.title(),
            account_count=1, first_seen_at=LONG_AGO,
        )
        return self

    def says(
        self,
        author: str | None,
        sent_at: datetime,
        conversation: str,
        *to: str | None,
        message_id: str | None = None,
        kind: str = "reply",
        is_thanks: bool = False,
        is_question: bool = False,
        **columns: Any,
    ) -> str:
        """One message and the interactions it makes; returns its id."""
        message_id = message_id or f"m{len(self.tables['message']):06}"
        is_from_us = self.roles.get(author or "", "").startswith("ours")
        is_to_us = not is_from_us and any(self._is_us(each) for each in to)
        self._add(
            "message", message_id=message_id, platform="test", channel="test/forum",
            conversation_id=conversation, parent_state="root", author_id=author, sent_at=sent_at,
            text="words", kind=kind, visibility="public", mentions=[], home="own_space",
            is_addressed_to_us=is_to_us, addressed_reason="reply" if is_to_us else None, depth=0,
            is_flat=False, permalink=f"https://forum.example/{message_id}",
            first_seen_at=sent_at, last_seen_at=sent_at,
        )  # fmt: skip
        self.tables["message"][-1].update(columns)
        self._add(
            "message_signal", message_id=message_id, signal_version="1", word_count=1,
            is_question=is_question, is_thanks=is_thanks, has_greeting=False,
            names_addressee=False,
        )
        for each in to:
            is_both = is_from_us, self._is_us(each)
            self._add(
                "interaction", interaction_id=f"{message_id}>{each or 'us'}", kind=kind,
                occurred_at=sent_at, from_account_id=author, to_account_id=each,
                direction=DIRECTIONS[is_both], message_id=message_id,
                conversation_id=conversation, addressee_method="parent", is_inferred=False,
            )
        return message_id

    def _is_us(self, account: str | None) -> bool:
        return account is US or self.roles.get(account, "").startswith("ours")

    def reacts(self, who: str, whom: str, message_id: str, when: datetime | None, kind: str) -> None:
        """A reaction, repost or follow."""
        is_both = self._is_us(who), self._is_us(whom)
        self._add(
            "interaction", interaction_id=f"{who}+{message_id}+{kind}", kind=kind,
            occurred_at=when, from_account_id=who, to_account_id=whom,
            direction=DIRECTIONS[is_both], message_id=message_id, addressee_method="platform",
            is_inferred=False,
        )

    def reads(self, stream: str, start: str, end: str, status: str = "read", **columns: Any) -> None:
        """How the reading of one interval of one stream of the account `acme` went."""
        row = {
            "platform": "test", "account": "acme", "stream": stream, "interval_from": at(start),
            "interval_to": at(end), "observed_at": at(end), "item_count": 0, "request_count": 0,
            "status": status,
        }
        self._add("reading", **(row | columns))

    def opens(self, organisation: Organisation, first: date, last: date) -> None:
        """The organisation's opening spans, as the transforms write them."""
        open_seconds = 0
        for opened_at, closed_at in organisation.opening_spans(first, last):
            self._add(
                "opening", opened_at=opened_at, closed_at=closed_at,
                open_seconds_before=open_seconds,
            )
            open_seconds += int((closed_at - opened_at).total_seconds())

    def write(self, folder: Path) -> Path:
        """One Parquet file per core table, conversations counted from the messages."""
        conversations = {row["conversation_id"]: row for row in self.tables["message"]}
        self.tables["conversation"] = [
            {
                "conversation_id": each, "channel": row["channel"], "started_at": row["sent_at"],
                "last_message_at": row["sent_at"], "home": row["home"], "is_inferred": False,
                "message_count": 1, "participant_count": 1,
            }
            for each, row in conversations.items()
        ]
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables.items():
            table = pa.Table.from_pylist(rows, schema=CORE[name])
            pq.write_table(table, folder / f"{name}.parquet")
        return folder

    def _add(self, table: str, **row: Any) -> None:
        self.tables[table].append(row)


DIRECTIONS = {
    (False, True): "inbound",
    (True, False): "outbound",
    (False, False): "peer",
    (True, True): "internal",
}


def worked_example_p1() -> Story:
    """METRICS.md, interaction oracle P1: three conversations on 10 March 2026."""
    story = Story()
    for name in ("ana", "bob", "cai", "dan"):
        story.person(name)
    story.person("zoe", "ours_person").person("robo", "ours_bot")
    day = "2026-03-10 "
    story.says("ana", at(day + "08:00"), "c1", US)
    story.says("ana", at(day + "08:05"), "c1", US)
    story.says("robo", at(day + "08:05:03"), "c1", "ana")
    story.says("zoe", at(day + "10:00"), "c1", "ana")
    story.says("ana", at(day + "10:30"), "c1", "zoe")
    story.says("zoe", at(day + "10:40"), "c1", "ana")
    story.says("ana", at("2026-03-20 08:00"), "c1", "zoe")
    story.says("bob", at(day + "09:00"), "c2", US)
    story.says("cai", at(day + "09:20"), "c2", "bob")
    story.says("dan", at(day + "09:00"), "c3", US)
    story.says("robo", at(day + "09:00:05"), "c3", "dan")
    story.reads("posts", "2026-03-01", "2026-03-21")
    return story


def plus(moment: datetime, **span: float) -> datetime:
    """A moment later by a span."""
    return moment + timedelta(**span)
