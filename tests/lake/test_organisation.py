"""The organisation file: what it may say, and how it says no."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lake.organisation import Organisation, OrganisationError, load_organisation

GOOD = """
name = "acme"
title = "Acme"
time_zone = "Europe/Madrid"
history_from = 2026-01-01
holidays = [2026-01-06]

[[read]]
platform = "sample"
account = "community"

[[ours]]
name = "Zoe"
kind = "person"
accounts = ["sample::zoe"]
"""


def load(tmp_path: Path, text: str) -> Organisation:
    file = tmp_path / "acme.toml"
    file.write_text(text, encoding="utf-8")
    return load_organisation(file)


def test_the_sample_organisation_is_valid() -> None:
    sample = load_organisation(Path(__file__).parents[2] / "organisations" / "sample.toml")
    assert sample.name == "sample"
    assert {ours.role for ours in sample.ours} == {"ours_brand", "ours_person", "ours_bot"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"Europe/Madrid"', '"Madrid"', "time_zone: 'Madrid' is not a time zone"),
        ('title = "Acme"', 'titel = "Acme"', "title: is missing"),
        ('account = "community"', 'acount = "community"', "read[0].account: is missing"),
        ('kind = "person"', 'kind = "fan"', "ours[0].kind: Input should be 'brand', 'person' or"),
        ('["sample::zoe"]', '["zoe"]', 'write "platform:instance:handle"'),
        ('["sample::zoe"]', '["sample::zoe", "sample::ZOE"]', "is listed twice"),
        ("2026-01-01", '"soon"', "history_from: "),
        ('name = "acme"', 'name = "Acme Ltd"', "must start with a letter"),
        ("[[ours]]", "[[ours", "not valid TOML"),
        (
            "[[ours]]",
            '[business_hours]\nmonday = ["9-18"]\n[[ours]]',
            "business_hours.monday[0]: '9-18' is not a time span",
        ),
        (
            "[[ours]]",
            '[business_hours]\nmonday = ["18:00-09:00"]\n[[ours]]',
            "must open before it closes",
        ),
        (
            "[[ours]]",
            "[privacy]\nkeep_everything = true\n[[ours]]",
            "privacy.keep_everything: unknown key; allowed here: direct_messages, metadata_only",
        ),
    ],
)
def test_a_fault_is_one_line_that_names_file_key_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(OrganisationError) as fault:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert "acme.toml: " in str(fault.value)
    assert told in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_missing_file_names_those_that_exist(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    with pytest.raises(OrganisationError, match="there are: acme"):
        load_organisation(tmp_path / "akme.toml")


def test_opening_spans_are_instants_across_a_change_of_clocks_and_a_holiday(tmp_path: Path) -> None:
    acme = load(tmp_path, GOOD)
    spans = acme.opening_spans(date(2026, 3, 27), date(2026, 3, 30))
    assert spans == [
        (datetime(2026, 3, 27, 8, tzinfo=UTC), datetime(2026, 3, 27, 17, tzinfo=UTC)),
        (datetime(2026, 3, 30, 7, tzinfo=UTC), datetime(2026, 3, 30, 16, tzinfo=UTC)),
    ]
    assert acme.opening_spans(date(2026, 1, 6), date(2026, 1, 6)) == []


def test_a_day_may_be_open_until_midnight(tmp_path: Path) -> None:
    text = GOOD.replace("[[ours]]", '[business_hours]\nmonday = ["00:00-24:00"]\n[[ours]]')
    [(opened, closed)] = load(tmp_path, text).opening_spans(date(2026, 3, 30), date(2026, 3, 30))
    assert (closed - opened).total_seconds() == 24 * 3600
