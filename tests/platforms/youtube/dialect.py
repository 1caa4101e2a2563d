"""A town as YouTube tells of it: we publish videos, and all else is said under them."""

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
from tests.platforms.youtube.studio import ACME, KEY, Studio, channel, written

FOLLOWED = "no-more-the"  # a video that somebody has deleted


class YoutubeDialect(Dialect):
    """Two levels: an answer to a reply stands beside it, and begins with the name it means."""

    name = "youtube"
    handle = US
    stream = "threads"
    lists = r"/commentThreads"
    cannot_tell = ("who liked a video or a comment", "who subscribes", "mentions elsewhere")

    def settle(self, town: Town) -> Town:
        plain = (replace(each, mentions=(), quotes=None) for each in town.said.values())
        threads = town.under_our_posts(plain).doing()
        return replace(
            threads, said={n: self._flat(each, threads) for n, each in threads.said.items()}
        )

    @staticmethod
    def _flat(said: Said, town: Town) -> Said:
        above = town.above(said)
        if len(above) < 3:
            return said
        name = above[0].by
        flat = replace(said, to=above[-2].number)
        if name in {None, said.by}:
            return flat
        texts = {"text": f"@{name} {said.text}", "text_then": f"@{name} {said.text_then}"}
        return replace(flat, mentions=(name,), **texts)

    def tells(self, town: Town) -> Town:
        return town.only(lambda each: town.root(each).to is None)

    def serve(self, town: Town, now: datetime, page_size: int = 100) -> Studio:
        studio, said = Studio(page_size=page_size), self.tells(town).said
        for each in said.values():
            changed = written(each.edited or each.at)
            if each.to is None:
                studio.publishes(ACME, each.at, self._video(each), title=each.text)
                continue
            above, comment = said[each.to], self._comment(each)
            more = {"comment": comment, "updatedAt": changed}
            if above.to is None:
                studio.says(each.by, each.at, self._video(above), each.text, **more)
            else:
                studio.replies_to(self._comment(above), each.by, each.at, each.text, **more)
        return studio

    @staticmethod
    def _video(said: Said) -> str:
        return f"v{said.number:010}"

    @staticmethod
    def _comment(said: Said) -> str:
        return f"Ug{said.number:010}"

    def is_own_space(self, said: Said, town: Town) -> bool:
        return True

    def account(self, url: str) -> AccountToRead:
        return AccountToRead(platform="youtube", account=ACME, options={"videos": [FOLLOWED]})

    def credentials(self, url: str) -> Credentials:
        return Credentials(base_url=url, secret=KEY)

    @property
    def login(self) -> str:
        return f"youtube::{ACME}"

    def message_id(self, said: Said) -> str:
        return f"youtube::{self._video(said) if said.to is None else self._comment(said)}"

    def account_id(self, name: str) -> str:
        return f"youtube::{channel(name)}"

    def elements(self, body: Any) -> list[Item]:
        return body.setdefault("items", [])

    def redate(self, element: Item, when: datetime) -> None:
        element["snippet"]["topLevelComment"]["snippet"]["publishedAt"] = written(when)

    def forget_author(self, element: Item) -> None:
        del element["snippet"]["topLevelComment"]["snippet"]["authorChannelId"]

    def newest_of_ours(self, town: Town) -> Said:
        """The list begins with the newest comment under a video, whoever wrote it."""
        tops = (one for one in town.said.values() if one.to in town.said)
        return max((one for one in tops if town.said[one.to].to is None), key=lambda one: one.at)

    def limits(self, now: datetime, seconds: int) -> Mapping[str, Reply]:
        told = {"Retry-After": str(seconds)}
        return {
            "Retry-After": Reply(b"<html>slow down</html>", 429, told),
            "out of order": Reply(b"<html>back soon</html>", 503, told),
        }
