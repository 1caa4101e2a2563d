"""The decisions file: what it may say, and how it says no."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dags.organisation_files import organisation_files
from lake.decisions import Decisions
from lake.organisation import Organisation, OrganisationError, load_organisation

ORGANISATION = """
name = "acme"
title = "Acme"
history_from = 2026-01-01

[[read]]
platform = "sample"
account = "community"

[[ours]]
name = "Zoe"
kind = "person"
accounts = ["sample::zoe"]
"""
GOOD = """
[[merge]]
accounts = ["sample::ana", "wordpress:blog.example:user-7"]
note = "she told us"
decided_by = "zoe"
on = 2026-02-01

[[keep_apart]]
accounts = ["sample::ana", "sample::bob"]

[[role]]
account = "sample::skybot"
role = "bot"
"""


def load(folder: Path, decisions: str | None, organisation: str = ORGANISATION) -> Organisation:
    (folder / "acme.toml").write_text(organisation, encoding="utf-8")
    if decisions is not None:
        (folder / "acme.decisions.toml").write_text(decisions, encoding="utf-8")
    return load_organisation(folder / "acme.toml")


def test_decisions_lie_beside_the_organisation_file_and_may_be_missing(tmp_path: Path) -> None:
    assert load(tmp_path, None).decisions == Decisions()
    decisions = load(tmp_path, GOOD).decisions
    [merge], [apart], [role] = decisions.merge, decisions.keep_apart, decisions.role
    assert (merge.note, merge.decided_by, merge.on) == ("she told us", "zoe", date(2026, 2, 1))
    assert (apart.accounts, apart.decided_by) == (("sample::ana", "sample::bob"), "decisions_file")
    assert (role.account, role.role) == ("sample::skybot", "bot")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('role = "bot"', 'role = "robot"', "role[0].role: Input should be 'ours_brand', "),
        ('"sample::skybot"', '"skybot"', 'write "platform:instance:handle"'),
        ("note", "because", "merge[0].because: unknown key; allowed here: accounts, decided_by, "),
        ("[[merge]]", "[[merges]]", "merges: unknown key; allowed here: keep_apart, merge, role"),
        (', "sample::bob"', "", "keep_apart[0].accounts: Tuple should have at least 2 items"),
        ("2026-02-01", '"soon"', "merge[0].on: "),
        ('"sample::bob"', '"sample::ANA"', "accounts: 'sample::ana' is listed twice"),
        (
            '"sample::bob"',
            '"wordpress:blog.example:User-7"',
            "keep_apart[0]: 'sample::ana' and 'wordpress:blog.example:User-7' are also merged",
        ),
        (
            "[[keep_apart]]",
            '[[merge]]\naccounts = ["wordpress:blog.example:user-7", "sample::bob"]\n'
            "[[keep_apart]]",
            "keep_apart[0]: 'sample::ana' and 'sample::bob' are also merged; allowed is one of",
        ),
        (
            "[[role]]",
            '[[role]]\naccount = "sample::@SkyBot"\nrole = "person"\n[[role]]',
            "role: 'sample::skybot' is listed twice",
        ),
        ("[[role]]", "[[role", "not valid TOML"),
    ],
)
def test_a_fault_is_one_line_that_names_file_key_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(OrganisationError) as fault:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert "acme.decisions.toml: " in str(fault.value)
    assert told in str(fault.value)
    assert "\n" not in str(fault.value)


def test_decisions_have_a_file_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(
        OrganisationError, match=r"decisions: write them into acme\.decisions\.toml"
    ):
        load(tmp_path, None, ORGANISATION + "\n[decisions]\nmerge = []\n")


def test_matching_is_switched_off_only_for_platforms_that_are_read(tmp_path: Path) -> None:
    off = '\n[privacy]\nno_matching = ["sample"]\n'
    assert load(tmp_path, None, ORGANISATION + off).privacy.no_matching == {"sample"}
    with pytest.raises(OrganisationError, match="'x' is not read; allowed: sample"):
        load(tmp_path, None, ORGANISATION + off.replace('"sample"', '"x"'))


def test_a_decisions_file_is_no_organisation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, GOOD)
    monkeypatch.setenv("RAPPORT_ORGANISATIONS", str(tmp_path))
    assert [each.name for each in organisation_files()] == ["acme.toml"]
    with pytest.raises(OrganisationError, match=r"there are: acme$"):
        load_organisation(tmp_path / "akme.toml")
