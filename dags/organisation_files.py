"""Where the organisation files lie, and which of them can be used."""

from __future__ import annotations

import os
from pathlib import Path

from extractors.registry import check
from lake.decisions import SUFFIX
from lake.organisation import Organisation, OrganisationError, load_organisation

ROOT = Path(__file__).resolve().parents[1]


def organisation_files() -> list[Path]:
    """Every organisation file in `RAPPORT_ORGANISATIONS`, by default the project's own folder.

    The decisions files beside them are not organisations.
    """
    return sorted(each for each in _folder().glob("*.toml") if not each.name.endswith(SUFFIX))


def organisation_file(name: str) -> Path:
    """Where the file of an organisation lies, or would lie."""
    return _folder() / f"{name}.toml"


def _folder() -> Path:
    return Path(os.environ.get("RAPPORT_ORGANISATIONS") or ROOT / "organisations")


def usable_organisation(file: Path) -> Organisation:
    """The organisation of a file, whose platforms and options exist and that bears the file's name.

    Raises `OrganisationError` with one line that names the file, the key and what is allowed.
    """
    organisation = load_organisation(file)
    if organisation.name != file.stem:
        raise OrganisationError(
            f"{file}: name: {organisation.name!r} is not the file's own name; "
            f'write "{file.stem}", or rename the file to {organisation.name}.toml'
        )
    try:
        check(organisation)
    except OrganisationError as error:
        raise OrganisationError(f"{file}: {error}") from None
    return organisation
