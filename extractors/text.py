"""The words of a message whose platform answers in HTML, and the links in what people write."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_PARAGRAPHS = frozenset(
    ("blockquote", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table")
) | {"ul"}
_LINES = frozenset(("article", "dd", "div", "dt", "hr", "li", "section", "td", "th", "tr"))
_LINK = re.compile(r"https?://[^\s<>\"'()\[\]]+")
_UNSEEN_TAGS = frozenset(("script", "style", "template"))
_UNSEEN_CLASSES = frozenset(("invisible", "quote-inline"))  # what Mastodon's page hides


class _Words(HTMLParser):
    """Collects what a reader of the page would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._wanted_breaks = 0
        self._unseen_tag = ""
        self._unseen_depth = 0
        self._pre_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._unseen_depth:
            self._unseen_depth += tag == self._unseen_tag
            return
        classes = (dict(attrs).get("class") or "").split()
        if tag in _UNSEEN_TAGS or _UNSEEN_CLASSES.intersection(classes):
            self._unseen_tag, self._unseen_depth = tag, 1
        elif tag == "br":
            self._wanted_breaks = min(self._wanted_breaks + 1, 2)
        else:
            self._pre_depth += tag == "pre"
            self._break_around(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._unseen_depth:
            self._unseen_depth -= tag == self._unseen_tag
            return
        self._pre_depth = max(0, self._pre_depth - (tag == "pre"))
        self._break_around(tag)

    def handle_data(self, data: str) -> None:
        if self._unseen_depth:
            return
        for number, line in enumerate(data.split("\n") if self._pre_depth else [data]):
            if number:
                self._wanted_breaks = min(self._wanted_breaks + 1, 2)
            self._write(line)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Skip `<![...]>`, at whose unknown words the parent class gives up."""
        return self.parse_bogus_comment(i, report)

    def _break_around(self, tag: str) -> None:
        wanted = 2 if tag in _PARAGRAPHS else 1 if tag in _LINES else 0
        self._wanted_breaks = max(self._wanted_breaks, wanted)

    def _write(self, line: str) -> None:
        words = re.sub(r"[ \t\r\n\f]+", " ", line)
        if self._wanted_breaks or not self.parts:
            words = words.lstrip(" ")
        if words:
            self.parts += ["\n" * self._wanted_breaks if self.parts else "", words]
            self._wanted_breaks = 0


def plain_text(html: str) -> str:
    """What a reader sees of `html`: entities decoded, paragraphs apart by an empty line.

    Line breaks, list items and table cells start a new line; scripts, styles and what Mastodon
    hides (the unshown parts of a link, `RE:` before a quote) are left out. Broken HTML is read
    as far as it goes.
    """
    words = _Words()
    words.feed(html)
    words.close()
    return re.sub(r" *\n", "\n", re.sub(r" {2,}", " ", "".join(words.parts))).strip()


def links_in(text: str) -> tuple[str, ...]:
    """The web addresses that somebody wrote into a text or into HTML, each once."""
    return tuple(dict.fromkeys(found.rstrip(".,;:!?") for found in _LINK.findall(text)))
