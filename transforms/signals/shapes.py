"""The shape of a reply of ours: what is left to compare when names, numbers and links are masked.

A shape is kept as numbers, so that replies can be compared after their texts were erased.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

from rensa import RMinHash

from transforms.signals.phrases import GREETINGS
from transforms.signals.words import matches, numbered, quoted, replaced

TOKENS_AT_LEAST = 8
# 42 bands of 6 hashes: a pair with Jaccard 0.7 meets in a band with probability 0.995, one with
# 0.75 with 0.9997, one with 0.3 with 0.03.
BANDS, ROWS, SEED = 42, 6, 1

# What stands at the end and says which human wrote it: "^HSB", "- Zoe", "-- Zoe Martin".
_INITIALS = r"\s\^\p{L}{1,12}\s*$"
_NAME = "(\\s|^)[-\u2013\u2014~]{1,2} ?\\p{Lu}[\\p{L}.]*( \\p{Lu}[\\p{L}.]*)?\\s*$"
_REGARDS = (
    "\\n\\s*(?i:(best|kind|warm) regards|best wishes|regards|un saludo|saludos|viele grüße"
    "|liebe grüße)[,!. ]*(\\n\\s*\\p{L}[^\\n]{0,40})?\\s*$"
)
_GREETED = (
    "^([^\\p{L}<]|<user>)*(good (morning|afternoon|evening)|buenos días|buenas tardes|guten "
    f"(morgen|tag|abend)|{'|'.join(GREETINGS.split())})( +[^\\s,!.:]+){{0,3}} *([,!.:\\n]|$)"
)
_UNSIGNED = replaced("text", (_REGARDS, ""), (_INITIALS, ""), (_NAME, ""))
MASKED = replaced(
    f"lower({_UNSIGNED})",
    (r"https?://[^\s<>]+", " <url> "),
    (r"@\S+", " <user> "),
    (r"\p{N}+([.,:/]\p{N}+)*", " <num> "),
    (_GREETED, " <greet> "),
)
_BETWEEN = r"[^\p{L}\p{M}\p{N}<>']+"

_HOST = r"https?://(www\.)?([^/\s:?#<>]+)"
_NOT_A_WORD = r"[^\p{L}\p{M}\p{N}]+"
_WORDS = f"list_distinct(regexp_split_to_array(lower(text), {quoted(_NOT_A_WORD)}))"

# Of 3 tokens in a row, each triple once, as sorted numbers of 32 bits.
SHAPE = f"""
with masked as (
    select
        content_hash,
        text,
        list_filter(
            regexp_split_to_array({MASKED}, {quoted(_BETWEEN)}), lambda word: word <> ''
        ) as tokens
    from batch
),
tripled as (
    select
        *,
        list_transform(
            range(1, len(tokens) - 1),
            lambda place: tokens[place] || ' ' || tokens[place + 1] || ' ' || tokens[place + 2]
        ) as triples
    from masked
)
select
    content_hash,
    len(tokens) as token_count,
    case
        when len(tokens) >= {TOKENS_AT_LEAST}
            then list_sort(list_distinct({numbered("triples")}))
        else []
    end as shingles,
    {numbered(_WORDS)} as words,
    list_distinct(
        regexp_extract_all(lower(text), {quoted(_HOST)}, 2)
    ) as link_hosts,
    {matches("text", f"{_INITIALS}|{_NAME}|{_REGARDS}")} as is_signed
from tripled
"""


def bands(shapes: Iterable[list[int]]) -> list[list[int]]:
    """For each shape one number a band of its MinHash; like shapes share one or more of them."""
    every = [list(shape) for shape in shapes]
    rows = RMinHash.digest_matrix_from_token_hash_sets(every, BANDS * ROWS, SEED).to_rows()
    return [_folded(row) if shape else [] for shape, row in zip(every, rows, strict=True)]


def _folded(row: list[int]) -> list[int]:
    """A number of 64 bits for each band, the band's place in its upper bits."""
    told = memoryview(struct.pack(f"<{len(row)}I", *row))
    width = len(told) // BANDS
    return [
        (place << 32) | zlib.crc32(told[place * width : (place + 1) * width])
        for place in range(BANDS)
    ]
