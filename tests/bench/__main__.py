"""`python -m tests.bench --messages 1000000`: speed and memory of reading, folding and signals.

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
from pathlib import Path

import duckdb
import pyarrow as pa

from lake.store import home
from tests.bench.baselines import fits_pandas
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
    runs = []
    for count in chosen.messages:
        print(f"{count:,} messages; needs about {count / 1e6 * GIB_PER_MILLION:.1f} GiB of disk")
        with tempfile.TemporaryDirectory(prefix="history-", dir=chosen.folder or results) as folder:
            steps = [step for step in STEPS if step != "pandas" or fits_pandas(count)]
            done = _show_steps(Bench(folder, count), steps)
            size = sum(each.stat().st_size for each in Path(folder).rglob("*") if each.is_file())
        held = ratios(done)
        _show_ratios(held)
        runs.append(
            {
                "messages": count,
                "disk_bytes": size,
                "steps": [asdict(each) for each in done.values()],
                "ratios": [asdict(each) for each in held],
            }
        )
    found = results / "bench.json"
    found.write_text(json.dumps({"machine": _machine(), "runs": runs}, indent=2) + "\n")
    print(f"Written to {found}")
    return int(not all(each["is_kept"] for run in runs for each in run["ratios"]))


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
