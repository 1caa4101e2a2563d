"""What an item of YouTube says: pure functions from an item to observations.

Accounts are `youtube::<channel id>`; messages are `youtube::<id>` of a video or a comment.

Comments have two levels: an answer to a reply stands beside it, under the same comment, and the
@name at its beginning tells whom it answers. The name becomes a mention where exactly one author
of the thread has it. So a thread is one item, with all its replies, or where raw holds these
already with the names of those who wrote them (`other_authors`).

Resources: https://developers.google.com/youtube/v3/docs (commentThreads, comments, videos,
channels). Who liked something is not told.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from extractors.observations import AccountSeen, Gone, MessageSeen, Observation, make_id
from extractors.platform import Item
from extractors.text import links_in, plain_text
from extractors.windows import moment
from lake.organisation import AccountToRead

_SITE = "https://www.youtube.com"
_UNSEEN = " \t\n\xa0\u200b\u200c\u200d\u2060\ufeff"  # what may stand before the @ of a name


def read_thread(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """A comment and the replies to it; or a video that came along; or that one of them is gone."""
    if "gone" in item:
        yield Gone(message_id=_id(item["gone"]))
        return
    if item["kind"] == "youtube#video":
        yield from read_video(item, account)
        return
    comments = comments_in(item)
    names = _names([*(each["snippet"] for each in comments), *item.get("other_authors", ())])
    for comment in comments:
        yield from _author(comment["snippet"])
        yield _comment(comment, item, names, account)


def read_video(item: Item, account: AccountToRead) -> Iterator[Observation]:
    """A video: title and description; or that it is gone."""
    if "gone" in item:
        yield Gone(message_id=_id(item["gone"]))
        return
    snippet, channel = item["snippet"], item["snippet"]["channelId"]
    visibility = (item.get("status") or {}).get("privacyStatus", "public")
    yield AccountSeen(
        account_id=_id(channel),
        display_name=snippet.get("channelTitle") or None,
        profile_url=f"{_SITE}/channel/{channel}",
    )
    yield MessageSeen(
        message_id=_id(item["id"]),
        author_id=_id(channel),
        sent_at=moment(snippet["publishedAt"]),
        text="\n\n".join(filter(None, (snippet["title"], snippet.get("description")))) or None,
        kind="post",
        channel=channel,
        visibility=visibility if visibility in {"public", "unlisted"} else "private",
        is_own_space=channel == account.account,
        permalink=f"{_SITE}/watch?v={item['id']}",
        reply_count=_count(item, "commentCount"),
    )


def read_channel(item: Item, _: AccountToRead) -> Iterator[Observation]:
    """A channel's profile, with links from its description; or that there is no such channel."""
    if "gone" in item:
        yield Gone(account_id=_id(item["gone"]))
        return
    snippet = item["snippet"]
    yield AccountSeen(
        account_id=_id(item["id"]),
        handle=(snippet.get("customUrl") or "").removeprefix("@") or None,
        display_name=snippet.get("title") or None,
        profile_url=f"{_SITE}/channel/{item['id']}",
        follower_count=_count(item, "subscriberCount"),
        profile_links=links_in(snippet.get("description") or ""),
    )


def comments_in(thread: Item) -> list[Item]:
    """The comment a thread begins with and its replies, each once."""
    comments: dict[str, Item] = {}
    replies = [*thread.get("all_replies", ()), *inline_replies(thread)]
    for comment in (thread["snippet"]["topLevelComment"], *replies):
        comments.setdefault(comment["id"], comment)
    return list(comments.values())


def inline_replies(thread: Item) -> list[Item]:
    """The replies that came with the thread: at most five, often none of several."""
    replies: list[Item] = (thread.get("replies") or {}).get("comments") or []
    return replies


def author_of(snippet: Item) -> str | None:
    """The channel id of a comment's author, where YouTube tells it."""
    return (snippet.get("authorChannelId") or {}).get("value") or None


def _author(snippet: Item) -> Iterator[AccountSeen]:
    """Names have been handles since 2023; an older one may be anything."""
    channel, name = author_of(snippet), snippet.get("authorDisplayName") or ""
    if channel:
        is_handle = name.startswith("@")
        yield AccountSeen(
            account_id=_id(channel),
            handle=name.removeprefix("@") or None if is_handle else None,
            display_name=None if is_handle else name or None,
            profile_url=f"{_SITE}/channel/{channel}",
        )


def _comment(
    comment: Item, thread: Item, names: Mapping[str, set[str]], account: AccountToRead
) -> MessageSeen:
    about, snippet, top = thread["snippet"], comment["snippet"], thread["id"]
    video, is_top = about.get("videoId"), comment["id"] == top
    root = video or about.get("postId")  # neither: said to the channel as a whole
    sent_at, changed_at = moment(snippet["publishedAt"]), snippet.get("updatedAt")
    text, author = _text(snippet), author_of(snippet)
    channel = about.get("channelId")
    return MessageSeen(
        message_id=_id(comment["id"]),
        author_id=_id(author) if author else None,
        sent_at=sent_at,
        edited_at=moment(changed_at) if changed_at and moment(changed_at) > sent_at else None,
        text=text,
        kind="comment" if is_top else "reply",
        channel=channel or root or account.account,
        visibility="public" if about.get("isPublic", True) else "private",
        parent_id=(_id(root) if root else None) if is_top else _id(snippet.get("parentId") or top),
        root_id=_id(root) if root else None,
        mentions=() if is_top else _addressee(text or "", names),
        is_own_space=channel == account.account,
        permalink=f"{_SITE}/watch?v={video}&lc={comment['id']}" if video else None,
        reply_count=about.get("totalReplyCount") if is_top else None,
    )


def _text(snippet: Item) -> str | None:
    """What was typed; the API promises that to the author alone, the HTML to everybody."""
    text = snippet.get("textOriginal") or plain_text(snippet["textDisplay"])
    if not isinstance(text, str):
        raise TypeError("a text must be text")
    return text or None


def _names(snippets: list[Item]) -> dict[str, set[str]]:
    """Who of a thread's authors has which name."""
    names = defaultdict(set)
    for snippet in snippets:
        name = (snippet.get("authorDisplayName") or "").removeprefix("@").casefold()
        if name and (author := author_of(snippet)):
            names[name].add(author)
    return names


def _addressee(text: str, names: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Whom the @name at the beginning means; nobody where none or several have that name."""
    text = text.lstrip(_UNSEEN)
    if not text.startswith("@"):
        return ()
    said = text.lstrip("@").casefold()
    fitting = [name for name in names if re.match(rf"{re.escape(name)}(?![\w.-]*\w)", said)]
    meant = names[max(fitting, key=len)] if fitting else set()
    return tuple(map(_id, meant)) if len(meant) == 1 else ()


def _count(item: Item, name: str) -> int | None:
    """A counter, which YouTube writes as text and leaves out where it is hidden."""
    told = (item.get("statistics") or {}).get(name)
    return None if told is None else int(told)


def _id(source_id: Any) -> str:
    if not isinstance(source_id, str):
        raise TypeError("an id must be text")
    return make_id("youtube", "", source_id)
