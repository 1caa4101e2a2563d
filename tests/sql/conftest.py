"""What the tests of the dbt project share: one community, built once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable

import pytest
from community import community
from dbt_build import Build
from story import Story


@pytest.fixture(scope="session")
def new_build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Story], Build]:
    """A build to be made of a story, in a folder of its own."""

    def make(story: Story) -> Build:
        build = Build(tmp_path_factory.mktemp("build"))
        story.write(build.folder / "core")
        return build

    return make


@pytest.fixture(scope="session")
def story() -> Story:
    return community()


@pytest.fixture(scope="session")
def built(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The community, built with all data tests and worked examples; a warning is an error.

    Built once for all processes of a test run; nobody may change it.
    """
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    build, whole = Build(place / "community"), place / "community-is-built"
    with (place / "community.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            story.write(build.folder / "core")
            done = build.dbt("--warn-error", "build")
            assert done.returncode == 0, done.stdout[-4000:]
            whole.touch()
    return build
