"""Airflow for tests: with a home of its own, and where DAGs are parsed in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from dags.settings import ensure_manifest

ROOT = Path(__file__).resolve().parents[2]
HOME = TemporaryDirectory(prefix="airflow-")

# Airflow asks once, when imported, where its home is, and would else make one in the user's own.
with pytest.MonkeyPatch.context() as patch:
    patch.setenv("AIRFLOW_HOME", HOME.name)
    import airflow.sdk  # noqa: F401 (imported for the sake of where)

ORGANISATION = """
name = "{name}"
title = "Acme"
history_from = 2025-01-01
[[read]]
platform = "sample"
account = "community"
[[read]]
platform = "mastodon"
account = "acme"
options = {{ instance = "social.example" }}
[[read]]
platform = "mastodon"
account = "help"
options = {{ instance = "social.example" }}
[[ours]]
name = "Acme"
kind = "brand"
accounts = ["sample::acme"]
"""

COLOURED = """
[[read]]
platform = "sample"
account = "another"
options = { colour = "red" }
"""

Described = dict[str, Any]


def own_environment(home: Path, **more: object) -> dict[str, str]:
    """An environment in which nothing is known of Airflow but where its home is."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW_")}
    places = {"RAPPORT_HOME": home, "AIRFLOW_HOME": home / "airflow", "PYTHONPATH": ROOT, **more}
    return kept | {key: str(value) for key, value in places.items()}


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What dbt says of the models, without which no DAG can be parsed."""
    ensure_manifest(tmp_path_factory.mktemp("models") / "models.log")


@pytest.fixture(scope="session")
def describe(
    manifest: None, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[dict[str, str]], Described]:
    """Parse the DAGs of organisation files given as text; tells all that tests ask of them."""

    def described(files: dict[str, str]) -> Described:
        home = tmp_path_factory.mktemp("airflow")
        for name, text in files.items():
            (home / f"{name}.toml").write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-W", "error", Path(__file__).with_name("described.py")],
            env=own_environment(home, RAPPORT_ORGANISATIONS=home),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return described


@pytest.fixture(scope="session")
def parsed(describe: Callable[[dict[str, str]], Described]) -> Described:
    """Two sound organisation files, and one of each kind that cannot be used."""
    sound = ORGANISATION.format(name="acme")
    return describe(
        {
            "acme": sound,
            "globex": ORGANISATION.format(name="globex"),
            "no_toml": "name = ",
            "incomplete": 'name = "incomplete"',
            "elsewhere": sound.replace('"acme"', '"elsewhere"').replace('"sample"', '"myspace"'),
            "coloured": sound.replace('"acme"', '"coloured"', 1) + COLOURED,
            "misnamed": sound,
            "my Café": sound,
        }
    )


@pytest.fixture(scope="session")
def acme(parsed: Described) -> Described:
    """The DAG of a sound organisation that is on two platforms, on one of them twice."""
    dag: Described = parsed["dags"]["nightly_acme"]
    return dag
