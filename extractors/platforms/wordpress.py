"""WordPress: a site's posts and the comments under them, read over its REST API.

`account` is the site's host, and the instance in every id. Options: `url` where the site is not
`https://<account>`; `api` where it is not at `wp-json/wp/v2` (a site with plain permalinks has it
at `?rest_route=/wp/v2`); `guests_by`, see below. An application password is optional: login and
password of the connection. Reads WordPress 5.6 and newer.
API: https://developer.wordpress.org/rest-api/reference/comments/

Who a **guest** is. The site tells guests apart by the e-mail address they type; others see a name.
`guests_by` chooses the evidence, once: another choice gives guests new ids from then on.

- `name` (default): name and web address as typed. Weak: two people of one name and no web address
  are one account, and a person who types another name is two.
- `avatar`: the hash of the e-mail address, found in the public address of the guest's picture.
- `email`: the e-mail address, which only a moderator's application password may read.

The last two need the secret `RAPPORT_SECRET` in the environment. Address or hash is replaced by its
HMAC-SHA256 *before* it reaches the lake: the one thing in which an item is not verbatim. A guest
without address is known by name, one without name is nobody: the message counts, but no person is
made up. Guests have no handle, so nobody becomes one of us by typing our name.

What else is surprising:

- Times come without a zone; `*_gmt` is UTC. `after` is exclusive, and compares local times.
- A comment is found by the date it was written, however late it was approved: hence the look-back.
  Later approvals, later edits of comments, and deletions are not noticed.
- A comment means nothing without what it answers: the comments answered and the posts or pages
  they stand under come along, however old they are.
- Not read: pingbacks and trackbacks, which are pages that link to us and not people who speak to
  us; and what moderators have not approved, which nobody else has seen.
- Many sites hide the list of users. Their accounts then have no handle, and the organisation file
  names colleagues as `wordpress:<host>:user-<number>`.
- What anybody may read is given to a wrong password as well, so one request asks whose it is.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import unquote

from pydantic import Field

from extractors.client import Credentials, basic
from extractors.errors import BadCredentials, NotThere
from extractors.observations import AccountSeen, MessageSeen, Observation, make_id
from extractors.pace import Rate
from extractors.paging import numbered_pages
from extractors.platform import (
    Access,
    Fetched,
    Inspection,
    Item,
    Options,
    Platform,
    Reading,
    SetAside,
    Stream,
    fetched,
)
from extractors.text import plain_text
from lake.organisation import AccountToRead, OrganisationError

log = logging.getLogger(__name__)

PAGE_SIZE = 100  # the most WordPress gives
MIN_SECRET = 16  # characters; fewer could be guessed, and the addresses with them
_FIELDS = {
    "users": "id,name,slug,link,url",
    "posts": "id,date_gmt,modified_gmt,type,link,title,content,author,categories,tags",
    "comments": "id,post,parent,author,author_name,author_url,date_gmt,content,link,type,_links.up",
}
_EVIDENCE = {  # the field that tells guests apart, and the part of it that does
    "avatar": ("author_avatar_urls", re.compile(r"/avatar/([0-9a-f]{32,64})\b")),
    "email": ("author_email", re.compile(r"(\S+@\S+)")),
}
_NAMELESS = ("", "anonymous")


class WordpressOptions(Options):
    """Where the site and its API are, and what tells one guest from another."""

    url: str = Field("", pattern=r"^(https?://[^\s/]\S*)?$")
    api: str = "wp-json/wp/v2"
    guests_by: Literal["name", "avatar", "email"] = "name"


def _site(account: AccountToRead, options: Any, credentials: Credentials | None) -> str:
    if ":" in account.account:
        raise OrganisationError(
            f"read: wordpress {account.account}: the account is the site's host or any name without"
            ' ":"; an address goes into options.url'
        )
    told = credentials.base_url if credentials else ""
    return options.url or told or f"https://{account.account}"


def check(inspection: Inspection) -> Access:
    """Whose password it is and what that user may do; else whether comments are told at all.

    https://developer.wordpress.org/rest-api/reference/users/#retrieve-a-user-2
    """
    api, guests_by = inspection.options.api, inspection.options.guests_by
    faults = []
    if guests_by != "name" and not _has_secret():
        faults.append(f"guests_by = {guests_by!r} needs {MIN_SECRET} characters in RAPPORT_SECRET")
    if not inspection.has_token:
        asked = {"per_page": "1", "_fields": "id"}
        inspection.client.get(f"{api}/comments", asked, stream="credentials")
        if guests_by == "email":
            faults.append("guests_by = 'email' needs the application password of a moderator")
        whose = "comments are told"
        return Access(whose, allows=("what is public",), faults=tuple(faults))
    asked = {"context": "edit", "_fields": "id,slug,roles,capabilities"}
    mine = inspection.client.get(f"{api}/users/me", asked, stream="credentials").json()
    told = mine.get("capabilities")  # PHP writes an empty object as []
    able = {name for name, is_able in told.items() if is_able} if isinstance(told, dict) else set()
    lacks: dict[str, str] = {}
    if guests_by == "email" and "moderate_comments" not in able:
        lacks["comments"] = "moderate_comments, for guests' addresses"
    return Access(
        f"{mine['slug']}, number {mine['id']}",
        allows=tuple(sorted(mine.get("roles") or ())),
        lasts="until it is revoked",
        refused=lacks,
        faults=tuple(faults),
        notes=()
        if "list_users" in able
        else ("of users only those who have published something are told: list_users is lacking",),
    )


def own_account(reading: Reading) -> Iterator[Fetched | SetAside]:
    """Whose password it is; fails where it is wrong, over which WordPress else is silent."""
    path = f"{reading.options.api}/users/me"
    answer = reading.client.get(path, {"_fields": _FIELDS["users"]}, stream="own_account")
    yield fetched(answer.json())


def users(reading: Reading) -> Iterator[Fetched | SetAside]:
    """Who may write there: without a password those who have published something."""
    try:
        yield from _listed(reading, "users", "users")
    except (BadCredentials, NotThere) as error:
        # Hidden on purpose by many sites; whether a password is wrong tells `own_account`.
        log.warning("the list of users is hidden, handles are not known: %s", error)


def posts(reading: Reading) -> Iterator[Fetched | SetAside]:
    """What the site published in the window."""
    yield from _listed(reading, "posts", "posts", _within(reading))


def comments(reading: Reading) -> Iterator[Fetched | SetAside]:
    """The window's comments, and whatever they answer: earlier comments, posts, pages."""
    guests_by, secret, threads = reading.options.guests_by, _secret(reading), _Threads()
    asked = {"_fields": _FIELDS["comments"]}
    if guests_by in _EVIDENCE:
        asked["_fields"] += f",{_EVIDENCE[guests_by][0]}"
        asked["context"] = "edit" if guests_by == "email" else "view"
    due = [_within(reading)]
    while due:
        for params in due:
            for each in _listed(reading, "comments", "comments", asked | params):
                if isinstance(each, Fetched):
                    _seal(each.item, guests_by, secret)
                    threads.note(each.item)
                yield each
        due = threads.unseen_comments()
    for route, ids in threads.posts.items():
        for params in _chosen(ids):
            yield from _listed(reading, "comments", route, params)


