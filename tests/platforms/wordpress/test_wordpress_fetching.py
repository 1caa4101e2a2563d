"""What is asked of a site, and how late approvals, edits, deletions and moderation are found."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from extractors.errors import BadCredentials
from extractors.observations import AccountSeen, Gone
from extractors.platform import NOT_TOLD, Item
from tests.loopback import Loopback, Reply, loopback
from tests.platforms.town import at
from tests.platforms.wordpress.journal import API, LOGIN, PASSWORD, Journal, SiteNights

ME = "wordpress:blog.example:"
Asked = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def journal() -> Journal:
    found = Journal()
    found.joins(1, "acme")
    return found


@pytest.fixture
def server(journal: Journal) -> Iterator[Loopback]:
    with loopback(journal) as running:
        yield running


@pytest.fixture
def nights(server: Loopback) -> SiteNights:
    return SiteNights(server.url)


@pytest.fixture
def asked_for(server: Loopback) -> Asked:
    """Routes asked for since the last time, each with the ids that were asked for."""

    def since_last() -> list[tuple[str, str]]:
        asked = [
            (each.path.removeprefix(f"{API}/"), each.query.get("include", ""))
            for each in server.asked
        ]
        server.asked.clear()
        return asked

    return since_last


def ids(items: list[Item]) -> list[int]:
    return [item["id"] for item in items if "gone" not in item]


def gone(items: list[Item]) -> list[int]:
    return [item["id"] for item in items if "gone" in item]


def texts(items: list[Item]) -> dict[int, str]:
    return {item["id"]: item["content"]["rendered"] for item in items if "gone" not in item}


def test_a_window_includes_its_first_second_and_not_its_end(
    journal: Journal, nights: SiteNights
) -> None:
    posts = [journal.publishes(1, at(day)) for day in range(4)]
    assert ids(nights.read("posts", at(1), at(3))) == posts[1:3]


def test_what_a_comment_answers_is_asked_for_once_up_to_the_post(
    journal: Journal, nights: SiteNights, asked_for: Asked
) -> None:
    post = journal.publishes(1, at(0))
    page = journal.publishes(1, at(0), type="page")
    first = journal.says("Gil", at(1), post)
    answer = journal.says(1, at(2), post, parent=first)
    hidden = journal.says("Spam", at(2), post, status="spam")
    news = [
        journal.says("Gil", at(9), post, parent=answer),
        journal.says("Ida", at(9), post, parent=hidden),
        journal.says("Jo", at(9), page),
    ]
    assert ids(nights.read("comments", at(9), at(10))) == [*news, answer, first, post, page]
    assert asked_for() == [
        ("comments", ""),
        ("comments", ""),
        ("comments", f"{answer},{hidden}"),
        ("comments", f"{first}"),
        ("posts", f"{post}"),
        ("pages", f"{page}"),
    ]


def test_a_comment_without_links_as_php_writes_none_is_read(
    journal: Journal, nights: SiteNights
) -> None:
    comment = journal.says("Gil", at(1), journal.publishes(1, at(0)))
    told = {**journal.comments[comment], "_links": []}
    journal.troubles["comments"] = [Reply([told], headers={"X-WP-TotalPages": "1"})]
    assert ids(nights.read("comments", at(1), at(2))) == [comment]


def test_what_was_approved_late_is_found_by_counting(
    journal: Journal, nights: SiteNights, asked_for: Asked
) -> None:
    post = journal.publishes(1, at(0))
    early = journal.says("Gil", at(1), post)
    late = journal.says("Ida", at(1), post, parent=early, status="hold")
    nights.read("posts", at(0), at(30))
    assert ids(nights.read("comments", at(0), at(30))) == [early, post]
    asked_for()
    assert nights.read("late_changes", at(0), at(30)) == []
    assert asked_for() == [("posts", ""), ("comments", "")], "one request for each count"
    journal.comments[late]["status"] = "approved"
    assert ids(nights.read("late_changes", at(0), at(31))) == [late, early, post]
    assert nights.read("late_changes", at(0), at(32)) == [], "what was found then counts"


def test_a_post_that_became_public_late_is_found_by_counting(
    journal: Journal, nights: SiteNights
) -> None:
    post = journal.publishes(1, at(1), status="draft")
    nights.read("posts", at(0), at(30))
    journal.posts[post]["status"] = "publish"
    assert ids(nights.read("late_changes", at(0), at(30))) == [post]


@pytest.mark.parametrize("status", ["trash", "spam", "hold", "deleted"])
def test_what_is_no_longer_public_is_gone_for_everybody(
    status: str, journal: Journal, nights: SiteNights
) -> None:
    post = journal.publishes(1, at(0))
    kept, lost = journal.says("Gil", at(1), post), journal.says("Ida", at(1), post)
    nights.read("comments", at(0), at(2))
    journal.comments[lost]["status"] = status
    items = nights.read("comments", at(0), at(3))
    assert (ids(items), gone(items)) == ([kept, post], [lost])
    assert Gone(message_id=f"{ME}comment-{lost}") in nights.said("comments", items)
    assert gone(nights.read("comments", at(0), at(4))) == [], "what is gone is told once"
    journal.comments[lost]["status"] = "approved"
    assert ids(nights.read("comments", at(0), at(5))) == [kept, lost, post]


def test_an_old_deletion_is_found_by_counting_and_told_once(
    journal: Journal, nights: SiteNights
) -> None:
    post = journal.publishes(1, at(0))
    kept, lost = journal.says("Gil", at(1), post), journal.says("Ida", at(1), post)
    nights.read("comments", at(0), at(30))
    nights.read("posts", at(0), at(30))
    del journal.comments[lost]
    assert nights.read("late_changes", at(0), at(30))[0]["id"] == lost
    assert nights.read("late_changes", at(0), at(31)) == []
    journal.comments[lost] = {**journal.comments[kept], "id": lost}
    assert lost in ids(nights.read("late_changes", at(0), at(32))), "somebody took it back"
    assert nights.read("late_changes", at(0), at(33)) == []


@pytest.mark.parametrize("kind", ["post", "page"])
def test_with_a_post_its_comments_are_gone_and_with_all_comments_perhaps_the_post(
    kind: str, journal: Journal, nights: SiteNights
) -> None:
    post = journal.publishes(1, at(0), type=kind)
    comment = journal.says("Gil", at(1), post)
    nights.read("comments", at(0), at(2))
    journal.posts[post]["status"] = "trash"
    journal.comments[comment]["status"] = "post-trashed"
    items = nights.read("comments", at(0), at(3))
    assert nights.said("comments", items) == [
        Gone(message_id=f"{ME}comment-{comment}"),
        Gone(message_id=f"{ME}post-{post}"),
    ]


def test_an_edited_comment_is_told_with_its_new_words(journal: Journal, nights: SiteNights) -> None:
    comment = journal.says("Gil", at(1), journal.publishes(1, at(0)))
    nights.read("comments", at(0), at(2))
    journal.comments[comment]["content"] = {"rendered": "<p>Changed.</p>"}
    assert texts(nights.read("comments", at(0), at(3)))[comment] == "<p>Changed.</p>"


def test_an_edit_of_a_post_shows_the_night_after_however_old_it_is(
    journal: Journal, nights: SiteNights
) -> None:
    post = journal.publishes(1, at(0))
    new = journal.publishes(1, at(40), modified_gmt="2026-02-10T12:00:00")
    assert ids(nights.read("posts", at(39), at(41))) == [new]
    journal.posts[post] |= {"modified_gmt": "2026-02-10T09:00:00"}
    assert ids(nights.read("posts", at(40), at(41))) == [new, post]


def test_comments_that_are_counted_and_hidden_are_set_aside(
    journal: Journal, nights: SiteNights
) -> None:
    open_post, private = journal.publishes(1, at(0)), journal.publishes(1, at(0), status="private")
    told = journal.says("Gil", at(1), open_post)
    for name in ("Ida", "Jo"):
        journal.says(name, at(1), private)
    assert ids(nights.read("comments", at(0), at(2))) == [told, open_post]
    (aside,) = nights.aside("comments", at(2))
    assert (aside.reason, aside.row_count) == (
        f"{NOT_TOLD}fewer comments than the platform counts",
        2,
    )


def test_where_a_cache_answers_without_looking_at_what_is_asked_nothing_is_gone(
    journal: Journal, nights: SiteNights
) -> None:
    post = journal.publishes(1, at(0))
    journal.says("Gil", at(1), post)
    nights.read("comments", at(0), at(2))
    other = Reply([{"id": 5, "post": post}], headers={"X-WP-TotalPages": "1", "X-WP-Total": "1"})
    journal.troubles["comments"] = [other] * 3
    assert gone(nights.read("comments", at(0), at(3))) == []
    (aside,) = nights.aside("comments", at(3))
    assert aside.reason == "the site tells other things than those asked for"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_hidden_list_of_users_is_no_failure_but_noted(
    status: int, journal: Journal, nights: SiteNights, caplog: pytest.LogCaptureFixture
) -> None:
    journal.troubles["users"] = [Reply({"code": "rest_user_cannot_view"}, status)]
    with caplog.at_level(logging.WARNING):
        assert nights.read("users", at(0), at(1)) == []
    assert "handles are not known" in caplog.text


def test_a_deleted_user_is_gone_and_one_who_is_only_hidden_is_not(
    journal: Journal, nights: SiteNights
) -> None:
    left, silent = journal.joins(2, "zoe"), journal.joins(3, "yan")
    for number, user in enumerate((1, left, silent)):
        journal.publishes(user, at(0), 10 + number)
    assert ids(nights.read("users", at(0), at(1))) == [1, left, silent]
    del journal.users[left], journal.posts[11], journal.posts[12]
    journal.troubles[f"users/{left}"] = [Reply(b"<html>a firewall</html>", 404)]
    assert gone(nights.read("users", at(0), at(2))) == []
    items = nights.read("users", at(0), at(2))
    assert (ids(items), gone(items)) == ([1], [left])
    assert Gone(account_id=f"{ME}user-{left}") in nights.said("users", items)
    assert gone(nights.read("users", at(0), at(3))) == []


def test_a_user_declares_links_beside_the_name_and_in_the_description(
    journal: Journal, nights: SiteNights
) -> None:
    nights.login, nights.secret = LOGIN, PASSWORD
    bio = 'Also <a href="https://social.example/@zoe">there</a>, and https://zoe.example.'
    journal.joins(2, "zoe", url="https://zoe.example", description=bio)
    seen = nights.said("users", nights.read("users", at(0), at(1)))
    links = {each.handle: each.profile_links for each in seen if isinstance(each, AccountSeen)}
    assert links == {"acme": (), "zoe": ("https://zoe.example", "https://social.example/@zoe")}


def test_a_wrong_password_shows_where_it_is_asked_whose_it_is(nights: SiteNights) -> None:
    nights.login, nights.secret = LOGIN, "wrong"
    assert nights.read("posts", at(0), at(1)) == []
    with pytest.raises(BadCredentials, match="HTTP 401"):
        nights.read("own_account", at(0), at(1))


@pytest.mark.parametrize("evidence", ["avatar", "email"])
def test_an_address_becomes_a_keyed_hash_before_it_is_kept(
    evidence: str, journal: Journal, nights: SiteNights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.login, nights.secret = LOGIN, PASSWORD
    nights.options = {"guests_by": evidence}
    post = journal.publishes(1, at(0))
    journal.says("Gil", at(1), post)
    journal.says(1, at(1), post, author_email="acme@mail.test")
    keys = []
    for secret in ("first secret, long enough", "other secret, long enough"):
        monkeypatch.setenv("RAPPORT_SECRET", secret)
        guest, registered, _ = nights.read("comments", at(0), at(2))
        assert not {"author_email", "author_avatar_urls"} & (guest.keys() | registered.keys())
        assert "guest_key" not in registered
        keys.append(guest["guest_key"])
    assert keys[0] != keys[1]
    assert all(key.startswith(f"{evidence}-") for key in keys)


def test_addresses_are_not_even_asked_for_without_a_secret(
    journal: Journal,
    nights: SiteNights,
    server: Loopback,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAPPORT_SECRET", "short")
    nights.options = {"guests_by": "email"}
    with pytest.raises(BadCredentials, match="set RAPPORT_SECRET"):
        nights.read("comments", at(0), at(2))
    nights.options = {}
    journal.says("Gil", at(1), journal.publishes(1, at(0)))
    nights.read("comments", at(0), at(2))
    fields = {each.query["_fields"] for each in server.asked}
    assert not any("email" in each or "avatar" in each for each in fields)
