"""A town as Facebook tells of it to one of its Pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from extractors.platform import Item
from lake.organisation import AccountToRead
from tests.graph import GraphDialect, number_of, two_levels
from tests.platforms.facebook.page import ELSEWHERE, PAGE, Page, who
from tests.platforms.town import US, Said, Town


def uses_the_app(name: str) -> bool:
    """One of two people, and we."""
    return name == US or int(number_of(name)) % 2 == 0


class FacebookDialect(GraphDialect):
    """Others begin threads on our Page, as visitors, or tag it elsewhere. Comments answer comments.

    An answer to an answer stands below the same comment and tags whom it answers.
    """

    name = "facebook"
    handle = US
    stream = "posts"
    lists = rf"/v25.0/{PAGE}/feed"
    time_key = "created_time"
    author_key = "from"
    cannot_tell = (
        "who tagged the Page elsewhere, and what is said there",
        "reactions of people who do not use the app, and reactions to comments",
        "who shared a post, and who follows",
    )

    def settle(self, town: Town) -> Town:
        said = {number: replace(each, quotes=None) for number, each in town.said.items()}
        return two_levels(replace(town, said=said))

    def tells(self, town: Town) -> Town:
        said = {
            number: replace(each, by=None) if self._is_elsewhere(each) else each
            for number, each in town.said.items()
            if self._is_elsewhere(each) or self.is_own_space(each, town)
        }
        posts = {n for n, one in said.items() if one.to is None and self.is_own_space(one, town)}
        acts = (act for act in town.acts if act.kind == "reaction" and act.on in posts)
        return replace(town, said=said, acts=tuple(act for act in acts if uses_the_app(act.by)))

    @staticmethod
    def _is_elsewhere(said: Said) -> bool:
        return said.to is None and said.by != US and US in said.mentions

    def is_own_space(self, said: Said, town: Town) -> bool:
        return not self._is_elsewhere(town.root(said))

    def serve(self, town: Town, now: datetime, page_size: int = 100) -> Page:
        page = Page(size=page_size, uses_the_app=uses_the_app)
        for each in sorted(town.said.values(), key=lambda one: (one.at, one.number)):
            key, text = self._number(each), {"message": each.text, "message_tags": self._tags(each)}
            if each.to is None:
                name = None if self._is_elsewhere(each) else each.by
                page.posts_at(each.at, name, key, **text)
            else:
                root, top = town.root(each), town.said[each.to]
                to = self._number(top) if top is not root else None
                page.comments_at(each.at, each.by, self._number(root), to, key, **text)
        for act in town.acts:
            if act.kind == "reaction":
                page.reactions[self._number(town.said[act.on])].append(act.by)
        return page

    @staticmethod
    def _tags(said: Said) -> list[Item]:
        return [{**who(name), "type": "page" if name == US else "user"} for name in said.mentions]

    def _number(self, said: Said) -> str:
        own = str(10**17 + said.number)
        place = ELSEWHERE if self._is_elsewhere(said) else PAGE
        return f"{place}_{own}" if said.to is None else own

    def account(self, url: str) -> AccountToRead:
        options = {"direct_messages": True}
        return AccountToRead(platform="facebook", account=PAGE, options=options)

    def message_id(self, said: Said) -> str:
        return f"facebook::{self._number(said)}"

    def account_id(self, name: str) -> str:
        return f"facebook:{PAGE}:{who(name)['id']}"

    @property
    def login(self) -> str:
        return f"facebook:{PAGE}:{US}"
