"""A town as X tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from extractors.client import Credentials
from extractors.platform import Item
from lake.organisation import AccountToRead
from tests.loopback import Reply
from tests.platforms.dialect import Dialect
from tests.platforms.town import US, Said, Town
from tests.platforms.x.square import SECRET, Square, number_of, snowflake


class XDialect(Dialect):
    """Read with all that costs more, the search of the archive among it."""

    name = "x"
    handle = f"@{US}"
    stream = "posts"
    lists = r"/2/users/\d+/tweets"
    notices_silent_changes = False  # looking for them would be paid for
    reads_again = False  # as well
    cannot_tell = (
        "threads without us, but for the posts that ours answer or quote",
        "reactions to and reposts of what others said",
        "edits of answers, which X does not allow",
        "without the archive, threads and searches of more than a week ago",
    )

    def __init__(self, **options: Any) -> None:
        self.options = {"budget": 1e9, "archive": True, "followers": True, **options}
        self.secret = SECRET

    def settle(self, town: Town) -> Town:
        """Nothing is edited: answers cannot be, and posts for half an hour only."""
        return replace(town, said={n: replace(s, edited=None) for n, s in town.said.items()})

    def tells(self, town: Town) -> Town:
        ours = town.concerning_us()
        threads = {town.root(town.said[number]).number for number in ours}
        quoting = {one for one, each in town.said.items() if self._by_us(each.quotes, town)}
        listed = {one for one, each in town.said.items() if town.root(each).number in threads}
        told = [town.said[number] for number in listed | quoting]
        along = {number for each in told for number in (each.to, each.quotes)}
        shown = town.only(lambda each: each.number in listed | quoting | along)
        return shown.doing("reaction", "repost", "follow")

    @staticmethod
    def _by_us(number: int | None, town: Town) -> bool:
        return number in town.said and town.said[number].by == US

    def serve(self, town: Town, now: datetime, page_size: int = 100) -> Square:
        square = Square(page_size=page_size, now=now)
        for each in sorted(town.said.values(), key=lambda one: one.number):
            square.says(
                each.by or "",
                each.at,
                to=self._number(town.said[each.to]) if each.to in town.said else "",
                quotes=self._number(town.said[each.quotes]) if each.quotes in town.said else "",
                number=self._number(each),
                mentions=[name for name in each.mentions if name != each.by],
                text=each.text,
            )
        for act in town.acts:
            if act.on is None:
                square.followers.append(act.by)
                continue
            acted = square.likes if act.kind == "reaction" else square.reposts
            acted[self._number(town.said[act.on])].append(act.by)
        return square

    @staticmethod
    def _number(said: Said) -> str:
        return snowflake(said.at, said.number)

    def account(self, url: str) -> AccountToRead:
        return AccountToRead(
            platform="x", account=self.handle, options={"url": url, **self.options}
        )

    def credentials(self, url: str) -> Credentials:
        return Credentials(secret=self.secret)

    def message_id(self, said: Said) -> str:
        return f"x::{self._number(said)}"

    def account_id(self, name: str) -> str:
        return f"x::{number_of(name)}"

    def elements(self, body: Any) -> list[Item]:
        found: list[Item] = body.setdefault("data", [])
        return found

    def redate(self, element: Item, when: datetime) -> None:
        element["created_at"] = when.isoformat()

    def forget_author(self, element: Item) -> None:
        del element["author_id"]

    def limits(self, now: datetime, seconds: int) -> Mapping[str, Reply]:
        reset = str(round(now.timestamp()) + seconds)
        told = {"x-rate-limit-limit": "900", "x-rate-limit-remaining": "0"}
        body = {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}
        return {"an epoch of reset": Reply(body, 429, {**told, "x-rate-limit-reset": reset})}
