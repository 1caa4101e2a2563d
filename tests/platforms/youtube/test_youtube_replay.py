"""What recorded answers of YouTube become, against a count of their own JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractors.errors import BadCredentials
from extractors.observations import AccountSeen, MessageSeen
from extractors.platform import Item
from extractors.platforms.youtube import YOUTUBE
from lake.organisation import AccountToRead
from tests.loopback import Asked, Reply, Script, loopback
from tests.platforms.town import at
from tests.platforms.youtube.studio import StudioNights

OURS = "UCa-vrCLQHviTOVnEKDOdetQ"
ACCOUNT = AccountToRead(platform="youtube", account=OURS)
Recorded = Callable[[str], Any]


@pytest.fixture
def recorded(shared: Callable[[str], Path]) -> Recorded:
    folder = shared("recordings/youtube/python_youtube")
    return lambda name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def replay(script: Script, stream: str, since: int, until: int) -> list[Item]:
    """What a stream fetches of the days since and until the first of January 2026."""
    with loopback(script) as server:
        return StudioNights(server.url, name=OURS).read(stream, at(since), at(until))


def said(stream: str, items: list[Item]) -> tuple[list[MessageSeen], set[str]]:
    """Messages, and the accounts that were seen."""
    observed = [each for item in items for each in YOUTUBE.stream(stream).read(item, ACCOUNT)]
    messages = [each for each in observed if isinstance(each, MessageSeen)]
    return messages, {each.account_id for each in observed if isinstance(each, AccountSeen)}


def commenters(threads: list[Item]) -> set[str]:
    """Channels in the JSON text itself."""
    told = re.findall(r'"authorChannelId": {"value": "([^"]+)"', json.dumps(threads))
    return {f"youtube::{one}" for one in told}


def test_threads_of_our_channel_and_the_reply_that_did_not_come_along(recorded: Recorded) -> None:
    """Of the last thread only the count of one reply is told; the recorded ones stand in."""
    threads = recorded("apidata/comment_threads/comment_threads_all_to_me")
    replies = [recorded(f"apidata/comments/comments_by_parent_paged_{n}") for n in (1, 2)]
    told = {each["id"]: each for each in threads["items"]}
    told["Ugw5zYU6n9pmIgAZWvN4AaABAg"]["snippet"]["totalReplyCount"] = 3
    told["UgwSRpgkjCe6OHHe3IJ4AaABAg"]["snippet"]["totalReplyCount"] = 0

    def script(asked: Asked) -> Reply:
        if asked.path == "/commentThreads":
            return Reply(threads)
        assert asked.query["parentId"] == "Ugw5zYU6n9pmIgAZWvN4AaABAg"
        return Reply(replies[1 if "pageToken" in asked.query else 0])

    items = replay(script, "threads", -365 * 7, 0)
    messages, people = said("threads", items)
    assert len(messages) == 4 + 3
    assert people == commenters([*threads["items"], *replies])
    edges = [(each.message_id, each.parent_id) for each in messages if each.kind == "reply"]
    assert edges == [
        (f"youtube::{each['id']}", f"youtube::{each['snippet']['parentId']}")
        for page in replies
        for each in page["items"]
    ]
    assert sum(each.parent_id is None for each in messages) == 2, "said to the channel as a whole"
    assert all(each.is_own_space for each in messages)


def test_two_pages_of_a_video_s_threads(recorded: Recorded) -> None:
    """The second page, as it was recorded, tells the first one's threads again."""
    pages = [
        recorded(f"apidata/comment_threads/comment_threads_by_video_paged_{n}") for n in (1, 2)
    ]
    threads = [each for page in pages for each in page["items"]]
    messages, people = said("elsewhere", threads)
    assert len(messages) == len(threads) == 10
    assert len({each.message_id for each in messages}) == len({each["id"] for each in threads}) == 5
    assert people == commenters(threads)
    assert {each.parent_id for each in messages} == {
        f"youtube::{each['snippet']['videoId']}" for each in threads
    }
    assert not any(each.is_own_space for each in messages)
    counters = [each["snippet"]["totalReplyCount"] for each in threads]
    assert [each.reply_count for each in messages] == counters
    assert not any("replies" in each for each in threads), "none came along"


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("comment_threads_by_channel", 2),
        ("comment_threads_multi", 2),
        ("comment_threads_with_search", 1),
        ("comment_thread_single", 1),
    ],
)
def test_other_lists_of_threads(recorded: Recorded, name: str, count: int) -> None:
    threads = recorded(f"apidata/comment_threads/{name}")["items"]
    messages, people = said("threads", threads)
    assert len([each for each in messages if each.kind == "comment"]) == len(threads) == count
    assert people == commenters(threads)


def test_videos(recorded: Recorded) -> None:
    videos = recorded("apidata/videos/videos_info_multi")["items"]
    messages, people = said("videos", videos)
    assert len(messages) == len(videos) == 2
    assert {each.text and each.text.partition("\n")[0] for each in messages} == {
        each["snippet"]["title"] for each in videos
    }
    assert people == {f"youtube::{each['snippet']['channelId']}" for each in videos}


def test_profiles(recorded: Recorded) -> None:
    channels = recorded("apidata/channels/info_multiple")["items"]
    seen = [each for item in channels for each in YOUTUBE.stream("people").read(item, ACCOUNT)]
    assert len(seen) == len(channels) == 2
    (google,) = recorded("apidata/channels/info")["items"]
    (account,) = YOUTUBE.stream("people").read(google, ACCOUNT)
    assert isinstance(account, AccountSeen)
    assert (account.handle, account.profile_links) == (
        "googledevelopers",
        ("https://goo.gle/developers",),
    )


@pytest.mark.parametrize(
    ("name", "status"), [("error_response", 400), ("apidata/error_permission_resp", 403)]
)
def test_recorded_refusals_are_for_a_human(recorded: Recorded, name: str, status: int) -> None:
    with pytest.raises(BadCredentials):
        replay(lambda _: Reply(recorded(name), status), "threads", 0, 1)
