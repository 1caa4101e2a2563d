"""Signals are computed once a text, kept apart from it, and outlive it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from extractors.observations import Gone
from lake.schemas import OBSERVED, TEXT_SIGNAL
from lake.store import Lake
from tests.transforms.conftest import World, account, at, message
from transforms.engine import engine
from transforms.signals import tell_text_signals

TEXTS = (
    "The new belt fits and the picture is wonderful, thank you!",
    "¿Cómo cambio la batería del mando? No encuentro la tapa.",
    "Today only we take 20 % off every tripod in the shop, order now!",
)


class Constant:
    """Another model: everything feels the same, in two languages."""

    name = "constant-1"
    languages = frozenset({"en", "es"})

    def scores(self, texts: Sequence[str]) -> list[float]:
        return [0.25] * len(texts)


@contextmanager
def at_hand(*texts: str | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The messages at hand, whose text may be gone while its hash is known."""
    with engine() as connection:
        rows = [
            {"source": source, "author_id": "ana", "said": said, "text": text}
            for source, (said, text) in enumerate(zip(TEXTS, texts, strict=False))
        ]
        connection.register("row", pa.Table.from_pylist(rows))
        connection.execute("create table conversed as select *, md5(said) as content_hash from row")
        fresh = OBSERVED.append(pa.field("source", pa.int64()))
        connection.from_arrow(fresh.empty_table()).create_view("fresh")
        connection.execute(
            "create table account as select 'zoe' as account_id, 'ours_person' as role"
        )
        yield connection


def signals(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    columns = ", ".join(TEXT_SIGNAL.names)
    return connection.sql(f"select {columns} from text_signal order by content_hash").fetchall()


def test_a_text_is_looked_at_once_and_its_signals_outlive_it(world: World) -> None:
    lake: Lake = world.lake
    with at_hand(*TEXTS) as connection:
        assert tell_text_signals(connection, lake) == 3
        first = signals(connection)
        assert tell_text_signals(connection, lake) == 0
    with at_hand(None, None, None) as connection:
        assert tell_text_signals(connection, lake) == 0
        assert signals(connection) == first
    assert len(lake.paths("state/text_signal")) == 1


def test_another_model_looks_at_all_texts_again_and_leaves_the_erased_as_told(world: World) -> None:
    with at_hand(*TEXTS) as connection:
        tell_text_signals(connection, world.lake)
    with at_hand(None, TEXTS[1], TEXTS[2]) as connection:
        assert tell_text_signals(connection, world.lake, Constant()) == 2
        query = "select sentiment_model, count(*) from text_signal group by all order by all"
        models = dict(connection.sql(query).fetchall())
    assert models == {"constant-1": 2, "vader-3.3.2": 1}


def test_a_language_that_the_model_does_not_know_has_no_score(world: World) -> None:
    with at_hand(*TEXTS) as connection:
        tell_text_signals(connection, world.lake)
        query = "select language, count(sentiment_score) from text_signal group by all order by all"
        assert dict(connection.sql(query).fetchall())["es"] == 0


def test_what_a_killed_night_left_is_swept_and_told_again(world: World) -> None:
    with at_hand(*TEXTS) as connection:
        tell_text_signals(connection, world.lake)
        told = signals(connection)
    [path] = world.lake.paths("state/text_signal")
    world.lake.remove(path)
    with at_hand(*TEXTS) as connection:
        tell_text_signals(connection, world.lake)
        assert signals(connection) == told
    assert world.lake.paths("state/text_signal") == [path]


def told(text: str) -> list[object]:
    return [
        account("zoe", display_name="Zoe"),
        account("ana", display_name="Ana"),
        message("q", "ana", at(1), text="My focuser slips under the heavy camera, what now?"),
        message("r", "zoe", at(1, 3), text=text, parent_id="q"),
    ]


def test_a_reply_that_takes_up_words_is_personal(world: World) -> None:
    world.night(2, told("A heavy camera makes any focuser tired: tighten the screw below."))
    world.build()
    assert world.rows("message_signal", "message_id")["r"]["echoed_word_count"] == 3
    assert world.rows("reply_signal", "message_id")["r"]["is_personal"] is True


def test_deletion_in_a_later_night_or_the_same_tells_the_same(world: World, tmp_path: Path) -> None:
    gone = Gone(message_id="sample::r", gone_at=at(3))
    world.night(2, told("We will look into it, Ana. Sorry for the trouble! ^Z"))
    world.build()
    world.night(4, [gone])
    world.build()
    later = {t: world.core(t) for t in ("message_signal", "reply_signal")}
    assert world.rows("message", "message_id")["r"]["text"] is None
    assert world.rows("message_signal", "message_id")["r"]["has_promise"] is True
    for path in (*world.lake.paths("state"), *world.lake.paths("core/message_signal")):
        world.lake.remove(path)
    world.build()
    assert {t: world.core(t) for t in later} == later


def test_a_reply_that_arrives_after_its_question_was_deleted_tells_what_it_takes_up(
    world: World, tmp_path: Path
) -> None:
    *known, answer = told("A heavy camera makes any focuser tired: tighten the screw below.")
    gone = Gone(message_id="sample::q", gone_at=at(3))
    nights = {2: known, 4: [gone], 6: [answer]}
    once = World(tmp_path / "once", world.organisation)
    for number, said in nights.items():
        world.night(number, said)
        world.build()
        once.night(number, said)
    assert world.rows("message", "message_id")["q"]["text"] is None
    assert world.rows("message_signal", "message_id")["r"]["echoed_word_count"] == 3
    assert world.core("message_signal") == once.build().core("message_signal")
