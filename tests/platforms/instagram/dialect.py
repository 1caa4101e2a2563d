"""A town as Instagram tells of it to a professional account."""

from __future__ import annotations

from bisect import bisect
from dataclasses import replace
from datetime import datetime

from lake.organisation import AccountToRead
from tests.graph import GraphDialect, told, two_levels, words
from tests.platforms.instagram.account import NUMBER, Account
from tests.platforms.town import US, Said, Town


class InstagramDialect(GraphDialect):
    """Threads begin with our media, or elsewhere with media in which we are tagged.

    What others begin otherwise is a comment under our latest media. A text tells whom it mentions:
    us, and, where it answers an answer, whom it begins with.
    """

    name = "instagram"
    handle = US
    stream = "media"
    lists = rf"/v25.0/{NUMBER}/media"
    time_key = "timestamp"
    author_key = "username"
    cannot_tell = (
        "what is said under media of others, and where we are mentioned there",
        "whom else a text mentions",
        "who liked, and who follows",
    )

    def settle(self, town: Town) -> Town:
        media = [one for one in town.said.values() if one.to is None and one.by == US]
        media.sort(key=lambda one: one.at)
        times = [one.at for one in media]

        def placed(said: Said) -> Said:
            latest = bisect(times, said.at) - 1
            if said.to is not None or said.by == US or US in said.mentions or latest < 0:
                return said
            return replace(said, to=media[latest].number)

        def reworded(said: Said) -> Said:
            answered = said.mentions[:1] if two.above(said)[1:] and said.mentions else ()
            others = (US,) if US in said.mentions and US not in answered else ()
            text = words(said.text, *(f"@{name}" for name in (*answered, *others)))
            return replace(said, text=text, quotes=None)

        two = two_levels(replace(town, said={n: placed(one) for n, one in town.said.items()}))
        return replace(two, said={n: reworded(one) for n, one in two.said.items()})

    def tells(self, town: Town) -> Town:
        def heard(said: Said) -> Said:
            is_media = said.to is None and said.by == US
            named = [name for name in said.mentions if f"@{name}" in said.text and not is_media]
            return replace(said, mentions=tuple(named))

        told_of = town.only(lambda one: self._is_tag(one) or self.is_own_space(one, town))
        return replace(told_of, said={n: heard(one) for n, one in told_of.said.items()}, acts=())

    @staticmethod
    def _is_tag(said: Said) -> bool:
        return said.to is None and said.by != US and US in said.mentions

    def is_own_space(self, said: Said, town: Town) -> bool:
        return town.root(said).by == US

    def serve(self, town: Town, now: datetime, page_size: int = 100) -> Account:
        account = Account(size=page_size, inline=3)
        for each in sorted(town.said.values(), key=lambda one: (one.at, one.number)):
            key, root = self._number(each), town.root(each)
            if each.to is None and each.by == US:
                account.publishes(each.at, key, caption=each.text)
            elif self._is_tag(each):
                tag = {"id": key, "username": each.by, "timestamp": told(each.at)}
                account.tags.insert(0, {**tag, "caption": each.text})
            elif root.by == US:
                to = self._number(town.said[each.to]) if each.to != root.number else None
                account.says(each.at, each.by or "", self._number(root), to, key, text=each.text)
        account.under_tags["acme"] = list(account.media.values())[-3:]
        return account

    @staticmethod
    def _number(said: Said) -> str:
        return str(18 * 10**15 + said.number)

    def account(self, url: str) -> AccountToRead:
        options = {"user_id": NUMBER, "tags": ["#acme"]}
        return AccountToRead(platform="instagram", account=US, options=options)

    def message_id(self, said: Said) -> str:
        return f"instagram::{self._number(said)}"

    def account_id(self, name: str) -> str:
        return f"instagram::{name}"
