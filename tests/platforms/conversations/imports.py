"""Imports for tests: rows written to a file and read back, and organisation files for an import."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from extractors.observations import AccountSeen, MessageSeen
from extractors.platform import Fetched, Reading, SetAside, Window
from extractors.platforms.conversations import CONVERSATIONS, import_rows, read_message
from lake.organisation import AccountToRead

NIGHT = Window(
    datetime(2026, 1, 31, tzinfo=UTC),
    datetime(2026, 2, 1, tzinfo=UTC),
    datetime(2026, 2, 1, tzinfo=UTC),
)


def account_to_read(path: Path | str = "export.csv", **options: Any) -> AccountToRead:
    """An import named `import`."""
    return AccountToRead(
        platform="conversations", account="import", options={"path": str(path), **options}
    )


def imported(path: Path | str, **options: Any) -> list[Fetched | SetAside]:
    """Every row of a file, as fetched."""
    account = account_to_read(path, **options)
    validated = CONVERSATIONS.options.model_validate(dict(account.options))
    nothing = cast("Any", None)  # an import asks no server and reads no earlier items
    return list(import_rows(Reading(account, validated, NIGHT, client=nothing, raw=nothing)))


def items(rows: Iterable[Fetched | SetAside]) -> list[Fetched]:
    return [row for row in rows if isinstance(row, Fetched)]


def set_aside(rows: Iterable[Fetched | SetAside]) -> list[tuple[int | None, str, int]]:
    """Line, reason and number of rows of each that was set aside."""
    return [(row.page, row.reason, row.row_count) for row in rows if isinstance(row, SetAside)]


def messages(rows: Iterable[Fetched | SetAside], **options: Any) -> list[MessageSeen]:
    """The messages of the rows that could be read."""
    account = account_to_read(**options)
    said = [each for row in items(rows) for each in read_message(row.item, account)]
    return [each for each in said if isinstance(each, MessageSeen)]


def accounts(rows: Iterable[Fetched | SetAside]) -> list[AccountSeen]:
    """The authors of the rows that could be read."""
    said = [each for row in items(rows) for each in read_message(row.item, account_to_read())]
    return [each for each in said if isinstance(each, AccountSeen)]


def organisation_toml(
    name: str,
    title: str,
    path: Path | str,
    layout: str,
    brand: str | Iterable[str],
    *,
    account: str = "import",
    history_from: str = "2017-01-01",
    time_zone: str = "UTC",
    options: Mapping[str, Any] | None = None,
) -> str:
    """The text of an organisation file for one imported file and the brand, or brands, that are us.

    `brand` is an author as the file names it; `options` are further options of the import, whose
    values JSON and TOML write alike (texts, numbers, true and false).
    """
    brands = [brand] if isinstance(brand, str) else [*brand]
    import_options = {"path": str(path), "layout": layout, **(options or {})}
    lines = [
        f"name = {json.dumps(name)}",
        f"title = {json.dumps(title)}",
        f"time_zone = {json.dumps(time_zone)}",
        f"history_from = {history_from}",
        "[[read]]",
        'platform = "conversations"',
        f"account = {json.dumps(account)}",
        "[read.options]",
        *(f"{key} = {json.dumps(value)}" for key, value in import_options.items()),
    ]
    for each in brands:
        login = f"conversations:{account}:{'_'.join(each.split())}"
        lines += ["[[ours]]", f"name = {json.dumps(each)}", 'kind = "brand"']
        lines += [f"accounts = [{json.dumps(login)}]"]
    return "\n".join(lines) + "\n"
