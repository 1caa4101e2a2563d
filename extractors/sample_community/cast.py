"""Who belongs to the sample community: us, the people with their habits, and some foreign bots."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from extractors.sample_community.people import DAY, Account, Profile, Settings
from extractors.sample_community.words import COLLEAGUES, Dice

SURNAMES = ("Martin", "Ruiz", "Vogt", "Baker", "Nair", "Costa", "Weber", "Haddad")
FOREIGN_BOTS = (("skybot", "Sky Report"), ("digestbot", "Weekly Digest"), ("unitbot", "Unit Check"))
_FIRST = """
Ana Bob Cai Dan Eva Fay Gus Hana Ivan Julia Karim Laura Miguel Nora Oscar Paula Quentin Rosa Sven
Teresa Umar Vera Wim Ximena Yara Zeno Adrián Beatriz Carlos Dörte Elif Farid Greta Hugo Irene Jürgen
Kenji Lucía Malik Nadia Olga Pedro Raúl Sofía Tariq Ulla Viktor Wanda Yusuf Zita Alba Bruno Clara
Diego Emma Felix Gloria Henrik Iris Joan Klara Leo Marta Nico
"""
_LAST = """
Abbott Bauer Castillo Dubois Engel Fuentes García Hoffmann Ibáñez Jensen Keller López Müller Navarro
Okafor Pérez Quiroga Romero Schmidt Torres Ueda Vidal Wagner Xu Yilmaz Zapata Alonso Becker Cruz
Díaz Esteban Fischer Gómez Haas Iglesias Jansen Krüger Lorenzo Moreno Nowak Ortega Prieto Ramos Sato
Tanaka Urban Vega Weiss Yoon Zimmermann Ahmed Brandt Campos Dietrich Evans Ferrer Gil Hansen Ito
Jones Khan Lang Martín Nguyen Olsen Peters
"""
FIRST_NAMES, LAST_NAMES = _FIRST.split(), _LAST.split()


@dataclass(frozen=True)
class Habit:
    """A kind of people: its share, days between two words, chance to lapse after one."""

    name: str
    share: float
    gap_days: float
    lapse_chance: float


LURKER = Habit("lurker", 0.21, 0.0, 1.0)
REGULAR = Habit("regular", 0.13, 11.0, 0.022)
HABITS = (
    LURKER,
    Habit("once", 0.36, 30.0, 0.96),
    Habit("occasional", 0.27, 33.0, 0.10),
    REGULAR,
    Habit("core", 0.03, 3.2, 0.004),
)


@dataclass(eq=False, slots=True)
class Life:
    """One human of the community: their logins, habits and friends."""

    account: Account
    second: Account | None
    habit: Habit
    gap_days: float
    arrives: int
    colleague: Account
    comes_by_storm: bool = False
    friends: list[Life] = field(default_factory=list)
    is_present: bool = False
    has_lapsed: bool = False
    has_drifted: bool = False

    def voice(self, channel: str) -> Account:
        """The account used in a channel; whoever has two speaks with the second on social."""
        return self.second if self.second and channel == "social" else self.account


@dataclass(eq=False)
class Cast:
    """Everybody, in the order of becoming known."""

    brand: Account
    helper: Account
    colleagues: list[Account]
    foreign_bots: list[Account]
    lives: list[Life]
    served: dict[Account, tuple[int, int]]  # colleague -> the time they work for us, [from, to)

    @property
    def accounts(self) -> list[Account]:
        people = [each for life in self.lives for each in (life.account, life.second) if each]
        return [self.brand, self.helper, *self.colleagues, *self.foreign_bots, *people]

    @property
    def twin(self) -> Life:
        """The one with two accounts."""
        return next(life for life in self.lives if life.second)

    def on_duty(self, moment: float) -> list[Account]:
        """Colleagues who work for us at that moment."""
        return [each for each, (since, until) in self.served.items() if since <= moment < until]


def gather(settings: Settings, dice: Dice) -> Cast:
    """Invent everybody."""
    start, span = settings.start, settings.days * DAY
    handles: set[str] = {name.lower() for name in COLLEAGUES}
    brand = Account("a1", "acme", "brand", "en", [Profile(start, "Acme Instruments")], 5200, 9.0)
    helper = Account("a2", "acme-helper", "helper", "en", [Profile(start, "Acme Helper")], 12)
    colleagues = [
        Account(
            f"a{3 + n}", name.lower(), "colleague", "en", [Profile(start, f"{name} {last}")], 90
        )
        for n, (name, last) in enumerate(zip(COLLEAGUES, SURNAMES, strict=True))
    ]
    bots = [
        Account(f"b{n}", handle, "bot", "en", [Profile(start, name)], 300)
        for n, (handle, name) in enumerate(FOREIGN_BOTS)
    ]
    served = dict.fromkeys(colleagues, (start, settings.end + 90 * DAY))
    served[colleagues[3]] = (start, start + int(0.7 * span))
    served[colleagues[7]] = (start + int(0.3 * span), settings.end + 90 * DAY)
    cast = Cast(brand, helper, colleagues, bots, [], served)
    for number in range(settings.people):
        cast.lives.append(_life(settings, dice, cast, number, handles))
    _link_profiles(settings, dice, cast, handles)
    return cast


def _life(settings: Settings, dice: Dice, cast: Cast, number: int, handles: set[str]) -> Life:
    habit = dice.weighted([(each, each.share) for each in HABITS]) if number else REGULAR
    draw = dice.between(0, 1) if number else 0.0
    arrives = settings.start + number  # one in five is there from the first day
    if draw > 0.2:
        arrives = settings.start + int(dice.between(0.01, 0.97) * settings.days * DAY)
    language = dice.weighted((("en", 0.8), ("es", 0.13), ("de", 0.07)))
    account = _person(dice, number, language, arrives, handles)
    usual = dice.pick(cast.on_duty(arrives))
    gap = habit.gap_days * dice.between(0.6, 1.5)
    return Life(account, None, habit, gap, arrives, usual, comes_by_storm=draw > 0.84)


def _person(dice: Dice, number: int, language: str, since: int, handles: set[str]) -> Account:
    name = f"{dice.pick(FIRST_NAMES)} {dice.pick(LAST_NAMES)}"
    handle = _handle(name, handles)
    links = (f"https://{handle.replace('.', '-')}.example/",) if dice.chance(0.1) else ()
    followers = int(dice.around(60, 1.4))
    return Account(
        f"u{10_007 + 37 * number}",
        handle,
        "person",
        language,
        [Profile(since, name, links)],
        followers,
        followers / 4000,
    )


def _handle(name: str, handles: set[str]) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().replace(" ", ".").replace("ß", "ss"))
    plain = "".join(letter for letter in letters if letter.isascii())
    handle, number = plain, 2
    while handle in handles:
        handle, number = f"{plain}{number}", number + 1
    handles.add(handle)
    return handle


def _link_profiles(settings: Settings, dice: Dice, cast: Cast, handles: set[str]) -> None:
    """One has two accounts that point at each other; another only claims somebody else's."""
    twin, pretender = cast.lives[0], cast.lives[-1]
    name = twin.account.profiles[0].name
    since = twin.arrives + DAY
    twin.second = _person(dice, settings.people, twin.account.language, twin.arrives, handles)
    twin.second.profiles = [Profile(twin.arrives, name.split()[0])]
    twin.account.profiles.append(Profile(since, name, (twin.second.url,)))
    twin.second.profiles.append(Profile(since + DAY, name.split()[0], (twin.account.url,)))
    pretender.account.profiles[0] = Profile(
        pretender.arrives, pretender.account.profiles[0].name, (twin.account.url,)
    )
    for life in cast.lives[:-1]:
        if dice.chance(0.02) and life is not twin:
            old = life.account.profiles[0]
            later = old.since + int(dice.between(5, 90) * DAY)
            life.account.profiles.append(Profile(later, f"{old.name} (stargazer)", old.links))
