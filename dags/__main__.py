"""Airflow on this machine, with nothing to set up before.

python -m dags sample [--night 2026-02-04]   runs one night and tells what came of it
python -m dags ui                            opens Airflow's UI, until Ctrl-C
python -m dags check mastodon                tells what the credentials are worth
python -m dags airflow ...                   runs any command of Airflow with the same settings

Data, logs and Airflow's own database lie in RAPPORT_HOME, by default var/ of the project.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TextIO

import duckdb

from dags.organisation_files import organisation_file, usable_organisation
from dags.settings import PROGRAMS, SetUpError, ensure_manifest, set_environment
from extractors.registry import PLATFORMS
from lake.organisation import Organisation, OrganisationError

FIRST_QUERY = (
    "select person_name, channel, asked_at::date as asked_on, last_word_by_name as last_heard_from "
    "from waiting_now order by priority limit 5"
)
LAST_WORDS_SECONDS = 20  # as long may Airflow take to end


def main() -> int:
    """0 if all went well; 1 if the night failed or cannot be run; 2 if there is no such night."""
    arguments = _arguments()
    try:
        if arguments.what == "check":
            set_environment()
            check = import_module("dags.check").check
            return int(check(arguments.platform, arguments.organisation, sys.stdout))
        if arguments.what in ("ui", "airflow"):
            home, organisation = set_environment(), None
        else:
            organisation = usable_organisation(organisation_file(arguments.what))
            home = set_environment()
        ensure_manifest(home / "logs" / "models.log")
        if organisation:
            return run_night(organisation, arguments.night, home)
        import_module("dags.night").prepare_airflow()
        if arguments.what == "ui":
            return open_ui(home)
        os.execv(PROGRAMS / "airflow", ["airflow", *arguments.command])  # noqa: S606 (its very purpose)
    except (OrganisationError, SetUpError) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, OrganisationError) else 1


def run_night(organisation: Organisation, night: date, home: Path) -> int:
    """Run one night, with its steps on the terminal and all that Airflow says in a log file."""
    log = home / "logs" / f"nightly_{organisation.name}_{night}.log"
    print(f"The night of {night}: {organisation.title}\n", flush=True)
    terminal = _divert_output(log)
    # Not before: when imported, Airflow reads its settings and takes hold of the output.
    nights, steps = import_module("dags.night"), import_module("dags.steps")
    nights.prepare_airflow()
    began = time.monotonic()
    try:
        went_well = nights.run_night(organisation.name, night, terminal)
    except SetUpError as error:
        print(error, file=terminal, flush=True)
        return 1
    took = timedelta(seconds=round(time.monotonic() - began))
    outcome = "All went well" if went_well else "THE NIGHT FAILED, the steps above say why"
    terminal.write(f"\n{outcome}. It took {took}; all that was said is in {_short(log)}\n\n")
    published = steps.published_file(organisation.name)
    if published.exists():
        told = [*headline(published), *jumps(published)]
        terminal.writelines(f"{label:<28}{what}\n" for label, what in told)
    terminal.flush()
    return 0 if went_well else 1


def headline(published: Path) -> Iterator[tuple[str, str]]:
    """What the published file says in short, and how to go on from there."""
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute("from headline")
        names = [column[0] for column in found.description]
        row = dict(zip(names, found.fetchone(), strict=True))
    yield "As of", f"{row['as_of']:%Y-%m-%d %H:%M} UTC"
    yield "People in two-way contact", f"{row['people_in_contact_count']:,}"
    yield "People waiting", f"{row['people_waiting_count']:,}, in {row['waiting_ask_count']:,} asks"
    yield "Median real wait", _wait(row["median_reply_seconds"])
    yield (
        "People answered",
        f"{_percent(row['people_answered_ratio'])}: {row['people_answered_count']:,} of the "
        f"{row['people_asked_count']:,} who spoke to us",
    )
    yield "File to open", _short(published)
    yield "First query to try", FIRST_QUERY


def jumps(published: Path) -> Iterator[tuple[str, str]]:
    """Figures that are not what they were on the nights before the file's own."""
    with duckdb.connect(str(published), read_only=True) as connection:
        try:
            found = connection.execute(
                "select figure, value, value_before, note from night_check where is_jump "
                "order by abs(robust_z) desc, figure"
            ).fetchall()
        except duckdb.CatalogException:  # a file from before nights were compared
            return
    for figure, value, before, note in found:
        yield "Jump since last night", f"{figure} {_plain(value)}, before {_plain(before)}; {note}"


def open_ui(home: Path) -> int:
    """Run all of Airflow until it is told to stop, and leave nothing of it behind.

    `airflow standalone` would leave its parts running, hence a process group of their own.
    """
    log = home / "logs" / "airflow.log"
    print(f"Airflow opens on {os.environ['AIRFLOW__API__BASE_URL']} in half a minute.")
    print(f"Switch a DAG on there and it runs each night. Ctrl-C ends Airflow; log: {log}")
    with log.open("w", encoding="utf-8") as output:
        airflow = subprocess.Popen(  # noqa: S603 (Airflow's own program)
            [PROGRAMS / "airflow", "standalone"],
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _signal_all(airflow.pid, signal.SIGTERM))
    returned = airflow.wait()
    patience = time.monotonic() + LAST_WORDS_SECONDS
    while _signal_all(airflow.pid, 0) and time.monotonic() < patience:
        time.sleep(0.1)
    _signal_all(airflow.pid, signal.SIGKILL)
    if returned > 0:
        print(f"Airflow could not run; {log} says why", file=sys.stderr)
    return max(returned, 0)


def _signal_all(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m dags", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", help="the name of a file in organisations/, or: ui, check, airflow")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    parser.add_argument("--night", type=_day, default=yesterday, metavar="DATE")
    if sys.argv[1:2] == ["airflow"]:  # whose options are its own affair
        return argparse.Namespace(what="airflow", command=sys.argv[2:])
    if sys.argv[1:2] == ["check"]:
        parser = argparse.ArgumentParser(prog="python -m dags check")
        parser.add_argument("platform", choices=sorted(PLATFORMS))
        parser.add_argument("--organisation", metavar="NAME", help="only this one")
        return parser.parse_args(sys.argv[2:], argparse.Namespace(what="check"))
    return argparse.Namespace(command=None, **vars(parser.parse_args()))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-02-04") from None


def _divert_output(log: Path) -> TextIO:
    """Send all output to `log`, from now on; returns the terminal.

    An error that nobody foresaw goes to the log as well, and in one line to the terminal.
    """
    terminal = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    with log.open("w", encoding="utf-8") as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends the night, not just its step

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace)
        terminal.write(f"\nFAILED: {kind.__name__}; all that was said is in {log}\n")
        terminal.flush()

    sys.excepthook = tell
    return terminal


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _wait(seconds: int | None) -> str:
    if seconds is None:
        return "unknown, as half of them still wait"
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"


def _plain(number: float) -> str:
    return f"{round(number, 4):,.12g}"


def _percent(ratio: float | None) -> str:
    return "unknown" if ratio is None else f"{ratio:.0%}"


if __name__ == "__main__":
    sys.exit(main())
