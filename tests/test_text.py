"""HTML becomes the words a reader sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.text import plain_text


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Hi &amp; hello</p>\n<p>you<br />\nthere</p>", "Hi & hello\n\nyou\nthere"),
        ("<ul><li>tea</li><li>milk</li></ul>done", "tea\nmilk\n\ndone"),
        ("<pre>one\n  two\n\nthree</pre>", "one\ntwo\n\nthree"),
        ("a <b> bold</b>\n word", "a bold word"),
        ("x <script>alert(1)</script>y", "x y"),
        ("It&#8217;s caf\u00e9 <3 & more", "It\u2019s caf\u00e9 <3 & more"),
        ("<![if !supportLists]>1.<![endif]> <![nonsense x]>first", "1. first"),
        ("", ""),
    ],
)
def test_html_becomes_the_words_a_reader_sees(html: str, words: str) -> None:
    assert plain_text(html) == words


def test_the_hidden_parts_of_a_mastodon_link_are_left_out() -> None:
    html = (
        '<p class="quote-inline">RE: <a href="https://s.example/1">https://s.example/1</a></p>'
        '<p><span class="h-card"><a href="https://s.example/@a">@<span>a</span></a></span> see '
        '<a href="https://a.example/long/path"><span class="invisible">https://</span>'
        '<span class="ellipsis">a.example/lo</span><span class="invisible">ng/path</span></a></p>'
    )
    assert plain_text(html) == "@a see a.example/lo"


@given(st.lists(st.sampled_from([*"<>![]-/?&#;=\"' x\n", "p", "pre", "CDATA", "DOCTYPE"])))
def test_no_broken_html_is_too_broken_to_read(pieces: list[str]) -> None:
    assert plain_text("".join(pieces)) is not None
