"""What the tests of the dbt project share: one community, built once."""

from __future__ import annotations

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
def built(story: Story, new_build: Callable[[Story], Build]) -> Build:
    """The community, built with all data tests and worked examples; a warning is an error."""
    build = new_build(story)
    done = build.dbt("--warn-error", "build")
    assert done.returncode == 0, done.stdout[-4000:]
    return build
