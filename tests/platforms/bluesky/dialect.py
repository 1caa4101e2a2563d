"""A town as a network of the AT Protocol tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from extractors.client import Credentials
from extractors.platform import Item
from lake.organisation import AccountToRead
from tests.loopback import Reply
from tests.platforms.bluesky.reef import PASSWORD, Reef, address, did, hosts, is_by, told
from tests.platforms.dialect import Dialect
from tests.platforms.town import US, Said, Town

SEARCHED = "telescope"


class BlueskyDialect(Dialect):
    """Whom an answer answers stands in its address, and every quotation shows what it quotes."""

    name = "bluesky"
    handle = f"{US}.example"
    stream = "posts"
    lists = r"/xrpc/app\.bsky\.feed\.getAuthorFeed"
    cannot_tell = (
        "talk that neither answers, mentions nor quotes us, in threads that we never wrote in, "
        "unless it is found by a search or we liked or reposted it",
        "reactions to and reposts of what others said, but our own",
    )

    def settle(self, town: Town) -> Town:
        return town

    def tells(self, town: Town) -> Town:
        ours = {each.number for each in town.said.values() if each.by == US}
        quotes = {each.number for each in town.said.values() if each.quotes in ours}
        seen = town.around(town.concerning_us() | quotes)
        seen |= {each.number for each in town.said.values() if SEARCHED in each.text}
        seen |= {act.on for act in town.acts if act.by == US and act.on is not None}
        seen |= {town.said[number].quotes for number in seen} & town.said.keys()
        acts = (act for act in town.acts if act.on is None or act.by == US or act.on in ours)
        told = town.only(lambda each: each.number in seen)
        return replace(told, acts=tuple(acts), elsewhere=town.said)

    def serve(self, town: Town, now: datetime, page_size: int = 100) -> Reef:
        reef = Reef(page_size=page_size)
        for each in sorted(town.said.values(), key=lambda one: one.number):
            reef.says(
                each.by or "",
                each.at,
                each.text,
                number=each.number,
                to=self._address(town, each.to),
                quotes=self._address(town, each.quotes),
                mentions=each.mentions,
            )
        for act in sorted(town.acts, key=lambda one: one.at):
            uri = self._address(town, act.on)
            if uri is None:
                reef.followers.append(act.by)
                reef.does(act.by, "graph.follow", did(US), act.at)
                continue
            if act.kind == "repost":
                reef.reposts[uri].append((act.by, act.at))
            else:
                reef.likes[uri].append(act.by)
                reef.like_times[uri, act.by] = act.at
            if act.by != US and is_by(US, uri):
                kind = {"reaction": "feed.like", "repost": "feed.repost"}[act.kind]
                reef.does(act.by, kind, {"uri": uri}, act.at)
        return reef

    @staticmethod
    def _address(town: Town, number: int | None) -> str | None:
        said = town.said.get(number) if number is not None else None
        return address(said.by or "", said.number) if said else None

    def account(self, url: str) -> AccountToRead:
        options = {**hosts(url), "searches": [SEARCHED], "direct_messages": True}
        return AccountToRead(platform="bluesky", account=self.handle, options=options)

    def credentials(self, url: str) -> Credentials:
        return Credentials(secret=PASSWORD)

    def message_id(self, said: Said) -> str:
        return f"bluesky::{address(said.by or '', said.number)}"

    def account_id(self, name: str) -> str:
        return f"bluesky::{did(name)}"

    def elements(self, body: Any) -> list[Item]:
        return body["feed"]

    def redate(self, element: Item, when: datetime) -> None:
        element["post"]["indexedAt"] = element["post"]["record"]["createdAt"] = told(when)

    def forget_author(self, element: Item) -> None:
        element["post"]["author"] = None

    def limits(self, now: datetime, seconds: int) -> Mapping[str, Reply]:
        reset = str(int((now + timedelta(seconds=seconds)).timestamp()))
        told = {"RateLimit-Limit": "3000", "RateLimit-Policy": "3000;w=300"}
        body = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
        gone = {**told, "RateLimit-Remaining": "0", "RateLimit-Reset": reset}
        return {
            "an epoch of reset": Reply(body, 429, gone),
            "Retry-After": Reply(body, 429, {"Retry-After": str(seconds)}),
        }
