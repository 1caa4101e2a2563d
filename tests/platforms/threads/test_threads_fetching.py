"""What is special about fetching a Threads account; what holds for all, the suite shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from extractors.errors import Unreadable
from extractors.observations import AccountSeen, Gone
from extractors.platform import NOT_TOLD, SetAside
from tests.graph import GraphNights, error, nights_at
from tests.loopback import Reply
from tests.platforms.threads.account import Account
from tests.platforms.town import at


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def nights(account: Account) -> Iterator[GraphNights]:
    with nights_at(account, "threads", "acme") as running:
        yield running


def read_night(nights: GraphNights, day: int) -> list[str]:
    nights.read("posts", at(0), at(day))
    return nights.ids("conversations", at(0), at(day))


def test_posts_and_replies_are_two_lists_that_end_with_an_empty_page(
    account: Account, nights: GraphNights
) -> None:
    account.size = 2
    theirs = account.says(at(1), "ada")
    posts = [account.says(at(day), "acme") for day in range(1, 6)]
    reply = account.says(at(3), "acme", to=theirs)
    assert nights.ids("posts", at(2), at(5)) == posts[3:0:-1]
    assert nights.asked_for() == ["me/threads"] * 3
    assert nights.ids("replies", at(2), at(5)) == [reply]


def test_a_cursor_that_stays_is_a_loop(account: Account, nights: GraphNights) -> None:
    stuck = Reply({"data": [{}], "paging": {"cursors": {"after": "x"}}})
    account.troubles["me/threads"] = [stuck] * 3
    with pytest.raises(Unreadable, match="round in circles"):
        nights.read("posts", at(0), at(2))


def test_a_time_before_the_platform_opened_is_not_asked_for(nights: GraphNights) -> None:
    assert nights.server
    early = datetime(2023, 6, 1, tzinfo=UTC)
    assert nights.read("posts", early, datetime(2023, 7, 1, tzinfo=UTC)) == []
    assert nights.server.asked == []
    nights.read("posts", early, datetime(2023, 8, 1, tzinfo=UTC))
    assert nights.server.asked[0].query["since"] == "1688515200"


def test_every_answer_below_our_posts_is_read_however_deep(
    account: Account, nights: GraphNights
) -> None:
    account.size = 2
    root, _ = account.says(at(1), "acme"), account.says(at(1), "acme")
    thread = [root]
    for hour, name in enumerate(("ada", "acme", "ada", "bob"), 2):
        thread.append(account.says(at(1, hour), name, to=thread[-1]))
    assert read_night(nights, 2) == thread[1:]
    assert nights.asked_for()[2:] == [f"{root}/conversation"] * 3
    late = account.says(at(2, 5), "carl", to=root)
    assert read_night(nights, 3) == [*thread[1:], late]


def test_an_old_conversation_is_read_again_when_it_begins_or_we_are_in_it(
    account: Account, nights: GraphNights
) -> None:
    silent, answered, named, other = (account.says(at(1, hour), "acme") for hour in range(4))
    for post in (answered, named, other):
        account.says(at(2), "ada", to=post)
    read_night(nights, 3)
    nights.asked_for()
    assert read_night(nights, 30) == []
    assert set(nights.asked_for()) == {"me/threads"}

    first = account.says(at(30), "bob", to=silent)
    late = account.says(at(30), "carl", to=answered)
    account.says(at(30, 1), "acme", to=late)
    account.mentions = [account.says(at(30), "dora", to=named, text="@acme?")]
    nights.read("replies", at(30), at(31))
    nights.read("mentions", at(30), at(31))
    told = read_night(nights, 31)
    assert {first, late, *account.mentions} <= set(told)
    asked = nights.asked_for()
    assert f"{other}/conversation" not in asked
    account.says(at(31), "bob", to=other)
    nights.is_rewalk = True
    read_night(nights, 32)
    assert f"{other}/conversation" in nights.asked_for()


def test_what_is_deleted_is_gone_once(account: Account, nights: GraphNights) -> None:
    root, whole = account.says(at(1), "acme"), account.says(at(1), "acme")
    gone, stays = (account.says(at(1, 1), name, to=root) for name in ("ada", "bob"))
    read_night(nights, 2)
    del account.said[gone], account.said[whole]
    items = nights.read("posts", at(0), at(3)) + nights.read("conversations", at(0), at(3))
    said = [each for each in nights.said("posts", items) if isinstance(each, Gone)]
    assert {each.message_id for each in said} == {f"threads::{gone}", f"threads::{whole}"}
    assert read_night(nights, 4) == [stays]


def test_an_answer_that_we_hid_stays_private_wherever_it_is_told(
    account: Account, nights: GraphNights
) -> None:
    nights.options["searches"] = ["acme"]
    root = account.says(at(1), "acme")
    hidden = account.says(at(1, 1), "ada", to=root, text="@acme!", hide_status="HIDDEN")
    account.mentions = [hidden]
    read_night(nights, 2)
    for stream in ("conversations", "mentions"):
        (said,) = nights.messages(stream, nights.read(stream, at(0), at(2)))
        assert said.visibility == "private"
    assert nights.read("searches", at(0), at(2)) == []
    account.answers[root].remove(hidden)  # no longer in the list
    assert [item["hide_status"] for item in nights.read("conversations", at(0), at(3))] == [
        "HIDDEN"
    ]


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


def test_below_other_people_s_posts_direct_answers_to_ours_are_read(
    account: Account, nights: GraphNights
) -> None:
    theirs, ours = account.says(at(1), "ada"), account.says(at(1), "acme")
    account.says(at(1, 1), "acme", to=ours)
    reply = account.says(at(1, 1), "acme", to=theirs)
    answer = account.says(at(1, 2), "bob", to=reply)
    account.says(at(1, 3), "carl", to=answer)
    account.says(at(1, 3), "dora", to=theirs)
    nights.read("posts", at(0), at(2))
    nights.read("replies", at(0), at(2))
    nights.asked_for()
    assert nights.ids("answers", at(0), at(2)) == [answer]
    assert set(nights.asked_for()) == {f"{reply}/replies"}
    del account.said[answer]
    account.says(at(2), "bob", to=reply)
    nights.read("replies", at(0), at(3))
    items = nights.read("answers", at(0), at(3))
    assert [item["id"] for item in items if item.get("gone")] == [answer]


def test_what_ours_refer_to_elsewhere_is_looked_up_once_with_all_above(
    account: Account, nights: GraphNights
) -> None:
    top = account.says(at(1), "ada")
    middle = account.says(at(1, 1), "bob", to=top)
    asked = account.says(at(1, 2), "carl", to=middle)
    reply = account.says(at(1, 3), "acme", to=asked)
    account.says(at(1, 4), "acme", to=reply)
    quoted, hidden = account.says(at(1), "dora"), account.says(at(1), "emil")
    account.says(at(1, 5), "acme", quoted_post={"id": quoted})
    account.says(at(1, 5), "acme", reposted_post={"id": hidden})
    account.troubles[hidden] = [error(10, 403)]
    for stream in ("posts", "replies"):
        nights.read(stream, at(0), at(2))
    nights.asked_for()
    assert set(nights.ids("elsewhere", at(0), at(2))) == {top, middle, asked, quoted}
    assert len(nights.asked_for()) == 5
    refused = f"{NOT_TOLD}HTTP 403, Graph error 10: the token lacks a permission"
    assert nights.aside("elsewhere", at(2)) == [SetAside(hidden, refused)]
    assert nights.ids("elsewhere", at(0), at(3)) == [hidden]


def test_mentions_are_asked_for_by_time(account: Account, nights: GraphNights) -> None:
    account.size = 2
    account.mentions = [account.says(at(day), "ada") for day in range(9)]
    items = nights.read("mentions", at(6), at(9))
    assert [item["id"] for item in items] == account.mentions[:5:-1]
    assert {each.mentions for each in nights.messages("mentions", items)} == {("threads::acme",)}


def test_talk_beyond_home_is_searched_for_by_words_and_by_tag(
    account: Account, nights: GraphNights
) -> None:
    nights.options = {"searches": ["acme"], "tags": ["#tea"]}
    assert nights.read("searches", at(0), at(2)) == []
    words = account.says(at(1), "ada", text="Who knows acme?")
    tagged = account.says(at(1), "bob", text="Green #tea")
    account.says(at(1), "bob", text="Green tea")
    account.says(at(0), "carl", text="acme, long ago")
    items = nights.read("searches", at(1), at(2))
    assert [item["id"] for item in items] == [words, tagged]
    assert [each.mentions for each in nights.messages("searches", items)] == [(), ()]


def test_the_profile_tells_our_name_and_links(nights: GraphNights) -> None:
    assert nights.said("profile", nights.read("profile", at(1), at(2))) == [
        AccountSeen(
            account_id="threads::acme",
            handle="acme",
            display_name="Acme",
            profile_url="https://www.threads.net/@acme",
            profile_links=("https://acme.example/us",),
        )
    ]
