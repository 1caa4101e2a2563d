"""A town as a WordPress site tells of it: we post, and all else are comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from zlib import crc32

from extractors.client import Credentials
from extractors.platform import Item
from lake.organisation import AccountToRead
from tests.loopback import Reply
from tests.platforms.dialect import Dialect
from tests.platforms.town import START, US, Said, Town
from tests.platforms.wordpress.journal import LOGIN, PASSWORD, SITE, Journal, written


class WordpressDialect(Dialect):
    """Half of the people are registered, the others are guests, known by the name they type."""

    name = "wordpress"
    handle = US
    stream = "posts"
    lists = r"/wp-json/wp/v2/posts"
    cannot_tell = ("mentions, quotes, reactions and followers: WordPress has none",)

    def settle(self, town: Town) -> Town:
        plain = (replace(each, mentions=(), quotes=None) for each in town.said.values())
        return town.under_our_posts(plain).doing()

    def tells(self, town: Town) -> Town:
        return town.only(lambda each: town.root(each).to is None)

    def serve(self, town: Town, now: datetime, page_size: int = 100) -> Journal:
        journal = Journal(page_size=page_size)
        for name in town.names:
            if self._is_registered(name):
                journal.joins(self._user(name), name)
        for each in self.tells(town).said.values():
            content = {"content": {"rendered": f"<p>{each.text}</p>"}}
            number = self._number(each)
            if each.to is None:
                changed = written(each.edited or each.at)
                journal.publishes(self._user(US), each.at, number, **content, modified_gmt=changed)
                continue
            post, parent = self._number(town.root(each)), self._number(town.said[each.to])
            by = each.by or ""
            journal.says(
                self._user(by) if self._is_registered(by) else by.title(),
                each.at,
                post,
                number,
                **content,
                parent=parent if parent != post else 0,
            )
        return journal

    @staticmethod
    def _is_registered(name: str) -> bool:
        return name == US or (bool(name) and crc32(name.encode()) % 2 == 0)

    @staticmethod
    def _user(name: str) -> int:
        return 1 if name == US else 10**16 + crc32(name.encode())

    @staticmethod
    def _number(said: Said) -> int:
        return 10**17 + int((said.at - START).total_seconds()) * 10**5 + said.number

    def is_own_space(self, said: Said, town: Town) -> bool:
        return True

    def account(self, url: str) -> AccountToRead:
        return AccountToRead(platform="wordpress", account=SITE, options={"url": url})

    def credentials(self, url: str) -> Credentials:
        return Credentials(login=LOGIN, secret=PASSWORD)

    @property
    def login(self) -> str:
        return f"wordpress:{SITE}:{US}"

    def message_id(self, said: Said) -> str:
        kind = "post" if said.to is None else "comment"
        return f"wordpress:{SITE}:{kind}-{self._number(said)}"

    def account_id(self, name: str) -> str:
        if self._is_registered(name):
            return f"wordpress:{SITE}:user-{self._user(name)}"
        typed = sha256(f"{name.casefold()}\n".encode()).hexdigest()[:32]
        return f"wordpress:{SITE}:guest-name-{typed}"

    def elements(self, body: Any) -> list[Item]:
        return body

    def redate(self, element: Item, when: datetime) -> None:
        element["date_gmt"] = written(when)

    def forget_author(self, element: Item) -> None:
        element["author"] = 0

    def newest_of_ours(self, town: Town) -> Said:
        """The list begins with the oldest."""
        return min((one for one in town.said.values() if one.to is None), key=lambda one: one.at)

    def limits(self, now: datetime, seconds: int) -> Mapping[str, Reply]:
        """WordPress has none; its hosts have, and it tells how long its maintenance takes."""
        told = {"Retry-After": str(seconds)}
        return {
            "a host's limit": Reply(b"<html>too many</html>", 429, told),
            "a host's firewall": Reply(b"<html>forbidden</html>", 403, told),
            "maintenance": Reply(b"<html>be right back</html>", 503, told),
        }
