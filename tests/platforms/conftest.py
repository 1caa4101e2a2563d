"""What the tests of several platforms share; the fixture `server` of each says which is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.loopback import Loopback


@pytest.fixture
def asked_for(server: Loopback) -> Callable[[], list[str]]:
    """Paths asked for since the last time."""

    def since_last() -> list[str]:
        paths = server.paths
        server.asked.clear()
        return paths

    return since_last
