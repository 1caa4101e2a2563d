"""Function words of a text by kind, counted by hand, and where there is no count."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from transforms.signals.style import FUNCTION_WORDS, function_word_counts
from transforms.signals.words import TEXT_WORDS


def counts(text: str, language: str | None = "en") -> dict[str, int] | None:
    """The kinds that a text has words of; null where it is not counted."""
    with duckdb.connect() as connection:
        connection.register("batch", pa.table({"content_hash": ["1"], "text": [text]}))
        words = connection.sql(TEXT_WORDS).to_arrow_table().column("words").combine_chunks()
    [found] = function_word_counts(words, [language]).to_pylist()
    return found and {kind: n for kind, n in zip(FUNCTION_WORDS, found, strict=True) if n}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The cat isn't on the mat, is it? You'll see all of them.",
            {
                "personal_pronoun": 2,  # you, them
                "impersonal_pronoun": 1,  # it
                "article": 2,
                "preposition": 2,  # on, of
                "auxiliary_verb": 3,  # is not, is, will
                "negation": 1,
                "quantifier": 1,  # all
            },
        ),
        (
            "I don\u2019t know, but we were very quickly there and nobody had waited",
            {
                "personal_pronoun": 2,
                "impersonal_pronoun": 1,  # nobody
                "auxiliary_verb": 3,  # do, were, had
                "adverb": 3,  # very, quickly, there
                "conjunction": 2,
                "negation": 2,  # not, nobody
            },
        ),
        # Nothing in links, addresses and handles.
        (
            "See https://it.example/the/of and write to @all or me@you.example",
            {"preposition": 1, "conjunction": 2},
        ),
        ("Telescope mounts", {}),
    ],
)
def test_function_words_are_counted_by_kind(text: str, expected: dict[str, int]) -> None:
    assert counts(text) == expected


@pytest.mark.parametrize("language", ["es", "de", None])
def test_words_of_another_language_are_not_counted(language: str | None) -> None:
    assert counts("das war in me no a", language) is None


def test_texts_are_counted_apart_and_a_text_without_words_has_none() -> None:
    words = pa.array([["the", "a"], ["un"], [], ["the"]], pa.list_(pa.string()))
    found = function_word_counts(words, ["en", "fr", "en", "en"]).to_pylist()
    articles = [told and told[list(FUNCTION_WORDS).index("article")] for told in found]
    assert articles == [2, None, 0, 1]
    assert function_word_counts(words[:0], []).to_pylist() == []
