"""One community, many dialects: each platform's API leads to the same messages and interactions."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.registry import PLATFORMS
from tests.platforms.dialect import Dialect
from tests.platforms.dialects import DIALECTS
from tests.platforms.town import Town, at, sample_town
from tests.platforms.visits import Core, Visits, plain

DAYS = 60


@pytest.fixture(params=DIALECTS.values(), ids=str)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    found: Dialect = request.param
    return found


def test_every_platform_that_is_asked_over_http_has_a_dialect() -> None:
    assert DIALECTS.keys() == {name for name, each in PLATFORMS.items() if each.base_url}


def as_it_is(dialect: Dialect, town: Town, home: Path, monkeypatch: pytest.MonkeyPatch) -> Core:
    """What core says of a town that is told as it is."""
    with monkeypatch.context() as patch:
        patch.setitem(PLATFORMS, dialect.name, plain(dialect, town))
        visits = Visits(dialect, home)
        visits.night(DAYS, lambda _: pytest.fail("nothing is asked"))
        return visits.core(DAYS)


def test_the_sample_community_is_the_same_in_every_dialect(
    dialect: Dialect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = dialect.settle(sample_town(dialect.channel, days=DAYS)).until(at(DAYS + 1))
    expected = as_it_is(dialect, dialect.tells(town), tmp_path / "plain", monkeypatch)
    visits = Visits(dialect, tmp_path / "told")
    visits.night(DAYS, dialect.serve(town, at(DAYS + 1)))
    found = visits.core(DAYS)
    assert visits.set_asides() == []
    assert len(found.messages) > 200
    assert found.messages == expected.messages
    assert found.acts == expected.acts
