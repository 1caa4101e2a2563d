"""What earlier readings left in the raw zone, as fetch functions see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from extractors.parsing import parsed
from extractors.platform import Item
from lake.store import Lake, Partition

BEGINNING = datetime.min.replace(tzinfo=UTC)
REMEMBERED = 16 * 2**20  # bytes of items as text; parsed they take several times as much


@dataclass
class KeptItems:
    """Raw items of one account, read for one visit.

    Most streams look at what others brought, so partitions stay in memory, up to a bound. Nobody
    may change an item.
    """

    lake: Lake
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
        found = self.lake.partitions("raw", replaced.platform, replaced.account, stream)
        for partition in sorted(found, key=lambda each: each.end, reverse=True):
            is_replaced = replaced in (partition, replace(partition, is_complete=True))
            if is_replaced or (since is not None and partition.end <= since):
                continue
            if until is None or self._asked_from(partition) < until:
                yield from self._items_of(f"raw/{partition.path}")

    def forget(self, partition: Partition) -> None:
        """A partition is another now."""
        for each in (partition, partition.incomplete):
            self._remembered.pop(f"raw/{each.path}", None)
            self._asked.pop(each, None)

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
        if size <= REMEMBERED:
            self._remember(path, size, read)

    def _remember(self, path: str, size: int, items: list[Item]) -> None:
        self._remembered[path] = size, items
        while sum(each for each, _ in self._remembered.values()) > REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
