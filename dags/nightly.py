"""One night of one organisation: from what the platforms say to the file that analysts open.

| step | what it does |
|---|---|
| `extract_<platform>` | reads each account into the raw zone, verbatim; one mapped task for each |
| `read` | turns raw items into observations, also if a platform could not be read |
| `people` | says who is who |
| `interactions` | finds conversations, and who spoke to whom |
| `models` | runs dbt once, then shows which model was built and passed its tests |
| `publish` | compares with earlier nights, replaces the published file, keeps a snapshot |
| `complete` | fails if an extract failed, when everything else is published |

**Interval.** A run knows the day of its data interval, in UTC, and what came before; `as_of` is the
interval's end. The first night of an account reads its history, and every night reads what the
nights before it missed.

**Backfill.** It reads past days again, on purpose, and sees them with the eyes of today. It only
reads, one run at a time please; the next night, or a run started by hand, publishes what came.

**An extract is red:** the other platforms are published, and the mart `coverage` names the gap. The
line `ERROR` of its log says why. `BadCredentials` and `NotThere` are not tried again: correct
the Connection or the organisation file, then clear the task with all that follows. `TryLater` was
tried again when the platform asked for it; the next night reads what is missing.

**A model is red:** nothing is published, the file of the night before stays. The log of *dbt build*
names the failed test: one of `sql/tests` says that two marts disagree. Clear the group `models` as
a whole.

**A figure has jumped:** `publish` warns of it, and the table `night_check` has it beside what is
usual. That stops nothing: a good campaign jumps as well as a broken platform. Look.

**There is only the task `organisation_file`:** the organisation's file cannot be used, and the page
of that DAG says why. Other organisations are not affected.

**A past night by hand:** trigger the DAG with a logical date; the run reads the day before it.
Without one a night does not know its day, and says so.

**Connections.** The credentials for an account are in the Connection `<platform>_<account>`, with
`_` for all but letters and digits, or in the one that the organisation file names.

What can be renewed is, and kept in the Variable `rapport_token_<connection>`.

**An account is followed by "credentials expire in … days":** put new ones into its Connection.
`python -m extractors check <platform>` says what they are worth.

**Pools.** `platforms` limits how many accounts are read at once, `duckdb` how many heavy steps run
at once; `airflow pools import dags/pools.json` makes both.

**Asset.** `publish` updates the asset `relationships_<organisation>`. Schedule a DAG on it to start
when the file is new.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, get_parsing_context, task
from dbt_models import dbt_models
from organisation_files import organisation_files, usable_organisation
from retries import RetryByError

from lake.organisation import Organisation, OrganisationError

AT_MIDNIGHT = CronDataIntervalTimetable("0 0 * * *", timezone="UTC")
ALWAYS = {"catchup": False, "max_active_runs": 1, "default_args": {"retry_policy": RetryByError()}}
PATIENTLY = {"pool": "platforms", "retries": 3, "retry_delay": timedelta(minutes=1)}
BY_ACCOUNT = {"map_index_template": "{{ task.op_kwargs['account'] }}{{ expiry | default('') }}"}


def nightly(dag_id: str, organisation: Organisation) -> DAG:
    """The DAG of an organisation whose file can be used."""
    name, reads = organisation.name, [f"{a.platform} {a.account}" for a in organisation.read]
    with DAG(
        dag_id,
        description=organisation.title,
        doc_md=f"# {organisation.title}\n\nReads {', '.join(reads)}.\n\n{__doc__}",
        schedule=AT_MIDNIGHT,
        start_date=organisation.history_start,
        tags=["nightly"],
        **ALWAYS,
    ) as dag:

        def extract(platform: str) -> Any:
            @task(task_id=f"extract_{platform}", **PATIENTLY, **BY_ACCOUNT)
            def run(account: str, **context: Any) -> dict[str, int]:
                return import_module("steps").run_extract(organisation, platform, account, context)

            accounts = [each.account for each in organisation.read if each.platform == platform]
            return run.expand(account=accounts)

        def step(step: str, **how: Any) -> Any:
            @task(task_id=step, **how)
            def run(**context: Any) -> dict[str, int]:
                return getattr(import_module("steps"), f"run_{step}")(organisation, context)

            return run()

        extracts = [
            extract(platform) for platform in sorted({a.platform for a in organisation.read})
        ]
        read = step("read", trigger_rule="all_done")
        people = step("people", pool="duckdb")
        interactions = step("interactions", pool="duckdb")
        publish = step("publish", pool="duckdb", outlets=[Asset(f"relationships_{name}")])
        extracts >> read >> people >> interactions
        dbt_models(name, organisation.time_zone, after=interactions) >> publish
        [*extracts, publish] >> EmptyOperator(task_id="complete")
    return dag


def unusable(dag_id: str, reason: str) -> DAG:
    """A DAG that only says, each night and in red, why an organisation's file cannot be used."""
    with DAG(
        dag_id,
        description="The organisation's file cannot be used",
        doc_md=f"**The organisation's file cannot be used.** {reason}",
        schedule=AT_MIDNIGHT,
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        tags=["nightly", "unusable"],
        **ALWAYS,
    ) as dag:

        @task
        def organisation_file() -> None:
            raise OrganisationError(reason)

        organisation_file()
    return dag


asked_for = get_parsing_context().dag_id  # a worker parses this file for the sake of one DAG
for file in organisation_files():
    dag_id = f"nightly_{re.sub(r'[^A-Za-z0-9_.-]', '_', file.stem)}"
    if asked_for in (None, dag_id):
        try:
            globals()[dag_id] = nightly(dag_id, usable_organisation(file))
        except OrganisationError as error:
            globals()[dag_id] = unusable(dag_id, str(error))
