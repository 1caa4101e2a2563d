"""A real WordPress, read by our streams, says what was said there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from extractors.client import Client, Credentials
from extractors.errors import BadCredentials
from extractors.observations import AccountSeen, MessageSeen, Observation
from extractors.platform import Fetched, Reading, Window
from extractors.platforms.wordpress import WORDPRESS, WordpressOptions
from lake.organisation import AccountToRead
from tests.servers import wordpress_facts as facts
from tests.servers.wordpress import Site, wordpress_site

pytestmark = pytest.mark.server

ALL_TIME = (datetime(2020, 1, 1, tzinfo=UTC), facts.AS_OF)
ME = f"wordpress:{facts.ACCOUNT}:"
PUBLIC = [comment for comment in facts.COMMENTS if comment.is_public]
SECRET = "a secret of enough characters"


class Night:
    """One account's reading of a site: what came, what it says, and how many requests it took."""

    def __init__(self, site: Site, *, secret: str = "", **options: Any) -> None:
        self.account = AccountToRead(platform="wordpress", account=facts.ACCOUNT, options=options)
        self.options = WordpressOptions(url=site.url, **options)
        credentials = Credentials(login=site.login, secret=secret) if secret else None
        base_url = WORDPRESS.base_url
        assert base_url
        self.client = Client(
            "wordpress",
            facts.ACCOUNT,
            base_url=base_url(self.account, self.options, credentials),
            credentials=credentials,
            authenticate=WORDPRESS.authenticate,
            now=lambda: facts.AS_OF,
            sleep=lambda _: None,
            tries=1,
        )

    def items(self, stream: str, start: datetime, end: datetime) -> list[Fetched]:
        reading = Reading(
            account=self.account,
            options=self.options,
            window=Window(start, end, end),
            client=self.client,
            raw=lambda *_: iter(()),
        )
        return [each for each in WORDPRESS.stream(stream).fetch(reading) if _is_item(each)]

    def said(self, stream: str, start: datetime, end: datetime) -> list[Observation]:
        read = WORDPRESS.stream(stream).read
        return [
            said
            for each in self.items(stream, start, end)
            for said in read(each.item, self.account)
        ]


def _is_item(each: Any) -> bool:
    assert isinstance(each, Fetched), each
    return True


def _messages(said: list[Observation]) -> dict[str, MessageSeen]:
    messages = [each for each in said if isinstance(each, MessageSeen)]
    assert len({each.message_id for each in messages}) == len(messages)
    return {each.message_id: each for each in messages}


