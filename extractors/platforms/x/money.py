"""What reading X costs, and the night's budget.

Everything that an answer holds has a price, what came along with it (`includes`) as well; the same
thing again on the same day (UTC) is free. So each thing is paid for once a night, and a night that
is tried again on the same day is charged by X only for what it had not read before. The budget is
that of all tries together.

Prices: https://docs.x.com/x-api/getting-started/pricing (2026); whether `includes` are charged is
not said there, so they are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from pydantic import Field

from extractors.client import Client
from extractors.errors import BadCredentials
from extractors.platform import NOT_TOLD, Item, Options, Reading, SetAside

LARGEST_PAGE = 100
REFERENCES = 2  # at most: a post answers one and quotes one


@dataclass
class _Purse:
    """What a visit bought, the price of each thing by kind and id, and dollars in all."""

    bought: defaultdict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    spent: float = 0


_purses: WeakKeyDictionary[Client, _Purse] = WeakKeyDictionary()


class OverBudget(BadCredentials):
    """The night's money is spent: another night goes on, or a human raises the budget."""


class Prices(Options):
    """Dollars for one of each kind. `owned`: what the account's own token reads of itself."""

    post: float = Field(0.005, ge=0)
    user: float = Field(0.010, ge=0)
    follower: float = Field(0.010, ge=0)
    owned: float = Field(0.001, ge=0)
    message: float = Field(0.010, ge=0)


@dataclass(frozen=True)
class Lot:
    """What one element of a list costs, at most, and the smallest page X gives of that list."""

    kind: str
    price: float
    dearest: float
    smallest: int = 1

    def page_size(self, reading: Reading, stream: str, page: int) -> int:
        """How many elements the money is enough for, whatever comes along; `OverBudget` if none."""
        size = LARGEST_PAGE
        if self.dearest:
            size = min(size, int(money_left(reading) / self.dearest + 1e-6))
        if size < self.smallest:
            raise OverBudget(
                f"the budget of ${reading.options.budget:.2f} for a night is used up",
                platform=reading.account.platform,
                account=reading.account.account,
                stream=stream,
                page=page,
            )
        return size


def posts_at(price: float, prices: Prices, smallest: int) -> Lot:
    """A list of posts, each of which brings its author, and what it refers to with authors."""
    along = prices.user + REFERENCES * (prices.post + prices.user)
    return Lot("post", price, price + along, smallest)


def people_at(price: float) -> Lot:
    """A list of people."""
    return Lot("user", price, price)


def spent(client: Client) -> float:
    """Dollars that a visit has spent so far."""
    return _purses[client].spent if client in _purses else 0


def money_left(reading: Reading) -> float:
    """Dollars that this night may still spend."""
    left: float = reading.options.budget - reading.cost_before - spent(reading.client)
    return left


def pay(reading: Reading, kind: str, price: float, elements: Iterable[Item]) -> None:
    """Count what was read, each thing once, at the highest of its prices."""
    purse = _purses.setdefault(reading.client, _Purse())
    bought = purse.bought[kind]
    for each in elements:
        if isinstance(each, dict):
            paid = bought.get(thing := str(each.get("id")), 0)
            if price > paid:
                bought[thing] = price
                purse.spent += price - paid


def unpaid(error: OverBudget, what: str, row_count: int = 1) -> SetAside:
    """The row that says what the money was not enough for."""
    reason = f"{NOT_TOLD}{error.reason}: {what} unread"
    return SetAside("", reason, error.page, row_count)
