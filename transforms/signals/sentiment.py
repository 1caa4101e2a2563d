"""How a text feels, by a model that can be exchanged; it is only asked about languages it knows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Protocol

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


class Sentiment(Protocol):
    """Scores texts from -1 (bad) to 1 (good)."""

    @property
    def name(self) -> str:
        """The model and its version, kept beside every score."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639 codes of what it understands; every other text has no score."""

    def scores(self, texts: Sequence[str]) -> list[float]:
        """One score a text, in the same order."""


class Vader:
    """VADER's compound score: rules and a lexicon, English only, blind to sarcasm.

    Hutto and Gilbert 2014, https://github.com/cjhutto/vaderSentiment.
    """

    name = "vader-3.3.2"
    languages = frozenset({"en"})

    def scores(self, texts: Sequence[str]) -> list[float]:
        analyzer = _analyzer()
        return [float(analyzer.polarity_scores(text)["compound"]) for text in texts]


@cache
def _analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()
