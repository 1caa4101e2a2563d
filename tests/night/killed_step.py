"""`python -m tests.night.killed_step HOME FILE NIGHT STEP COUNT` runs a step and dies in its midst.

The process kills itself, as `kill -9` would, at the COUNT-th time the step writes something.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

import transforms.publish
from lake.organisation import load_organisation
from lake.store import Writing
from tests.night.pipeline import ROOT, Pipeline


def dying(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The function, of which the COUNT-th call never comes back."""
    calls = iter(range(1, count + 1))

    def call(*arguments: Any, **more: Any) -> Any:
        if next(calls, count) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **more)

    return call


def models(pipeline: Pipeline, night: date, count: int) -> None:
    """Run dbt within this process and die when so many models are done."""
    done = dying(lambda: None, count)

    def watch(event: Any) -> None:
        if event.info.name == "LogModelResult":
            done()

    os.environ |= {
        "RAPPORT_CORE": pipeline.lake.uri("core"),
        "RAPPORT_BUILD": str(pipeline.build),
    }
    pipeline.build.parent.mkdir(parents=True)
    work = str(pipeline.home / "dbt")
    os.chdir(ROOT / "sql")
    words = ["run", "--target-path", work, "--log-path", work, "--profiles-dir", ".", "--quiet"]
    dbtRunner(callbacks=[watch]).invoke([*words, "--vars", f"{{as_of: '{pipeline.as_of(night)}'}}"])


def main() -> None:
    home, file, night, step, count = sys.argv[1:]
    pipeline = Pipeline(Path(home), load_organisation(file))
    if step == "models":
        models(pipeline, date.fromisoformat(night), int(count))
    else:
        Writing.write = dying(Writing.write, int(count))  # type: ignore[method-assign]
        transforms.publish._copy_mart = dying(transforms.publish._copy_mart, int(count))
        getattr(pipeline, step)(date.fromisoformat(night))


if __name__ == "__main__":
    main()
