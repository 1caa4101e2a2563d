"""docker/ as tests see it: services with their variables filled in, settings, commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
REFERENCE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+):(?P<kind>[-?])(?P<rest>[^}]*)\})")


def services() -> dict[str, Any]:
    """The services of compose.yaml, anchors merged, variables as they stand."""
    loaded = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
    return dict(loaded)


def airflow_services() -> dict[str, Any]:
    """The services that run the project's own image."""
    return {name: service for name, service in services().items() if "build" in service}


def references() -> dict[str, str]:
    """Every variable of compose.yaml -> `?` where it is required, `-` where it has a default."""
    found = REFERENCE.finditer((DOCKER / "compose.yaml").read_text())
    return {match["name"]: match["kind"] for match in found if match["name"]}


def filled(part: Any, variables: Mapping[str, str]) -> Any:
    """A part of compose.yaml as docker compose hands it on; `KeyError` if a variable is missing."""
    if isinstance(part, dict):
        return {key: filled(each, variables) for key, each in part.items()}
    if isinstance(part, list):
        return [filled(each, variables) for each in part]
    return REFERENCE.sub(lambda match: _value(match, variables), part)


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    if match["escaped"]:
        return "$"
    if match["kind"] == "-":
        return variables.get(match["name"], match["rest"])
    return variables[match["name"]]


def settings(name: str) -> dict[str, str]:
    """The assignments in a file of docker/, those commented out left out."""
    lines = (line.strip() for line in (DOCKER / name).read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key: value for key, _, value in pairs}


def image_environment() -> dict[str, str]:
    """What the Dockerfile's ENV sets, without PATH."""
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    found = re.findall(r"^ENV (.+)$", text, re.MULTILINE)
    pairs = dict(pair.split("=", 1) for line in found for pair in line.split())
    return {key: value for key, value in pairs.items() if key != "PATH"}


def airflow_commands() -> dict[str, list[str]]:
    """Every `airflow …` that a service or a health check runs -> its arguments."""
    variables = dict.fromkeys(references(), "x")
    found = {}
    for name, service in airflow_services().items():
        texts = [*filled(service["command"], variables)]
        lists = [texts, *([service["healthcheck"]["test"][1:]] if "healthcheck" in service else [])]
        scripts = [line.split() for line in texts[-1].splitlines() if texts[0] == "bash"]
        for words in lists + scripts:
            if words and words[0] == "airflow":
                found[f"{name}: {' '.join(words)}"] = words[1:]
    return found
