"""Every command of docker/compose.yaml, run once on this machine in its own environment."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.docker.compose_file import airflow_services
from tests.servers.docker_services import Services, docker_services

pytestmark = pytest.mark.server
PATIENCE = 300.0  # seconds for a night to end
DAG = "/api/v2/dags/nightly_sample"


@pytest.fixture(scope="module")
def running() -> Iterator[Services]:
    with docker_services() as services:
        yield services


@pytest.mark.parametrize("name", [name for name in airflow_services() if name != "init"])
def test_a_service_passes_its_health_check(running: Services, name: str) -> None:
    running.wait_until_healthy(name)


def test_the_api_finds_every_component_healthy(running: Services) -> None:
    for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
        running.wait_until_healthy(name)

    health = _asked(running, "GET", "/api/v2/monitor/health")

    assert {name: each["status"] for name, each in health.items()} == {
        "metadatabase": "healthy",
        "scheduler": "healthy",
        "triggerer": "healthy",
        "dag_processor": "healthy",
    }


def test_init_may_run_again(running: Services) -> None:
    again = running.run("init", airflow_services()["init"]["command"])

    assert again.returncode == 0, again.stderr[-4000:]
    assert "already exist" in again.stdout


def test_the_worker_runs_the_night_that_the_admin_switches_on(running: Services) -> None:
    for name in airflow_services():
        if name != "init":
            running.wait_until_healthy(name)
    account = {"username": "admin", "password": running.variables["ADMIN_PASSWORD"]}
    token = _asked(running, "POST", "/auth/token", account)["access_token"]
    _until(lambda: DAG.rpartition("/")[2] in _dag_ids(running, token))

    _asked(running, "PATCH", DAG, {"is_paused": False}, token)

    _until(lambda: _state_of_the_night(running, token) not in ("none yet", "queued", "running"))
    assert _state_of_the_night(running, token) == "success"
    assert (running.folder / "lake" / "published" / "sample" / "relationships.duckdb").is_file()


def _dag_ids(running: Services, token: str) -> list[str]:
    return [dag["dag_id"] for dag in _asked(running, "GET", "/api/v2/dags", None, token)["dags"]]


def _state_of_the_night(running: Services, token: str) -> str:
    runs = _asked(running, "GET", f"{DAG}/dagRuns", None, token)["dag_runs"]
    return str(runs[0]["state"]) if runs else "none yet"


def _asked(running: Services, method: str, path: str, body: Any = None, token: str = "") -> Any:
    request = Request(
        f"{running.api}{path}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"waited for {PATIENCE:.0f} s"
        time.sleep(1)
