"""A dialect: a server that tells of a town as one platform does, and what is needed to read it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from extractors.client import Credentials
from extractors.platform import Item
from lake.organisation import AccountToRead, Organisation
from tests.loopback import Reply, Script
from tests.platforms.town import US, Said, Town


class Dialect(ABC):
    """One platform's way to tell. All its parts are about the same town and the same moment.

    `lists` matches the paths of the pages of one list, that of what we said, if there is one, and
    `stream` is the stream that reads it. `empty_ends`: an empty page is the end of every list.
    `channel` is the place of the sample community that is most like this platform.
    """

    name: ClassVar[str]
    handle: ClassVar[str]
    stream: ClassVar[str]
    lists: ClassVar[str]
    channel: ClassVar[str] = "social"
    empty_ends: ClassVar[bool] = False
    notices_deletions: ClassVar[bool] = True  # of what others said, a day later
    notices_silent_changes: ClassVar[bool] = True  # of what nobody looked at for months
    reads_again: ClassVar[bool] = True  # what it has read, though nothing tells that it changed
    cannot_tell: ClassVar[tuple[str, ...]] = ()  # in words, for whoever reads the tests

    def __str__(self) -> str:
        return self.name

    @abstractmethod
    def settle(self, town: Town) -> Town:
        """The town as it could be on this platform: as deep as its threads go, in its places."""

    @abstractmethod
    def tells(self, town: Town) -> Town:
        """What of a settled town the platform tells us; the acts without what is only counted."""

    @abstractmethod
    def serve(self, town: Town, now: datetime, page_size: int = 100) -> Script:
        """A server that tells of a settled town as it stands now, so many elements a page."""

    @abstractmethod
    def account(self, url: str) -> AccountToRead:
        """What the organisation file says under `[[read]]`."""

    @abstractmethod
    def credentials(self, url: str) -> Credentials | None:
        """What the connection holds."""

    @abstractmethod
    def message_id(self, said: Said) -> str:
        """The id in core; made of the number, so that it stays. Numeric ids are beyond 2^53."""

    @abstractmethod
    def account_id(self, name: str) -> str:
        """The id in core of a person."""

    @abstractmethod
    def elements(self, body: Any) -> list[Item]:
        """The very list in the body of a page, to be spoiled."""

    @abstractmethod
    def redate(self, element: Item, when: datetime) -> None:
        """Let an element of that list say another time."""

    @abstractmethod
    def forget_author(self, element: Item) -> None:
        """Let an element not say who wrote it, as the platform does for a deleted account."""

    @abstractmethod
    def limits(self, now: datetime, seconds: int) -> Mapping[str, Reply]:
        """Every way in which it says that we have to wait so long, by a name."""

    def newest_of_ours(self, town: Town) -> Said:
        """What comes first in the list of what we said."""
        return max((one for one in town.said.values() if one.by == US), key=lambda one: one.at)

    def is_own_space(self, said: Said, town: Town) -> bool:
        """Whether it was said in a place that is ours."""
        return False

    def organisation(self, url: str, history_from: datetime) -> Organisation:
        """An organisation that reads nothing else."""
        ours = {"name": "Acme", "kind": "brand", "accounts": [self.login]}
        return Organisation.model_validate(
            {
                "name": "acme",
                "title": "Acme",
                "history_from": history_from.date(),
                "read": [self.account(url)],
                "ours": [ours],
            }
        )

    @property
    def login(self) -> str:
        """How `[[ours]]` names us."""
        return f"{self.name}::{self.handle.removeprefix('@')}"
