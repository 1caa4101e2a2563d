"""When the colleagues of the sample community are at their desks, and when its people are awake."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from extractors.sample_community.people import HOUR, Settings
from extractors.sample_community.words import Dice

# The hours and holidays of organisations/sample.toml.
ZONE = "Europe/Madrid"
HOURS = (*((9, 18),) * 4, (9, 15), None, None)
HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2025-01-01", "2025-01-06", "2025-04-18", "2025-05-01", "2025-08-15"),
        *("2025-10-13", "2025-12-08", "2025-12-25", "2026-01-01", "2026-01-06"),
    )
)
AWAKE = (
    *((7, 3.0), (8, 6.0), (9, 8.0), (10, 8.0), (11, 8.0), (12, 7.0), (13, 5.0), (14, 5.0)),
    *((15, 6.0), (16, 7.0), (17, 8.0), (18, 8.0), (19, 7.0), (20, 6.0), (21, 5.0), (22, 4.0)),
    *((23, 2.0), (0, 1.0)),
)


class Calendar:
    """Local days of the organisation: who is awake, when desks are staffed."""

    def __init__(self, settings: Settings) -> None:
        days = [settings.first_day + timedelta(days=n) for n in range(-1, settings.days + 90)]
        self.days = days
        self.midnights = [self._instant(day, 0) for day in days]
        spans = [(day, HOURS[day.weekday()]) for day in days if day not in HOLIDAYS]
        self.spans = [
            (self._instant(day, hours[0]), self._instant(day, hours[1]))
            for day, hours in spans
            if hours
        ]
        self.closes = [closes for _, closes in self.spans]
        self.open_before = [0]
        for opens, closes in self.spans:
            self.open_before.append(self.open_before[-1] + closes - opens)

    @staticmethod
    def _instant(day: date, hour: int) -> int:
        moment = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(ZONE))
        return int(moment.timestamp())

    def day(self, moment: float) -> int:
        """Running number of the local day."""
        return bisect_right(self.midnights, moment) - 1

    def is_workday(self, day: int) -> bool:
        return self.days[day] not in HOLIDAYS and HOURS[self.days[day].weekday()] is not None

    def is_chat_time(self, moment: float) -> bool:
        """The chat is alive on working days between 8 and 19."""
        day = self.day(moment)
        return self.is_workday(day) and 8 * HOUR <= moment - self.midnights[day] < 19 * HOUR

    def open_after(self, moment: float, seconds: float) -> float:
        """The moment until which desks were staffed for `seconds` since `moment`."""
        index = bisect_right(self.closes, moment)
        target = self.open_before[index] + max(0.0, moment - self.spans[index][0]) + seconds
        last = min(bisect_right(self.open_before, target) - 1, len(self.spans) - 1)
        return self.spans[last][0] + target - self.open_before[last]

    def awake_at(self, moment: float, dice: Dice) -> int:
        """A moment of about that day at which people are up; fewer of them write on weekends."""
        day = self.day(moment)
        if self.days[day].weekday() >= 5 and dice.chance(0.5):
            day += 2
        return int(self.midnights[day] + dice.weighted(AWAKE) * HOUR + dice.between(0, HOUR))
