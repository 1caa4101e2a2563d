"""Single items in a file beside a test, each with what must be read from it."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from extractors.observations import Observation
from extractors.platform import Platform
from lake.organisation import AccountToRead

Example = dict[str, Any]


def examples_beside(test: str) -> dict[str, Example]:
    """What `items.json` holds, by what it is an example of."""
    path = Path(test).parent / "items.json"
    found: dict[str, Example] = json.loads(path.read_text(encoding="utf-8"))
    return found


def said_of(platform: Platform, example: Example, account: AccountToRead) -> list[Example]:
    """What an example's item says, as the file writes it."""
    read = platform.stream(example["stream"]).read
    return [plain(said) for said in read(example["item"], account)]


def plain(said: Observation) -> Example:
    """An observation without what is not said."""
    shown: Example = {"says": type(said).__name__}
    for each in fields(said):
        value = getattr(said, each.name)
        if each.default is MISSING or value != each.default:
            shown[each.name] = value.isoformat() if isinstance(value, datetime) else value
    return {key: list(value) if isinstance(value, tuple) else value for key, value in shown.items()}
