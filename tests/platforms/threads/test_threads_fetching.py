"""What is fetched from a Threads account, in good times and bad."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from extractors.errors import BadCredentials, TryLater, Unreadable
from extractors.observations import AccountSeen, Gone
from extractors.platform import SetAside
from tests.graph import GraphNights, at, error
from tests.loopback import Loopback, Reply, loopback
from tests.platforms.threads.account import Account


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def server(account: Account) -> Iterator[Loopback]:
    with loopback(account) as running:
        yield running


@pytest.fixture
def nights(server: Loopback) -> GraphNights:
    return GraphNights(server.url, "threads", "acme")


def ids(items: list[dict[str, str]]) -> list[str]:
    return [item["id"] for item in items]


def read_night(nights: GraphNights, day: int) -> list[str]:
    nights.read("posts", at(0), at(day))
    return ids(nights.read("conversations", at(0), at(day)))


def test_posts_and_replies_of_the_window_are_read_to_the_empty_page(
    account: Account, nights: GraphNights, server: Loopback
) -> None:
    account.size = 2
    theirs = account.says(at(1), "ada")
    posts = [account.says(at(day), "acme") for day in range(1, 6)]
    reply = account.says(at(3), "acme", to=theirs)
    assert ids(nights.read("posts", at(2), at(5))) == posts[3:0:-1]
    assert [each.query.get("after") for each in server.asked] == [None, "2", "4"]
    assert ids(nights.read("replies", at(2), at(5))) == [reply]


def test_a_time_before_the_platform_opened_is_not_asked_for(
    nights: GraphNights, server: Loopback
) -> None:
    early = datetime(2023, 6, 1, tzinfo=UTC)
    assert nights.read("posts", early, datetime(2023, 7, 1, tzinfo=UTC)) == []
    assert server.paths == []
    nights.read("posts", early, datetime(2023, 8, 1, tzinfo=UTC))
    assert server.asked[0].query["since"] == "1688515200"


def test_every_answer_below_our_posts_is_read_however_deep(
    account: Account, nights: GraphNights, server: Loopback
) -> None:
    account.size = 2
    root, _ = account.says(at(1), "acme"), account.says(at(1), "acme")
    thread = [root]
    for name in ("ada", "acme", "ada", "bob"):
        thread.append(account.says(at(1, 2), name, to=thread[-1]))
    assert read_night(nights, 2) == thread[1:]
    conversations = [path for path in server.paths if path.endswith("/conversation")]
    assert set(conversations) == {f"/v1.0/{root}/conversation"}
    late = account.says(at(2, 5), "carl", to=root)
    assert read_night(nights, 3) == [*thread[1:], late]


def test_what_is_deleted_is_gone_once(account: Account, nights: GraphNights) -> None:
    root, whole = account.says(at(1), "acme"), account.says(at(1), "acme")
    gone, stays = (account.says(at(1, 1), name, to=root) for name in ("ada", "bob"))
    read_night(nights, 2)
    del account.said[gone], account.said[whole]
    items = nights.read("posts", at(0), at(3)) + nights.read("conversations", at(0), at(3))
    said = [each for each in nights.said("posts", items) if isinstance(each, Gone)]
    assert {each.message_id for each in said} == {f"threads::{gone}", f"threads::{whole}"}
    assert read_night(nights, 4) == [stays]


def test_one_conversation_that_cannot_be_read_does_not_stop_the_others(
    account: Account, nights: GraphNights
) -> None:
    odd, fine = account.says(at(1), "acme"), account.says(at(1, 1), "acme")
    account.says(at(1, 2), "ada", to=odd)
    found = account.says(at(1, 2), "ada", to=fine)
    account.troubles[f"{odd}/conversation"] = [error(100)]
    assert read_night(nights, 2) == [found]
    refused = "HTTP 400: the platform refuses this request"
    assert nights.aside("conversations", at(2)) == [SetAside(odd, refused, 1)]


def test_mentions_are_read_as_far_as_the_window_reaches(
    account: Account, nights: GraphNights, server: Loopback
) -> None:
    account.size = 2
    account.mentions = [account.says(at(day), "ada") for day in range(9)]
    items = nights.read("mentions", at(6), at(9))
    assert ids(items) == account.mentions[:2:-1]
    assert len(server.asked) == 3
    assert {each.mentions for each in nights.messages("mentions", items)} == {("threads::acme",)}


def test_the_profile_tells_our_name(nights: GraphNights) -> None:
    assert nights.said("profile", nights.read("profile", at(1), at(2))) == [
        AccountSeen(
            account_id="threads::acme",
            handle="acme",
            display_name="Acme",
            profile_url="https://www.threads.net/@acme",
        )
    ]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (error(190, 401), BadCredentials),
        (error(10, 403), BadCredentials),
        (error(4, 403), TryLater),
        (Reply({"data": "none"}), Unreadable),
        (Reply(b"{"), Unreadable),
        (Reply({"data": [{}], "paging": {"cursors": {"after": "x"}}}), Unreadable),
    ],
)
def test_a_refusal_is_named_by_what_to_do_next(
    account: Account, nights: GraphNights, trouble: Reply, kind: type[Exception]
) -> None:
    account.troubles["me/threads"] = [trouble] * 3
    with pytest.raises(kind):
        nights.read("posts", at(0), at(2))
