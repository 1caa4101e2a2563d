"""From the server to who spoke to whom: the square through extraction and all of core."""

from __future__ import annotations

from tests.night.pipeline import Pipeline
from tests.platforms.town import START, at
from tests.platforms.x.nights import Nights
from tests.platforms.x.square import Square


def test_who_spoke_to_whom_is_found(square: Square, nights: Nights) -> None:
    nights.options.update(followers=True, direct_messages=True)
    nights.keeps_messages = True
    root = square.says("acme", at(0, 8), text="Open till five.")
    ask = square.says("ada", at(0, 9), to=root, text="On Sundays, too?")
    answer = square.says("acme", at(0, 10), to=ask, text="Yes &amp; on Mondays.")
    peer = square.says("bob", at(0, 11), to=ask, text="They are.")
    square.says("carl", at(0, 12), quotes=root)
    square.says("dora", at(0, 13), mentions=["acme"])
    square.writes("dora", at(0, 14), to="acme", text="Between us.")
    square.writes("acme", at(0, 15), to="dora")
    square.likes[root], square.reposts[root] = ["dora"], ["carl"]
    square.followers = ["ada"]
    nights.run(0)
    late = square.says("dora", at(1, 9), to=peer)
    nights.run(1)
    del square.posts[root]
    nights.run(2)

    pipeline = Pipeline(nights.home, nights.organisation)
    pipeline.core(START.date())
    core = pipeline.core_tables()
    told = core["interaction"].to_pylist()
    acts = {
        (each["kind"], each["from_account_id"], each["to_account_id"], each["direction"])
        for each in told
    }
    assert acts >= {
        ("reply", "x::1001", "x::1000", "inbound"),
        ("reply", "x::1000", "x::1001", "outbound"),
        ("reply", "x::1002", "x::1001", "peer"),
        ("reply", "x::1004", "x::1002", "peer"),
        ("quote", "x::1003", "x::1000", "inbound"),
        ("mention", "x::1004", "x::1000", "inbound"),
        ("direct", "x::1004", "x::1000", "inbound"),
        ("direct", "x::1000", "x::1004", "outbound"),
        ("reaction", "x::1004", "x::1000", "inbound"),
        ("repost", "x::1003", "x::1000", "inbound"),
        ("follow", "x::1001", "x::1000", "inbound"),
    }
    messages = {each["message_id"]: each for each in core["message"].to_pylist()}
    thread = {f"x::{one}" for one in (root, ask, answer, peer, late)}
    assert {one for one, each in messages.items() if each["conversation_id"] == f"x::{root}"} == (
        thread
    )
    assert messages[f"x::{answer}"]["text"] == "Yes & on Mondays."
    assert [one for one, each in messages.items() if each["deleted_at"]] == [f"x::{root}"]
    assert {each["role"] for each in core["account"].to_pylist()} >= {"ours_brand"}
