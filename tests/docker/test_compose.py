"""What can be known about docker/ without an engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

from tests.docker.compose_file import (
    DOCKER,
    ROOT,
    airflow_commands,
    airflow_services,
    references,
    services,
    settings,
)

SECRET = re.compile(r"PASSWORD|SECRET|FERNET|TOKEN|SQL_ALCHEMY_CONN")
# Reads {"commands": {...}, "options": [...]} and answers with those that Airflow does not know.
ASK_AIRFLOW = """
import contextlib, inspect, io, json, re, sys
import cosmos.settings
from airflow.cli import cli_parser
from airflow.configuration import conf

known = {section: set(told["options"]) for section, told in conf.configuration_description.items()}
known["cosmos"] |= set(re.findall(r'"cosmos", "(\\w+)"', inspect.getsource(cosmos.settings)))
asked, unknown = json.load(sys.stdin), []
parser = cli_parser.get_parser()
for name, words in asked["commands"].items():
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            parser.parse_args(words)
        except SystemExit:
            unknown.append(name)
for name in asked["options"]:
    section, option = name.lower().split("__")[1:]
    if option not in known.get(section, ()):
        unknown.append(name)
print("unknown:", json.dumps(unknown))
"""


def test_airflow_knows_every_command_and_every_setting(tmp_path: Path) -> None:
    options = [name for name in settings("airflow.env") if name.startswith("AIRFLOW__")]
    options += [name for each in airflow_services().values() for name in each["environment"]]
    asked = {
        "commands": airflow_commands(),
        "options": sorted({name for name in options if name.startswith("AIRFLOW__")}),
    }
    assert len(asked["commands"]) >= 9
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__AUTH_MANAGER": settings("airflow.env")["AIRFLOW__CORE__AUTH_MANAGER"],
        "AIRFLOW__CORE__EXECUTOR": settings("airflow.env")["AIRFLOW__CORE__EXECUTOR"],
    }

    answer = subprocess.run(
        [sys.executable, "-c", ASK_AIRFLOW],
        input=json.dumps(asked),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout.splitlines()[-1] == "unknown: []"


def test_every_service_that_stays_has_a_health_check_and_starts_again() -> None:
    stays = {name: service for name, service in services().items() if name != "init"}

    assert sorted(stays) == [
        "api-server",
        "dag-processor",
        "postgres",
        "redis",
        "scheduler",
        "triggerer",
        "worker",
    ]
    assert [name for name, each in stays.items() if "healthcheck" not in each] == []
    assert {each["restart"] for each in stays.values()} == {"unless-stopped"}


def test_airflow_starts_only_after_init() -> None:
    for name, service in airflow_services().items():
        if name != "init":
            assert service["depends_on"]["init"] == {"condition": "service_completed_successfully"}


def test_every_variable_is_documented_and_every_documented_one_is_used() -> None:
    text = (DOCKER / ".env.example").read_text()
    documented = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))

    assert documented == set(references())


def test_required_variables_are_asked_for_and_have_no_value() -> None:
    required = {name for name, kind in references().items() if kind == "?"}

    assert settings(".env.example") == dict.fromkeys(required, "")


def test_no_secret_stands_in_a_file() -> None:
    assert [name for name in settings("airflow.env") if SECRET.search(name)] == []
    for name, service in services().items():
        for key, value in service.get("environment", {}).items():
            assert not SECRET.search(key) or "${" in value, f"{name}: {key}"


def test_every_place_that_compose_names_exists() -> None:
    for service in airflow_services().values():
        context = (DOCKER / service["build"]["context"]).resolve()
        assert context == ROOT
        assert (context / service["build"]["dockerfile"]).is_file()
        assert (DOCKER / service["env_file"]).is_file()
        mounted = [volume.split(":")[0] for volume in service["volumes"]]
        assert all((DOCKER / place).is_dir() for place in mounted if place.startswith("../"))


def test_everything_that_the_image_copies_exists_and_is_let_through() -> None:
    kept = [
        line[1:]
        for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    copies = re.findall(
        r"^COPY (?!--from)(?:--\S+ )*(\S+) ", (DOCKER / "Dockerfile").read_text(), re.MULTILINE
    )

    assert len(copies) == 7
    for source in copies:
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in kept), source


def test_the_image_is_named_by_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert {each["image"] for each in airflow_services().values()} == {f"rapport:{version}"}
