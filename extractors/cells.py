"""What a cell of an export file says: text, an id, yes or no, a moment.

A cell is a string (CSV) or any JSON value. Each function takes the item and the column's name and
raises `ValueError`, whose text names the column and the fault but not the content.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from extractors.platform import Item

FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
MONTHS = dict(
    zip(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        (f"{number:02}" for number in range(1, 13)),
        strict=True,
    )
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_TIME = re.compile(r"(\d{9,17})(\.\d+)?", re.ASCII)
_TWITTER_TIME = re.compile(r"\w{3} (\w{3}) (\d\d) (\d\d:\d\d:\d\d) ([+-]\d{4}) (\d{4})", re.ASCII)
_ROUNDED_NUMBER = re.compile(r"\d([.,]\d+)?[eE]\+\d+")


def text_in(item: Item, name: str) -> str:
    """The text, without the NUL characters no database takes; empty if there is none."""
    value = item.get(name)
    if type(value) is str:
        return value.replace("\0", "")
    if isinstance(value, (list, dict)):
        raise ValueError(f"{name} is not text")
    return "" if value is None else str(value)


def id_in(item: Item, name: str, *, is_required: bool = False) -> str:
    """The id as text; empty if there is none and none is required."""
    found = _as_id(item.get(name), name)
    if is_required and not found:
        raise ValueError(f"{name} is missing")
    return found


def number_in(item: Item, name: str, *, is_required: bool = False) -> str:
    """An id that is all digits; empty if there is none and none is required."""
    found = id_in(item, name, is_required=is_required)
    if found and not (found.isascii() and found.isdecimal()):
        raise ValueError(f"{name} is not a number")
    return found


def ids_in(item: Item, name: str) -> list[str]:
    """Each id of a list once, in order; a text is cut at spaces, commas and semicolons."""
    found = item.get(name)
    if not found and isinstance(found, str | None):
        return []
    parts = found if isinstance(found, list) else re.split(r"[\s;,]+", text_in(item, name))
    ids = (_as_id(part, name) for part in parts)
    return [*dict.fromkeys(each for each in ids if each)]


def _as_id(value: Any, name: str) -> str:
    """Table programs turn 3 into 3.0, which is mended, and long ids into 5.7E+17, which is not."""
    if value is None or value == "":
        return ""
    if isinstance(value, (bool, list, dict)):
        raise ValueError(f"{name} is not an id")
    text = str(value).replace("\0", "").strip()
    if "+" in text and _ROUNDED_NUMBER.fullmatch(text):
        raise ValueError(f"{name} has lost its digits in a table program")
    return text[:-2] if text.endswith(".0") and text[:-2].isdecimal() else text


def flag_in(item: Item, name: str) -> bool:
    """Yes or no, which has to be there."""
    try:
        return FLAGS[text_in(item, name).strip().casefold()]
    except KeyError:
        raise ValueError(f"{name} is neither true nor false") from None


def instant_in(item: Item, name: str, time_zone: str | None = None) -> datetime:
    """The moment, in UTC; `time_zone` is where the clock of a time without a zone hung.

    Written as ISO 8601 ("2026-01-31T09:30:00Z"), as by Twitter ("Sat Jan 31 09:30:00 +0000 2026"),
    or as seconds, milli- or microseconds since 1970.
    """
    text = text_in(item, name).strip()
    if since_epoch := _EPOCH_TIME.fullmatch(text):
        return _since_epoch(*since_epoch.groups(default=""))
    if twitter := _TWITTER_TIME.fullmatch(text):
        month, day, clock, zone, year = twitter.groups()
        text = f"{year}-{MONTHS.get(month)}-{day}T{clock}{zone}"
    try:
        moment = datetime.fromisoformat(text if len(text) > len("2026-01-31") else "no clock")
        if moment.tzinfo is None and time_zone:
            moment = moment.replace(tzinfo=ZoneInfo(time_zone))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{name} is not a time") from None
    raise ValueError(f"{name} has no time zone")


def _since_epoch(whole: str, fraction: str) -> datetime:
    """Tell the unit by how many digits there are: 9 to 11 seconds, to 14 milli, to 17 micro."""
    per_unit = 1_000_000 if len(whole) <= 11 else 1_000 if len(whole) <= 14 else 1
    microseconds = int(whole) * per_unit + round(float(f"0{fraction}") * per_unit)
    return EPOCH + timedelta(microseconds=microseconds)
