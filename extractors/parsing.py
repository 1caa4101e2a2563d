"""JSON as the standard library reads and writes it, only quicker where nothing is odd about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

_read = msgspec.json.Decoder().decode
_write = msgspec.json.Encoder().encode


def parsed(text: bytes | str, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """The value of a JSON text; what the quick parser refuses, the other one judges.

    That knows other encodings, lone surrogates and numbers without bounds. Raises `ValueError` or
    `RecursionError`; `parse_constant` gets `NaN` and the like, which are no JSON.
    """
    try:
        return _read(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return json.loads(text, parse_constant=parse_constant)


def written(value: Any) -> bytes:
    """A value as JSON in UTF-8; lone surrogates and the like in ASCII."""
    try:
        return _write(value)
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError):
        return json.dumps(value, separators=(",", ":")).encode()
