"""IBM's Twitter customer care dialogues as an import, and what their publisher says of each.

The publisher's faults: the last message of a dialogue has no time (its tweet id tells it), and
`duration` is wrong for some, see `publishers_fault`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

TWITTER_EPOCH_MILLISECONDS = 1288834974657
DAY = 86_400
TOLERANCE = 2  # seconds


@dataclass(frozen=True)
class Session:
    """One dialogue, from the person's first message to the company's final answer.

    `message_ids` are tweet ids in order, the answer's last; some are in two sessions.
    """

    session_id: str
    company: str
    message_ids: tuple[str, ...]
    asked_at: datetime
    answered_at: datetime
    published_seconds: int

    @property
    def seconds(self) -> float:
        """From the first message to the final answer."""
        return (self.answered_at - self.asked_at).total_seconds()

    @property
    def agrees(self) -> bool:
        return abs(self.seconds - self.published_seconds) <= TOLERANCE

    @property
    def publishers_fault(self) -> str | None:
        """What is wrong with the publisher's duration; null if it agrees with the messages."""
        if self.agrees:
            return None
        if self.published_seconds < 0:
            return "negative"
        days, over = divmod(self.seconds - self.published_seconds + TOLERANCE, DAY)
        return "whole days are missing" if days >= 1 and over <= 2 * TOLERANCE else "other"


def sent_at(tweet_id: str) -> datetime:
    """When a tweet was sent, which its id tells."""
    milliseconds = (int(tweet_id) >> 22) + TWITTER_EPOCH_MILLISECONDS
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def ibm_to_jsonl(source: Path, target: Path) -> list[Session]:
    """Write the dialogues in the `conversations` layout, one line for each message of each.

    Every message answers the one before it. A person's message mentions whom its text names and
    the company, because that is whom the dialogue is with by its header. Handles are written in
    lower case. Returns what is known of each dialogue, in order.
    """
    sessions = json.loads(source.read_text(encoding="utf-8"))
    with target.open("w", encoding="utf-8", newline="\n") as file:
        for session in sessions:
            for row in _rows(session):
                file.write(json.dumps(row) + "\n")
    return [_facts(session) for session in sessions]


def _rows(session: dict[str, Any]) -> Iterator[dict[str, Any]]:
    company, answer, before = session["dialogHeader"]["company"], session["agentURL"], ""
    final = {
        "agent": company,
        "datetime": sent_at(answer["tweet_ID"]).isoformat(),
        "message": answer["url_utterance"],
        "tweet_ID": answer["tweet_ID"],
    }
    for said in [*session["dialogContent"], final]:
        (role,) = {"client", "client1", "agent"} & set(said)
        handles = re.findall(r"(?<!\w)@(\w{1,15})", said["message"], re.ASCII)
        handles += [company] if role != "agent" else []
        yield {
            "message_id": said["tweet_ID"],
            "author_id": said[role].casefold(),
            "author_name": said[role],
            "sent_at": said["datetime"],
            "text": said["message"],
            "in_reply_to": before,
            "mentions": [*dict.fromkeys(handle.casefold() for handle in handles)],
        }
        before = said["tweet_ID"]


def _facts(session: dict[str, Any]) -> Session:
    header, content = session["dialogHeader"], session["dialogContent"]
    hours, minutes, seconds = header["duration"].lstrip("-").split(":")
    published = int(hours) * 3600 + int(minutes) * 60 + round(float(seconds))
    answer = session["agentURL"]["tweet_ID"]
    return Session(
        session_id=header["sessionID"],
        company=header["company"],
        message_ids=(*(said["tweet_ID"] for said in content), answer),
        asked_at=datetime.fromisoformat(content[0]["datetime"]),
        answered_at=sent_at(answer),
        published_seconds=-published if header["duration"].startswith("-") else published,
    )
