"""What earlier readings left in the raw zone, as fetch functions see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, TypeVar

from cachetools import LRUCache

from extractors.parsing import parsed
from extractors.platform import Fetched, Item, SetAside
from lake.store import Lake, Partition

BEGINNING = datetime.min.replace(tzinfo=UTC)
REMEMBERED = 16 * 2**20  # bytes of items as text; parsed they take several times as much
FACTS_REMEMBERED = 100_000
T = TypeVar("T")


@dataclass
class FreshItems:
    """What a partition is being written with: items, unless they are too many, and fingerprints."""

    items: list[Item] = field(default_factory=list)
    size: int = 0
    fingerprints: set[int] = field(default_factory=set)

    def take(self, chunk: list[Fetched | SetAside], texts: list[bytes]) -> None:
        """Take in what is written next, `texts` being the same as text."""
        self.fingerprints.update(map(hash, texts))
        self.size += sum(map(len, texts))
        if self.size <= REMEMBERED:
            self.items += [each.item for each in chunk if isinstance(each, Fetched)]
        else:
            self.items.clear()


@dataclass
class KeptItems:
    """Raw items of one account, read for one visit.

    Most streams look at what others brought, so partitions, and facts that were made of their
    items, stay in memory, up to a bound. Nobody may change an item.
    """

    lake: Lake
    platform: str
    account: str
    _partitions: dict[str, list[Partition]] = field(default_factory=dict)
    _items: LRUCache[Partition, tuple[int, list[Item]]] = field(
        default_factory=lambda: LRUCache(REMEMBERED, getsizeof=itemgetter(0))
    )
    _told: LRUCache[tuple[Partition, Callable[[Item], Any]], list[Any]] = field(
        default_factory=lambda: LRUCache(FACTS_REMEMBERED, getsizeof=len)
    )
    _asked: dict[Partition, datetime] = field(default_factory=dict)

    def partitions(self, stream: str) -> list[Partition]:
        """All partitions of a stream, newest first."""
        if stream not in self._partitions:
            found = self.lake.partitions("raw", self.platform, self.account, stream)
            found.sort(key=lambda each: each.end, reverse=True)
            self._partitions[stream] = found
        return self._partitions[stream]

    def items(
        self,
        replaced: Partition,
        stream: str,
        since: datetime | None = None,
        until: datetime | None = None,
        of: Callable[[Item], Any] | None = None,
    ) -> Iterator[Any]:
        """Items of a stream, newest partition first, without those being `replaced`.

        Or what `of` tells of each: a few facts, the same at any time, and no failure.
        """
        for partition in self.partitions(stream):
            is_replaced = replaced in (partition, replace(partition, is_complete=True))
            if is_replaced or (since is not None and partition.end <= since):
                continue
            if until is None or self._asked_from(partition) < until:
                yield from self._told_of(partition, of) if of else self._items_of(partition)

    def replace(self, partition: Partition, fresh: FreshItems) -> None:
        """A partition was written anew, which leaves no incomplete one."""
        self._partitions.pop(partition.stream, None)
        for each in (partition, partition.incomplete):
            self._asked.pop(each, None)
            self._items.pop(each, None)
            for key in [key for key in self._told if key[0] == each]:
                del self._told[key]
        self._remember(partition, fresh.size, fresh.items)

    def _asked_from(self, partition: Partition) -> datetime:
        if partition not in self._asked:
            noted = self.lake.facts(f"raw/{partition.path}").get("asked_from")
            self._asked[partition] = datetime.fromisoformat(noted) if noted else BEGINNING
        return self._asked[partition]

    def _told_of(self, partition: Partition, of: Callable[[Item], T]) -> Iterator[T]:
        known = self._told.get((partition, of))
        return self._tell(partition, of) if known is None else iter(known)

    def _tell(self, partition: Partition, of: Callable[[Item], T]) -> Iterator[T]:
        told: list[T] = []
        for each in map(of, self._items_of(partition)):
            if len(told) <= FACTS_REMEMBERED:
                told.append(each)
            yield each
        if len(told) <= FACTS_REMEMBERED:
            self._told[partition, of] = told

    def _items_of(self, partition: Partition) -> Iterator[Item]:
        known = self._items.get(partition)
        return self._read(partition) if known is None else iter(known[1])

    def _read(self, partition: Partition) -> Iterator[Item]:
        size, read = 0, list[Item]()
        for batch in self.lake.batches(f"raw/{partition.path}", ["item", "set_aside_reason"]):
            is_item = batch.column("set_aside_reason").is_null()
            texts = batch.column("item").filter(is_item)
            size += texts.nbytes
            items: Iterable[Item] = map(parsed, texts.to_pylist())
            if size <= REMEMBERED:
                items = list(items)
                read += items
            yield from items
        self._remember(partition, size, read)

    def _remember(self, partition: Partition, size: int, items: list[Item]) -> None:
        if size <= REMEMBERED:
            self._items[partition] = size, items