@dataclass
class _Threads:
    """What the comments seen so far belong to: ids of comments, and of posts by their API route."""

    seen: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    posts: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def note(self, comment: Item) -> None:
        self.seen.add(comment.get("id", 0))
        self.answered.add(comment.get("parent", 0))
        links = comment.get("_links")  # PHP writes an empty object as []
        post = unquote(str(links.get("up"))) if isinstance(links, dict) else ""
        if found := re.search(r"wp/v2/([\w-]+)/(\d+)", post):
            self.posts[found[1]].add(int(found[2]))

    def unseen_comments(self) -> list[dict[str, str]]:
        """Ask for these; each but once, since some are deleted or were never approved."""
        unseen = self.answered - self.seen - {0}
        self.seen |= unseen
        return _chosen(unseen)


def _chosen(ids: set[int]) -> list[dict[str, str]]:
    ordered = [str(each) for each in sorted(ids)]
    parts = range(0, len(ordered), PAGE_SIZE)
    return [{"include": ",".join(ordered[part : part + PAGE_SIZE])} for part in parts]


def _within(reading: Reading) -> dict[str, str]:
    after = reading.window.start - timedelta(seconds=1)
    return {
        "after": f"{after:%Y-%m-%dT%H:%M:%SZ}",
        "before": f"{reading.window.end:%Y-%m-%dT%H:%M:%SZ}",
    }


def _listed(
    reading: Reading, stream: str, route: str, params: dict[str, str] | None = None
) -> Iterator[Fetched | SetAside]:
    """Every element of a list, by id: ids never tie, so no page repeats or skips one."""
    path = f"{reading.options.api}/{route}"
    asked = {"_fields": _FIELDS.get(route, _FIELDS["posts"]), "orderby": "id", "order": "asc"}
    asked |= params or {}
    pages = numbered_pages(reading.client, path, asked, stream=stream, size=PAGE_SIZE)
    for page, elements in pages:
        for element in elements:
            yield fetched(element, page)


