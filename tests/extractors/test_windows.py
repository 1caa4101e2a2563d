"""Times as platforms tell them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.windows import is_dated, moment


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00.250+02:00", datetime(2026, 3, 1, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-03-01T12:00:00+0000", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_told_in_utc(told: str, meant: datetime) -> None:
    assert moment(told) == meant
    assert moment(told).tzinfo is UTC


@pytest.mark.parametrize(
    "told", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "", "yesterday"]
)
def test_what_is_no_time_in_utc_is_a_value_error(told: str) -> None:
    with pytest.raises(ValueError, match=r"time|isoformat"):
        moment(told)
    assert not is_dated({"id": "1", "created_at": told})


@given(st.datetimes(timezones=st.timezones()))
def test_every_moment_is_told_or_a_value_error(when: datetime) -> None:
    try:
        expected = when.astimezone(UTC)
    except OverflowError:
        return
    assert moment(when.isoformat()) == expected
