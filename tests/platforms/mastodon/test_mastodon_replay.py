"""What recorded answers of real Mastodon servers become, against a count of their own JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from extractors.client import Client
from extractors.errors import NotThere
from extractors.observations import AccountSeen, FollowSeen, MessageSeen, ReactionSeen
from extractors.paging import link_pages
from extractors.platform import Fetched, Item
from tests.loopback import Clock
from tests.platforms.mastodon.pond import PondNights
from tests.recordings import Exchange, Replay, load_recording

SERVER = "https://social.tchncs.de"
ROOT = "109303266941599451"
OUR_NUMBER = "109281650341067731"
PAGE_SIZES = ("limit", "local", "only_media", "exclude_reblogs")

Recording = Callable[[str], list[Exchange]]


@pytest.fixture
def rtoot(shared: Callable[[str], Path]) -> Recording:
    folder = shared("recordings/mastodon/rtoot_vcr/fixtures")
    return lambda name: load_recording(folder / f"{name}.yml")


@pytest.fixture
def mastodonpy(shared: Callable[[str], Path]) -> Recording:
    folder = shared("recordings/mastodon/mastodonpy_cassettes/tests")
    return lambda name: load_recording(folder / f"{name}.yaml")


def when(told: str) -> datetime:
    return datetime.fromisoformat(told)


def answer(url: str, body: Any) -> Exchange:
    """An answer of our own making, where none was recorded."""
    return Exchange("GET", url, 200, {}, json.dumps(body).encode())


def replaying(
    exchanges: list[Exchange], url: str = SERVER, name: str = "chainsawriot"
) -> PondNights:
    return PondNights(url, name=name, adapter=Replay(exchanges, ignored=PAGE_SIZES))


def bodies(exchanges: list[Exchange]) -> list[Any]:
    return [json.loads(each.body) for each in exchanges]


def statuses_of_the_account(rtoot: Recording) -> tuple[list[Exchange], list[Item]]:
    pages = rtoot("get_account_statuses_limit")
    lookup = f"{SERVER}/api/v1/accounts/lookup?acct=chainsawriot"
    return [answer(lookup, {"id": OUR_NUMBER}), *pages], list(chain(*bodies(pages)))


def test_a_whole_account_is_read_over_its_linked_pages(rtoot: Recording) -> None:
    exchanges, told = statuses_of_the_account(rtoot)
    nights = replaying(exchanges)
    items = nights.read("statuses", when("2022-11-01T00:00Z"), when("2022-12-01T00:00Z"))
    assert items == told
    assert [each.page for each in nights.raw["statuses", when("2022-12-01T00:00Z")]] == (
        [1] * 20 + [2] * 20 + [3] * 3
    )
    said = nights.said("statuses", items)
    boosted = [each["reblog"]["id"] for each in told if each["reblog"]]
    assert len(boosted) == 4
    assert [each.message_id for each in said if isinstance(each, ReactionSeen)] == [
        f"mastodon:social.tchncs.de:{one}" for one in boosted
    ]
    written = [each for each in said if isinstance(each, MessageSeen)]
    assert len(written) == 43
    ours = [each for each in written if each.author_id == "mastodon:social.tchncs.de:chainsawriot"]
    assert len(ours) == sum(
        (each["reblog"] or each)["account"]["id"] == OUR_NUMBER for each in told
    )


def test_a_thread_keeps_every_edge_depth_and_person(rtoot: Recording) -> None:
    exchanges, _ = statuses_of_the_account(rtoot)
    contexts = rtoot("get_context_with_token")
    nights = replaying([*exchanges, *contexts])
    start, end = when("2022-11-07T15:30Z"), when("2022-11-07T16:00Z")
    nights.read("statuses", start, end)
    said = nights.said("contexts", nights.read("contexts", start, end))

    told = bodies(contexts)[0]["descendants"]
    by_id = {each["id"]: each for each in told}
    edges = {(each["id"], each["in_reply_to_id"]) for each in told}
    messages = {each.message_id: each for each in said if isinstance(each, MessageSeen)}
    assert len(told) == 6
    assert {
        (child.message_id.rsplit(":", 1)[1], str(child.parent_id).rsplit(":", 1)[1])
        for child in messages.values()
        if child.parent_id
    } == edges

    root_author = "mastodon:social.tchncs.de:chainsawriot"
    for child, parent in edges:
        acct = by_id[parent]["account"]["acct"] if parent in by_id else "chainsawriot"
        name, _, domain = acct.partition("@")
        expected = f"mastodon:{domain or 'social.tchncs.de'}:{name}"
        assert messages[f"mastodon:social.tchncs.de:{child}"].parent_author_id == expected

    assert {each.author_id for each in messages.values()} == {
        root_author,
        "mastodon:social.tchncs.de:0xba",
        "mastodon:scholar.social:bastos",
    }
    assert max(len(_up(each, by_id)) for each in by_id) == 3


def _up(one: str, by_id: dict[str, Item]) -> list[str]:
    parent = by_id[one]["in_reply_to_id"]
    return [parent, *(_up(parent, by_id) if parent in by_id else [])]


def test_a_thread_read_from_its_midst_brings_what_it_answers(rtoot: Recording) -> None:
    """Our own reply was deep down; the thread is asked for from there and from our topmost."""
    (deep,) = rtoot("get_context_with_ancesters")
    (whole,) = rtoot("get_context_with_token")
    ancestors = bodies([deep])[0]["ancestors"]
    descendants = bodies([whole])[0]["descendants"]
    (asked,) = (each for each in descendants if each["id"] == "109303309876585639")
    assert [each["id"] for each in ancestors] == [ROOT]

    nights = replaying([deep, whole])
    end = when("2022-11-08T00:00Z")
    mention = {"id": "1", "type": "mention", "created_at": asked["created_at"], "status": asked}
    nights.raw["notifications", end] = [Fetched(mention)]
    items = nights.read("contexts", when("2022-11-07T00:00Z"), end)
    assert {each["id"] for each in items} == {ROOT, *(each["id"] for each in descendants)}


@pytest.mark.parametrize(
    ("stream", "recording", "kind", "count"),
    [
        ("favourites", "get_favourited_with_token", "reaction", 4),
        ("boosts", "get_reblogged_with_token", "repost", 1),
    ],
)
def test_everybody_who_reacted_is_known(
    rtoot: Recording, stream: str, recording: str, kind: str, count: int
) -> None:
    exchanges, _ = statuses_of_the_account(rtoot)
    reactions = rtoot(recording)
    nights = replaying([*exchanges, *reactions])
    start, end = when("2022-11-07T15:38Z"), when("2022-11-07T15:39Z")
    nights.read("statuses", start, end)
    said = nights.said(stream, nights.read(stream, start, end))
    people = bodies(reactions)[0]
    found = [each for each in said if isinstance(each, ReactionSeen)]
    assert len(found) == len(people) == count
    assert {(each.kind, each.message_id) for each in found} == {
        (kind, f"mastodon:social.tchncs.de:{ROOT}")
    }
    assert [each.handle for each in said if isinstance(each, AccountSeen)] == [
        each["acct"].lower() if "@" in each["acct"] else f"{each['acct'].lower()}@social.tchncs.de"
        for each in people
    ]


def test_followers_are_paged_by_numbers_that_only_the_link_tells(rtoot: Recording) -> None:
    (first,) = rtoot("get_account_followers_default")
    people = bodies([first])[0]
    beyond = f"{SERVER}/api/v1/accounts/{OUR_NUMBER}/followers?max_id=712203"
    lookup = f"{SERVER}/api/v1/accounts/lookup?acct=chainsawriot"
    nights = replaying([answer(lookup, {"id": OUR_NUMBER}), first, answer(beyond, [])])
    day = when("2022-11-08T00:00Z")
    said = nights.said("followers", nights.read("followers", day, day))
    follows = [each for each in said if isinstance(each, FollowSeen)]
    assert len(follows) == len(people) == 3
    assert {each.followed_id for each in follows} == {"mastodon:social.tchncs.de:chainsawriot"}
    assert "712203" not in {each["id"] for each in people}


def test_a_tag_is_followed_over_pages_to_the_start_of_the_window(rtoot: Recording) -> None:
    pages = rtoot("handle_params_max_id")
    nights = replaying(pages, "https://mastodon.social")
    nights.options = {"tags": ["ichbinhanna"]}
    start, end = when("2022-11-07T11:00Z"), when("2022-11-29T00:00Z")
    items = nights.read("tags", start, end)
    told = list(chain(*bodies(pages)))
    expected = [each for each in told if start <= when(each["created_at"]) < end]
    assert 100 < len(expected) < len(told) == 160
    assert items == expected
    assert nights.request_count == 4, "all of the fourth page is older"
    assert nights.clock.slept == [], "the recorded rate limit was far away"
    read = [each for each in nights.said("tags", items) if isinstance(each, MessageSeen)]
    assert {each.message_id for each in read} >= {
        f"mastodon:mastodon.social:{(each['reblog'] or each)['id']}" for each in expected
    }


def test_a_parent_s_author_told_in_a_reply_is_the_parent_s_author(rtoot: Recording) -> None:
    """In a long public thread, where parents are at hand to compare with."""
    (context,) = rtoot("get_context_anonymous")
    told = {each["id"]: each for each in bodies([context])[0]["descendants"]}
    said = PondNights("https://mastodon.social").said("contexts", list(told.values()))
    messages = {each.message_id: each for each in said if isinstance(each, MessageSeen)}
    assert len(messages) == len(told)
    compared = 0
    for reply in messages.values():
        parent = messages.get(reply.parent_id or "")
        if parent and reply.parent_author_id:
            assert reply.parent_author_id == parent.author_id
            compared += 1
    assert compared == sum(each["in_reply_to_id"] in told for each in told.values()) == 22


def said_of(exchange: Exchange, stream: str = "statuses") -> list[Any]:
    return PondNights("http://localhost:3000").said(stream, bodies([exchange]))


def messages_of(exchange: Exchange) -> list[MessageSeen]:
    return [each for each in said_of(exchange) if isinstance(each, MessageSeen)]


def test_an_edit_shows_in_words_and_time(mastodonpy: Recording) -> None:
    exchanges = mastodonpy("cassettes/test_status_edit")
    (before,), (after,) = messages_of(exchanges[0]), messages_of(exchanges[3])
    assert before.message_id == after.message_id
    assert (before.edited_at, after.edited_at) == (None, when("2026-08-01T13:54:00.695Z"))
    assert before.text != after.text
    assert before.sent_at == after.sent_at


def test_a_quote_and_what_it_quotes_are_both_read(mastodonpy: Recording) -> None:
    _, exchange, *_ = mastodonpy("cassettes/test_status_post_with_quote")
    quote, quoted = messages_of(exchange)
    assert (quote.kind, quote.quoted_id, quote.text) == ("quote", quoted.message_id, "yoooooooo")
    assert (quoted.kind, quoted.quoted_id, quoted.text) == ("post", None, "Toot!")


def test_a_reply_that_quotes_is_a_reply(mastodonpy: Recording) -> None:
    exchanges = mastodonpy("cassettes/test_status_reply_with_quote")
    reply, quoted = messages_of(exchanges[3])
    (parent,) = messages_of(exchanges[1])
    assert (reply.kind, reply.parent_id) == ("reply", parent.message_id)
    assert reply.parent_author_id == parent.author_id == "mastodon:localhost:mastodonpy_test"
    assert reply.quoted_id == quoted.message_id != parent.message_id


def test_a_revoked_quote_quotes_nothing(mastodonpy: Recording) -> None:
    _, _, revoked, *_ = mastodonpy("cassettes/test_status_quote_revoke")
    (message,) = messages_of(revoked)
    assert (message.kind, message.quoted_id) == ("post", None)


def test_a_quote_inside_a_quote_is_known_by_its_id(mastodonpy: Recording) -> None:
    outer, inner = messages_of(mastodonpy("cassettes_entity_tests/test_entity_quote")[0])
    assert outer.quoted_id == inner.message_id
    assert (outer.kind, outer.parent_id is not None) == ("reply", True)


def test_notifications_are_read_even_where_their_status_is_missing(mastodonpy: Recording) -> None:
    (page,) = mastodonpy("cassettes_entity_tests/test_entity_notification")
    url = "https://mastodon.social"
    beyond = answer(f"{url}/api/v1/notifications?max_id=541461666", [])
    nights = replaying([page, beyond], url)
    nights.secret = "REDACTED"
    items = nights.read("notifications", when("2026-03-01T00:00Z"), when("2026-04-11T00:00Z"))
    said = nights.said("notifications", items)
    assert len(bodies([page])[0]) == 40
    assert len(items) == 38, "two are of the day after"
    assert {each.account_id for each in said if isinstance(each, AccountSeen)} >= {
        "mastodon:hachyderm.io:halcy",
        "mastodon:glitch.social:halcy",
        "mastodon:icosahedron.website:latencyobs",
    }
    assert [each.message_id for each in said if isinstance(each, MessageSeen)] == [
        "mastodon:mastodon.social:116275331587890092"
    ]


def test_a_mention_is_read_from_its_notification(mastodonpy: Recording) -> None:
    page = mastodonpy("cassettes/test_notifications")[1]
    (item,) = bodies([page])[0]
    said = PondNights("http://localhost:3000").said("notifications", [item])
    (message,) = (each for each in said if isinstance(each, MessageSeen))
    assert message.author_id == f"mastodon:localhost:{item['account']['acct']}"
    assert message.mentions == ("mastodon:localhost:mastodonpy_test",)


def test_a_missing_status_is_not_there(mastodonpy: Recording) -> None:
    (missing,) = mastodonpy("cassettes/test_status_missing")
    client = Client(
        "mastodon",
        "acme",
        base_url="http://localhost:3000",
        now=Clock(),
        sleep=Clock().sleep,
        adapter=Replay([missing]),
    )
    with pytest.raises(NotThere, match="HTTP 404"):
        client.get("/api/v1/statuses/0", stream="statuses")


def test_links_of_a_recent_server_are_followed_to_the_end(mastodonpy: Recording) -> None:
    exchanges = mastodonpy("cassettes/test_pagination_iterator")
    first = next(each for each in exchanges if "/timelines/tag/" in each.url)
    client = Client(
        "mastodon",
        "acme",
        base_url="http://localhost:3000",
        now=Clock(),
        sleep=Clock().sleep,
        adapter=Replay(exchanges),
    )
    pages = [elements for _, elements in link_pages(client, first.url, stream="tags")]
    ids = [each["id"] for elements in pages for each in elements]
    posted = [json.loads(each.body)["id"] for each in exchanges if each.method == "POST"]
    assert ids == sorted(posted, reverse=True)
    assert [len(elements) for elements in pages] == [10, 10, 10, 0]
