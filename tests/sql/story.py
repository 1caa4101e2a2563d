"""Who said what to whom, told in a few calls and written as the core tables that dbt reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lake.organisation import Organisation
from lake.schemas import CORE

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
US = None  # addressed to us as a whole, no one account named
DIRECTIONS = {
    (False, True): "inbound",
    (True, False): "outbound",
    (False, False): "peer",
    (True, True): "internal",
}
TIMES = {"message": "sent_at", "interaction": "occurred_at", "reading": "interval_from"}
PLAIN: dict[str, dict[str, Any]] = {
    "account": {
        "platform": "test",
        "instance": "",
        "role_evidence": "none",
        "profile_links": [],
        "first_seen_at": LONG_AGO,
        "last_seen_at": LONG_AGO,
    },
    "identity": {
        "method": "same_account",
        "score": 1.0,
        "evidence": "one account",
        "decided_by": "rule",
        "valid_from": LONG_AGO,
    },
    "person": {"first_seen_at": LONG_AGO},
    "message": {
        "platform": "test",
        "channel": "test/forum",
        "parent_state": "root",
        "text": "words",
        "kind": "reply",
        "visibility": "public",
        "mentions": [],
        "home": "own_space",
        "depth": 0,
        "is_flat": False,
        "deleted_at": None,
    },
    "message_signal": {
        "signal_version": "1",
        "word_count": 1,
        "has_greeting": False,
        "has_thanks": False,
        "has_apology": False,
        "has_promise": False,
        "has_deflection": False,
        "is_promotion": False,
    },
    "reply_signal": {
        "names_addressee": False,
        "is_signed": False,
        "is_personal": False,
        "is_template_origin": False,
        "outside_template_ratio": 1.0,
    },
    "interaction": {"addressee_method": "parent", "is_inferred": False},
    "conversation": {
        "home": "own_space",
        "is_inferred": False,
        "message_count": 1,
        "participant_count": 1,
    },
    "reading": {"platform": "test", "account": "acme", "request_count": 1, "status": "read"},
    "set_aside": {"platform": "test", "account": "acme", "reason": "torn"},
}


def at(text: str) -> datetime:
    """An instant in UTC, e.g. `at("2026-03-10 08:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Story:
    """Core tables that grow by `person`, `says`, `signals`, `reacts`, `reads` and `opens`."""

    tables: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in CORE}
    )
    roles: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def person(self, name: str, role: str = "person", *accounts: str) -> None:
        """A person with the accounts named, or with one of the same name."""
        for each in accounts or (name,):
            self.roles[each], self.people[each] = role, name
            self.add("account", account_id=each, source_account_id=each, role=role)
            self.add("identity", account_id=each, person_id=name)
        count = max(len(accounts), 1)
        self.add(
            "person",
            person_id=name,
            person_kind=role,
            display_name=name.title(),
            account_count=count,
        )

    def says(
        self,
        author: str | None,
        sent_at: datetime,
        conversation: str,
        *to: str | None,
        is_thanks: bool = False,
        is_question: bool = False,
        **columns: Any,
    ) -> str:
        """One message and the interactions it makes; returns its id.

        One of ours that names somebody is a reply, and personal until `signals` says otherwise.
        """
        message_id = columns.pop("message_id", f"m{len(self.tables['message']):06}")
        is_from_us = self.is_ours(author)
        is_to_us = not is_from_us and any(each is US or self.is_ours(each) for each in to)
        self.add(
            "message",
            message_id=message_id,
            conversation_id=conversation,
            author_id=author,
            sent_at=sent_at,
            is_addressed_to_us=is_to_us,
            addressed_reason="reply" if is_to_us else None,
            permalink=f"https://forum.example/{message_id}",
            **({"first_seen_at": sent_at, "last_seen_at": sent_at} | columns),
        )
        self.add(
            "message_signal", message_id=message_id, is_question=is_question, is_thanks=is_thanks
        )
        if is_from_us and any(not (each is US or self.is_ours(each)) for each in to):
            self.add("reply_signal", message_id=message_id)
        for each in to:
            self._acts(
                author,
                each,
                kind="reply",
                occurred_at=sent_at,
                message_id=message_id,
                conversation_id=conversation,
            )
        return message_id

    def signals(self, message_id: str, automation_reason: str | None = None, **told: Any) -> None:
        """What the words of a message already said show, by columns of the tables of signals."""
        for table in ("message_signal", "reply_signal"):
            columns = {name: told[name] for name in CORE[table].names if name in told}
            for row in reversed(self.tables[table]):
                if row["message_id"] == message_id:
                    row.update(columns)
                    break
        if automation_reason:
            self.add(
                "automated_message", message_id=message_id, automation_reason=automation_reason
            )

    def reacts(
        self, who: str, whom: str, message_id: str | None, when: datetime | None, kind: str
    ) -> None:
        """A reaction, a repost or a follow."""
        self._acts(who, whom, kind=kind, occurred_at=when, message_id=message_id)

    def reads(self, stream: str, start: str, end: str, item_count: int = 0, **columns: Any) -> None:
        """How the reading of one interval of one stream of the account `acme` went."""
        self.add(
            "reading",
            stream=stream,
            interval_from=at(start),
            interval_to=at(end),
            item_count=item_count,
            **({"observed_at": at(end)} | columns),
        )

    def opens(self, organisation: Organisation, first: date, last: date) -> None:
        """The organisation's opening spans, with their running total."""
        open_seconds = 0
        for opened_at, closed_at in organisation.opening_spans(first, last):
            self.add(
                "opening",
                opened_at=opened_at,
                closed_at=closed_at,
                open_seconds_before=open_seconds,
            )
            open_seconds += int((closed_at - opened_at).total_seconds())

    def write(self, folder: Path) -> Path:
        """One Parquet file per core table."""
        self.tables["conversation"].clear()
        for row in {row["conversation_id"]: row for row in self.tables["message"]}.values():
            self.add(
                "conversation",
                conversation_id=row["conversation_id"],
                channel=row["channel"],
                started_at=row["sent_at"],
                last_message_at=row["sent_at"],
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables.items():
            table = pa.Table.from_pylist(rows, schema=CORE[name])
            (folder / name).mkdir(exist_ok=True)
            pq.write_table(table, folder / name / "all.parquet")
        return folder

    def until(self, as_of: datetime) -> Story:
        """The same story as told at `as_of`: later words, acts and deletions have not happened."""
        early = {
            name: [dict(row) for row in rows if (row.get(TIMES.get(name, "")) or LONG_AGO) < as_of]
            for name, rows in self.tables.items()
        }
        for row in early["message"]:
            if row["deleted_at"] and row["deleted_at"] > as_of:
                row["deleted_at"] = None
        said = {row["message_id"] for row in early["message"]}
        for name in ("message_signal", "reply_signal", "automated_message"):
            early[name] = [row for row in early[name] if row["message_id"] in said]
        for row in early["reply_signal"]:
            if row.get("canned_at") and row["canned_at"] >= as_of:
                row["canned_at"] = None
        return Story(early, self.roles, self.people)

    def add(self, table: str, **row: Any) -> None:
        """One row, with plain values in the columns that are not told."""
        self.tables[table].append(PLAIN.get(table, {}) | row)

    def is_ours(self, account: str | None) -> bool:
        return self.roles.get(account or "", "").startswith("ours")

    def _acts(self, who: str | None, whom: str | None, **columns: Any) -> None:
        message_id, kind = columns["message_id"], columns["kind"]
        self.add(
            "interaction",
            interaction_id=f"{who}>{whom}+{message_id}+{kind}",
            from_account_id=who,
            to_account_id=whom,
            direction=DIRECTIONS[self.is_ours(who), whom is US or self.is_ours(whom)],
            **columns,
        )
