"""A real WordPress, read by our streams, says what was said there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from extractors.errors import BadCredentials
from extractors.observations import AccountSeen, Gone, MessageSeen, Observation
from tests.platforms.wordpress.journal import SiteNights
from tests.servers import wordpress_facts as facts
from tests.servers.wordpress import Site, wordpress_site

pytestmark = pytest.mark.server

ALL_TIME = (datetime(2020, 1, 1, tzinfo=UTC), facts.AS_OF)
ME = f"wordpress:{facts.ACCOUNT}:"
PUBLIC = [comment for comment in facts.COMMENTS if comment.is_public]
SECRET = "a secret of enough characters"


class Night(SiteNights):
    """One account's readings of the real site; nothing of them is set aside."""

    def said_of(self, stream: str, start: datetime, end: datetime) -> list[Observation]:
        items = self.read(stream, start, end)
        assert self.aside(stream, end) == []
        return self.said(stream, items)


def at_site(site: Site, secret: str = "", **options: str) -> Night:
    login = site.login if secret else ""
    return Night(site.url, name=facts.ACCOUNT, login=login, secret=secret, options=options)


def _messages(said: list[Observation]) -> dict[str, MessageSeen]:
    messages = [each for each in said if isinstance(each, MessageSeen)]
    assert len({each.message_id for each in messages}) == len(messages)
    return {each.message_id: each for each in messages}


def _gone(said: list[Observation]) -> set[str | None]:
    return {each.message_id or each.account_id for each in said if isinstance(each, Gone)}


