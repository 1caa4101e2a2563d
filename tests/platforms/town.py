"""A community in no platform's words: who said what to whom, and what came of it.

Servers of every platform's dialect tell of the same town; what a platform cannot tell, its dialect
leaves out, and what is left has to come back from the API as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from extractors.sample_community import Settings, community
from extractors.sample_community.people import Account, Message

US = "acme"
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: float, hour: float = 0) -> datetime:
    """Midnight of day 0 is the first of January 2026."""
    return START + timedelta(days=day, hours=hour)


@dataclass(frozen=True)
class Said:
    """A message. Its `number` stays; `to` and `quotes` are numbers of others.

    `by` is null where nobody is told to have said it. `mentions` are names beside that of whom it
    answers. It is seen on the platform from `shown` on, which for what was imported is late.
    """

    number: int
    by: str | None
    at: datetime
    text: str = "…"
    to: int | None = None
    quotes: int | None = None
    mentions: tuple[str, ...] = ()
    edited: datetime | None = None
    text_then: str = ""  # since it was edited
    deleted: datetime | None = None
    shown: datetime | None = None


@dataclass(frozen=True)
class Act:
    """A reaction to a message, a repost of it, or that somebody began to follow us (`on` null)."""

    kind: str
    by: str
    at: datetime
    on: int | None = None


@dataclass(frozen=True)
class Town:
    """All that has happened, by number; `names` are all people, in an order that stays.

    `elsewhere` may hold what is answered or quoted and known by its id and author only.
    """

    said: Mapping[int, Said]
    acts: tuple[Act, ...] = ()
    names: tuple[str, ...] = field(default=())
    elsewhere: Mapping[int, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.names:
            spoke = (each.by for each in self.said.values())
            named = (name for each in self.said.values() for name in each.mentions)
            acted = (act.by for act in self.acts)
            found = dict.fromkeys([US, *filter(None, spoke), *named, *acted])
            object.__setattr__(self, "names", tuple(found))

    @cached_property
    def answers(self) -> dict[int, list[Said]]:
        """What answers a message, in order."""
        found: dict[int, list[Said]] = {number: [] for number in self.said}
        for each in self.said.values():
            if each.to in found:
                found[each.to].append(each)
        return found

    def acts_on(self, number: int, kind: str) -> list[Act]:
        return self._acts.get((kind, number), [])

    @cached_property
    def _acts(self) -> dict[tuple[str, int | None], list[Act]]:
        found: dict[tuple[str, int | None], list[Act]] = {}
        for act in self.acts:
            found.setdefault((act.kind, act.on), []).append(act)
        return found

    def named_by(self, number: int | None) -> Said | None:
        """What an answer or a quotation names."""
        return None if number is None else self.said.get(number) or self.elsewhere.get(number)

    def root(self, said: Said) -> Said:
        """The message that the thread begins with, as far as it is there."""
        while said.to in self.said:
            said = self.said[said.to]
        return said

    def above(self, said: Said) -> list[Said]:
        """What it answers, nearest first."""
        found = []
        while said.to in self.said:
            found.append(said := self.said[said.to])
        return found

    def below(self, number: int) -> Iterator[Said]:
        """All that answers a message, at any depth."""
        for each in self.answers[number]:
            yield each
            yield from self.below(each.number)

    def named(self, said: Said) -> tuple[str, ...]:
        """Whom it answers and mentions."""
        parent = self.said[said.to].by if said.to in self.said else None
        return tuple(dict.fromkeys(filter(None, (parent, *said.mentions))))

    def until(self, moment: datetime) -> Town:
        """The town as it stood then: without what came later, and what was deleted before."""
        there = {
            number: self._then(each, moment)
            for number, each in self.said.items()
            if (each.shown or each.at) < moment and not (each.deleted and each.deleted < moment)
        }
        return replace(self, said=there, acts=tuple(a for a in self.acts if a.at < moment)).intact()

    @staticmethod
    def _then(said: Said, moment: datetime) -> Said:
        if said.edited and said.edited < moment:
            return replace(said, text=said.text_then)
        return replace(said, edited=None)

    def only(self, keeps: Callable[[Said], bool]) -> Town:
        """The town of some messages, and of the acts on these."""
        return replace(
            self, said={n: each for n, each in self.said.items() if keeps(each)}
        ).intact()

    def intact(self) -> Town:
        """Without acts on what is not there."""
        acts = (act for act in self.acts if act.on is None or act.on in self.said)
        return replace(self, acts=tuple(acts))

    def under_our_posts(self, said: Iterable[Said]) -> Town:
        """The town where only we begin threads: other opening words answer our latest post.

        Words before our first post have no place, and what is answered is not deleted.
        """
        there: dict[int, Said] = {}
        latest: int | None = None
        for each in sorted(said, key=lambda one: (one.at, one.number)):
            if each.to in there:
                there[each.number] = each
            elif each.by == US:
                there[each.number] = replace(each, to=None)
                latest = each.number
            elif latest is not None:
                there[each.number] = replace(each, to=latest)
        answered = {each.to for each in there.values()}
        settled = {
            number: replace(each, deleted=None) if number in answered else each
            for number, each in there.items()
        }
        return replace(self, said=settled).intact()

    def doing(self, *kinds: str, on_ours_only: bool = True) -> Town:
        """The town of acts of some kinds."""
        kept = (
            act
            for act in self.acts
            if act.kind in kinds
            and (act.on is None or not on_ours_only or self.said[act.on].by == US)
        )
        return replace(self, acts=tuple(kept))

    def concerning_us(self) -> set[int]:
        """What we said, and what answers or mentions us."""
        return {n for n, each in self.said.items() if each.by == US or US in self.named(each)}

    def around_us(self) -> set[int]:
        """Whole threads below the topmost message that concerns us, and what stands above that."""
        return self.around(self.concerning_us())

    def around(self, ours: set[int]) -> set[int]:
        """Whole threads below the topmost of some messages, and what stands above that."""
        found = set[int]()
        for number in ours:
            above = [each.number for each in self.above(self.said[number])]
            found |= {number, *above}
            if not ours.intersection(above):
                found |= {each.number for each in self.below(number)}
        return found


def made_of(messages: Iterable[Said], acts: Iterable[Act] = ()) -> Town:
    return Town({each.number: each for each in messages}, tuple(acts))


def small_town() -> Town:
    """Ten days of everything that makes trouble, small enough to be read dozens of times."""
    said: list[Said] = []

    def says(by: str | None, when: datetime, **more: object) -> int:
        said.append(Said(len(said), by, when, f"Word {len(said)}.", **more))  # type: ignore[arg-type]
        return len(said) - 1

    acts: list[Act] = []
    for day in range(9):
        post = says(US, at(day, 8))
        ask = says("ada", at(day, 9), to=post)
        answer = says(US, at(day, 10), to=ask)
        says("ada", at(day, 11), to=answer)
        says(("bob", "carl", "dora")[day % 3], at(day, 12), to=post)
        acts += [
            Act("reaction", "bob", at(day, 13), post),
            Act("repost", "dora", at(day, 14), post),
        ]
    old, newest = 0, len(said) - 5  # our first post, and that of day 8
    says("carl", at(8, 15), to=old)
    says("bob", at(8, 16), to=newest, deleted=at(9, 12))
    says("dora", at(8, 17), mentions=(US,))
    says("dora", at(8, 18), to=newest, edited=at(9, 13), text_then="Changed.")
    says("emil", at(8, 19), quotes=newest)
    says("fay", at(9, 9), to=says(US, at(9, 8)))
    acts += [Act("follow", name, at(2)) for name in ("ada", "bob")]
    return made_of(said, acts)


def sample_town(channel: str, *, people: int = 120, days: int = 60, seed: int = 7) -> Town:
    """One place of the sample community; its days are moved to begin on day 0.

    All of us speak with one account there, as most do.
    """
    told = community(Settings(seed=seed, people=people, days=days))
    chosen = [each for each in told.messages if each.channel == channel]
    numbers = {id(each): number for number, each in enumerate(chosen)}
    moved = START - datetime.fromtimestamp(told.settings.start, UTC)

    def then(seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds, UTC) + moved

    def name(account: Account) -> str:
        return US if account.is_ours else account.handle.replace(".", "_").lower()

    def said(message: Message) -> Said:
        parent = numbers.get(id(message.parent)) if message.parent else None
        to_whom = message.parent.author if message.parent else None
        return Said(
            number=numbers[id(message)],
            by=name(message.author),
            at=then(message.sent),
            text=message.text_at(told.settings.end),
            to=parent,
            quotes=numbers.get(id(message.quoted)) if message.quoted else None,
            mentions=tuple(name(each) for each in message.mentions if each is not to_whom),
            deleted=then(message.deleted) if message.deleted else None,
        )

    reactions = (each for each in told.reactions if id(each.message) in numbers)
    acts = [
        Act(each.kind, name(each.account), then(each.at), numbers[id(each.message)])
        for each in reactions
    ]
    acts += [
        Act("follow", name(each.follower), then(each.at))
        for each in told.follows
        if name(each.followed) == US
    ]
    return made_of(map(said, chosen), acts)
