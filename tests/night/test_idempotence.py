"""Whatever happens to a night, its tables come out as from one clean run."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from lake.organisation import Organisation, load_organisation
from lake.schemas import RAW
from tests.night.pipeline import ROOT, Pipeline

NIGHT = date(2025, 4, 9)  # the last of the hundred days of a small community
SMALL = "\n[read.options]\npeople = 150\ndays = 100\n"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = (ROOT / "organisations" / "sample.toml").read_text(encoding="utf-8")
    account = 'account = "community"\n'
    assert account in text
    file = tmp_path_factory.mktemp("organisations") / "sample.toml"
    file.write_text(text.replace(account, account + SMALL, 1), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def organisation(file: Path) -> Organisation:
    return load_organisation(file)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, organisation: Organisation) -> Pipeline:
    return Pipeline(tmp_path_factory.mktemp("clean"), organisation).run(NIGHT)


def assert_equal(one: Pipeline, other: Pipeline, *, but: tuple[str, ...] = ()) -> None:
    expected = other.core_tables()
    for table, rows in one.core_tables().items():
        if table not in but:
            assert rows.equals(expected[table]), table
    marts = other.marts()
    for mart, found in one.marts().items():
        if mart not in but:
            assert found == marts[mart], mart


def test_the_same_night_twice_gives_equal_tables(
    tmp_path: Path, organisation: Organisation, clean: Pipeline
) -> None:
    twice = Pipeline(tmp_path, organisation).run(NIGHT).run(NIGHT)
    assert_equal(twice, clean)


def remaining(step: str) -> list[str]:
    steps = ["extract", "core", "models", "publish"]
    return steps[steps.index(step) :]


@pytest.mark.parametrize(
    "death",
    [("extract", 2), ("extract", 9), ("core", 3), ("core", 22), ("models", 5), ("publish", 3)],
)
def test_a_night_killed_in_the_midst_of_a_step_and_run_again_gives_equal_tables(
    tmp_path: Path, file: Path, organisation: Organisation, clean: Pipeline, death: tuple[str, int]
) -> None:
    step, count = death
    pipeline = Pipeline(tmp_path, organisation)
    for earlier in ["extract", "core", "models", "publish"]:
        if earlier == step:
            break
        getattr(pipeline, earlier)(NIGHT)
    words = [str(tmp_path), str(file), str(NIGHT), step, str(count)]
    killed = subprocess.run(
        [sys.executable, "-m", "tests.night.killed_step", *words], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    for again in remaining(step):
        getattr(pipeline, again)(NIGHT)
    assert_equal(pipeline, clean)


def shuffled(rows: pa.Table, seed: int) -> pa.Table:
    order = list(range(rows.num_rows)) * 2
    random.Random(seed).shuffle(order)
    return rows.take(order)


def test_a_shuffled_and_doubled_raw_zone_gives_equal_tables(
    tmp_path: Path, organisation: Organisation, clean: Pipeline
) -> None:
    pipeline = Pipeline(tmp_path, organisation)
    for number, path in enumerate(clean.lake.paths("raw")):
        with pipeline.lake.writing(path, RAW) as writing:
            for batch in shuffled(clean.lake.read(path), number).to_batches():
                writing.write(batch)
            facts = clean.lake.facts(path)
            writing.note(request_count=facts["request_count"], observed_at=facts["observed_at"])
    pipeline.core(NIGHT)
    pipeline.models(NIGHT)
    pipeline.publish(NIGHT)
    # How many rows were read is a fact about the raw zone, which is twice as large here.
    assert_equal(pipeline, clean, but=("reading", "set_aside", "coverage"))


def nights(count: int) -> Iterator[date]:
    for before in reversed(range(count)):
        yield NIGHT - timedelta(days=before)


def test_thirty_nights_one_by_one_equal_one_rebuild_from_their_raw_zone(
    tmp_path: Path, organisation: Organisation
) -> None:
    nightly = Pipeline(tmp_path / "nightly", organisation)
    for night in nights(30):
        nightly.extract(night)
        nightly.core(night)
    nightly.models(NIGHT)
    nightly.publish(NIGHT)
    rebuilt = Pipeline(tmp_path / "rebuilt", organisation)
    for path in nightly.lake.paths("raw"):
        facts = nightly.lake.facts(path)
        with rebuilt.lake.writing(path, RAW) as writing:
            for batch in nightly.lake.batches(path):
                writing.write(batch)
            writing.note(request_count=facts["request_count"], observed_at=facts["observed_at"])
    rebuilt.core(NIGHT)
    rebuilt.models(NIGHT)
    rebuilt.publish(NIGHT)
    assert_equal(nightly, rebuilt)


def test_thirty_nights_one_by_one_tell_the_same_as_one_first_contact(
    tmp_path: Path, organisation: Organisation, clean: Pipeline
) -> None:
    nightly = Pipeline(tmp_path, organisation)
    for night in nights(30):
        nightly.extract(night)
    nightly.core(NIGHT)
    nightly.models(NIGHT)
    nightly.publish(NIGHT)
    # When something was first seen is different for who came a month earlier; what it is, is not.
    for mart in ("ask", "waiting_now", "responsiveness", "relationship", "headline"):
        assert nightly.marts()[mart] == clean.marts()[mart], mart