def _days(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, start + timedelta(days=1)
        start += timedelta(days=1)


def test_every_public_comment_comes_with_its_author_time_text_and_parent(wordpress: Site) -> None:
    night = Night(wordpress)
    messages = _messages(night.said("comments", *ALL_TIME))
    assert night.client.request_count == 3 + 2  # pages of comments, then posts and pages once each
    assert {key for key in messages if "comment-" in key} == {
        f"{ME}comment-{comment.id}" for comment in PUBLIC
    }
    for comment in PUBLIC:
        seen = messages[f"{ME}comment-{comment.id}"]
        parent = f"comment-{comment.parent}" if comment.parent else f"post-{comment.post}"
        assert (seen.sent_at, seen.text) == (comment.sent_at, comment.text)
        assert (seen.parent_id, seen.root_id) == (f"{ME}{parent}", f"{ME}post-{comment.post}")
        assert (seen.is_own_space, seen.kind, seen.visibility) == (True, "comment", "public")
        if comment.author.user_id:
            assert seen.author_id == f"{ME}user-{comment.author.user_id}"
        else:
            assert (seen.author_id or "guest-nobody").count("guest-") == 1
    assert messages[f"{ME}comment-220"].author_id is None


def test_every_post_comes_with_its_author_and_time(wordpress: Site) -> None:
    night = Night(wordpress)
    messages = _messages(night.said("posts", *ALL_TIME))
    assert night.client.request_count == 1
    for post in facts.POSTS:
        seen = messages.get(f"{ME}post-{post.id}")
        assert (seen is None) == (post.kind == "page")
        if seen:
            assert seen.author_id == f"{ME}user-{post.author.user_id}"
            assert (seen.sent_at, seen.edited_at) == (post.sent_at, None)
            assert (seen.text or "").startswith(f"{post.title}\n\n")


def test_without_a_password_only_those_who_published_have_a_handle(wordpress: Site) -> None:
    said = Night(wordpress).said("users", *ALL_TIME)
    handles = {each.account_id: each.handle for each in said if isinstance(each, AccountSeen)}
    assert handles == {f"{ME}user-1": "acme", f"{ME}user-2": "zoe"}


def test_with_a_password_every_user_has_a_handle(wordpress: Site) -> None:
    said = Night(wordpress, secret=wordpress.secret).said("users", *ALL_TIME)
    handles = {each.account_id: each.handle for each in said if isinstance(each, AccountSeen)}
    assert handles == {f"{ME}user-{user.user_id}": user.login for user in facts.USERS}


def test_a_day_holds_the_comments_written_on_it_by_utc_and_all_that_they_answer(
    wordpress: Site,
) -> None:
    night, written = Night(wordpress), {f"{ME}comment-{each.id}": each for each in PUBLIC}
    found: list[str] = []
    for start, end in _days(datetime(2025, 2, 1, tzinfo=UTC), facts.AS_OF):
        messages = _messages(night.said("comments", start, end))
        for message in messages.values():
            assert message.parent_id is None or message.parent_id in messages
        found += [
            key
            for key, message in messages.items()
            if key in written and start <= message.sent_at < end
        ]
    due = {key for key, each in written.items() if each.sent_at >= facts.HISTORY_FROM}
    assert (len(found), set(found)) == (len(due), due)


def test_guests_by_name_confuses_two_of_the_same_name(wordpress: Site) -> None:
    messages = _messages(Night(wordpress).said("comments", *ALL_TIME))
    anna, other_anna = messages[f"{ME}comment-236"], messages[f"{ME}comment-223"]
    assert anna.author_id == other_anna.author_id
    assert messages[f"{ME}comment-210"].author_id == messages[f"{ME}comment-212"].author_id


@pytest.mark.parametrize("evidence", ["avatar", "email"])
def test_guests_by_their_address_are_told_apart_and_no_address_is_kept(
    evidence: str, wordpress: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_SECRET", SECRET)
    password = wordpress.secret if evidence == "email" else ""
    night = Night(wordpress, guests_by=evidence, secret=password)
    messages = _messages(night.said("comments", *ALL_TIME))
    guests = {
        comment.author: messages[f"{ME}comment-{comment.id}"].author_id
        for comment in PUBLIC
        if not comment.author.user_id
    }
    assert len(set(guests.values())) == len(guests)
    assert guests.pop(facts.NOBODY) is None
    assert all(str(each).startswith(f"{ME}guest-{evidence}-") for each in guests.values())
    kept = json.dumps([each.item for each in night.items("comments", *ALL_TIME)])
    assert "mail.test" not in kept
    assert "/avatar/" not in kept


def test_addresses_without_the_right_to_see_them_are_a_matter_of_credentials(
    wordpress: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_SECRET", SECRET)
    with pytest.raises(BadCredentials, match="HTTP 401"):
        Night(wordpress, guests_by="email").items("comments", *ALL_TIME)


def test_a_wrong_password_is_a_matter_of_credentials_though_public_lists_are_given(
    wordpress: Site,
) -> None:
    night = Night(wordpress, secret="wrong")
    assert night.items("posts", *ALL_TIME)
    with pytest.raises(BadCredentials, match="HTTP 401"):
        night.items("own_account", *ALL_TIME)
    whose = Night(wordpress, secret=wordpress.secret).said("own_account", *ALL_TIME)
    assert [each.handle for each in whose if isinstance(each, AccountSeen)] == ["acme"]


def test_a_site_with_plain_permalinks_is_read_by_its_other_address(wordpress: Site) -> None:
    plain = Night(wordpress, api="?rest_route=/wp/v2")
    assert plain.said("comments", *ALL_TIME) == Night(wordpress).said("comments", *ALL_TIME)


def test_late_approvals_edits_and_deletions_show_within_the_look_back() -> None:
    with wordpress_site() as site:
        look_back = timedelta(days=WORDPRESS.stream("comments").lookback_days)
        window = (facts.AS_OF - look_back, facts.AS_OF)
        before = _messages(Night(site).said("comments", *window))
        site.approve(*facts.LATE)
        site.edit(facts.EDITED, facts.EDITED_TEXT)
        site.delete(239)
        after = _messages(Night(site).said("comments", *window))
    late = {f"{ME}comment-{each}" for each in facts.LATE}
    assert after.keys() - before.keys() == late
    assert before.keys() - after.keys() == {f"{ME}comment-239"}
    assert after[f"{ME}comment-{facts.EDITED}"].text == facts.EDITED_TEXT
    assert {after[each].sent_at for each in late} == {
        each.sent_at for each in facts.COMMENTS if each.id in facts.LATE
    }
