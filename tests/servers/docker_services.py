"""The services of docker/compose.yaml as plain processes, on a real Postgres and Redis on loopback.

Commands, health checks and environment are read from docker/ itself; only hosts, ports and folders
of this machine take the place of the containers' own. It needs `postgresql redis-server`.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.docker.compose_file import (
    ROOT,
    airflow_services,
    filled,
    image_environment,
    references,
    settings,
)
from tests.servers.processes import (
    free_port,
    located,
    start_postgres,
    start_redis,
    unavailable,
    workplace,
)

BIN = Path(sys.executable).parent
PATIENCE = 180.0  # seconds for a service to become healthy
# Default port in the container -> the setting that moves it here, where others may hold it.
PORTS = {
    "8080": "AIRFLOW__API__PORT",
    "8974": "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT",
    "8793": "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT",
    "8794": "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT",
}


@dataclass(frozen=True)
class Services:
    """The project's services, started as compose.yaml says."""

    folder: Path
    here: dict[str, str]  # text of a container -> text of this machine
    variables: dict[str, str] = field(repr=False)
    processes: dict[str, subprocess.Popen[bytes]]

    @property
    def api(self) -> str:
        return f"http://{self.here['localhost:8080']}"

    def run(self, name: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command as if inside the container of a service, to its end."""
        environment = self._environment(airflow_services()[name])
        return subprocess.run(
            self._translated(command),
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def start(self, name: str) -> None:
        """Start a service in its own process group; its output goes to a file."""
        service = airflow_services()[name]
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                self._translated(service["command"]),
                env=self._environment(service),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self) -> None:
        """End every service together with the processes it has started."""
        for ending in (signal.SIGTERM, signal.SIGKILL):
            for process in self.processes.values():
                with suppress(ProcessLookupError):  # it has ended already
                    os.killpg(process.pid, ending)
            for process in self.processes.values():
                with suppress(subprocess.TimeoutExpired):  # the next round kills it
                    process.wait(timeout=20)

    def wait_until_healthy(self, name: str) -> None:
        """Repeat the service's own health check until it passes; else fail with its last output."""
        kind, *check = airflow_services()[name]["healthcheck"]["test"]
        command = ["sh", "-c", *check] if kind == "CMD-SHELL" else check
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.processes[name].poll() is not None:
                break
            if self.run(name, command).returncode == 0:
                return
            time.sleep(1)
        log = (self.folder / f"{name}.log").read_text(errors="replace")
        pytest.fail(f"{name} did not become healthy:\n{log[-4000:]}")

    def _environment(self, service: dict[str, Any]) -> dict[str, str]:
        told = settings(service["env_file"]) | filled(service["environment"], self.variables)
        image = image_environment() | told
        ports = {setting: self.here[f":{port}"] for port, setting in PORTS.items()}
        system = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        path = f"{BIN}:{os.environ['PATH']}"
        translated = {key: self._here(value) for key, value in image.items()}
        return {**system, **translated, **ports, "PATH": path}

    def _translated(self, command: list[str]) -> list[str]:
        return [self._here(word) for word in filled(command, self.variables)]

    def _here(self, text: str) -> str:
        for there, here in self.here.items():
            if not there.startswith(":"):
                text = text.replace(there, here)
        return text


@contextmanager
def docker_services() -> Iterator[Services]:
    """Postgres and Redis are up, `init` has run, every other service is starting; all ends after.

    Where the software is missing the test is skipped, in CI (environment variable `CI`) failed.
    """
    missing = [name for name in ("initdb", "redis-server") if not located(name)]
    if missing:
        unavailable("the services", missing)
    with workplace("services") as (folder, stack):
        variables = _variables()
        postgres = start_postgres(folder, stack, "airflow", variables["POSTGRES_PASSWORD"])
        redis = start_redis(folder, stack)
        services = Services(folder, _here(folder, postgres, redis), variables, {})
        stack.callback(services.stop)
        init = services.run("init", airflow_services()["init"]["command"])
        assert init.returncode == 0, init.stdout[-4000:] + init.stderr[-4000:]
        for name in airflow_services():
            if name != "init":
                services.start(name)
        yield services


def _variables() -> dict[str, str]:
    """Fresh secrets for all that .env must hold."""
    required = [name for name, kind in references().items() if kind == "?"]
    fernet = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {name: secrets.token_hex(32) for name in required} | {"FERNET_KEY": fernet}


def _here(folder: Path, postgres: str, redis: str) -> dict[str, str]:
    ports = {f":{port}": str(free_port()) for port in PORTS}
    return {
        "postgres:5432": postgres,
        "redis:6379": redis,
        "api-server:8080": f"127.0.0.1:{ports[':8080']}",
        "localhost:8080": f"127.0.0.1:{ports[':8080']}",
        "localhost:8974": f"127.0.0.1:{ports[':8974']}",
        "/opt/rapport": str(ROOT),
        "/opt/airflow": str(folder / "airflow"),
        "/var/lib/rapport": str(folder / "lake"),
        **ports,
    }
