"""Servers as processes of this machine, and what all of them need; each ends with its test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

PATIENCE = 60.0  # seconds for a server to come up


def unavailable(what: str, missing: Iterable[str]) -> NoReturn:
    """Skip the test for want of software; in CI (environment variable `CI`) fail it."""
    reason = f"{what} cannot be started here; missing: {', '.join(missing)}"
    pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


def located(program: str) -> str | None:
    """Where a program is, also those that lie outside the path of users or of anybody."""
    postgres = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    places = [*map(str, postgres), os.environ.get("PATH", ""), "/usr/sbin"]
    return shutil.which(program, path=os.pathsep.join(places))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def workplace(name: str) -> Iterator[tuple[Path, ExitStack]]:
    """A folder that is removed in the end, and what stops all that was started there before."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix=f"rapport-{name}-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)  # a database's own user must get in
        yield folder, stack


def run(*command: str | Path, given: str | None = None) -> str:
    """What a program says that runs to its end and must succeed."""
    program, *words = map(str, command)
    done = subprocess.run(
        [located(program) or program, *words],
        input=given,
        stdin=None if given is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{program} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def start(
    *command: str | Path,
    log: Path,
    stack: ExitStack,
    is_up: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Start a server, wait until it is up, and stop it with `stack`."""
    program, *words = map(str, command)
    with log.open("wb") as output:
        server = subprocess.Popen(
            [located(program) or program, *words],
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    stack.callback(_stop, server)
    give_up_at = time.monotonic() + PATIENCE
    while not is_up():
        is_hopeless = server.poll() is not None or time.monotonic() > give_up_at
        assert not is_hopeless, f"{program} did not come up: {log.read_text()[-4000:]}"
        time.sleep(0.05)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def start_postgres(folder: Path, stack: ExitStack, name: str, password: str) -> str:
    """A Postgres whose user and database are called `name`; returns host and port."""
    data, port = folder / "postgres", free_port()
    data.mkdir()
    told = folder / "password"
    told.write_text(password)
    as_owner: tuple[str, ...] = ()
    if os.geteuid() == 0:  # Postgres refuses to run as root
        as_owner = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
        for path in (data, told):
            shutil.chown(path, "postgres", "postgres")
    initdb, control = located("initdb") or "", located("pg_ctl") or ""
    access = ("--auth-local", "trust", "--auth-host", "scram-sha-256", "--pwfile", told)
    form = ("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--username", name)
    run(*as_owner, initdb, "--pgdata", data, *access, *form)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {data} -c fsync=off"
    server = (*as_owner, control, "--pgdata", data, "--wait")
    run(*server, "--log", data / "log", "--options", options, "start")
    stack.callback(run, *server, "--mode", "immediate", "stop")
    run("createdb", "--host", data, "--port", str(port), "--username", name, name)
    return f"127.0.0.1:{port}"


def start_redis(folder: Path, stack: ExitStack) -> str:
    """A Redis that keeps nothing; returns host and port."""
    port = free_port()

    def is_up() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    place = ("--port", str(port), "--bind", "127.0.0.1", "--dir", folder)
    start("redis-server", *place, "--save", "", log=folder / "redis.log", stack=stack, is_up=is_up)
    return f"127.0.0.1:{port}"
