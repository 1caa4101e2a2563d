"""How a text is worded, whatever it is about: how many function words of each kind it uses.

The nine kinds are those of language style matching: Ireland and Pennebaker, "Language style
matching in writing" (2010), https://doi.org/10.1037/a0020386. The words are English.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LANGUAGE = "en"
# In this order the counts of a text stand. A contraction is of each kind that it contracts.
FUNCTION_WORDS = {
    "personal_pronoun": """
        i me my mine myself we us our ours ourselves you your yours yourself yourselves ya u y'all
        he him his himself she her hers herself they them their theirs themselves let's
        i'm i've i'd i'll we're we've we'd we'll you're you've you'd you'll he's he'd he'll
        she's she'd she'll they're they've they'd they'll
    """,
    "impersonal_pronoun": """
        it its itself this that these those who whom whose which what whatever whichever whoever
        anybody anyone anything everybody everyone everything nobody nothing somebody someone
        something one ones other others such stuff thing things
        it's it'd it'll that's that'd that'll this'll what's who's who'd who'll
    """,
    "article": "a an the",
    "preposition": """
        about above across after against along among around as at before behind below beneath
        beside besides between beyond by despite down during except for from in inside into like
        near of off on onto out outside over past per since than through throughout till to toward
        towards under underneath until unto up upon via with within without
    """,
    "auxiliary_verb": """
        am are be been being is was were has have having had do does did done doing can could may
        might must ought shall should will would gonna
        ain't aren't can't cannot couldn't didn't doesn't don't hadn't hasn't haven't isn't mightn't
        mustn't needn't shan't shouldn't wasn't weren't won't wouldn't
        i'm i've i'd i'll we're we've we'd we'll you're you've you'd you'll he's he'd he'll
        she's she'd she'll they're they've they'd they'll it's it'd it'll that's that'd that'll
        this'll what's who's who'd who'll there's there'll here's how's where's when's
    """,
    "adverb": """
        again ago almost already also always anyway apparently basically clearly currently even
        eventually ever extremely frequently generally hardly here hopefully immediately indeed
        instead just lately maybe mostly nearly now often only perhaps possibly probably quickly
        quite rather really recently simply so sometimes somewhat soon still there therefore thus
        too totally truly usually very well yet there's there'll here's
    """,
    "conjunction": """
        and although because but cause either how however if nor or otherwise plus though unless
        when whenever where whereas wherever whether while how's where's when's
    """,
    "negation": """
        no not never none neither nope nowhere nobody nothing without cannot
        ain't aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't mightn't
        mustn't needn't shan't shouldn't wasn't weren't won't wouldn't
    """,
    "quantifier": """
        all another any both bit bunch couple double each enough entire every extra few fewer half
        least less little lot lots many more most much multiple part plenty remaining several some
        ton tons total whole
    """,
}
KINDS = len(FUNCTION_WORDS)
COUNTED_AT_MOST = 2**16 - 1

_PAIRS = [
    (word, kind) for kind, words in enumerate(FUNCTION_WORDS.values()) for word in words.split()
]
_WORDS = pa.array(dict.fromkeys(word for word, _ in _PAIRS))
# Row: a word; column: a kind.
_IS_OF_KIND = np.zeros((len(_WORDS), KINDS), np.int64)
_PLACES = {word: place for place, word in enumerate(_WORDS.to_pylist())}
for _word, _kind in _PAIRS:
    _IS_OF_KIND[_PLACES[_word], _kind] = 1


def function_word_counts(words: pa.ListArray, spoken: Sequence[str | None]) -> pa.ListArray:
    """For each text how many of its words are of each kind; null where it is not English.

    `words` holds each text's words in lower case, `spoken` its language.
    """
    is_english = pa.array([language == LANGUAGE for language in spoken], pa.bool_())
    counts = _counted(words.filter(is_english))
    lengths = np.where(is_english, KINDS, 0)
    offsets = pa.array(np.concatenate(([0], np.cumsum(lengths))), pa.int32())
    values = pa.array(np.minimum(counts, COUNTED_AT_MOST).ravel(), pa.uint16())
    return pa.ListArray.from_arrays(offsets, values, mask=pc.invert(is_english))


def _counted(words: pa.ListArray) -> np.ndarray[Any, np.dtype[np.int64]]:
    """One row a text, one column a kind."""
    places = pc.fill_null(pc.index_in(pc.list_flatten(words), _WORDS), len(_WORDS)).to_numpy()
    is_known = places < len(_WORDS)
    rows = pc.list_parent_indices(words).to_numpy()[is_known]
    counts = np.zeros((len(words), KINDS), np.int64)
    np.add.at(counts, rows, _IS_OF_KIND[places[is_known]])
    return counts
