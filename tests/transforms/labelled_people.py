"""A labelled set of accounts: whose they are is known, because the set made them up.

Five places. Of most people one account is known; a part of them has another elsewhere, written in
one of the ways that people do. Beside them: name-sakes, impostors with look-alike letters, and
accounts that everybody has, such as "admin".
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from extractors.observations import AccountSeen, make_id
from extractors.sample_community.cast import FIRST_NAMES, LAST_NAMES

PLACES = (
    ("mastodon", "one.example"),
    ("mastodon", "two.example"),
    ("wordpress", "blog.example"),
    ("forum", ""),
    ("video", ""),
)
OTHER_SCRIPTS = (
    "Анна Смирнова",
    "Дмитрий Козлов",
    "Ольга Орлова",
    "Сергей Волков",
    "Ελένη Παπαδοπούλου",
    "Νίκος Γεωργίου",
    "田中太郎",
    "佐藤花子",
    "王小明",
    "김민수",
    "이영희",
    "محمد الأحمد",
    "فاطمة حسن",
    "कमला शर्मा",
    "दीपक वर्मा",
)
COMMON = (("Maria García", 12), ("John Smith", 12), ("Ana", 10), ("Alex", 15), ("Admin", 5))
_NICKS = """
stargazer quasar nebula comet aperture parsec redshift zenith azimuth dobson barlow eyepiece plossl
saturn callisto ganymede umbra penumbra corona eclipse perigee apogee analemma albedo ecliptic
"""
NICKS = _NICKS.split()


@dataclass
class Labelled:
    """Accounts, whose each is, and by what way of writing a second account came about."""

    seen: list[AccountSeen] = field(default_factory=list)
    owner: dict[str, int] = field(default_factory=dict)
    way: dict[int, str] = field(default_factory=dict)

    def add(self, owner: int, place: int, handle: str | None, name: str | None) -> None:
        number = len(self.seen)
        account_id = make_id(*PLACES[place], f"n{number}")
        link = f"https://{PLACES[place][1] or PLACES[place][0]}/@{handle or number}"
        self.seen.append(
            AccountSeen(account_id=account_id, handle=handle, display_name=name, profile_url=link)
        )
        self.owner[account_id] = owner

    @property
    def pairs(self) -> set[frozenset[str]]:
        """Every two accounts of one person."""
        by_owner: dict[int, list[str]] = {}
        for account_id, owner in self.owner.items():
            by_owner.setdefault(owner, []).append(account_id)
        return {frozenset(each) for each in by_owner.values() if len(each) == 2}


def typo(dice: random.Random, text: str) -> str:
    """One letter, not among the first three, doubled, left out, or two of them swapped."""
    at = dice.randrange(3, len(text) - 1)
    changed = (text[at] * 2, "", text[at + 1] + text[at])
    how = dice.randrange(3)
    return text[:at] + changed[how] + text[at + (2 if how == 2 else 1) :]


def plain(name: str) -> str:
    return name.translate(str.maketrans("áéíóúñüöäçÁÉÍÓÚÑÜÖÄ", "aeiounuoacAEIOUNUOA"))


def labelled_people(seed: int = 18, people: int = 1200) -> Labelled:
    """The set: `people` people, a third of them with a second account."""
    dice, made = random.Random(seed), Labelled()
    names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    dice.shuffle(names)
    ways = ("same", "spelling", "name typo", "handle typo", "other name", "other handle", "guest")
    for owner in range(people):
        name = OTHER_SCRIPTS[owner] if owner < len(OTHER_SCRIPTS) else names[owner % 2000]
        handle = f"{dice.choice(NICKS)}{dice.choice(['', '_', '.'])}{dice.randrange(10, 9999)}"
        home, away = dice.sample(range(len(PLACES)), 2)
        made.add(owner, home, handle, name)
        if owner % 3 == 0 or owner < len(OTHER_SCRIPTS):
            way = ways[(owner // 3) % len(ways)] if owner >= len(OTHER_SCRIPTS) else "same"
            made.way[owner] = way
            made.add(owner, away, *_again(dice, way, handle, name))
    owner = _name_sakes(dice, made, people)
    _impostors(made, owner)
    return made


def _again(dice: random.Random, way: str, handle: str, name: str) -> tuple[str | None, str | None]:
    first, _, last = name.partition(" ")
    nick = f"{dice.choice(NICKS)}{dice.randrange(10000, 99999)}"
    return {
        "same": (handle, name),
        "spelling": (handle.upper().replace("_", "-"), f"{last.upper()}, {plain(first)} (she/her)"),
        "name typo": (handle, typo(dice, name) if len(name) > 5 else name),
        "handle typo": (typo(dice, handle), name),
        "other name": (handle, dice.choice(NICKS).title()),
        "other handle": (nick, name),
        "guest": (None, name),
    }[way]


def _name_sakes(dice: random.Random, made: Labelled, owner: int) -> int:
    """People of one name, some with a handle made of it; all of them different people."""
    for name, count in COMMON:
        for number in range(count):
            handle = (name.replace(" ", "."), f"{dice.choice(NICKS)}{number}7", None)[number % 3]
            made.add(owner, number % len(PLACES), handle, name)
            owner += 1
    return owner


def _impostors(made: Labelled, owner: int) -> None:
    """Name and handle of somebody, with Cyrillic letters in the place of Latin ones."""
    look_alike = str.maketrans("aeopc", "\u0430\u0435\u043e\u0440\u0441")
    first = {owner: account_id for account_id, owner in reversed(made.owner.items())}
    known = [each for each in made.seen if first[made.owner[each.account_id]] == each.account_id]
    victims = [each for each in known if each.handle and "a" in each.handle][:20]
    for victim in victims:
        name = (victim.display_name or "").translate(look_alike)
        home = tuple(victim.account_id.split(":")[:2])
        place = (PLACES.index(home) + 1) % len(PLACES)  # type: ignore[arg-type]
        made.add(owner, place, (victim.handle or "").translate(look_alike), name)
        owner += 1
