"""Who a guest of WordPress is, told apart by an address that never reaches the lake."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import unicodedata

from extractors.errors import BadCredentials
from extractors.platform import Item, Reading
from extractors.text import plain_text

MIN_SECRET = 16  # characters; fewer could be guessed, and the addresses with them
_EVIDENCE = {  # the field that tells guests apart, and the part of it that does
    "avatar": ("author_avatar_urls", re.compile(r"/avatar/([0-9a-f]{32,64})\b")),
    "email": ("author_email", re.compile(r"(\S+@\S+)")),
}
_NAMELESS = ("", "anonymous")


def asked(reading: Reading) -> tuple[str, dict[str, str]]:
    """The field of comments that tells guests apart, and how to ask for it; nothing for names."""
    guests_by = reading.options.guests_by
    if guests_by not in _EVIDENCE:
        return "", {}
    _secret(reading)
    return _EVIDENCE[guests_by][0], {"context": "edit" if guests_by == "email" else "view"}


def seal(comment: Item, reading: Reading) -> None:
    """Put a keyed hash in the place of a guest's e-mail address, or of the plain hash of it."""
    guests_by = reading.options.guests_by
    if guests_by in _EVIDENCE:
        key, pattern = _EVIDENCE[guests_by]
        found = pattern.search(str(comment.pop(key, "")).casefold())
        if found and not comment.get("author"):
            digest = hmac.new(_secret(reading), found[1].encode(), hashlib.sha256).hexdigest()
            comment["guest_key"] = f"{guests_by}-{digest[:32]}"


def guest_of(comment: Item) -> str | None:
    """The source id of the guest who wrote it; null for one without name and address."""
    if key := comment.get("guest_key"):
        return f"guest-{key}"
    name = _folded(plain_text(comment["author_name"]))
    if name in _NAMELESS:
        return None
    typed = f"{name}\n{_folded(comment['author_url']).rstrip('/')}"
    return f"guest-name-{hashlib.sha256(typed.encode()).hexdigest()[:32]}"


def has_secret() -> bool:
    """Whether there is a secret to hash addresses with."""
    return len(os.environ.get("RAPPORT_SECRET", "")) >= MIN_SECRET


def _secret(reading: Reading) -> bytes:
    if not has_secret():
        raise BadCredentials(
            f"guests_by = {reading.options.guests_by!r} needs a secret: set RAPPORT_SECRET to "
            f"{MIN_SECRET} characters or more",
            platform=reading.account.platform,
            account=reading.account.account,
            stream="comments",
        )
    return os.environ["RAPPORT_SECRET"].encode()


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
