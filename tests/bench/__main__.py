"""`python -m tests.bench --messages 1000000`: speed and memory of a night, step by step.

docs/bench.md says what is measured, against what, and how to read the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from lake.store import home
from tests.bench.baselines import fits_pandas
from tests.bench.history import END
from tests.bench.models import model_seconds
from tests.bench.platforms import Pace, paces
from tests.bench.ratios import Ratio, ratios
from tests.bench.steps import STEPS, Bench, Measured, measured

GIB_PER_MILLION = 0.6  # on disk, all files of a run together


def main() -> int:
    """Measure each history in turn; 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--messages", type=int, nargs="+", default=[1_000_000], metavar="COUNT")
    parser.add_argument("--folder", type=Path, help="for the made-up data, removed afterwards")
    chosen = parser.parse_args()
    results = Path(home()) / "bench"
    results.mkdir(parents=True, exist_ok=True)
    runs: list[dict[str, Any]] = []
    print("Platforms, read from this machine")
    read = list(paces())
    _show_platforms(read)
    for count in chosen.messages:
        print(f"{count:,} messages; needs about {count / 1e6 * GIB_PER_MILLION:.1f} GiB of disk")
        with tempfile.TemporaryDirectory(prefix="history-", dir=chosen.folder or results) as folder:
            steps = [step for step in STEPS if step != "pandas" or fits_pandas(count)]
            done = _show_steps(Bench(folder, count), steps)
            slowest = _show_models(Path(folder), done["core: one scan"].wall_seconds)
            size = sum(each.stat().st_size for each in Path(folder).rglob("*") if each.is_file())
        held = ratios(done)
        _show_ratios(held)
        runs.append(
            {
                "messages": count,
                "disk_bytes": size,
                "steps": [asdict(each) for each in done.values()],
                "models": slowest,
                "ratios": [asdict(each) for each in held],
            }
        )
    _show_growth(runs)
    found = results / "bench.json"
    told = {"machine": _machine(), "platforms": [asdict(each) for each in read], "runs": runs}
    found.write_text(json.dumps(told, indent=2) + "\n")
    print(f"Written to {found}")
    kept = [each["is_kept"] for run in runs for each in run["ratios"]]
    return int(not all([*kept, *(ratio.is_kept for each in read for ratio in each.ratios)]))


def _show_platforms(read: list[Pace]) -> None:
    print(f"{'':22}{'items/s':>9}{'requests/s':>12}")
    for each in read:
        print(
            f"  {each.platform:20}{each.item_count / each.seconds:9,.0f}"
            f"{each.request_count / each.seconds:12,.0f}"
        )
    _show_ratios([ratio for each in read for ratio in each.ratios])


def _show_steps(bench: Bench, steps: list[str]) -> dict[str, Measured]:
    print(f"{'':22}{'wall s':>9}{'cpu s':>9}{'rows':>13}{'rows/s':>11}{'peak MiB':>10}")
    done = {}
    for each in measured(bench, steps):
        done[each.step] = each
        print(
            f"  {each.step:20}{each.wall_seconds:9.2f}{each.cpu_seconds:9.2f}"
            f"{each.count:13,}{each.per_second:11,.0f}{each.peak_mib:10,.0f}",
            flush=True,
        )
    return done


def _show_models(folder: Path, scan_seconds: float) -> dict[str, float]:
    """The slowest models of the night, each against one scan of all that models read."""
    seconds = model_seconds(folder, END)
    for name, took in list(seconds.items())[:10]:
        print(f"    {name:34}{took:9.2f} s{took / scan_seconds:8.2f} x of one scan")
    return seconds


def _show_growth(runs: list[dict[str, Any]]) -> None:
    """How the models' time grows with the history."""
    for small, large in pairwise(runs):
        took = [
            next(each["wall_seconds"] for each in run["steps"] if each["step"] == "models")
            for run in (small, large)
        ]
        growth, size = took[1] / took[0], large["messages"] / small["messages"]
        print(f"  {size:.1f} times the messages take the models {growth:.1f} times as long")


def _show_ratios(held: list[Ratio]) -> None:
    for each in held:
        verdict = "" if each.is_kept else "   NOT KEPT"
        print(f"  {each.name:70}{each.value:>12,.3g} {each.unit:9}{each.limit}{verdict}")
    print()


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "pyarrow": pa.__version__,
        "memory_limit": os.environ.get("RAPPORT_MEMORY", "5.5GB"),
    }


if __name__ == "__main__":
    sys.exit(main())
