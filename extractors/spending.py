"""What earlier tries have used up of a budget that is renewed at a fixed hour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from extractors.registry import platform_of
from lake.organisation import AccountToRead
from lake.store import Lake, folder_of


@dataclass(frozen=True)
class Spending:
    """The requests that reading one account took since its budget was last renewed.

    Kept in the lake after each interval, so that a task that is tried again has only what is left.
    What a killed process sent for the interval at hand is not known.
    """

    lake: Lake
    account: AccountToRead
    now: Callable[[], datetime]

    def before(self) -> int:
        """What was used up before this try."""
        try:
            facts = self.lake.facts(self._path)
        except FileNotFoundError:
            return 0
        is_renewed = datetime.fromisoformat(facts["until"]) <= self.now()
        return 0 if is_renewed else int(facts["request_count"])

    def note(self, request_count: int) -> None:
        """Keep what is used up by now, for platforms whose budget is renewed."""
        renewal, now = platform_of(self.account).renewal, self.now()
        if renewal:
            until = now + timedelta(seconds=renewal(now))
            with self.lake.writing(self._path, pa.schema([])) as writing:
                writing.note(until=until.isoformat(), request_count=request_count)

    @property
    def _path(self) -> str:
        return f"spent/{folder_of(self.account.platform, self.account.account)}.parquet"
