"""What Airflow needs to run on one machine without any service: settings, folders, the models.

A value that the environment already holds is left as it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent


class SetUpError(RuntimeError):
    """Something must be put right before a night can run; one line that says what."""


def set_environment() -> Path:
    """Tell this process and its children where everything is; returns the home of all data.

    Must come before the first import of Airflow, which reads its settings then. Raises
    `SetUpError` if the home cannot be written to.
    """
    told = os.environ.get("RAPPORT_HOME") or str(ROOT / "var")
    if "://" in told:
        raise SetUpError(f"RAPPORT_HOME is {told}: name a folder of this machine")
    home = Path(told).resolve()
    os.environ["RAPPORT_HOME"] = str(home)
    for name, value in _settings(home):
        os.environ.setdefault(name, str(value))
    for name, folder in (("PATH", PROGRAMS), ("PYTHONPATH", ROOT)):
        others = os.environ.get(name, "").split(os.pathsep)
        os.environ[name] = os.pathsep.join([str(folder), *filter(None, others)])
    for folder in (home, home / "logs", Path(os.environ["AIRFLOW_HOME"])):
        _ensure_writable(folder)
    return home


def _settings(home: Path) -> Iterator[tuple[str, object]]:
    yield "AIRFLOW_HOME", home / "airflow"
    yield "AIRFLOW__CORE__DAGS_FOLDER", ROOT / "dags"
    yield "AIRFLOW__CORE__LOAD_EXAMPLES", False
    # Whoever reaches the UI is this machine's user: it listens on loopback only.
    address = f"http://127.0.0.1:{os.environ.get('AIRFLOW__API__PORT', '8080')}"
    yield "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", True
    yield "AIRFLOW__API__HOST", "127.0.0.1"
    yield "AIRFLOW__API__BASE_URL", address
    yield "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", f"{address}/execution/"
    yield "AIRFLOW__CORE__PARALLELISM", 4
    yield "AIRFLOW__API__WORKERS", 1
    # Nobody is told that this runs here.
    yield "AIRFLOW__COSMOS__ENABLE_TELEMETRY", False
    yield "DO_NOT_TRACK", 1
    # The manifest is all that Cosmos reads.
    yield "AIRFLOW__COSMOS__ENABLE_CACHE", False
    yield "AIRFLOW__COSMOS__ENABLE_MEMORY_OPTIMISED_IMPORTS", True


def _ensure_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_text("yes", encoding="utf-8")
        probe.unlink()
    except OSError as error:
        raise SetUpError(
            f"{folder} cannot be written to ({error.strerror}): "
            "make room or change its owner, or name another folder in RAPPORT_HOME"
        ) from None


def ensure_manifest(log: Path) -> None:
    """Let dbt tell what the models are, if nobody has since they were last changed.

    Raises `SetUpError` if they cannot be understood.
    """
    project = ROOT / "sql"
    manifest = project / "target" / "manifest.json"
    sources = (
        file
        for file in project.rglob("*")
        if file.is_file() and not {"target", "logs"} & set(file.relative_to(project).parts)
    )
    newest = max(file.stat().st_mtime for file in sources)
    if manifest.exists() and manifest.stat().st_mtime >= newest:
        return
    manifest.parent.mkdir(exist_ok=True)
    with log.open("w", encoding="utf-8") as told, TemporaryDirectory(dir=manifest.parent) as folder:
        command = [PROGRAMS / "dbt", "--quiet", "parse", "--project-dir", project]
        command += ["--profiles-dir", project, "--target-path", folder, "--log-path", log.parent]
        done = subprocess.run(command, stdout=told, stderr=told, check=False)  # noqa: S603 (ours)
        if done.returncode:
            raise SetUpError(f"the models in {project} cannot be understood; {log} says why")
        (Path(folder) / "manifest.json").replace(manifest)
