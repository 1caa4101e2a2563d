"""Platforms without Airflow, for whoever builds or mends one.

python -m extractors fetch acme mastodon --night 2026-02-04   reads one night into the lake
python -m extractors read mastodon statuses --load items.json what recorded items say, as JSON lines
python -m extractors check mastodon [--organisation acme]     what the credentials are worth

`fetch` takes credentials from AIRFLOW_CONN_<CONNECTION>, written as JSON. `check` takes those of a
night, from Airflow: it is answered by `python -m dags check`.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from extractors.client import Credentials
from extractors.errors import ReadingError
from extractors.extract import extract
from extractors.platform import Window
from extractors.registry import PLATFORMS, check, connection_id
from extractors.tokens import held_by
from lake.organisation import AccountToRead, OrganisationError, load_organisation
from lake.store import Lake


def main() -> int:
    """0 if all was read; 1 if the platform could not be read; 2 if the question makes no sense."""
    chosen = _arguments()
    if chosen.what == "check":
        os.execv(sys.executable, [sys.executable, "-m", "dags", *sys.argv[1:]])  # noqa: S606 (ours)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        if chosen.what == "fetch":
            _fetch(chosen.organisation, chosen.platform, chosen.night)
        else:
            for line in _said(chosen.platform, chosen.stream, chosen.load):
                print(line)
    except ReadingError as error:
        print(error, file=sys.stderr)
        return 1
    except OrganisationError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _fetch(name: str, platform: str, night: date) -> None:
    organisation = load_organisation(Path("organisations") / f"{name}.toml")
    check(organisation)
    start = datetime.combine(night, time(), tzinfo=UTC)
    window = Window(start, start + timedelta(days=1), start + timedelta(days=1))
    for account in organisation.read:
        if account.platform == platform:
            extract(Lake.of(name), organisation, account, window, _credentials(account))


def _credentials(account: AccountToRead) -> Credentials | None:
    told = os.environ.get(f"AIRFLOW_CONN_{connection_id(account).upper()}")
    if told is None:
        return None
    found = json.loads(told)
    return held_by(
        connection_id(account),
        base_url=found.get("host", ""),
        login=found.get("login", ""),
        password=found.get("password", ""),
        extra=found.get("extra"),
    )


def _said(platform: str, stream: str, file: Path) -> Iterator[str]:
    """What each recorded item says: of a JSON list, or of one item alone."""
    account = AccountToRead(platform=platform, account="recording")
    streams = {each.name: each.read for each in PLATFORMS[platform].streams}
    if stream not in streams:
        known = ", ".join(streams)
        raise OrganisationError(f"{platform} has no stream {stream!r}; it has: {known}")
    found = json.loads(file.read_text(encoding="utf-8"))
    for item in found if isinstance(found, list) else [found]:
        for each in streams[stream](item, account):
            yield json.dumps({type(each).__name__: asdict(each)}, default=str, ensure_ascii=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m extractors",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_subparsers(dest="what", required=True)
    fetch = what.add_parser("fetch")
    fetch.add_argument("organisation")
    fetch.add_argument("platform", choices=sorted(PLATFORMS))
    fetch.add_argument("--night", required=True, type=date.fromisoformat)
    read = what.add_parser("read")
    read.add_argument("platform", choices=sorted(PLATFORMS))
    read.add_argument("stream")
    read.add_argument("--load", required=True, type=Path)
    worth = what.add_parser("check")
    worth.add_argument("platform", choices=sorted(PLATFORMS))
    worth.add_argument("--organisation", help="only this one")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
