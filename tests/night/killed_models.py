"""`python -m tests.night.killed_models HOME FILE NIGHT COUNT` dies when COUNT models are done.

The process kills itself, as `kill -9` would. Apart from `killed_step`, as dbt takes long to load.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

from lake.organisation import load_organisation
from tests.night.killed_step import dying
from tests.night.pipeline import ROOT, Pipeline
from transforms.standings import prepare_standings


def models(pipeline: Pipeline, night: date, count: int) -> None:
    """Run dbt within this process and die when so many models are done."""
    done = dying(lambda: None, count)

    def watch(event: Any) -> None:
        if event.info.name == "LogModelResult":
            done()

    os.environ |= {
        "RAPPORT_CORE": pipeline.lake.uri("core"),
        "RAPPORT_STATE": pipeline.lake.uri("state"),
        "RAPPORT_BUILD": str(pipeline.build),
    }
    prepare_standings(pipeline.lake)
    pipeline.build.parent.mkdir(parents=True)
    work = str(pipeline.home / "dbt")
    os.chdir(ROOT / "sql")
    words = ["run", "--target-path", work, "--log-path", work, "--profiles-dir", ".", "--quiet"]
    dbtRunner(callbacks=[watch]).invoke([*words, "--vars", pipeline.variables(night)])


def main() -> None:
    home, file, night, count = sys.argv[1:]
    models(Pipeline(Path(home), load_organisation(file)), date.fromisoformat(night), int(count))


if __name__ == "__main__":
    main()
