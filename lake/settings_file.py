"""What the files that people write by hand have in common: strict keys, one-line faults."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError


class OrganisationError(ValueError):
    """A file cannot be used; the message is one line: file, key, what is allowed."""


class Strict(BaseModel):
    """A part of a file in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _login(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*:[^:\s]*:\S+", text):
        raise ValueError(
            f'{text!r} is not an account; write "platform:instance:handle", e.g. '
            '"mastodon:social.example:acme" (an empty instance where the platform has only one)'
        )
    return text


Login = Annotated[str, AfterValidator(_login)]


def login_parts(login: str) -> tuple[str, str, str]:
    """Platform, instance and handle-or-id of a login, as accounts are compared with them."""
    platform, instance, name = login.split(":", 2)
    return platform, instance.lower(), name.lstrip("@").lower()


def parsed(path: Path) -> dict[str, Any]:
    """A file's keys; `OrganisationError` if it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OrganisationError(f"{path}: not valid TOML: {error}") from None


def first_fault(
    error: ValidationError, whole: type[BaseModel], parts: Mapping[str, type[BaseModel]]
) -> str:
    """The first fault in one line: its key, and what is allowed there.

    `parts` says which model stands under which key of the model of the `whole` file.
    """
    fault = error.errors(include_url=False)[0]
    location = fault["loc"]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        model = parts.get(str(location[0]), whole) if len(location) > 1 else whole
        message = f"unknown key; allowed here: {', '.join(sorted(model.model_fields))}"
    elif fault["type"] == "missing":
        message = "is missing; this key is required"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{key.lstrip('.')}: {message}{more}" if key else f"{message}{more}"
