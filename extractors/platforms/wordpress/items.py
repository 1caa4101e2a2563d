"""What an item of WordPress says: pure functions from an item to observations.

Accounts are `wordpress:<account>:user-<number>` or `…:guest-<evidence>-<hash>`, messages
`wordpress:<account>:post-<number>` or `…:comment-<number>`.

Resources: https://developer.wordpress.org/rest-api/reference/ (posts, comments, users).
"""

from __future__ import annotations

from collections.abc import Iterable

from extractors.observations import AccountSeen, Gone, MessageSeen, Observation, make_id
from extractors.platform import Item
from extractors.platforms.wordpress.guests import guest_of
from extractors.text import links_in, plain_text
from extractors.windows import moment
from lake.organisation import AccountToRead


def read_user(item: Item, account: AccountToRead) -> Iterable[Observation]:
    """A registered account, whose handle is the name in the address of its page; or it is gone."""
    account_id = _id(account, f"user-{item['id']}")
    if "gone" in item:
        yield Gone(account_id=account_id)
        return
    links = (item["url"], *links_in(item.get("description") or ""))
    yield AccountSeen(
        account_id=account_id,
        handle=item["slug"],
        display_name=plain_text(item["name"]) or None,
        profile_url=item["link"],
        profile_links=tuple(dict.fromkeys(filter(None, links))),
    )


def read_post(item: Item, account: AccountToRead) -> Iterable[Observation]:
    """A post or page: title and text; or that it is gone."""
    message_id = _id(account, f"post-{item['id']}")
    if "gone" in item:
        yield Gone(message_id=message_id)
        return
    sent_at, changed_at = moment(item["date_gmt"]), moment(item["modified_gmt"])
    parts = [plain_text(item.get(key, {}).get("rendered", "")) for key in ("title", "content")]
    author = item.get("author")  # null where the kind of post has no author
    yield MessageSeen(
        message_id=message_id,
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
    """A comment and who wrote it, or that it is gone; or a post that came along with one."""
    if "post" not in item:
        yield from read_post(item, account)
        return
    message_id = _id(account, f"comment-{item['id']}")
    if "gone" in item:
        yield Gone(message_id=message_id)
        return
    if item["type"] != "comment":
        return  # a page that links to us, or what a plugin keeps among the comments
    author = f"user-{item['author']}" if item["author"] else guest_of(item)
    if author:
        yield AccountSeen(
            account_id=_id(account, author),
            display_name=plain_text(item["author_name"]) or None,
            profile_links=(item["author_url"],) if item["author_url"] else (),
        )
    post_id = _id(account, f"post-{item['post']}")
    yield MessageSeen(
        message_id=message_id,
        author_id=_id(account, author) if author else None,
        sent_at=moment(item["date_gmt"]),
        text=plain_text(item["content"]["rendered"]) or None,
        kind="comment",
        channel=account.account,
        parent_id=_id(account, f"comment-{item['parent']}") if item["parent"] else post_id,
        root_id=post_id,
        is_own_space=True,
        permalink=item["link"],
    )


def _id(account: AccountToRead, source_id: str) -> str:
    return make_id("wordpress", account.account, source_id)
