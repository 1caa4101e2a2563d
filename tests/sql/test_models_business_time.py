"""Business time, against counting minutes on the wall clock of the place."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dbt_build import Build
from story import Story, at

from lake.organisation import WEEKDAYS, Organisation

OFFICE = {day: ["09:00-18:00"] for day in WEEKDAYS[:5]} | {"saturday": [], "sunday": []}
SPLIT = OFFICE | {"friday": ["08:30-12:00", "13:15-17:45"], "saturday": ["10:00-14:00"]}
ALWAYS = {day: ["00:00-24:00"] for day in WEEKDAYS}


def organisation(zone: str, hours: dict[str, list[str]]) -> Organisation:
    return Organisation.model_validate(
        {
            "name": "test",
            "title": "Test",
            "time_zone": zone,
            "history_from": date(2026, 1, 1),
            "business_hours": hours,
            "holidays": [date(2026, 1, 1), date(2026, 1, 6), date(2026, 4, 3), date(2026, 12, 25)],
            "read": [{"platform": "test", "account": "acme"}],
            "ours": [{"name": "Acme", "kind": "brand", "accounts": ["test::acme"]}],
        }
    )


def counted_seconds(ours: Organisation, start: datetime, end: datetime) -> int:
    """Seconds in whole minutes of `[start, end)` whose local wall-clock time is within hours."""
    zone, count = ZoneInfo(ours.time_zone), 0
    for minute in range(int((end - start) / timedelta(minutes=1))):
        local = (start + timedelta(minutes=minute)).astimezone(zone)
        clock = local.replace(tzinfo=None) - datetime.combine(local.date(), time())
        spans = getattr(ours.business_hours, WEEKDAYS[local.weekday()])
        if local.date() not in ours.holidays:
            count += 60 * any(span.opens <= clock < span.closes for span in spans)
    return count


def business_seconds(
    built: Build, ours: Organisation, spans: list[tuple[datetime, datetime]]
) -> list[int]:
    """What `int_ask` makes of waits from one moment to another."""
    story = Story()
    story.opens(ours, date(2025, 12, 1), date(2027, 1, 1))
    blocks = [
        {"ask_id": f"{number:05}", "asked_at": start, "human_answered_at": end}
        for number, (start, end) in enumerate(spans)
    ]
    rows = built.model(
        "int_ask", int_ask_block=blocks, int_ask_answer=[], stg_opening=story.tables["opening"]
    )
    return [
        row["human_reply_business_seconds"] for row in sorted(rows, key=lambda row: row["ask_id"])
    ]


@pytest.mark.parametrize("hours", [OFFICE, SPLIT, ALWAYS], ids=["office", "split", "always"])
@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Madrid",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Auckland",
    ],
)
def test_business_time_is_the_minutes_that_a_clock_on_our_wall_shows_within_hours(
    built: Build, zone: str, hours: dict[str, list[str]]
) -> None:
    ours, chance = organisation(zone, hours), random.Random(zone)
    changes = [at("2026-03-29 01:00"), at("2026-03-08 07:00"), at("2026-04-04 14:00")]
    moments = [*changes, *(at("2026-01-02 00:00") + timedelta(days=22 * k) for k in range(16))]
    spans = []
    for moment in moments:
        start = moment - timedelta(minutes=chance.randrange(3 * 24 * 60))
        spans.append((start, moment + timedelta(minutes=chance.randrange(2 * 24 * 60))))
    expected = [counted_seconds(ours, *span) for span in spans]
    assert business_seconds(built, ours, spans) == expected
    assert len(set(expected)) > 5


def test_worked_example_o3_in_madrid(built: Build) -> None:
    spans = [
        ("2026-01-16 16:00", "2026-01-19 09:00", 120),
        ("2026-01-19 06:00", "2026-01-19 08:30", 30),
        ("2026-01-19 19:00", "2026-01-19 21:00", 0),
        ("2026-03-27 16:00", "2026-03-30 08:00", 120),
        ("2026-01-05 16:30", "2026-01-07 08:30", 60),
    ]
    ours = organisation("Europe/Madrid", OFFICE)
    found = business_seconds(built, ours, [(at(start), at(end)) for start, end, _ in spans])
    assert [seconds / 60 for seconds in found] == [minutes for _, _, minutes in spans]
    never_closed = ours.model_copy(update={"holidays": frozenset()})
    twelve_days = [(at("2026-01-01 00:00"), at("2026-01-13 00:00"))]
    assert business_seconds(built, never_closed, twelve_days) == [4320 * 60]


def test_parts_of_a_second_are_kept_until_the_end_and_then_dropped(built: Build) -> None:
    ours, opens = organisation("UTC", OFFICE), datetime(2026, 1, 19, 9, tzinfo=UTC)
    spans = [
        (opens + timedelta(seconds=0.6), opens + timedelta(seconds=1.5)),
        (opens + timedelta(seconds=0.6), opens + timedelta(seconds=1.6)),
        (opens - timedelta(seconds=0.5), opens + timedelta(seconds=0.9)),
    ]
    assert business_seconds(built, ours, spans) == [0, 1, 0]
