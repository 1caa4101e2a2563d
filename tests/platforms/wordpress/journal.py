"""A small made-up site that speaks WordPress's dialect."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extractors.platform import Item
from extractors.windows import moment
from lake.organisation import AccountToRead
from tests.loopback import Asked, Reply
from tests.platforms.nights import Nights

API = "/wp-json/wp/v2"
LOGIN, PASSWORD = "acme", "jour nal pass word"
SITE = "blog.example"


def refusal(status: int, code: str) -> Reply:
    return Reply({"code": code, "message": "no", "data": {"status": status}}, status)


def written(when: datetime) -> str:
    return when.isoformat()[:19]


@dataclass
class Journal:
    """The site: what is published there, and how it answers. Change it between nights."""

    posts: dict[int, Item] = field(default_factory=dict)
    comments: dict[int, Item] = field(default_factory=dict)
    users: dict[int, Item] = field(default_factory=dict)
    troubles: dict[str, list[Reply]] = field(default_factory=dict)
    page_size: int = 100

    def joins(self, number: int, name: str, **more: Any) -> int:
        """Add a user."""
        page = f"https://{SITE}/author/{name}/"
        told = {"name": name.title(), "slug": name, "link": page, "url": "", "description": ""}
        self.users[number] = {"id": number, **told, **more}
        return number

    def publishes(self, author: int, when: datetime, number: int = 0, **more: Any) -> int:
        """Add a post, or a page; returns its number."""
        number = number or 100 + len(self.posts)
        self.posts[number] = {
            "id": number,
            "type": "post",
            "status": "publish",
            "author": author,
            "date_gmt": written(when),
            "modified_gmt": written(when),
            "link": f"https://{SITE}/?p={number}",
            "title": {"rendered": ""},
            "content": {"rendered": "<p>…</p>", "protected": False},
            **more,
        }
        return number

    def says(self, by: int | str, when: datetime, post: int, number: int = 0, **more: Any) -> int:
        """Add a comment of a user, or of a guest by name; returns its number."""
        number = number or 1000 + len(self.comments)
        is_user = isinstance(by, int)
        self.comments[number] = {
            "id": number,
            "post": post,
            "parent": 0,
            "author": by if is_user else 0,
            "author_name": self.users[by]["name"] if isinstance(by, int) else by,
            "author_url": "",
            "author_email": "" if is_user else f"{by}@mail.test".lower(),
            "date_gmt": written(when),
            "content": {"rendered": "<p>…</p>"},
            "link": f"https://{SITE}/?p={post}#comment-{number}",
            "status": "approved",
            "type": "comment",
            **more,
        }
        return number

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix(API).strip("/")
        if self.troubles.get(path):
            return self.troubles[path].pop(0)
        for pattern, answer in self.routes.items():
            if found := re.fullmatch(pattern, path):
                return answer(asked, *found.groups())
        return refusal(404, "rest_no_route")

    @property
    def routes(self) -> Mapping[str, Callable[..., Reply]]:
        return {
            "posts": lambda asked: self.ask_posts(asked, "post"),
            "pages": lambda asked: self.ask_posts(asked, "page"),
            "comments": self.ask_comments,
            "users": self.ask_users,
            "users/me": self.ask_whose,
            r"users/(\d+)": self.ask_user,
        }

    def ask_posts(self, asked: Asked, kind: str) -> Reply:
        found = [each for each in self.posts.values() if each["type"] == kind]
        return self.page(asked, (each for each in found if each["status"] == "publish"), beyond=400)

    def ask_comments(self, asked: Asked) -> Reply:
        """The approved ones are counted; told are those whose post is public."""
        if asked.query.get("context") == "edit" and not self.is_known(asked):
            return refusal(401, "rest_forbidden_context")
        approved = [each for each in self.comments.values() if each["status"] == "approved"]
        return self.page(asked, approved, is_told=self.is_public)

    def is_public(self, comment: Item) -> bool:
        post = self.posts.get(comment["post"])
        return bool(post and post["status"] == "publish")

    def ask_users(self, asked: Asked) -> Reply:
        told = self.users if self.is_known(asked) else self.published
        return self.page(asked, (self.users[each] for each in told))

    def ask_user(self, asked: Asked, number: str) -> Reply:
        if int(number) not in self.users:
            return refusal(404, "rest_user_invalid_id")
        if int(number) not in self.published and not self.is_known(asked):
            return refusal(401, "rest_user_cannot_view")
        return Reply(self.fields(asked, self.users[int(number)]))

    def ask_whose(self, asked: Asked) -> Reply:
        if not self.is_known(asked):
            return refusal(401, "rest_not_logged_in")
        return Reply(self.fields(asked, next(iter(self.users.values()))))

    @property
    def published(self) -> list[int]:
        authors = {each["author"] for each in self.posts.values() if each["status"] == "publish"}
        return [each for each in self.users if each in authors]

    def is_known(self, asked: Asked) -> bool:
        token = base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
        return asked.headers.get("Authorization") == f"Basic {token}"

    def page(
        self,
        asked: Asked,
        items: Iterable[Item],
        *,
        is_told: Callable[[Item], bool] = lambda _: True,
        beyond: int = 200,
    ) -> Reply:
        """A page by ids; of posts there is none beyond the last, of others an empty one."""
        query, found = asked.query, sorted(chosen(asked, items), key=lambda each: int(each["id"]))
        assert (query.get("orderby"), query.get("order")) in {("id", "asc"), (None, None)}
        size = min(int(query["per_page"]), self.page_size)
        page, pages = int(query.get("page", "1")), -(-len(found) // size)
        if page > pages and found and beyond == 400:
            return refusal(400, "rest_post_invalid_page_number")
        told = [each for each in found[(page - 1) * size : page * size] if is_told(each)]
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
        return Reply([self.fields(asked, each) for each in told], headers=headers)

    def fields(self, asked: Asked, item: Item) -> Item:
        """Of an item what `_fields` names."""
        wanted = asked.query["_fields"].split(",")
        told = {key: item[key] for key in wanted if key in item}
        if "_links.up" in wanted and item["post"] in self.posts:
            route = f"{self.posts[item['post']]['type']}s"
            href = f"https://{SITE}{API}/{route}/{item['post']}"
            told["_links"] = {"up": [{"embeddable": True, "href": href}]}
        if "author_avatar_urls" in wanted:
            address = item.get("author_email", "").encode().hex().ljust(32, "0")[:32]
            told["author_avatar_urls"] = {"24": f"https://0.pic.test/avatar/{address}?s=24"}
        if asked.query.get("context") != "edit":
            told.pop("author_email", None)
        return told


def chosen(asked: Asked, items: Iterable[Item]) -> Iterator[Item]:
    """What the query's times and ids leave of a list; both ends of a time are exclusive."""
    query = asked.query
    ids = {int(each) for each in query["include"].split(",")} if "include" in query else None
    limits = [
        (key, is_after, written(moment(query[f"{name}{which}"])))
        for name, key in (("", "date_gmt"), ("modified_", "modified_gmt"))
        for which, is_after in (("after", True), ("before", False))
        if f"{name}{which}" in query
    ]
    for each in items:
        fits = all(
            each[key] > limit if is_after else each[key] < limit for key, is_after, limit in limits
        )
        if fits and (ids is None or each["id"] in ids):
            yield each


@dataclass
class SiteNights(Nights):
    """Nights at a site, made-up or real."""

    platform: str = "wordpress"
    name: str = SITE

    @property
    def account(self) -> AccountToRead:
        options = {"url": self.url, **self.options}
        return AccountToRead(platform=self.platform, account=self.name, options=options)
