"""A real network, read by our streams: depth, pages, windows, sign-ins."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from extractors.access import verdict
from extractors.client import Credentials
from extractors.errors import BadCredentials, TryLater
from extractors.extract import StreamReading, extract
from extractors.platform import Window
from lake.organisation import Organisation
from tests.night.pipeline import Pipeline, night_window
from tests.servers import bluesky_facts as facts
from tests.servers.bluesky import Network, bluesky_network, password

pytestmark = pytest.mark.server

FIRST, SECOND, THIRD = facts.NIGHTS
SEEN = ("first_seen_at", "last_seen_at", "observed_at", "valid_from", "fold")
SIGN_INS = 30  # so many in five minutes does the server allow


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """All has happened but the deletions."""
    with bluesky_network() as running:
        running.tell(night_window(THIRD).end)
        yield running


def nights_of(network: Network, home: Path, read: str = facts.READ) -> Pipeline:
    told = tomllib.loads(network.organisation(read))
    return Pipeline(home, Organisation.model_validate(told))


def visit(
    nights: Pipeline, window: Window, secret: str, slept: list[float] | None = None
) -> list[StreamReading]:
    """Read a window of any length."""
    sleep = ([] if slept is None else slept).append
    [account] = nights.organisation.read
    credentials = Credentials(secret=secret) if secret else None
    return extract(nights.lake, nights.organisation, account, window, credentials, sleep=sleep)


def known(network: Network, nights: Pipeline, table: str = "message") -> list[dict[str, Any]]:
    """A core table with the names that the facts give to ids, without when we saw what."""
    names = network.names()
    return [
        {key: names.get(str(value), value) for key, value in row.items() if key not in SEEN}
        for row in nights.lake.core_table(table).to_pylist()
    ]


def test_a_thread_is_read_whole_though_the_platform_cuts_it(
    network: Network, tmp_path: Path
) -> None:
    [top] = (uri for uri, name in network.names().items() if name == "deep")
    asked = {"uri": top.removeprefix("bluesky::"), "depth": 1000}
    answer = requests.get(f"{network.appview}/xrpc/app.bsky.feed.getPostThread", asked, timeout=60)
    node, levels = answer.json()["thread"], 0
    while node.get("replies"):
        [node], levels = node["replies"], levels + 1
    assert levels == 10

    nights = nights_of(network, tmp_path)
    visit(nights, night_window(THIRD), "")
    nights.core(THIRD)
    depths = {row["message_id"]: row["depth"] for row in known(network, nights)}
    deep = [f"{who}-{number}" for number in range(1, 13) for who in ("mia", "zoe")]
    assert [depths[key] for key in deep] == [*range(1, 25)]
    assert (depths["mia-late"], depths["mia-late-answer"], depths["ned-1"]) == (25, 26, 20)


def test_more_than_a_page_of_posts_and_of_notifications_is_read_each_once(
    network: Network, tmp_path: Path
) -> None:
    nights = nights_of(network, tmp_path)
    whole = Window(nights.organisation.history_start, night_window(THIRD).end, datetime.now(UTC))
    read = {each.partition.stream: each for each in visit(nights, whole, password(facts.READ))}
    own = [post for post in facts.POSTS if post.author == facts.READ and post.key != "workshop"]
    assert read["posts"].item_count == len(own) + 1  # a repost
    # Two pages; the posts that lie before the history are none of the window's.
    assert read["posts"].request_count == 2
    assert read["notifications"].request_count == 1 + 2  # the session first
    nights.core(THIRD)
    liked = [row for row in known(network, nights, "interaction") if row["kind"] == "reaction"]
    assert len(liked) == len([act for act in facts.ACTS if act.kind == "like"])


def test_two_nights_tell_what_one_longer_night_tells(network: Network, tmp_path: Path) -> None:
    two, one = (nights_of(network, tmp_path / name) for name in ("two", "one"))
    for night in (SECOND, THIRD):
        visit(two, night_window(night), password(facts.READ))
    both = Window(night_window(SECOND).start, *(night_window(THIRD).end,) * 2)
    visit(one, both, password(facts.READ))
    for each in (two, one):
        each.core(THIRD)
    assert len(known(network, one)) > 160
    for table in one.core_tables().keys() - {"reading", "set_aside"}:
        assert known(network, two, table) == known(network, one, table), table


def test_without_a_password_what_is_said_elsewhere_or_under_the_oldest_posts_is_not_found(
    network: Network, tmp_path: Path
) -> None:
    public, signed = (nights_of(network, tmp_path / name) for name in ("public", "signed"))
    visit(public, night_window(THIRD), "")
    visit(signed, night_window(THIRD), network.app_password(facts.READ))
    for each in (public, signed):
        each.core(THIRD)
    seen, found = ({row["message_id"] for row in known(network, each)} for each in (public, signed))
    assert found == {post.key for post in facts.POSTS} - {facts.HIDDEN}
    elsewhere = {"finn-1", "carla-1", "omar-1", "omar-answer", "tess-1"}
    assert found - seen == elsewhere | {"workshop", "joy-1", "joy-answer"}
    assert seen <= found


def test_a_wrong_password_is_a_matter_of_credentials_and_what_is_public_is_read(
    network: Network, tmp_path: Path
) -> None:
    nights = nights_of(network, tmp_path)
    with pytest.raises(BadCredentials, match="HTTP 401"):
        visit(nights, night_window(THIRD), "wrong")
    nights.core(THIRD)
    assert len(known(network, nights)) > 100
    failed = {
        row["stream"] for row in known(network, nights, "reading") if row["status"] == "failed"
    }
    assert failed == {"liked", "notifications", "searches"}


def test_the_check_of_credentials_tells_an_app_password_from_the_account_s_own(
    network: Network, tmp_path: Path
) -> None:
    [account] = nights_of(network, tmp_path).organisation.read

    def told(secret: str) -> tuple[bool, str]:
        found = verdict(account, Credentials(secret=secret))
        return found.is_fine, str(found)

    is_fine, said = told(network.app_password(facts.READ))
    assert is_fine
    assert "all but direct messages" in said
    is_fine, said = told(password(facts.READ))
    assert is_fine
    assert "take an app password" in said
    is_fine, said = told(password("ben"))
    assert not is_fine
    assert "NO: HTTP 401" in said
    is_fine, said = told("")
    assert is_fine
    assert "what is public" in said


def sign_in(network: Network, name: str, secret: str) -> requests.Response:
    return requests.post(
        f"{network.server}/xrpc/com.atproto.server.createSession",
        json={"identifier": f"{name}.test", "password": secret},
        timeout=60,
    )


def test_a_visit_signs_in_once_however_much_it_reads(network: Network, tmp_path: Path) -> None:
    nights = nights_of(network, tmp_path, "zoe")
    before = int(sign_in(network, "zoe", password("zoe")).headers["RateLimit-Remaining"])
    read = visit(nights, night_window(THIRD), password("zoe"))
    signed = [each for each in read if each.partition.stream in ("notifications", "searches")]
    assert sum(each.request_count for each in signed) > 2
    after = int(sign_in(network, "zoe", password("zoe")).headers["RateLimit-Remaining"])
    assert before - after == 2, "the visit's own, and the one that asks"


def test_too_many_sign_ins_are_waited_out_and_then_left_for_later(
    network: Network, tmp_path: Path
) -> None:
    statuses = [sign_in(network, "helper", "wrong").status_code for _ in range(SIGN_INS + 1)]
    assert statuses == [401] * SIGN_INS + [429]
    told = int(sign_in(network, "helper", "wrong").headers["Retry-After"])
    assert 0 < told <= 300
    slept: list[float] = []
    with pytest.raises(TryLater, match="HTTP 429, rate limit") as raised:
        visit(
            nights_of(network, tmp_path, "helper"), night_window(THIRD), password("helper"), slept
        )
    assert raised.value.after
    assert slept
    assert all(told - 60 < each <= 300 for each in slept)
