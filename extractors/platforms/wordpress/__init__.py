"""WordPress: a site's posts and the comments under them, read over its REST API.

`account` is the site's host, and the instance in every id. Options: `url` where the site is not
`https://<account>`; `api` where it is not at `wp-json/wp/v2` (a site with plain permalinks has it
at `?rest_route=/wp/v2`); `guests_by`, see below. An application password is optional: login and
password of the connection. Reads WordPress 5.7 and newer.

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
- A comment approved late keeps the time at which it was written, and nothing tells when one was
  edited, deleted or marked as spam. The last two weeks are read again each night. Of the year
  before them the comments, and the posts, are only counted; where raw holds another number the ids
  alone are listed, and what is new or missing is asked for. As many new as missing ones go
  unnoticed, and so does an edit, until those days are looked through again. Edits of posts show
  the night after, however old the post is.
- Whatever is missing is asked for once more by its id. Then it is gone for everybody: deleted, in
  the trash, marked as spam, or no longer approved; it is there again when a list tells it again.
- A comment means nothing without what it answers: the comments answered and the posts or pages
  they stand under come along, however old they are.
- Comments under posts that are not public are counted, and not told.
- Not read: pingbacks and trackbacks, which are pages that link to us and not people who speak to
  us; and what moderators have not approved, which nobody else has seen.
- Many sites hide the list of users. Their accounts then have no handle, and the organisation file
  names colleagues as `wordpress:<host>:user-<number>`.
- What anybody may read is given to a wrong password as well, so one request asks whose it is.

API: https://developer.wordpress.org/rest-api/reference/ (posts, comments, users).
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from extractors.client import Credentials, basic
from extractors.errors import BadCredentials, NotThere
from extractors.pace import Rate
from extractors.platform import (
    Elements,
    Fetched,
    Item,
    Options,
    Platform,
    Reading,
    Stream,
    Window,
    fetched,
    untold,
)
from extractors.platforms.wordpress.access import check
from extractors.platforms.wordpress.asking import (
    FIELDS,
    by_ids,
    count,
    ids_of,
    listed,
    with_what_they_answer,
    within,
)
from extractors.platforms.wordpress.items import read_comment, read_post, read_user
from extractors.platforms.wordpress.known import asked_again, held
from lake.organisation import AccountToRead, OrganisationError

log = logging.getLogger(__name__)

READ_AGAIN_DAYS = {"posts": 7, "comments": 14}
COUNTED_DAYS = 365


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


def fetch_own_account(reading: Reading) -> Elements:
    """Whose password it is; fails where it is wrong, over which WordPress else is silent."""
    path = f"{reading.options.api}/users/me"
    answer = reading.client.get(path, {"_fields": FIELDS["users"]}, stream="own_account")
    yield fetched(answer.json())


def fetch_users(reading: Reading) -> Elements:
    """Who may write there, without a password those who have published; and who is deleted."""
    known, seen = dict[Any, Item](), set[Any]()
    for item in reading.raw("users", reading.window.start):
        known.setdefault(item.get("id"), item)
    try:
        yield from _each_once(listed(reading, "users", "users", {}), seen)
    except (BadCredentials, NotThere) as error:
        # Hidden on purpose by many sites; whether a password is wrong tells `own_account`.
        log.warning("the list of users is hidden, handles are not known: %s", error)
        return
    for one in known.keys() - seen:
        if "gone" not in known[one] and _is_deleted(reading, one):
            yield Fetched({"id": one, "gone": True})


def _is_deleted(reading: Reading, user: Any) -> bool:
    """Whether WordPress says that there is no such user: others are only hidden, or not told of."""
    path, refusals = f"{reading.options.api}/users/{user}", {401, 403, 404}
    answer = reading.client.get(path, {"_fields": "id"}, stream="users", expected=refusals)
    return answer.status == 404 and b"rest_user_invalid_id" in answer.body


def fetch_posts(reading: Reading) -> Elements:
    """What the site published in the window, what it changed in it, and what is gone."""
    seen = set[Any]()
    for asked in (within(reading.window), within(reading.window, "modified_")):
        yield from _each_once(listed(reading, "posts", "posts", asked), seen)
    yield from _missing(reading, "posts", seen)


def fetch_comments(reading: Reading) -> Elements:
    """The window's comments, what is gone of them, and what they answer: comments, posts, pages."""
    yield from with_what_they_answer(reading, "comments", _comments(reading))


def _comments(reading: Reading) -> Elements:
    seen, asked = set[Any](), within(reading.window)
    yield from _each_once(listed(reading, "comments", "comments", asked), seen)
    counted = count(reading, "comments", "comments", asked)
    yield from untold("", counted, len(seen), "comments")
    yield from _missing(reading, "comments", seen)


def fetch_late_changes(reading: Reading) -> Elements:
    """What became public, or ceased to be, when it was older than what each night reads again."""
    for route, days in READ_AGAIN_DAYS.items():
        end = reading.window.end - timedelta(days=days)
        if reading.window.start < end:
            changes = _late_changes(reading, route, replace(reading.window, end=end))
            yield from with_what_they_answer(reading, "late_changes", changes)


def _late_changes(reading: Reading, route: str, window: Window) -> Elements:
    known, asked = held(reading, route, window), within(window)
    if count(reading, "late_changes", route, asked) == len(known):
        return
    there = ids_of(reading, "late_changes", route, asked)
    yield from by_ids(reading, "late_changes", route, there - known.keys())
    lacking = {one: known[one] for one in known.keys() - there}
    yield from asked_again(reading, "late_changes", route, lacking)


def _missing(reading: Reading, route: str, seen: set[Any]) -> Elements:
    known = held(reading, route, reading.window)
    lacking = {one: known[one] for one in known.keys() - seen}
    yield from asked_again(reading, route, route, lacking)


def _each_once(elements: Elements, seen: set[Any]) -> Elements:
    """Elements whose id was not seen; what has none is for the reader to judge."""
    for each in elements:
        one = each.item.get("id") if isinstance(each, Fetched) else None
        if one is None:
            yield each
        elif one not in seen:
            seen.add(one)
            yield each


WORDPRESS = Platform(
    name="wordpress",
    streams=(
        Stream("own_account", fetch_own_account, read_user, needs_token=True, is_snapshot=True),
        Stream("users", fetch_users, read_user, lookback_days=7, is_snapshot=True),
        Stream("posts", fetch_posts, read_post, READ_AGAIN_DAYS["posts"], rewalks=True),
        Stream("comments", fetch_comments, read_comment, READ_AGAIN_DAYS["comments"], rewalks=True),
        Stream(
            "late_changes",
            fetch_late_changes,
            read_comment,
            lookback_days=COUNTED_DAYS,
            is_snapshot=True,
            hangs_on="comments",
        ),
    ),
    options=WordpressOptions,
    base_url=_site,
    authenticate=basic,
    check=check,
    rate=Rate(requests=120, per_seconds=60),  # ours: WordPress has none, its hosts do
    text_keys=frozenset({"rendered", "raw", "description"}),
)
