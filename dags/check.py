"""What the credentials of a platform's accounts are worth, those that a night would take."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any, TextIO

from airflow.models.variable import Variable

from dags.organisation_files import organisation_file, organisation_files, usable_organisation
from dags.steps import DESCRIPTION, KeptTokens, credentials_of
from extractors.access import verdict
from extractors.registry import connection_id
from lake.organisation import OrganisationError


def check(platform: str, name: str | None, terminal: TextIO) -> int:
    """Tell a verdict for each account; 0 if a night reads all that it asks for, else 1.

    Raises `OrganisationError` if no organisation reads the platform, or if a file cannot be used.
    """
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"  # no task: Airflow looks into its database
    logging.getLogger("extractors").setLevel(logging.WARNING)
    files = [organisation_file(name)] if name else organisation_files()
    found = [
        (organisation.name, account)
        for organisation in map(usable_organisation, files)
        for account in organisation.read
        if account.platform == platform
    ]
    if not found:
        names = ", ".join(file.stem for file in files)
        raise OrganisationError(f"no account of {platform} is read by these organisations: {names}")
    is_fine = True
    for organisation, account in found:
        connection = connection_id(account)
        told = verdict(account, credentials_of(connection), _KeptTokens(connection))
        is_fine = is_fine and told.is_fine
        terminal.write(f"{organisation}: {platform} {account.account}\n{told}\n\n")
        terminal.flush()
    return 0 if is_fine else 1


class _KeptTokens(KeptTokens):
    """The same Variables, written without a task."""

    def save(self, kept: Mapping[str, Any]) -> None:
        import_module("dags.night").prepare_airflow()  # slow, and seldom needed
        Variable.set(self.variable, dict(kept), DESCRIPTION, serialize_json=True)
