"""An analyst with DuckDB 1.5 in an environment of their own opens the published file."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.night.airflow_night import published, run_night
from tests.night.test_sample_night import ANALYSES, NIGHT, readme_query
from transforms.publish import MARTS
from transforms.published_macros import tables_read

pytestmark = pytest.mark.server

CLIENT = """
import json, sys, duckdb
file, query, *analyses = sys.argv[1:]
hours = "round(working_hours(asked_at, human_answered_at) * 3600)"
count = "select count(*) from"
different = f"from ask where {hours} is distinct from human_reply_business_seconds"
with duckdb.connect(file, read_only=True) as connection:
    connection.execute("set timezone = 'UTC'")
    told = "select split_part(comment, 'Try: ', 2) from duckdb_functions() where not internal"
    examples = connection.sql(told).fetchall()
    untold = "from duckdb_columns() where not internal and comment is null"
    print(json.dumps({
        "version": duckdb.__version__,
        "rows": connection.sql(query).fetchall(),
        "comments": connection.sql("select count(comment) from duckdb_tables()").fetchone()[0],
        "untold": connection.sql(f"select count(*) {untold}").fetchone()[0],
        "different": len(connection.sql(different).fetchall()),
        "found": connection.sql("select person_name from person('nowak')").fetchall(),
        "said": connection.sql("select duration(11520), days(86400), wilson_low(9, 10)").fetchone(),
        "tried": [connection.sql(f"{count} ({each})").fetchone()[0] for (each,) in examples],
        "answers": [connection.sql(f"{count} ({each})").fetchone()[0] for each in analyses],
    }, default=str))
"""


def test_duckdb_1_5_5_reads_the_file_its_comments_its_macros_and_every_ready_question(
    tmp_path: Path,
) -> None:
    done = run_night(tmp_path, "sample", NIGHT)
    assert done.returncode == 0, done.stdout + done.stderr
    venv.create(tmp_path / "analyst", with_pip=False)
    python = tmp_path / "analyst" / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    install = [uv, "pip", "install", "--quiet", "--python", python, "duckdb==1.5.5"]
    subprocess.run(install, check=True)
    query, [_header, _types, *rows] = readme_query()
    analyses = [each.read_text(encoding="utf-8").rstrip(";\n") for each in ANALYSES]
    ready = [each for each in analyses if {*tables_read(each)} <= {*MARTS}]
    told = subprocess.run(
        [python, "-c", CLIENT, published(tmp_path, "sample"), query, *ready],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(told.stdout)
    assert found["version"] == "1.5.5"
    assert [["NULL" if cell is None else cell for cell in row] for row in found["rows"]] == rows
    assert found["comments"] >= 6
    assert found["untold"] == 0
    assert found["different"] == 0
    assert {"Nowak" in row[0] for row in found["found"]} == {True}
    assert found["said"] == ["3 h 12 min", 1.0, 0.59585]
    assert len(found["tried"]) >= 6
    assert all(found["tried"])
    assert all(found["answers"])
