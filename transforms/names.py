"""Names and links as they are compared: without what differs between two spellings of the same."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import permutations, product
from urllib.parse import urlsplit

# Letters of other alphabets that look like Latin ones: the lower-case pairs of Unicode's table of
# confusables (UTS 39) that occur in names, and the capitals that only look alike as capitals.
_LOWER = str.maketrans("аеорсухіјѕһԁԛԝοαικνρυχ", "aeopcyxijshdqwoaikvpux")
_CAPITAL = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXIJSABEZHIKMNOPTYX")  # noqa: RUF001 (on purpose)
_ACCENT = re.compile("[\u0300-\u036f]")
_ASIDE = re.compile(r"[(\[{<].*?[)\]}>]")  # "Ana (she/her)", "Bob [away]"
_WITH_SPACES = re.compile("[a-zͰ-ӿ]")  # Latin, Greek and Cyrillic part first and last names

COMMON = """
account admin administrator anonymous anonymus blog bot community contact deleted editor guest
hello help helper hi info mail me member moderator nobody news noreply office official owner
root sales service staff support system team test tester unknown user username webmaster
"""
SHORTEST = 3  # letters of an alphabet
MOST_WORDS = 3  # of a name, that a handle is looked for in
_COMMON = frozenset(COMMON.split())


@dataclass(frozen=True, slots=True)
class Key:
    """A name to compare: `key` with look-alike letters made one, `plain` with them as written."""

    key: str
    plain: str

    @property
    def is_rare(self) -> bool:
        """Whether it has the form of a name that few bear: several words, or a long one."""
        words = self.key.split()
        return len(words) > 1 or not _WITH_SPACES.search(self.key)


def handle_key(handle: str | None) -> Key | None:
    """The local part of a handle without case, accents and separators; null if it tells nothing."""
    local = (handle or "").lstrip("@").split("@")[0]
    return _key("".join(_words(local)))


def name_key(name: str | None) -> Key | None:
    """The words of a display name in order of the alphabet; null if they tell nothing."""
    return _key(" ".join(_words(_ASIDE.sub(" ", name or ""))))


def names_of(handle: str | None, name: str | None) -> tuple[Key | None, Key | None]:
    """Handle and name as two pieces of evidence that do not say the same.

    A handle made of nothing but the name adds nothing to it, so it is left out; where there is no
    name, a handle of several words stands in for it.
    """
    by_handle, by_name = handle_key(handle), name_key(name)
    if by_handle and not by_name:
        words = name_key((handle or "").lstrip("@").split("@")[0])
        by_name = words if words and words.is_rare and not re.search(r"\d", words.key) else None
    if by_handle and by_name and by_handle.key in _made_of(by_name.key.split()):
        by_handle = None
    return by_handle, by_name


def _made_of(words: list[str]) -> set[str]:
    """Handles that people make of their names: words in any order, some of them initials."""
    parts = [(word, word[0], "") for word in words[:MOST_WORDS]]
    chosen = product(*parts)
    return {"".join(order) for each in chosen for order in permutations(each)} - {""}


def link_key(link: str | None) -> str | None:
    """An address without scheme, `www.` and a last slash; a handle as its profile's address."""
    text = (link or "").strip()
    if found := re.fullmatch(r"(?:acct:|@)([^@\s/]+)@([\w.-]+\.\w+)", text):
        return f"{found[2].lower()}/@{found[1].lower()}"
    parts = urlsplit(text if "://" in text else f"https://{text}")
    host = parts.netloc.lower().rpartition("@")[2].removeprefix("www.")
    if "." not in host:
        return None
    path = re.sub(r"^/users/([^/]+)$", r"/@\1", parts.path.rstrip("/"))
    path = path.lower() if path.startswith("/@") else path
    return f"{host}{path}{'?' if parts.query else ''}{parts.query}"


def _key(written: str) -> Key | None:
    plain = written.casefold()
    key = " ".join(sorted(_latin(word) for word in written.split()))
    if len(key) < SHORTEST and _WITH_SPACES.search(key):
        return None
    if not key or key.isdigit() or key in _COMMON:
        return None
    return Key(key, " ".join(sorted(plain.split())))


def _latin(word: str) -> str:
    """A word with look-alikes made Latin, where it mixes alphabets or has nothing else."""
    folded = word.casefold()
    if folded.isascii():
        return folded
    if re.search("[A-Za-z]", word):
        return word.translate(_CAPITAL).casefold().translate(_LOWER)
    latin = folded.translate(_LOWER)
    return latin if latin.isascii() else folded


def _words(text: str) -> list[str]:
    """Runs of letters and digits, without compatibility forms and the accents of alphabets.

    Marks of other scripts are letters, and stay; what is invisible goes.
    """
    if text.isascii():
        return re.findall("[A-Za-z0-9]+", text)
    apart = unicodedata.normalize("NFKD", text)
    plain = unicodedata.normalize("NFKC", _ACCENT.sub("", apart))
    kinds = [(letter, unicodedata.category(letter)) for letter in plain]
    shown = (letter if kind[0] in "LMN" else " " for letter, kind in kinds if kind != "Cf")
    return "".join(shown).split()
