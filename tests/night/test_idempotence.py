"""Whatever happens to a night, its tables come out as from one clean run."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from lake.organisation import Organisation, load_organisation
from lake.schemas import RAW
from lake.store import Lake
from tests.night.pipeline import ROOT, Pipeline

NIGHT = date(2025, 4, 9)  # the last of the hundred days of a small community
# Where a killed night has made some of the parts that it touches, and not the others.
KILLED_IN = ("core/message", "state/text_signal", "core/message_signal", "core/reply_signal")
SMALL = "\n[read.options]\npeople = 100\ndays = 100\n"


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


def assert_equal_core(one: Pipeline, other: Pipeline, *, but: tuple[str, ...] = ()) -> None:
    """Equal core tables: what the models make of them is equal then too."""
    expected = other.core_tables()
    for table, rows in one.core_tables().items():
        assert table in but or rows.equals(expected[table]), table


def test_the_same_night_twice_gives_equal_tables(
    tmp_path: Path, organisation: Organisation, clean: Pipeline
) -> None:
    twice = Pipeline(tmp_path, organisation)
    twice.extract(NIGHT)
    twice.core(NIGHT)
    twice.run(NIGHT)
    assert_equal_core(twice, clean)
    assert twice.marts() == clean.marts()


def run_and_die(pipeline: Pipeline, file: Path, step: str, when: int | str) -> None:
    script, what = ("killed_models", ()) if step == "models" else ("killed_step", (step,))
    words = [str(pipeline.home), str(file), str(NIGHT), *what, str(when)]
    killed = subprocess.run(
        [sys.executable, "-m", f"tests.night.{script}", *words], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL


@pytest.mark.parametrize("count", [1, 2, 9])
def test_extraction_killed_in_its_midst_and_run_again_gives_equal_tables(
    tmp_path: Path, file: Path, organisation: Organisation, clean: Pipeline, count: int
) -> None:
    pipeline = Pipeline(tmp_path, organisation)
    run_and_die(pipeline, file, "extract", count)
    pipeline.extract(NIGHT)
    pipeline.core(NIGHT)
    assert_equal_core(pipeline, clean)


def test_reading_and_people_killed_and_run_again_give_equal_tables(
    tmp_path: Path, file: Path, organisation: Organisation, clean: Pipeline
) -> None:
    pipeline = Pipeline(tmp_path, organisation)
    pipeline.extract(NIGHT)
    for step, count in (("read", 3), ("people", 2)):
        run_and_die(pipeline, file, step, count)
        getattr(pipeline, step)(NIGHT)
    pipeline.interactions(NIGHT)
    assert_equal_core(pipeline, clean)


def copy_file(source: Lake, target: Lake, path: str) -> None:
    to = Path(target.root, path)
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(Path(source.root, path), to)


def test_a_second_night_killed_in_every_kind_of_file_and_run_again_gives_equal_tables(
    tmp_path: Path, file: Path, organisation: Organisation, clean: Pipeline
) -> None:
    """Its observations may be folded into some parts and not into others when it dies."""
    pipeline = Pipeline(tmp_path, organisation)
    latest = [each.path for each in clean.lake.partitions() if each.start.date() == NIGHT]
    assert latest
    for path in clean.lake.paths("raw"):
        if path.removeprefix("raw/") not in latest:
            copy_file(clean.lake, pipeline.lake, path)
    pipeline.core(NIGHT)
    for path in latest:
        copy_file(clean.lake, pipeline.lake, f"raw/{path}")
    pipeline.read(NIGHT)
    pipeline.people(NIGHT)
    for folder in KILLED_IN:
        run_and_die(pipeline, file, "interactions", folder)
    pipeline.interactions(NIGHT)
    assert_equal_core(pipeline, clean)


def test_models_and_publishing_killed_and_run_again_give_equal_marts(
    tmp_path: Path, file: Path, organisation: Organisation, clean: Pipeline
) -> None:
    pipeline = Pipeline(tmp_path, organisation)
    shutil.copytree(clean.home / "lake", tmp_path / "lake")
    run_and_die(pipeline, file, "models", 7)
    pipeline.models(NIGHT)
    run_and_die(pipeline, file, "publish", 3)
    assert not pipeline.published.exists()
    pipeline.publish(NIGHT)
    assert pipeline.marts() == clean.marts()


def shuffled(rows: pa.Table, seed: int) -> pa.Table:
    order = list(range(rows.num_rows)) * 2
    random.Random(seed).shuffle(order)
    return rows.take(pa.array(order, pa.int64()))


def copy_raw(source: Lake, target: Lake, change: Callable[[pa.Table], pa.Table]) -> None:
    for path in source.paths("raw"):
        with target.writing(path, RAW) as writing:
            for batch in change(source.read(path)).to_batches():
                writing.write(batch)
            facts = source.facts(path)
            writing.note(request_count=facts["request_count"], observed_at=facts["observed_at"])


def test_a_shuffled_and_doubled_raw_zone_gives_equal_tables(
    tmp_path: Path, organisation: Organisation, clean: Pipeline
) -> None:
    pipeline = Pipeline(tmp_path, organisation)
    copy_raw(clean.lake, pipeline.lake, lambda rows: shuffled(rows, rows.num_rows))
    pipeline.core(NIGHT)
    # How many rows were read is a fact about the raw zone, which is twice as large here.
    assert_equal_core(pipeline, clean, but=("reading",))


def test_thirty_nights_one_by_one_equal_one_rebuild_and_tell_the_same_as_one_first_contact(
    tmp_path: Path, organisation: Organisation, clean: Pipeline
) -> None:
    nightly = Pipeline(tmp_path / "nightly", organisation)
    for before in reversed(range(30)):
        nightly.extract(NIGHT - timedelta(days=before))
        nightly.core(NIGHT - timedelta(days=before))
    rebuilt = Pipeline(tmp_path / "rebuilt", organisation)
    copy_raw(nightly.lake, rebuilt.lake, lambda rows: rows)
    rebuilt.core(NIGHT)
    assert_equal_core(nightly, rebuilt)
    nightly.models(NIGHT)
    nightly.publish(NIGHT)
    # When it was first seen differs from a first contact a month later; what is true does not.
    for mart in ("ask", "waiting_now", "responsiveness", "relationship", "headline"):
        assert nightly.marts()[mart] == clean.marts()[mart], mart
