"""What the words of one text show, as one query over a batch; nothing here knows who speaks.

A text becomes lower-case words parted by single blanks. `|` stands where a sentence or a clause
ends, `?` where something is asked, and one private character each for a link, an e-mail address
and a handle, so that no phrase reaches over any of them.
"""

from __future__ import annotations

from transforms.signals import phrases
from transforms.signals.phrases import EMAIL, HANDLE, LINK

_PRICED = r"([$€£] ?[0-9]|[0-9] ?(€|eur |euros? |usd |\$))"
_OFFERED = (
    r"(^|[.!:,] ?|for |now )(just|only|from|now|new|desde|por solo|ab|nur|jetzt|save) [$€£]? ?[0-9]"
)
_OFF = (
    r"(^|\s)-[0-9]+ ?%|[0-9] ?% ?(off|discount|de descuento|descuento|rabatt|de réduction"
    r"|réduction|de desconto|sconto)"
)
_TRACKED = r"[?&](utm_[a-z]+|gclid|fbclid|mc_cid|mc_eid|msclkid)="
_SHORT = (
    r"https?://(bit\.ly|tinyurl\.com|ow\.ly|buff\.ly|rebrand\.ly|cutt\.ly|goo\.gl|is\.gd"
    r"|amzn\.to|shorturl\.at|t\.ly)/"
)


def _either(lines: str) -> str:
    """One pattern for alternatives told one or several a line."""
    return "|".join(line for line in lines.replace("\n    ", "").split("\n") if line)


def replaced(column: str, *steps: tuple[str, str]) -> str:
    """SQL: `column` after every step (pattern, what takes its place), in this order."""
    for pattern, instead in steps:
        column = f"regexp_replace({column}, {quoted(pattern)}, {quoted(instead)}, 'g')"
    return column


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _says(lines: str, but: str = "") -> str:
    """SQL: whether a phrase is said in whole words, apart from those that only sound like it."""
    heard = replaced("plain", (f" ({_either(but)}) ", " | ")) if but else "plain"
    return f"regexp_matches({heard}, {quoted(f' ({_either(lines)}) ')})"


def matches(column: str, pattern: str) -> str:
    """SQL: whether the pattern is found in `column`."""
    return f"regexp_matches({column}, {quoted(pattern)})"


_PLAIN = replaced(
    "lower(text)",
    (r"https?://[^\s<>]+", f" {LINK} "),
    (r"[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+\.[\p{L}\p{N}.-]*\p{L}", f" {EMAIL} "),
    (r"@\S+", f" {HANDLE} "),
    ("[\u2018\u2019`]", "'"),
    ("[?\uff1f\u061f\u00bf]+", " ? "),
    ('[.!:;,()\n\r\u2026\u00a1\u3002\u2192\u2014"]+', " | "),
    (rf"[^\p{{L}}\p{{M}}\p{{N}}'?|{LINK}{EMAIL}{HANDLE}-]+", " "),
)
_NOT_A_WORD = r"[^\p{L}\p{M}\p{N}']+"
_OPENS_A_QUESTION = f"[|?] {phrases.QUESTION_LEAD}({_either(phrases.ASKING)}) "
_RHETORICAL_QUESTION = rf"\|[ |]*(\? )?({_either(phrases.RHETORICAL)}) \?"
_NOTHING_BUT_A_LINK = f"^[| {HANDLE}]*{LINK}[| {HANDLE}{LINK}]*$"

# A word in a table that outlives the text is a number of 32 bits: out of sight and of a search for
# bytes, though who has a dictionary can find it again (DECISIONS 22).
_NUMBERED = "('0x' || left(md5(word), 8))::uinteger"


def numbered(words: str) -> str:
    """SQL: a list of words as numbers of 32 bits, by which they can be compared."""
    return f"list_transform({words}, lambda word: {_NUMBERED})"


TEXT_WORDS = f"""
with spaced as (
    select
        content_hash,
        text,
        lower(text) as said,
        '| ' || {_PLAIN} || ' |' as spaced
    from batch
),
parted as (
    select
        * exclude (spaced),
        regexp_replace(spaced, ' +', ' ', 'g') as plain,
        list_filter(
            regexp_split_to_array(spaced, {quoted(_NOT_A_WORD)}), lambda word: word <> ''
        ) as words
    from spaced
),
heard as (
    select
        *,
        contains({replaced("plain", (_RHETORICAL_QUESTION, "| "))}, '?')
            or {matches("plain", _OPENS_A_QUESTION)}
            or {_says(phrases.ASKING_ANYWHERE)} as is_question,
        list_filter(
            words, lambda word: not list_contains({(phrases.THANKS + phrases.AROUND).split()}, word)
        ) as beside_thanks
    from parted
)
select
    content_hash,
    text,
    words,
    len(words) as word_count,
    is_question,
    case
        when not is_question
            and len(words) between 1 and {phrases.THANKS_AT_MOST}
            and len(beside_thanks) <= {phrases.NAME_AT_MOST}
            and list_has_any(words, {phrases.THANKS.split()})
            then {numbered("beside_thanks")}
    end as beside_thanks,
    len(words) > 0 and list_contains({phrases.GREETINGS.split()}, words[1]) as has_greeting,
    {_says(phrases.THANKING, phrases.NO_THANKS)} as has_thanks,
    {_says(phrases.APOLOGY, phrases.NO_APOLOGY)} as has_apology,
    {_says(phrases.PROMISE, phrases.NO_PROMISE)} as has_promise,
    {_says(phrases.DEFLECTION, phrases.NO_DEFLECTION)}
        or {matches("plain", _NOTHING_BUT_A_LINK)} as has_deflection,
    case
        when {matches("said", _TRACKED)} then 'tracking_link'
        when {matches("said", _OFF)} then 'discount'
        when {_says(phrases.CALL, phrases.NOT_CALLING)} then 'call_to_action'
        when {matches("said", _SHORT)} then 'short_link'
        when {matches("said", _OFFERED)} and {matches("said", _PRICED)} then 'price'
    end as promotion_evidence,
    {_says(phrases.VISIT)} as leads_to_link
from heard
"""
