"""Where renewed tokens lie in tests: in memory, with all that was ever put there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Shelf:
    """A connection's place. It takes and gives only what JSON can hold."""

    saved: list[dict[str, Any]] = field(default_factory=list)

    def load(self) -> Mapping[str, Any] | None:
        return self.saved[-1] if self.saved else None

    def save(self, kept: Mapping[str, Any]) -> None:
        self.saved.append(json.loads(json.dumps(kept)))
