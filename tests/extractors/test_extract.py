"""One account's night: intervals, gaps, failures, privacy at the door."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from extractors.errors import BadCredentials, ReadingError, TryLater
from extractors.extract import extract
from extractors.observations import MessageSeen, Observation
from extractors.platform import Fetched, Item, Platform, Reading, SetAside, Stream, Window
from extractors.registry import PLATFORMS
from lake.organisation import AccountToRead, Organisation, Privacy
from lake.store import Lake

HISTORY = date(2025, 12, 20)


def window(day: int) -> Window:
    end = datetime(2026, 2, day, tzinfo=UTC)
    return Window(end - timedelta(days=1), end, end)


def read_item(item: Item, account: AccountToRead) -> Iterator[Observation]:
    yield MessageSeen(
        message_id=item["id"],
        author_id=None,
        sent_at=datetime(2026, 1, 1, tzinfo=UTC),
        text=item["text"],
        kind="post",
        channel=account.account,
        visibility=item.get("visibility", "public"),
    )


class Server:
    """A platform of one stream that notes what it was asked, and does what it is told."""

    def __init__(self, **stream: Any) -> None:
        self.asked: list[tuple[str, str]] = []
        self.answer: Callable[[Reading], Iterator[Fetched | SetAside]] = self.one_item
        streams = (Stream("posts", fetch=self.fetch, read=read_item, **stream),)
        self.platform = Platform(
            "tiny",
            streams,
            text_keys=frozenset({"text"}),
            is_direct=lambda item: item.get("visibility") == "direct",
        )

    def fetch(self, reading: Reading) -> Iterator[Fetched | SetAside]:
        asked = reading.window
        self.asked.append((f"{asked.start:%m-%d}", f"{asked.end:%m-%d}"))
        yield from self.answer(reading)

    def one_item(self, reading: Reading) -> Iterator[Fetched | SetAside]:
        yield Fetched({"id": f"{reading.window.start:%m-%d}", "text": "hello"}, page=1)

    def failing(self, error: Exception) -> Callable[[Reading], Iterator[Fetched | SetAside]]:
        def answer(reading: Reading) -> Iterator[Fetched | SetAside]:
            yield Fetched({"id": "before", "text": "kept"}, page=1)
            raise error

        return answer


@pytest.fixture
def night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Server, Lake, Callable[[int], object]]]:
    def make(privacy: Privacy | None = None, **stream: Any) -> Any:
        server, lake = Server(**stream), Lake.of("acme", str(tmp_path))
        monkeypatch.setitem(PLATFORMS, "tiny", server.platform)
        account = AccountToRead(platform="tiny", account="acme@home/1")
        organisation = Organisation.model_validate(
            {
                "name": "acme",
                "title": "Acme",
                "history_from": HISTORY,
                "read": [account],
                "ours": [{"name": "Zoe", "kind": "person", "accounts": ["tiny::zoe"]}],
                "privacy": privacy or Privacy(),
            }
        )
        return server, lake, lambda day: extract(lake, organisation, account, window(day))

    return make


def files(lake: Lake, layer: str = "raw") -> list[str]:
    return [path.rsplit("/", 1)[-1] for path in lake.paths(layer)]


def items(lake: Lake) -> list[str]:
    return [row["item"] for path in lake.paths("raw") for row in lake.read(path).to_pylist()]


def test_a_first_contact_reads_history_by_months_newest_first(night: Any) -> None:
    server, lake, run = night()
    run(5)
    assert server.asked == [
        ("02-04", "02-05"),
        ("02-01", "02-04"),
        ("01-01", "02-01"),
        ("12-20", "01-01"),
    ]
    assert files(lake) == [
        "2025-12-20--2026-01-01.parquet",
        "2026-01-01--2026-02-01.parquet",
        "2026-02-01--2026-02-04.parquet",
        "2026-02-04--2026-02-05.parquet",
    ]


def test_later_nights_read_their_day_and_missed_nights_are_made_up_for(night: Any) -> None:
    server, _, run = night(lookback_days=2)
    run(5)
    server.asked.clear()
    run(6)
    assert server.asked == [("02-03", "02-06")]
    run(9)
    assert server.asked[1:] == [("02-06", "02-09"), ("02-04", "02-08")]


def test_the_same_night_again_is_read_again_and_replaces_itself(night: Any) -> None:
    server, lake, run = night()
    run(5)
    before = items(lake)
    server.asked.clear()
    run(5)
    assert server.asked == [("02-04", "02-05")]
    assert items(lake) == before


def test_a_first_contact_that_failed_goes_on_where_it_stopped(night: Any) -> None:
    server, lake, run = night()
    real = server.answer
    trouble = TryLater("out of order", platform="tiny", account="acme@home/1", stream="posts")
    server.answer = lambda reading: (
        server.failing(trouble)(reading) if reading.window.start.month == 1 else real(reading)
    )
    with pytest.raises(TryLater):
        run(5)
    assert files(lake)[0] == "2026-01-01--2026-02-01.incomplete.parquet"
    assert '{"id":"before","text":"kept"}' in items(lake)
    noted = [row for path in lake.paths("reading") for row in lake.read(path).to_pylist()]
    assert [
        (f"{row['interval_from']:%m-%d}", row["error_kind"], row["item_count"]) for row in noted
    ] == [
        ("12-20", "TryLater", 0),
        ("01-01", "TryLater", 1),
    ]
    server.answer = real
    server.asked.clear()
    run(5)
    assert server.asked == [("01-01", "02-01"), ("12-20", "01-01")]
    assert not any("incomplete" in name for name in files(lake))
    assert lake.paths("reading") == []


def test_of_a_gap_the_days_told_before_a_failure_are_complete(night: Any) -> None:
    server, lake, run = night()
    real = server.answer

    def newest_first(reading: Reading) -> Iterator[Fetched | SetAside]:
        yield from real(reading)
        reading.told_since(reading.window.start + timedelta(days=19, hours=12))
        raise TryLater("no more", platform="tiny", account="acme@home/1", stream="posts")

    server.answer = lambda reading: (newest_first if is_january(reading) else real)(reading)
    is_january = lambda reading: reading.window.start.day == 1 and reading.window.start.month == 1  # noqa: E731
    with pytest.raises(TryLater):
        run(5)
    assert "2026-01-21--2026-02-01.parquet" in files(lake)
    assert files(lake, "reading") == [
        "2025-12-20--2026-01-01.parquet",
        "2026-01-01--2026-01-21.parquet",
    ]
    server.answer = real
    server.asked.clear()
    run(5)
    assert server.asked == [("01-01", "01-21"), ("12-20", "01-01")]
    assert files(lake, "reading") == []


def test_a_night_that_fails_leaves_what_an_earlier_reading_of_it_brought(night: Any) -> None:
    server, lake, run = night()
    run(5)
    before = items(lake)
    server.answer = server.failing(BadCredentials("expired", platform="tiny", account="a"))
    with pytest.raises(BadCredentials):
        run(5)
    assert set(before) < set(items(lake))


@pytest.mark.parametrize("error", [KeyError("data"), TypeError("NoneType"), ValueError("x")])
def test_an_answer_of_another_shape_is_named_and_what_came_before_is_kept(
    night: Any, error: Exception
) -> None:
    server, lake, run = night()
    server.answer = server.failing(error)
    with pytest.raises(ReadingError, match="platform=tiny account=acme@home/1 stream=posts"):
        run(5)
    assert items(lake) == ['{"id":"before","text":"kept"}']


def test_a_snapshot_is_read_once_a_night_and_has_no_history(night: Any) -> None:
    server, _, run = night(is_snapshot=True)
    run(5)
    run(9)
    assert server.asked == [("02-04", "02-05"), ("02-08", "02-09")]


def test_a_reading_sees_what_others_left_and_never_what_it_replaces(night: Any) -> None:
    server, _, run = night()
    seen: list[list[str]] = []

    def answer(reading: Reading) -> Iterator[Fetched | SetAside]:
        seen.append([item["id"] for item in reading.raw("posts")])
        yield from server.one_item(reading)

    run(5)
    server.answer = answer
    run(5)
    assert seen == [["02-01", "01-01", "12-20"]]


def test_missing_credentials_are_told_of_every_stream(
    night: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, lake, run = night()
    monkeypatch.setitem(
        PLATFORMS, "tiny", dataclasses.replace(server.platform, needs_credentials=True)
    )
    with pytest.raises(BadCredentials, match="tiny_acme_home_1"):
        run(5)
    [failure] = lake.read(lake.paths("reading")[0]).to_pylist()
    assert (failure["stream"], failure["error_kind"]) == ("posts", "BadCredentials")


def test_what_hangs_on_a_stream_that_failed_is_not_asked_and_counts_as_failed(
    night: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, lake, run = night()
    [posts] = server.platform.streams
    replies = dataclasses.replace(posts, name="replies", hangs_on="posts")
    platform = dataclasses.replace(server.platform, streams=(posts, replies))
    monkeypatch.setitem(PLATFORMS, "tiny", platform)
    server.answer = server.failing(BadCredentials("expired", platform="tiny", account="a"))
    with pytest.raises(BadCredentials):
        run(5)
    assert server.asked == [("02-04", "02-05")]
    noted = {(each.stream, f"{each.start:%m-%d}") for each in lake.partitions("reading")}
    starts = ("12-20", "01-01", "02-01", "02-04")
    assert noted == {(name, start) for name in ("posts", "replies") for start in starts}
    server.answer = server.one_item
    run(6)
    assert lake.paths("reading") == []


def test_of_failures_that_may_pass_the_one_that_takes_longest_is_raised(
    night: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _, run = night()
    place = {"platform": "tiny", "account": "acme"}
    failures: list[ReadingError] = [
        BadCredentials("no", **place),
        TryLater("soon", after=60, **place),
        TryLater("some time", **place),
        TryLater("late", after=900, **place),
    ]
    streams = [
        Stream(error.reason, fetch=server.failing(error), read=read_item) for error in failures
    ]
    platform = dataclasses.replace(server.platform, streams=tuple(streams))
    monkeypatch.setitem(PLATFORMS, "tiny", platform)
    with pytest.raises(TryLater, match="late"):
        run(5)


def test_what_a_night_has_cost_counts_when_it_is_tried_again(
    night: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _, run = night(is_snapshot=True)
    costs: list[float] = []

    def fetch(reading: Reading) -> Iterator[Fetched | SetAside]:
        costs.append(reading.cost_before)
        reading.client.request_count += 4
        if len(costs) == 1:
            raise TryLater("soon", platform="tiny", account="acme")
        yield from ()

    other = Stream("other", fetch=fetch, read=read_item, is_snapshot=True)
    streams = (*server.platform.streams, other)
    platform = dataclasses.replace(
        server.platform, streams=streams, cost=lambda client: client.request_count + 1
    )
    monkeypatch.setitem(PLATFORMS, "tiny", platform)

    def buy(reading: Reading) -> Iterator[Fetched | SetAside]:
        reading.client.request_count += 7
        yield Fetched({"id": "1", "text": "bought"})

    server.answer = buy
    with pytest.raises(TryLater):
        run(5)
    run(5)
    run(6)
    assert costs == [0, 7, 0], "without what failed, and of this night only"


def test_a_stream_that_needs_a_token_is_left_out_without_one(
    night: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server, lake, run = night(needs_token=True)
    with caplog.at_level(logging.WARNING):
        run(5)
    assert server.asked == []
    assert files(lake) == []
    assert "stream=posts left out: it needs a token" in caplog.text


def test_direct_messages_do_not_enter_the_lake_unless_switched_on(night: Any) -> None:
    def answer(reading: Reading) -> Iterator[Fetched | SetAside]:
        yield Fetched({"id": "1", "text": "between us", "visibility": "direct"})
        yield Fetched({"id": "2", "text": "to all"})

    server, lake, run = night()
    server.answer = answer
    run(5)
    assert all("between us" not in item for item in items(lake))
    server, lake, run = night(Privacy(direct_messages=True))
    server.answer = answer
    run(5)
    assert any("between us" in item for item in items(lake))


def test_a_stream_of_direct_messages_is_not_even_asked_unless_they_are_switched_on(
    night: Any,
) -> None:
    server, lake, run = night(is_direct=True, rewalks=True)
    run(5)
    assert server.asked == []
    assert items(lake) == []
    assert lake.paths("raw"), "it has been read, and holds nothing"
    server, _, run = night(Privacy(direct_messages=True), is_direct=True)
    run(6)
    assert server.asked


def test_metadata_only_lets_no_text_in_at_any_depth(night: Any) -> None:
    def answer(reading: Reading) -> Iterator[Fetched | SetAside]:
        yield Fetched({"id": "1", "text": "words", "inner": [{"text": "more words", "n": 1}]})
        yield SetAside("torn words", "torn row")

    server, lake, run = night(Privacy(metadata_only=True))
    server.answer = answer
    run(5)
    assert items(lake)[-2:] == ['{"id":"1","text":"","inner":[{"text":"","n":1}]}', ""]


def test_nothing_that_people_wrote_reaches_the_log(
    night: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server, _, run = night()
    server.answer = server.failing(ValueError("hello from a person"))
    with caplog.at_level(logging.DEBUG), pytest.raises(ReadingError) as failure:
        run(5)
    assert "hello" not in caplog.text
    assert "hello" not in str(failure.value)


def test_old_days_are_looked_through_again_a_few_each_night(night: Any) -> None:
    server, _, run = night(rewalks=True, lookback_days=2)
    again: list[tuple[str, str]] = []

    def answer(reading: Reading) -> Iterator[Fetched | SetAside]:
        if reading.is_rewalk:
            again.append((f"{reading.window.start:%m-%d}", f"{reading.window.end:%m-%d}"))
        yield Fetched({"id": "1", "text": "hello"}, page=1)

    server.answer = answer
    run(5)
    assert again == [], "nothing is old on the first night"
    for day in range(6, 13):
        run(day)
    run(12)
    assert again == [
        ("12-20", "12-27"),
        ("12-27", "01-03"),
        ("01-03", "01-10"),
        ("01-10", "01-17"),
        ("01-17", "01-24"),
        ("01-24", "01-31"),
        ("01-31", "02-07"),
        ("01-31", "02-07"),
    ], "a night that is run twice looks at the same days"
    run(13)
    assert again[-1] == ("12-20", "12-27"), "and from the beginning"


def test_a_failed_look_at_old_days_harms_nothing_and_comes_again(night: Any) -> None:
    server, lake, run = night(rewalks=True)
    again: list[datetime] = []

    def answer(reading: Reading) -> Iterator[Fetched | SetAside]:
        yield Fetched({"id": f"{reading.window.start:%m-%d}", "text": "hello"}, page=1)
        if reading.is_rewalk:
            again.append(reading.window.start)
            raise TryLater("too much", platform="tiny", account="acme", page=3)

    server.answer = answer
    run(5)
    run(6)
    run(7)
    assert again[0] == again[1]
    rows = lake.read(lake.paths("raw")[-1]).to_pylist()
    assert [row["set_aside_reason"] for row in rows] == [
        None,
        None,
        "2025-12-20 to 2025-12-27 was not looked through again: too much",
    ]


def test_what_asked_for_later_days_only_is_not_looked_through(night: Any) -> None:
    server, _, run = night(lookback_days=4, rewalks=True)
    seen: dict[str, list[str]] = {}

    def answer(reading: Reading) -> Iterator[Fetched | SetAside]:
        window = reading.window
        name = f"{window.start:%m-%d}"
        told = reading.raw("posts", window.start, window.end)
        seen.setdefault(name, [item["id"] for item in told])
        yield Fetched({"id": f"{name}{' again' if reading.is_rewalk else ''}", "text": "hello"})

    server.answer = answer
    run(5)
    assert seen == {"01-31": [], "02-01": ["01-31"], "01-01": ["01-31"], "12-20": []}
    seen.clear()
    run(6)
    assert seen == {"02-01": ["01-31", "02-01"], "12-20": ["12-20"]}
    run(7)
    assert seen["12-27"] == ["02-01", "12-20 again", "01-01", "12-20"], "the last re-walk as well"
