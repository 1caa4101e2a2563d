"""The services of docker/compose.yaml as plain processes, on a real Postgres and Redis on loopback.

Commands, health checks and environment are read from docker/ itself; only hosts, ports and folders
of this machine take the place of the containers' own. It needs `postgresql redis-server`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
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
    programs = _programs()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="rapport-services-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)  # the database's own user must get in
        variables = _variables()
        postgres = _start_postgres(programs["initdb"].parent, folder, variables, stack)
        redis = _start_redis(programs["redis-server"], folder, stack)
        services = Services(folder, _here(folder, postgres, redis), variables, {})
        stack.callback(services.stop)
        init = services.run("init", airflow_services()["init"]["command"])
        assert init.returncode == 0, init.stdout[-4000:] + init.stderr[-4000:]
        for name in airflow_services():
            if name != "init":
                services.start(name)
        yield services


def _programs() -> dict[str, Path]:
    places = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    search = os.pathsep.join([*reversed(places), os.environ["PATH"]])
    found = {name: shutil.which(name, path=search) for name in ("initdb", "redis-server")}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        reason = f"the services cannot be started here; missing: {', '.join(missing)}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return {name: Path(path) for name, path in found.items() if path}


def _variables() -> dict[str, str]:
    """Fresh secrets for all that .env must hold."""
    required = [name for name, kind in references().items() if kind == "?"]
    fernet = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {name: secrets.token_hex(32) for name in required} | {"FERNET_KEY": fernet}


def _here(folder: Path, postgres: int, redis: int) -> dict[str, str]:
    ports = {f":{port}": str(_free_port()) for port in PORTS}
    return {
        "postgres:5432": f"127.0.0.1:{postgres}",
        "redis:6379": f"127.0.0.1:{redis}",
        "api-server:8080": f"127.0.0.1:{ports[':8080']}",
        "localhost:8080": f"127.0.0.1:{ports[':8080']}",
        "localhost:8974": f"127.0.0.1:{ports[':8974']}",
        "/opt/rapport": str(ROOT),
        "/opt/airflow": str(folder / "airflow"),
        "/var/lib/rapport": str(folder / "lake"),
        **ports,
    }


def _start_postgres(
    programs: Path, folder: Path, variables: dict[str, str], stack: ExitStack
) -> int:
    data, port = folder / "postgres", _free_port()
    data.mkdir()
    password = folder / "password"
    password.write_text(variables["POSTGRES_PASSWORD"])
    as_owner: list[str] = []
    if os.geteuid() == 0:  # Postgres refuses to run as root
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        for path in (data, password):
            shutil.chown(path, "postgres", "postgres")
    access = ["--auth-local", "trust", "--auth-host", "scram-sha-256", "--pwfile", password]
    form = ["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--username", "airflow"]
    _run([*as_owner, programs / "initdb", "--pgdata", data, *access, *form])
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {data} -c fsync=off"
    control = [*as_owner, programs / "pg_ctl", "--pgdata", data, "--wait"]
    _run([*control, "--log", data / "log", "--options", options, "start"])
    stack.callback(_run, [*control, "--mode", "immediate", "stop"])
    _run(
        [programs / "createdb", "--host", data, "--port", port, "--username", "airflow", "airflow"]
    )
    return port


def _start_redis(program: Path, folder: Path, stack: ExitStack) -> int:
    port = _free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port
        time.sleep(0.05)
    pytest.fail("redis-server did not come up")


def _run(command: list[Any]) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, f"{words}: {done.stdout.decode(errors='replace')}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
