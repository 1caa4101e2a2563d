"""An analyst with DuckDB 1.5 in an environment of their own opens the published file."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.night.airflow_night import published, run_night
from tests.night.test_sample_night import NIGHT, readme_query

pytestmark = pytest.mark.server

CLIENT = """
import json, sys, duckdb
file, query = sys.argv[1:]
with duckdb.connect(file, read_only=True) as connection:
    connection.execute("set timezone = 'UTC'")
    untold = "from duckdb_columns() where not internal and comment is null"
    print(json.dumps({
        "version": duckdb.__version__,
        "rows": connection.sql(query).fetchall(),
        "comments": connection.sql("select count(comment) from duckdb_tables()").fetchone()[0],
        "untold": connection.sql(f"select count(*) {untold}").fetchone()[0],
    }, default=str))
"""


def test_duckdb_1_5_5_reads_the_file_its_comments_and_the_query_of_the_readme(
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
    told = subprocess.run(
        [python, "-c", CLIENT, published(tmp_path, "sample"), query],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(told.stdout)
    assert found["version"] == "1.5.5"
    assert [["NULL" if cell is None else cell for cell in row] for row in found["rows"]] == rows
    assert found["comments"] >= 6
    assert found["untold"] == 0
