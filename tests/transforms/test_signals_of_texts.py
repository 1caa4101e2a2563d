"""Signals of one text, held against lines that were labelled by hand; the measures are printed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import correlation
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from transforms.signals.language import languages
from transforms.signals.sentiment import Vader
from transforms.signals.words import TEXT_WORDS

LABELLED = Path(__file__).resolve().parents[1] / "labelled"
COLUMNS = {
    "question": "is_question",
    "thanks": "has_thanks",
    "apology": "has_apology",
    "promise": "has_promise",
    "deflection": "has_deflection",
    "promotion": "promotion_evidence",
}
# Floors of precision and recall: on the lines the words were chosen by, and on lines written after.
FLOORS = {
    "words": dict.fromkeys(COLUMNS, (0.88, 0.95)),
    "words_held_out": {
        "question": (0.85, 0.8),
        "thanks": (0.8, 0.95),
        "apology": (0.8, 0.95),
        "promise": (0.95, 0.8),
        "deflection": (0.8, 0.6),
        "promotion": (0.95, 0.8),
    },
}


def lines(name: str) -> list[dict[str, str]]:
    with (LABELLED / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def told(texts: Iterable[str]) -> list[dict[str, Any]]:
    rows = [{"content_hash": f"{place:06}", "text": text} for place, text in enumerate(texts)]
    with duckdb.connect(":memory:") as connection:
        connection.register("batch", pa.Table.from_pylist(rows))
        found = connection.sql(f"select * from ({TEXT_WORDS}) order by content_hash")
        return found.to_arrow_table().to_pylist()


def measure(pairs: Iterable[tuple[bool, bool]]) -> tuple[float, float, int]:
    """Precision, recall and the number of true lines, of pairs (is true, is told)."""
    every = list(pairs)
    hits = sum(true and found for true, found in every)
    is_told, is_true = sum(found for _, found in every), sum(true for true, _ in every)
    return hits / is_told if is_told else 1.0, hits / is_true if is_true else 1.0, is_true


def own_link(line: dict[str, str], signals: dict[str, Any]) -> bool:
    """A link into our own domain is known to the message, not to the text."""
    return signals["leads_to_link"] and "acme.example" in line["text"]


@pytest.mark.parametrize("name", FLOORS)
def test_signals_of_words_reach_their_floors(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    every = lines(name)
    signals = told(line["text"] for line in every)
    for label, column in COLUMNS.items():
        precision, recall, count = measure(
            (
                label in line["labels"].split(),
                bool(found[column]) or (label == "promotion" and own_link(line, found)),
            )
            for line, found in zip(every, signals, strict=True)
        )
        with capsys.disabled():
            print(
                f"\n{name}: {label} precision {precision:.3f} recall {recall:.3f} "
                f"({count} of {len(every)} lines)",
                end="",
            )
        floor = FLOORS[name][label]
        assert (precision, recall) >= floor, label
        assert recall >= floor[1], label


def test_language_is_told_or_left_open(capsys: pytest.CaptureFixture[str]) -> None:
    every = [line for name in ("words", "words_held_out", "language") for line in lines(name)]
    found = languages(line["text"] for line in every)
    pairs = [
        (line["language"], language or "-") for line, language in zip(every, found, strict=True)
    ]
    is_told = [true == language for true, language in pairs if language != "-"]
    has_one = [true == language for true, language in pairs if true != "-"]
    precision, recall = sum(is_told) / len(is_told), sum(has_one) / len(has_one)
    with capsys.disabled():
        print(
            f"\nlanguage precision {precision:.3f} recall {recall:.3f} ({len(pairs)} lines)", end=""
        )
    assert precision >= 0.98
    assert recall >= 0.97


def test_sentiment_is_measured_by_kind_and_blind_to_sarcasm(
    capsys: pytest.CaptureFixture[str],
) -> None:
    every = lines("sentiment")
    scores = Vader().scores([line["text"] for line in every])
    felt = ["positive" if s >= 0.05 else "negative" if s <= -0.05 else "neutral" for s in scores]
    right = {
        kind: [
            line["feeling"] == told
            for line, told in zip(every, felt, strict=True)
            if line["kind"] == kind
        ]
        for kind in ("plain", "sarcasm", "technical")
    }
    with capsys.disabled():
        for kind, hits in right.items():
            print(f"\nsentiment, {kind}: {sum(hits)} of {len(hits)} right", end="")
    assert sum(right["plain"]) / len(right["plain"]) >= 0.75
    assert sum(right["sarcasm"]) / len(right["sarcasm"]) <= 0.5


def test_sentiment_has_the_scores_of_the_worked_examples() -> None:
    scores = {
        "Thank you so much, you saved my day!": 0.7055,
        "no problems ever": 0.3089,
        "Great, my parcel is lost again. Just great.": 0.7845,
        "The kill -9 killed the zombie process, fixed the fatal error": -0.9468,
    }
    assert Vader().scores(list(scores)) == pytest.approx(list(scores.values()), abs=0.0001)


def test_sentiment_agrees_with_the_published_tweets_as_published(
    shared: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared("data/labelled/vader_tweets_GroundTruth.txt")
    rows = [line.split("\t", 2) for line in path.read_text("utf-8").splitlines() if line]
    r = correlation([float(row[1]) for row in rows], Vader().scores([row[2] for row in rows]))
    with capsys.disabled():
        print(f"\nsentiment, published tweets: r = {r:.3f} ({len(rows)} lines)", end="")
    assert r == pytest.approx(0.872, abs=0.01)


@pytest.mark.parametrize(
    ("text", "is_question"),
    [
        ("See https://example.org/?q=1 for more", False),
        ("Who cares? It works.", False),
        ("¿Cómo va?", True),
        ("このフィルターは洗えますか\uff1f", True),
        ("هل يمكن إصلاحها؟", True),
        ("does it fit", True),
        ("When I opened it, it was broken.", False),
    ],
)
def test_a_question_is_asked_with_or_without_a_mark(text: str, is_question: bool) -> None:
    assert told([text])[0]["is_question"] is is_question
