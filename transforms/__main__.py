"""`python -m transforms sample --as-of 2026-02-05` rebuilds the core tables without Airflow.

With `--replay` every raw partition is read again, which repairs observations after a mapping fix
without one request to a platform.
"""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from lake.organisation import OrganisationError, load_organisation
from lake.store import Lake
from transforms.interactions import interactions
from transforms.people import people
from transforms.read import read


def main() -> int:
    """Rebuild the core tables of one organisation; 2 if its file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m transforms", description=__doc__)
    parser.add_argument("organisation", help="name of a file in organisations/")
    parser.add_argument("--as-of", required=True, type=datetime.fromisoformat)
    parser.add_argument("--replay", action="store_true", help="read all of the raw zone again")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        organisation = load_organisation(Path("organisations") / f"{chosen.organisation}.toml")
    except OrganisationError as error:
        print(error, file=sys.stderr)
        return 2
    lake, as_of = Lake.of(organisation.name), chosen.as_of.replace(tzinfo=UTC)
    if chosen.replay:
        for path in lake.paths("observed"):
            lake.remove(path)
    for name, counts in (
        ("read", read(lake, organisation)),
        ("people", people(lake, organisation)),
        ("interactions", interactions(lake, organisation, as_of)),
    ):
        print(name, *(f"{table}={count}" for table, count in counts.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
