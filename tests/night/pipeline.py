"""A whole night without Airflow: the same functions in the same order, for tests that need many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from extractors.client import Credentials
from extractors.extract import extract
from extractors.platform import Window
from lake.organisation import Organisation
from lake.schemas import CORE
from lake.store import Lake
from transforms.interactions import interactions
from transforms.people import people
from transforms.publish import MARTS, publish
from transforms.read import read
from transforms.standings import keep_standings, prepare_standings

ROOT = Path(__file__).resolve().parents[2]


def night_window(night: date) -> Window:
    """The interval of a night: one day, told as of its end."""
    start = datetime.combine(night, time(), tzinfo=UTC)
    end = start + timedelta(days=1)
    return Window(start, end, end)


class Pipeline:
    """One organisation's data under a folder of its own."""

    def __init__(self, home: Path, organisation: Organisation) -> None:
        self.home, self.organisation = home, organisation
        self.lake = Lake.of(organisation.name, str(home))
        self.build = home / "build" / "relationships.duckdb"
        self.published = home / "published" / "relationships.duckdb"

    def extract(self, night: date, credentials: Credentials | None = None) -> None:
        for account in self.organisation.read:
            extract(self.lake, self.organisation, account, night_window(night), credentials)

    def read(self, _night: date) -> None:
        read(self.lake, self.organisation)

    def people(self, _night: date) -> None:
        people(self.lake, self.organisation)

    def interactions(self, night: date) -> None:
        interactions(self.lake, self.organisation, night_window(night).end)

    def core(self, night: date) -> None:
        for step in (self.read, self.people, self.interactions):
            step(night)

    def dbt(self, command: str, night: date, *more: str) -> subprocess.CompletedProcess[str]:
        self.build.parent.mkdir(parents=True, exist_ok=True)
        work = self.home / "dbt"
        words = [sys.executable, "-m", "dbt.cli.main", command, "--target-path", str(work)]
        words += ["--log-path", str(work), "--vars", self.variables(night)]
        places = {
            "RAPPORT_CORE": self.lake.uri("core"),
            "RAPPORT_STATE": self.lake.uri("state"),
            "RAPPORT_BUILD": str(self.build),
        }
        return subprocess.run(
            [*words, "--profiles-dir", ".", "--quiet", *more],
            cwd=ROOT / "sql",
            env=os.environ | places,
            capture_output=True,
            text=True,
            check=False,
        )

    def models(self, night: date) -> None:
        """Every model, without the tests: those have a place of their own."""
        prepare_standings(self.lake)
        done = self.dbt("run", night)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]

    def publish(self, night: date) -> None:
        keep_standings(self.lake, self.build)
        publish(self.build, self.published, night, night_window(night).end)

    def run(self, night: date, credentials: Credentials | None = None) -> Pipeline:
        self.extract(night, credentials)
        self.core(night)
        self.models(night)
        self.publish(night)
        return self

    def variables(self, night: date) -> str:
        told = {"as_of": self.as_of(night), "time_zone": self.organisation.time_zone}
        return json.dumps(told)

    @staticmethod
    def as_of(night: date) -> str:
        return night_window(night).end.isoformat()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The published file's answer to a query."""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(query).fetchall()

    def core_tables(self) -> dict[str, pa.Table]:
        return {table: self.lake.core_table(table) for table in CORE}

    def marts(self) -> dict[str, list[tuple[Any, ...]]]:
        return {mart: self.ask(f"from {mart} order by all") for mart in MARTS}
