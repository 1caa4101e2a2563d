"""Every command of docker/compose.yaml, run once on this machine in its own environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest

from tests.docker.compose_file import airflow_services
from tests.servers.docker_services import Services, docker_services

pytestmark = pytest.mark.server


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

    with urlopen(f"{running.api}/api/v2/monitor/health", timeout=30) as answer:
        health = json.load(answer)

    assert {name: each["status"] for name, each in health.items()} == {
        "metadatabase": "healthy",
        "scheduler": "healthy",
        "triggerer": "healthy",
        "dag_processor": "healthy",
    }


def test_the_admin_that_init_made_may_sign_in(running: Services) -> None:
    running.wait_until_healthy("api-server")
    account = {"username": "admin", "password": running.variables["ADMIN_PASSWORD"]}
    request = Request(
        f"{running.api}/auth/token",
        data=json.dumps(account).encode(),
        headers={"Content-Type": "application/json"},
    )

    with urlopen(request, timeout=30) as answer:
        assert json.load(answer)["access_token"]


def test_init_may_run_again(running: Services) -> None:
    again = running.run("init", airflow_services()["init"]["command"])

    assert again.returncode == 0, again.stderr[-4000:]
    assert "already exist" in again.stdout
