"""A made-up history of any size: every fact of message number `i` is computed from `i` alone.

So a month is made without knowing the others, whole columns at a time, and always the same. The
shape follows what communities look like: few people write most, answers mostly follow at once and
sometimes after a year, some parents are never seen, and a look-back shows a message again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lake.organisation import Organisation

START, END = datetime(2023, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
NIGHT_END = END + timedelta(days=1)
PLACES = ("forum", "social", "chat")  # our own threads, threads elsewhere, and no threads at all
CHANNELS = np.array([0] * 11 + [1] * 6 + [2] * 3)  # the place of a channel
REPLIES = np.array([0.7] * 10 + [0.9] + [0.7] * 6 + [0.1] * 3)  # share, by channel
NIGHT_SHARE = 0.001
LATE, SEEN_AGAIN, EDITED, DELETED = 0.005, 0.3, 0.05, 0.003
OURS = ("acme", "zoe", "marco", "lena", "tom", "acme-helper")  # a brand, four people, a bot
STRAY = 10**17  # a message that is only ever named as a parent has this added to its number

Numbers = np.ndarray[Any, Any]


def organisation() -> Organisation:
    kinds = ("brand", "person", "person", "person", "person", "bot")
    platforms = ("sample:", "conversations:forum", "conversations:social", "conversations:chat")
    return Organisation.model_validate(
        {
            "name": "bench",
            "title": "Bench",
            "history_from": START.date(),
            "read": [
                *({"platform": "sample", "account": place} for place in PLACES),
                *({"platform": "conversations", "account": place} for place in PLACES),
            ],
            "ours": [
                {"name": name, "kind": kind, "accounts": [f"{each}:{name}" for each in platforms]}
                for name, kind in zip(OURS, kinds, strict=True)
            ],
        }
    )


def months() -> list[tuple[datetime, datetime]]:
    starts = [datetime(year, month, 1, tzinfo=UTC) for year in (2023, 2024, 2025)
              for month in range(1, 13)]  # fmt: skip
    return list(zip(starts, [*starts[1:], END], strict=True))


def chance(numbers: Numbers, salt: int) -> Numbers:
    """Evenly spread over [0, 1), by the number and nothing else (splitmix64)."""
    mixed = numbers.astype(np.uint64) + np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return (mixed ^ (mixed >> np.uint64(31))) / 2.0**64


SYLLABLES = "ka lo mi ren sta tur vel qui pos dan fer gil hom jet nu ox"
COMMON = "the a and to of is it for in on you we not can this my with are how"
BEYOND_ASCII = "straße señal größe mañana façade"
FIRST_NAMES = "Ana Bob Chloe Dmitri Eva Femi Greta Hugo Ines Jonas Kenji Lena Marco Nora"


def _words() -> pa.Array:
    """Phrases of three words each; some words are not English, and some hold more than ASCII."""
    syllables = SYLLABLES.split()
    words = [a + b for a in syllables for b in syllables] + [a * 2 for a in syllables]
    words += COMMON.split() * 12 + BEYOND_ASCII.split()
    pick = (chance(np.arange(3 * 4096), 99) * len(words)).astype(int)
    chosen = np.array(words)[pick].reshape(4096, 3)
    return pa.array([" ".join(row) for row in chosen])


WORDS = _words()
TEMPLATES = pa.array(
    [
        "thanks for your message, we will get back to you within two days",
        "sorry for the trouble, please send us a direct message with your order",
        "we are glad you like it, have a nice day",
        "you find all about it at https://acme.example/help",
        "our team looks into it and will answer here",
        "please try the newest version and tell us whether it works",
        "this is known and will be mended with the next release",
        "many thanks for the kind words",
    ]
)
THANKS = pa.array(["thank you so much!", "thanks a lot", "danke!", "perfect, gracias"])


@dataclass(frozen=True)
class History:
    """`count` messages over three years, and those of the night after."""

    count: int

    @property
    def stride(self) -> int:
        """How many channels there are: they grow with the history, what is said in one does not."""
        return 20 * max(1, self.count // 1_000_000)

    @property
    def night_count(self) -> int:
        return max(1, int(self.count * NIGHT_SHARE))

    def between(self, start: datetime, end: datetime) -> Numbers:
        """Numbers of the messages sent in a month."""
        span = (END - START).total_seconds()
        first, last = (
            -int(-self.count * (moment - START).total_seconds() // span) for moment in (start, end)
        )
        return np.arange(first, last, dtype=np.int64)

    def night(self) -> Numbers:
        return np.arange(self.count, self.count + self.night_count, dtype=np.int64)

    def sent_at(self, numbers: Numbers) -> Numbers:
        """Microseconds since 1970; a message that was only named was sent before what names it."""
        numbers = numbers % STRAY
        span = (END - START) // timedelta(microseconds=1)
        day = timedelta(days=1) // timedelta(microseconds=1)
        after = (numbers - self.count) * (day / self.night_count)
        offset = np.where(
            numbers < self.count, numbers * (span / self.count), span + np.maximum(after, 0)
        )
        return (int(START.timestamp()) * 1_000_000 + offset.astype(np.int64)) // 1000 * 1000

    def place(self, numbers: Numbers) -> Numbers:
        return CHANNELS[self.channel(numbers) % 20]

    def channel(self, numbers: Numbers) -> Numbers:
        return numbers % STRAY % self.stride

    def before(self, numbers: Numbers, salt: int) -> Numbers:
        """An earlier message of the channel, mostly one of the last ones; -1 at the beginning."""
        steps = np.minimum(chance(numbers, salt) ** -1.25, 1e12).astype(np.int64)
        found = numbers - self.stride * steps
        return np.where(numbers < STRAY, np.maximum(found, -1), -1)

    def parent(self, numbers: Numbers) -> Numbers:
        replies = chance(numbers, 1) < REPLIES[self.channel(numbers) % 20]
        return np.where((numbers >= 0) & replies, self.before(numbers, 2), -1)

    def named_parent(self, numbers: Numbers) -> Numbers:
        """The parent as it is told: for some a message that was deleted before we came."""
        is_stray = (self.parent(numbers) >= 0) & (chance(numbers, 3) < 0.03)
        return np.where(is_stray, numbers + STRAY, self.parent(numbers))

    def _speaker(self, numbers: Numbers) -> Numbers:
        rank = chance(numbers, 5) ** 2.5 * (self.count // 15)
        is_ours = (chance(numbers, 6) < 0.05) & (self.parent(numbers) >= 0)
        ours = (chance(numbers, 7) * len(OURS)).astype(np.int64) - len(OURS)
        return np.where(is_ours, ours, rank.astype(np.int64))

    def author(self, numbers: Numbers) -> Numbers:
        """Who wrote it: one goes on from one's own message, answers an answer, or comes along."""
        parent = self.parent(numbers)
        above = self.parent(parent)
        turn = chance(numbers, 8)
        return np.select(
            [(turn < 0.1) & (parent >= 0), (turn < 0.35) & (above >= 0)],
            [self._speaker(parent), self._speaker(above)],
            self._speaker(numbers),
        )

    def mentioned(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        """Two columns of accounts that are named; -99 for none."""
        other = self.author(np.maximum(self.before(numbers, 9), 0))
        return (
            np.where(chance(numbers, 10) < 0.12, other, -99),
            np.where(chance(numbers, 11) < 0.02, -len(OURS), -99),
        )

    def quoted(self, numbers: Numbers) -> Numbers:
        return np.where(chance(numbers, 12) < 0.01, self.before(numbers, 13), -1)

    def text(self, numbers: Numbers, is_edited: Numbers) -> pa.Array:
        """About twelve words; of ours, two in five are one of a few templates."""
        parts = [
            WORDS.take(pa.array((chance(numbers, salt) * len(WORDS)).astype(np.int64)))
            for salt in (20, 21, 22, 23)
        ]
        ends = np.array(["", "", "", "", "?", "!", " https://acme.example/a", "."])
        ending = pa.array(ends[(chance(numbers, 24) * len(ends)).astype(np.int64)])
        free = pc.binary_join_element_wise(
            pc.binary_join_element_wise(*parts, " "),
            ending,
            pa.array(np.where(is_edited, " edited", "")),
            "",
        )
        kind, which = chance(numbers, 25), chance(numbers, 26)
        short = THANKS.take(pa.array((which * len(THANKS)).astype(np.int64)))
        fixed = TEMPLATES.take(pa.array((which * len(TEMPLATES)).astype(np.int64)))
        is_fixed = pa.array((self.author(numbers) < 0) & (kind < 0.4))
        return pc.if_else(is_fixed, fixed, pc.if_else(pa.array(kind < 0.04), short, free))

    def partitions(self) -> Iterator[tuple[datetime, datetime, Numbers, Numbers]]:
        """Per month: from, to, the messages seen first, and those that a look-back shows again."""
        previous: Numbers = np.array([], dtype=np.int64)
        for start, end in months():
            sent = self.between(start, end)
            is_late = chance(sent, 14) < LATE
            late = previous[chance(previous, 14) < LATE]
            recent = previous[int(len(previous) * (1 - SEEN_AGAIN)) :]
            yield start, end, np.concatenate([late, sent[~is_late]]), np.setdiff1d(recent, late)
            previous = sent

    def edited(self, numbers: Numbers) -> Numbers:
        return chance(numbers, 15) < EDITED

    def deleted(self, numbers: Numbers) -> Numbers:
        return numbers[chance(numbers, 16) < DELETED]


def message_ids(numbers: Numbers, prefix: str) -> pa.Array:
    """Ids as long as those of large platforms; null for negative numbers."""
    text = pa.array(numbers + 110 * 10**15, mask=numbers < 0).cast(pa.string())
    return pc.binary_join_element_wise(prefix, text, "")


def account_ids(numbers: Numbers, prefix: str) -> pa.Array:
    """Ids of accounts, ours under their names; null for -99."""
    ours = pa.array([*OURS, ""]).take(pa.array(np.where(numbers < 0, numbers % len(OURS), 6)))
    theirs = pc.binary_join_element_wise("person", pa.array(numbers).cast(pa.string()), "")
    names = pc.if_else(pa.array(numbers < 0), ours, theirs)
    names = pc.if_else(pa.array(numbers == -99), None, names)
    return pc.binary_join_element_wise(prefix, names, "")


def display_names(numbers: Numbers) -> pa.Array:
    first = FIRST_NAMES.split()
    last = pc.binary_join_element_wise(
        "Smith", pa.array(numbers // len(first)).cast(pa.string()), ""
    )
    return pc.binary_join_element_wise(
        pa.array(first).take(pa.array(numbers % len(first))), last, " "
    )
