"""What the measurements say, each next to the limit it has to keep."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.steps import Measured

CORE = ("people", "signals", "interactions")
NIGHT = ("night: read", "night: people", "night: interactions")


@dataclass(frozen=True)
class Ratio:
    """A number, its unit, and between what it has to lie."""

    name: str
    value: float
    unit: str = "x"
    at_least: float | None = None
    at_most: float | None = None
    is_kept: bool = field(init=False)

    def __post_init__(self) -> None:
        above = self.at_least is None or self.value >= self.at_least
        below = self.at_most is None or self.value <= self.at_most
        object.__setattr__(self, "is_kept", above and below)

    @property
    def limit(self) -> str:
        least = f"at least {self.at_least:,g}" if self.at_least is not None else ""
        most = f"at most {self.at_most:,g}" if self.at_most is not None else ""
        return f"({least or most})" if least or most else ""


def ratios(done: dict[str, Measured]) -> list[Ratio]:
    """Ratios of wall time, per-core speed and peak memory of one history."""
    wall = {step: each.wall_seconds for step, each in done.items()}
    read, core = done["read"], sum(wall[step] for step in CORE)
    night = sum(wall[step] for step in NIGHT)
    found = [
        Ratio("read: items per second of one core", read.per_core_second, "items/s", 40_000),
        Ratio("read against a bare json.loads loop", wall["read"] / wall["json.loads"]),
        Ratio(
            "signals but language and sentiment: messages per second of one core",
            done["signals: words"].per_core_second,
            "texts/s",
            20_000,
        ),
        *(
            Ratio(
                f"  {each}: messages per second of one core",
                done[f"signals: {each}"].per_core_second,
                "texts/s",
            )
            for each in ("language", "sentiment")
        ),
        Ratio(
            "fold, threads, interactions against DuckDB's plain pass",
            wall["fold, threads, acts"] / wall["duckdb, written"],
            at_most=5,
        ),
        Ratio(
            "  against that pass with its results dropped",
            wall["fold, threads, acts"] / wall["duckdb"],
        ),
        Ratio("a night with 0.1 % more against the whole", night / (wall["read"] + core)),
        Ratio(
            "  its people, fold, threads, interactions alone",
            (wall["night: people"] + wall["night: interactions"]) / core,
        ),
        Ratio("models against one scan of their columns", wall["models"] / wall["core: one scan"]),
        Ratio(
            "a night's models, where past weeks are kept, against the whole",
            wall["night: models"] / wall["models"],
        ),
        Ratio(
            "peak memory of the models",
            max(done[step].peak_mib for step in ("models", "night: models")) / 1024,
            "GiB",
            at_most=8,
        ),
        Ratio(
            "peak memory of all our other steps",
            max(done[step].peak_mib for step in ("read", *CORE, *NIGHT)) / 1024,
            "GiB",
            at_most=6,
        ),
    ]
    if "pandas" in done:
        ours, theirs = done["fold, threads, acts"], done["pandas"]
        found += [
            Ratio("a pandas script's time against ours", theirs.wall_seconds / ours.wall_seconds),
            Ratio("a pandas script's memory against ours", theirs.peak_mib / ours.peak_mib),
        ]
    return found
