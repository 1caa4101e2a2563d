"""A town as a Mastodon server tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from extractors.client import Credentials
from extractors.platform import Item
from lake.organisation import AccountToRead
from tests.loopback import Reply
from tests.platforms.dialect import Dialect
from tests.platforms.mastodon.pond import SECRET, Pond
from tests.platforms.town import START, US, Said, Town

INSTANCE = "127.0.0.1"


class MastodonDialect(Dialect):
    """Replies mention whom they answer, and we are told of all that mentions us."""

    name = "mastodon"
    handle = US
    stream = "statuses"
    lists = r"/api/v1/accounts/\d+/statuses"
    empty_ends = True
    cannot_tell = (
        "talk that neither answers nor mentions us, in threads that we never wrote in",
        "reactions to and reposts of what others said",
    )

    def settle(self, town: Town) -> Town:
        return town

    def tells(self, town: Town) -> Town:
        around = town.around_us()
        told = town.only(lambda each: each.number in around or self._quotes_us(each, town))
        return told.doing("reaction", "repost", "follow")

    @staticmethod
    def _quotes_us(said: Said, town: Town) -> bool:
        return said.quotes in town.said and town.said[said.quotes].by == US

    def serve(self, town: Town, now: datetime, page_size: int = 100) -> Pond:
        pond = Pond(page_size=min(page_size, 40))
        for each in sorted(town.said.values(), key=lambda one: one.number):
            number = self._number(each)
            pond.says(
                each.by or "",
                each.at,
                number,
                to=str(self._number(town.said[each.to])) if each.to in town.said else None,
                mentions=[name for name in town.named(each) if name != each.by],
                content=f"<p>{each.text}</p>",
                edited_at=each.edited.isoformat() if each.edited else None,
                quote=self._quote(each, town),
            )
            if each.quotes in town.said:
                pond.quotes[str(self._number(town.said[each.quotes]))].append(str(number))
        for act in town.acts:
            if act.kind == "follow":
                pond.followers.append(act.by)
                pond.notify("follow", act.by, act.at)
                continue
            on = str(self._number(town.said[act.on]))
            {"reaction": pond.favourites, "repost": pond.boosts}[act.kind][on].append(act.by)
            if town.said[act.on].by == US:
                kind = {"reaction": "favourite", "repost": "reblog"}[act.kind]
                pond.notify(kind, act.by, act.at, on)
        pond.notifications.sort(key=lambda each: str(each["created_at"]))
        for number, each in enumerate(pond.notifications):
            each["id"] = str(10**17 + number)
        return pond

    def _quote(self, said: Said, town: Town) -> Item | None:
        if said.quotes not in town.said:
            return None
        quoted = str(self._number(town.said[said.quotes]))
        return {"state": "accepted", "quoted_status_id": quoted}

    @staticmethod
    def _number(said: Said) -> int:
        return 10**17 + int((said.at - START).total_seconds()) * 10**5 + said.number

    def account(self, url: str) -> AccountToRead:
        return AccountToRead(platform="mastodon", account=US, options={"instance": url})

    def credentials(self, url: str) -> Credentials:
        return Credentials(secret=SECRET)

    def message_id(self, said: Said) -> str:
        return f"mastodon:{INSTANCE}:{self._number(said)}"

    def account_id(self, name: str) -> str:
        return f"mastodon:{INSTANCE}:{name}"

    @property
    def login(self) -> str:
        return f"mastodon:{INSTANCE}:{US}"

    def elements(self, body: Any) -> list[Item]:
        return body

    def redate(self, element: Item, when: datetime) -> None:
        element["created_at"] = when.isoformat()

    def forget_author(self, element: Item) -> None:
        element["account"] = None

    def limits(self, now: datetime, seconds: int) -> Mapping[str, Reply]:
        reset = (now + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
        told = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0"}
        body = {"error": "Too many requests"}
        return {
            "an ISO time of reset": Reply(body, 429, {**told, "X-RateLimit-Reset": reset}),
            "Retry-After": Reply(body, 429, {"Retry-After": str(seconds)}),
        }
