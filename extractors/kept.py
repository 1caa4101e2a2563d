"""What earlier readings left in the raw zone, as fetch functions see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from extractors.parsing import parsed
from extractors.platform import Fetched, Item, SetAside
from lake.store import Lake, Partition

BEGINNING = datetime.min.replace(tzinfo=UTC)
REMEMBERED = 16 * 2**20  # bytes of items as text; parsed they take several times as much


@dataclass
class FreshItems:
    """What a partition is being written with: items, unless they are too many, and fingerprints."""

    items: list[Item] = field(default_factory=list)
    size: int = 0
    fingerprints: set[int] = field(default_factory=set)

    def take(self, chunk: list[Fetched | SetAside], texts: list[str]) -> None:
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

    Most streams look at what others brought, so partitions stay in memory, up to a bound. Nobody
    may change an item.
    """

    lake: Lake
    _partitions: dict[str, list[Partition]] = field(default_factory=dict)
    _remembered: dict[str, tuple[int, list[Item]]] = field(default_factory=dict)
    _asked: dict[Partition, datetime] = field(default_factory=dict)

    def items(
        self,
        replaced: Partition,
        stream: str,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[Item]:
        """Items of a stream, newest partition first, without those being `replaced`."""
        if stream not in self._partitions:
            found = self.lake.partitions("raw", replaced.platform, replaced.account, stream)
            found.sort(key=lambda each: each.end, reverse=True)
            self._partitions[stream] = found
        for partition in self._partitions[stream]:
            is_replaced = replaced in (partition, replace(partition, is_complete=True))
            if is_replaced or (since is not None and partition.end <= since):
                continue
            if until is None or self._asked_from(partition) < until:
                yield from self._items_of(f"raw/{partition.path}")

    def replace(self, partition: Partition, fresh: FreshItems) -> None:
        """A partition was written anew, which leaves no incomplete one."""
        self._partitions.pop(partition.stream, None)
        for each in (partition, partition.incomplete):
            self._remembered.pop(f"raw/{each.path}", None)
            self._asked.pop(each, None)
        self._remember(f"raw/{partition.path}", fresh.size, fresh.items)

    def _asked_from(self, partition: Partition) -> datetime:
        if partition not in self._asked:
            noted = self.lake.facts(f"raw/{partition.path}").get("asked_from")
            self._asked[partition] = datetime.fromisoformat(noted) if noted else BEGINNING
        return self._asked[partition]

    def _items_of(self, path: str) -> Iterator[Item]:
        if path in self._remembered:
            yield from self._remembered[path][1]
            return
        size, read = 0, list[Item]()
        for batch in self.lake.batches(path, ["item", "set_aside_reason"]):
            is_item = batch.column("set_aside_reason").is_null()
            texts = batch.column("item").filter(is_item)
            size += texts.nbytes
            items: Iterable[Item] = map(parsed, texts.to_pylist())
            if size <= REMEMBERED:
                items = list(items)
                read += items
            yield from items
        self._remember(path, size, read)

    def _remember(self, path: str, size: int, items: list[Item]) -> None:
        if size > REMEMBERED:
            return
        self._remembered[path] = size, items
        while sum(each for each, _ in self._remembered.values()) > REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