def _has_secret() -> bool:
    return len(os.environ.get("RAPPORT_SECRET", "")) >= MIN_SECRET


def _secret(reading: Reading) -> bytes:
    if reading.options.guests_by != "name" and not _has_secret():
        raise BadCredentials(
            f"guests_by = {reading.options.guests_by!r} needs a secret: set RAPPORT_SECRET to "
            f"{MIN_SECRET} characters or more",
            platform=reading.account.platform,
            account=reading.account.account,
            stream="comments",
        )
    return os.environ.get("RAPPORT_SECRET", "").encode()


def _seal(comment: Item, guests_by: str, secret: bytes) -> None:
    """Put a keyed hash in the place of a guest's e-mail address, or of the plain hash of it."""
    if guests_by in _EVIDENCE:
        key, pattern = _EVIDENCE[guests_by]
        found = pattern.search(str(comment.pop(key, "")).casefold())
        if found and not comment.get("author"):
            digest = hmac.new(secret, found[1].encode(), hashlib.sha256).hexdigest()
            comment["guest_key"] = f"{guests_by}-{digest[:32]}"


def read_user(item: Item, account: AccountToRead) -> Iterable[Observation]:
    """A registered account; its handle is the name in the address of its page."""
    yield AccountSeen(
        account_id=_id(account, f"user-{item['id']}"),
        handle=item["slug"],
        display_name=plain_text(item["name"]) or None,
        profile_url=item["link"],
        profile_links=_links(item["url"]),
    )


def read_post(item: Item, account: AccountToRead) -> Iterable[Observation]:
    """A post or page: title and text."""
    sent_at, changed_at = _moment(item["date_gmt"]), _moment(item["modified_gmt"])
    parts = [plain_text(item.get(key, {}).get("rendered", "")) for key in ("title", "content")]
    author = item.get("author")  # null where the kind of post has no author
    yield MessageSeen(
        message_id=_id(account, f"post-{item['id']}"),
        author_id=_id(account, f"user-{author}") if author else None,
        sent_at=sent_at,
        edited_at=changed_at if changed_at > sent_at else None,
        text="\n\n".join(filter(None, parts)) or None,
        kind="post",
        channel=account.account,
        is_own_space=True,
        permalink=item["link"],
    )


def read_comment(item: Item, account: AccountToRead) -> Iterable[Observation]:
    """A comment and who wrote it; or a post that came along with one."""
    if "post" not in item:
        yield from read_post(item, account)
        return
    if item["type"] != "comment":
        return  # a page that links to us, or what a plugin keeps among the comments
    author_id = _author_id(item, account)
    if author_id:
        yield AccountSeen(
            account_id=author_id,
            display_name=plain_text(item["author_name"]) or None,
            profile_links=_links(item["author_url"]),
        )
    post_id = _id(account, f"post-{item['post']}")
    yield MessageSeen(
        message_id=_id(account, f"comment-{item['id']}"),
        author_id=author_id,
        sent_at=_moment(item["date_gmt"]),
        text=plain_text(item["content"]["rendered"]) or None,
        kind="comment",
        channel=account.account,
        parent_id=_id(account, f"comment-{item['parent']}") if item["parent"] else post_id,
        root_id=post_id,
        is_own_space=True,
        permalink=item["link"],
    )


def _author_id(comment: Item, account: AccountToRead) -> str | None:
    if comment["author"]:
        return _id(account, f"user-{comment['author']}")
    if key := comment.get("guest_key"):
        return _id(account, f"guest-{key}")
    name = _folded(plain_text(comment["author_name"]))
    if name in _NAMELESS:
        return None
    typed = f"{name}\n{_folded(comment['author_url']).rstrip('/')}"
    return _id(account, f"guest-name-{hashlib.sha256(typed.encode()).hexdigest()[:32]}")


def _id(account: AccountToRead, source_id: str) -> str:
    return make_id(WORDPRESS.name, account.account, source_id)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _links(url: str) -> tuple[str, ...]:
    return (url,) if url else ()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WORDPRESS = Platform(
    name="wordpress",
    streams=(
        Stream("own_account", own_account, read_user, needs_token=True, is_snapshot=True),
        Stream("users", fetch=users, read=read_user, is_snapshot=True),
        Stream("posts", fetch=posts, read=read_post, lookback_days=7),
        Stream("comments", fetch=comments, read=read_comment, lookback_days=14),
    ),
    options=WordpressOptions,
    base_url=_site,
    authenticate=basic,
    check=check,
    rate=Rate(requests=120, per_seconds=60),  # ours: WordPress has none, its hosts do
    text_keys=frozenset({"rendered", "raw"}),
)
