"""Accounts that are one, as they are joined pair by pair."""

from __future__ import annotations

from collections.abc import Iterable


class Groups:
    """Disjoint groups of accounts; each goes by its smallest member, in whatever order joined."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def find(self, account: str) -> str:
        """The smallest account of the group."""
        above = account
        while (higher := self._above.get(above, above)) != above:
            above = higher
        while (next_one := self._above.get(account, account)) != above:
            self._above[account], account = above, next_one
        return above

    def join(self, *accounts: str) -> None:
        """Make the groups of these accounts one."""
        tops = sorted({self.find(each) for each in accounts})
        for each in accounts:
            self._above.setdefault(each, each)
        for top in tops:
            self._above[top] = tops[0]

    def are_one(self, one: str, other: str) -> bool:
        return self.find(one) == self.find(other)

    def members(self) -> list[str]:
        """Every account that was ever joined, in order."""
        return sorted(self._above)

    def grouped(self, accounts: Iterable[str] | None = None) -> dict[str, list[str]]:
        """Members of each group by its smallest, of all that were joined or of those given."""
        found: dict[str, list[str]] = {}
        for account in self.members() if accounts is None else accounts:
            found.setdefault(self.find(account), []).append(account)
        return found