def _days(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, start + timedelta(days=1)
        start += timedelta(days=1)


def test_every_public_comment_comes_with_its_author_time_text_and_parent(wordpress: Site) -> None:
    night = at_site(wordpress)
    messages = _messages(night.said_of("comments", *ALL_TIME))
    assert night.request_count == 3 + 1 + 2  # pages, the count, posts and pages once each
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
    night = at_site(wordpress)
    messages = _messages(night.said_of("posts", *ALL_TIME))
    assert night.request_count == 2  # by when they were published, and by when changed
    for post in facts.POSTS:
        seen = messages.get(f"{ME}post-{post.id}")
        assert (seen is None) == (post.kind == "page")
        if seen:
            assert seen.author_id == f"{ME}user-{post.author.user_id}"
            assert (seen.sent_at, seen.edited_at) == (post.sent_at, None)
            assert (seen.text or "").startswith(f"{post.title}\n\n")


def test_without_a_password_only_those_who_published_have_a_handle(wordpress: Site) -> None:
    said = at_site(wordpress).said_of("users", *ALL_TIME)
    handles = {each.account_id: each.handle for each in said if isinstance(each, AccountSeen)}
    assert handles == {f"{ME}user-1": "acme", f"{ME}user-2": "zoe"}


def test_with_a_password_every_user_has_a_handle(wordpress: Site) -> None:
    said = at_site(wordpress, secret=wordpress.secret).said_of("users", *ALL_TIME)
    handles = {each.account_id: each.handle for each in said if isinstance(each, AccountSeen)}
    assert handles == {f"{ME}user-{user.user_id}": user.login for user in facts.USERS}


def test_a_day_holds_the_comments_written_on_it_by_utc_and_all_that_they_answer(
    wordpress: Site,
) -> None:
    night, written = at_site(wordpress), {f"{ME}comment-{each.id}": each for each in PUBLIC}
    found: list[str] = []
    for start, end in _days(datetime(2025, 2, 1, tzinfo=UTC), facts.AS_OF):
        messages = _messages(night.said_of("comments", start, end))
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
    messages = _messages(at_site(wordpress).said_of("comments", *ALL_TIME))
    anna, other_anna = messages[f"{ME}comment-236"], messages[f"{ME}comment-223"]
    assert anna.author_id == other_anna.author_id
    assert messages[f"{ME}comment-210"].author_id == messages[f"{ME}comment-212"].author_id


@pytest.mark.parametrize("evidence", ["avatar", "email"])
def test_guests_by_their_address_are_told_apart_and_no_address_is_kept(
    evidence: str, wordpress: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_SECRET", SECRET)
    password = wordpress.secret if evidence == "email" else ""
    night = at_site(wordpress, guests_by=evidence, secret=password)
    messages = _messages(night.said_of("comments", *ALL_TIME))
    guests = {
        comment.author: messages[f"{ME}comment-{comment.id}"].author_id
        for comment in PUBLIC
        if not comment.author.user_id
    }
    assert len(set(guests.values())) == len(guests)
    assert guests.pop(facts.NOBODY) is None
    assert all(str(each).startswith(f"{ME}guest-{evidence}-") for each in guests.values())
    kept = json.dumps(night.read("comments", *ALL_TIME))
    assert "mail.test" not in kept
    assert "/avatar/" not in kept


def test_addresses_without_the_right_to_see_them_are_a_matter_of_credentials(
    wordpress: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_SECRET", SECRET)
    with pytest.raises(BadCredentials, match="HTTP 401"):
        at_site(wordpress, guests_by="email").read("comments", *ALL_TIME)


def test_a_wrong_password_is_a_matter_of_credentials_though_public_lists_are_given(
    wordpress: Site,
) -> None:
    night = at_site(wordpress, secret="wrong")
    assert night.read("posts", *ALL_TIME)
    with pytest.raises(BadCredentials, match="HTTP 401"):
        night.read("own_account", *ALL_TIME)
    whose = at_site(wordpress, secret=wordpress.secret).said_of("own_account", *ALL_TIME)
    assert [each.handle for each in whose if isinstance(each, AccountSeen)] == ["acme"]


def test_a_site_with_plain_permalinks_is_read_by_its_other_address(wordpress: Site) -> None:
    plain = at_site(wordpress, api="?rest_route=/wp/v2")
    assert plain.said_of("comments", *ALL_TIME) == at_site(wordpress).said_of("comments", *ALL_TIME)


def test_what_moderators_do_shows_within_the_look_back_and_by_counting() -> None:
    with wordpress_site() as site:
        night, an_hour_later = at_site(site), facts.AS_OF + timedelta(hours=1)
        for stream in ("comments", "posts"):
            night.read(stream, *ALL_TIME)
        assert night.read("late_changes", *ALL_TIME) == []
        site.approve(*facts.LATE, facts.VERY_LATE)
        site.edit(facts.EDITED, facts.EDITED_TEXT)
        site.delete(239)
        for what in (f"comments/{facts.TRASHED}", f"comments/{facts.DELETED}", "pages/50"):
            site.trash(what)
        site.mark_as_spam(facts.SPAM)
        late = night.said_of("late_changes", *ALL_TIME)
        recent = night.said_of("comments", facts.AS_OF - timedelta(days=14), an_hour_later)
    messages = _messages(recent)
    assert messages[f"{ME}comment-{facts.EDITED}"].text == facts.EDITED_TEXT
    assert {messages[f"{ME}comment-{each}"].sent_at for each in facts.LATE} == {
        each.sent_at for each in facts.COMMENTS if each.id in facts.LATE
    }
    with_the_page = {f"comment-{each.id}" for each in PUBLIC if each.post == 50} | {"post-50"}
    gone = {"comment-239", f"comment-{facts.SPAM}", *with_the_page}
    assert _gone(recent) == {f"{ME}{each}" for each in gone}
    assert f"{ME}comment-{facts.VERY_LATE}" in _messages(late)
    assert _gone(late) == {f"{ME}comment-{each}" for each in (facts.TRASHED, facts.DELETED)}


def test_an_edit_of_an_old_post_a_restored_comment_and_a_deleted_user_are_noticed() -> None:
    with wordpress_site() as site:
        night, days = at_site(site), [facts.AS_OF + timedelta(days=each) for each in range(3)]
        night.read("comments", facts.HISTORY_FROM, facts.AS_OF)
        night.read("users", facts.HISTORY_FROM, facts.AS_OF)
        site.trash("comments/241")
        assert _gone(night.said_of("comments", days[0], days[1])) == set()
        assert _gone(night.said_of("comments", facts.HISTORY_FROM, days[1])) == {f"{ME}comment-241"}
        site.approve(241)
        again = night.said_of("comments", facts.HISTORY_FROM, days[2])
        assert f"{ME}comment-241" in _messages(again)
        site.edit_post(100, "Our first workshop is closed.")
        now = datetime.now(UTC)
        (edited,) = night.said_of("posts", now - timedelta(days=1), now + timedelta(days=1))
        site.delete_user(facts.ZOE.user_id)
        users = night.said_of("users", facts.HISTORY_FROM, days[1])
    assert isinstance(edited, MessageSeen)
    assert edited.message_id == f"{ME}post-100"
    assert edited.text == "Opening\n\nOur first workshop is closed."
    assert _gone(users) == {f"{ME}user-{facts.ZOE.user_id}"}
