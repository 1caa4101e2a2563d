"""Real platform servers, booted once for all the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.wordpress import Site, wordpress_site


@pytest.fixture(scope="session")
def wordpress() -> Iterator[Site]:
    """A WordPress that holds the facts; tests that change it boot one of their own."""
    with wordpress_site() as site:
        yield site
