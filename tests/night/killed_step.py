"""`python -m tests.night.killed_step HOME FILE NIGHT STEP WHEN` runs a step and dies in its midst.

The process kills itself, as `kill -9` would, at the WHEN-th time the step writes something; or, if
WHEN is a folder of the lake, once the first of its files is written or half written.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import transforms.publish
from lake.organisation import load_organisation
from lake.store import Lake, Writing
from tests.night.pipeline import Pipeline


def dying(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The function, of which the COUNT-th call never comes back."""
    calls = iter(range(1, count + 1))

    def call(*arguments: Any, **more: Any) -> Any:
        if next(calls, count) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **more)

    return call


def dying_below(folder: str, write: Callable[..., Any], place: Callable[..., str]) -> Any:
    """The function, which never comes back from its first call about a file below the folder."""

    def call(*arguments: Any) -> Any:
        done = write(*arguments)
        if place(*arguments).startswith(f"{folder}/"):
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return call


def main() -> None:
    home, file, night, step, when = sys.argv[1:]
    pipeline = Pipeline(Path(home), load_organisation(file))
    if when.isdigit():
        Writing.write = dying(Writing.write, int(when))  # type: ignore[method-assign]
        transforms.publish._copy_mart = dying(transforms.publish._copy_mart, int(when))
    else:
        Writing.write = dying_below(when, Writing.write, lambda self, _: self.path)  # type: ignore[method-assign]
        Lake.move = dying_below(when, Lake.move, lambda _self, _path, to: to)  # type: ignore[method-assign]
    getattr(pipeline, step)(date.fromisoformat(night))


if __name__ == "__main__":
    main()
