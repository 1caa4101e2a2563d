"""A town as Threads tells of it to one of its accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lake.organisation import AccountToRead
from tests.graph import GraphDialect, words
from tests.platforms.threads.account import Account
from tests.platforms.town import US, Said, Town


class ThreadsDialect(GraphDialect):
    """We are told of all below our posts, and elsewhere of what speaks to us or we speak to."""

    name = "threads"
    handle = US
    stream = "posts"
    lists = r"/v1.0/me/threads"
    time_key = "timestamp"
    author_key = "username"
    empty_ends = True
    cannot_tell = (
        "talk below other people's posts that neither answers nor mentions us",
        "whom but us a text mentions",
        "who liked, reposted or quoted us, and who follows",
    )

    def settle(self, town: Town) -> Town:
        def reworded(said: Said) -> Said:
            return replace(said, text=words(said.text, "@acme" if US in said.mentions else ""))

        return replace(town, said={n: reworded(one) for n, one in town.said.items()})

    def tells(self, town: Town) -> Town:
        reposts = [act for act in town.acts if act.kind == "repost" and act.by == US]
        referred: set[int | None] = {act.on for act in reposts}
        found = set[int]()
        for each in town.said.values():
            above = town.above(each)
            if each.by == US or US in each.mentions:
                found |= {each.number, *(one.number for one in above)}
            if each.by == US:
                referred.add(each.quotes)
            if above and US in {above[0].by, above[-1].by}:
                found.add(each.number)
        for number in referred & town.said.keys():
            found |= {number, *(one.number for one in town.above(town.said[number]))}
        said = {
            number: replace(each, mentions=tuple(name for name in each.mentions if name == US))
            for number, each in town.said.items()
            if number in found
        }
        return replace(town, said=said, acts=tuple(reposts))

    def serve(self, town: Town, now: datetime, page_size: int = 100) -> Account:
        account = Account(size=page_size)
        for each in sorted(town.said.values(), key=lambda one: (one.at, one.number)):
            to = self._number(town.said[each.to]) if each.to in town.said else None
            key, more = self._number(each), {"text": each.text}
            if each.quotes in town.said:
                more["quoted_post"] = {"id": self._number(town.said[each.quotes])}
            account.says(each.at, each.by or "", to, key, **more)
            if US in each.mentions:
                account.mentions.append(key)
        for number, act in enumerate(town.acts):
            if act.kind == "repost" and act.by == US:
                reposted = {"id": self._number(town.said[act.on])}
                facade = {"media_type": "REPOST_FACADE", "reposted_post": reposted}
                account.says(act.at, US, key=str(19 * 10**15 + number), **facade)
        return account

    @staticmethod
    def _number(said: Said) -> str:
        return str(18 * 10**15 + said.number)

    def account(self, url: str) -> AccountToRead:
        return AccountToRead(platform="threads", account=US, options={"searches": ["acme"]})

    def message_id(self, said: Said) -> str:
        return f"threads::{self._number(said)}"

    def account_id(self, name: str) -> str:
        return f"threads::{name}"
