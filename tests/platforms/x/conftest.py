from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback import Loopback, loopback
from tests.platforms.x.nights import Nights, plainly
from tests.platforms.x.square import Square


@pytest.fixture
def square() -> Square:
    return Square()


@pytest.fixture
def server(square: Square) -> Iterator[Loopback]:
    with loopback(square) as running:
        yield running


@pytest.fixture
def nights(square: Square, server: Loopback, tmp_path: Path) -> Nights:
    return Nights(plainly(), tmp_path, url=server.url, square=square)
