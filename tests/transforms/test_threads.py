"""Which conversation a message belongs to, and who it is addressed to."""

from __future__ import annotations

import random
from collections import Counter

import networkx as nx
import pytest

from extractors.observations import Gone
from tests.transforms.conftest import World, account, at, message


def test_a_late_parent_heals_an_old_conversation(world: World) -> None:
    world.night(
        10,
        [
            message("b", "bob", at(10, 9), parent_id="a"),
            message("c", "ana", at(10, 10), parent_id="b"),
        ],
    )
    before = world.build().rows("message", "message_id")
    assert before["b"]["parent_state"] == "unresolved"
    assert before["b"]["conversation_id"] == before["c"]["conversation_id"] == "sample::a"
    world.night(12, [message("a", "ana", at(10, 8))])
    after = world.build().rows("message", "message_id")
    assert after["b"]["parent_state"] == "resolved"
    assert {row["conversation_id"] for row in after.values()} == {"sample::a"}
    assert [after[name]["depth"] for name in "abc"] == [0, 1, 2]


def test_a_deleted_parent_keeps_a_stub_without_words(world: World) -> None:
    world.night(10, [message("a", "ana", at(10, 8)), message("b", "zoe", at(10, 9), parent_id="a")])
    world.night(11, [Gone(message_id="sample::a", gone_at=at(11, 3))])
    rows = world.build().rows("message", "message_id")
    assert rows["a"]["text"] is None
    assert rows["a"]["deleted_at"] == at(11, 3)
    assert rows["b"]["parent_state"] == "deleted"
    assert rows["b"]["conversation_id"] == "sample::a"


def test_a_reply_to_a_message_known_only_as_gone_has_a_deleted_parent(world: World) -> None:
    world.night(10, [message("b", "bob", at(10, 9), parent_id="a"), Gone(message_id="sample::a")])
    assert world.build().rows("message", "message_id")["b"]["parent_state"] == "deleted"


def test_a_loop_of_parents_is_cut_and_hurts_nobody_else(world: World) -> None:
    world.night(
        10,
        [
            message("x", "ana", at(10, 8), parent_id="y"),
            message("y", "bob", at(10, 8), parent_id="x"),
            message("z", "bob", at(10, 8), parent_id="z"),
            message("a", "ana", at(10, 8)),
            message("b", "bob", at(10, 9), parent_id="a"),
        ],
    )
    rows = world.build().rows("message", "message_id")
    assert [rows[name]["parent_state"] for name in "xyzab"] == [
        "cut",
        "cut",
        "root",
        "root",
        "resolved",
    ]
    assert rows["b"]["conversation_id"] == "sample::a"


def test_a_chain_of_a_thousand_replies_is_one_conversation(world: World) -> None:
    chain = [message("m0", "ana", at(10))]
    chain += [
        message(f"m{number}", "bob", at(10, 1), parent_id=f"m{number - 1}")
        for number in range(1, 1000)
    ]
    world.night(10, reversed(chain))
    rows = world.build().rows("message", "message_id")
    assert {row["conversation_id"] for row in rows.values()} == {"sample::m0"}
    assert rows["m999"]["depth"] == 999


def test_a_declared_root_holds_a_thread_together_whose_middle_is_missing(world: World) -> None:
    world.night(
        10,
        [
            message("a", "ana", at(10, 8)),
            message("c", "bob", at(10, 9), parent_id="b", root_id="a"),
        ],
    )
    rows = world.build().rows("message", "message_id")
    assert rows["c"]["conversation_id"] == "sample::a"
    assert rows["c"]["parent_state"] == "unresolved"


def chat(name: str, author: str, *when: int, **more: object):
    return message(name, author, at(*when), channel="chat", is_flat=True, **more)


def test_a_place_without_threads_is_cut_by_a_day_of_silence(world: World) -> None:
    world.night(
        20,
        [
            chat("1", "ana", 10, 8),
            chat("2", "zoe", 11, 8),
            chat("3", "ana", 12, 8, 0, 1),
        ],
    )
    rows = world.build().rows("message", "message_id")
    assert rows["1"]["conversation_id"] == rows["2"]["conversation_id"] == "session:sample::1"
    assert rows["3"]["conversation_id"] == "session:sample::3"


def test_in_a_flat_place_a_mention_names_the_addressee_and_else_the_previous_speaker(
    world: World,
) -> None:
    world.night(
        10,
        [
            account("zoe"),
            chat("1", "ana", 10, 8),
            chat("2", "bob", 10, 9),
            chat("3", "zoe", 10, 10, mentions=["ana"]),
            chat("4", "zoe", 10, 11),
            chat("5", "ana", 10, 12),
        ],
    )
    rows = world.build().core("interaction").to_pylist()
    edges = {
        (
            row["message_id"].removeprefix("sample::"),
            (row["to_account_id"] or "us").removeprefix("sample::"),
            row["addressee_method"],
            row["is_inferred"],
        )
        for row in rows
    }
    assert edges == {
        ("1", "us", "own_space", False),
        ("2", "ana", "previous_speaker", True),
        ("3", "ana", "mention", False),
        ("4", "bob", "previous_speaker", True),
        ("5", "zoe", "previous_speaker", True),
    }


def test_addressing_us_has_a_reason_and_a_person_answering_a_person_has_none(world: World) -> None:
    world.night(
        10,
        [
            account("zoe"),
            account("acme"),
            message("open", "ana", at(10, 8)),
            message("more", "ana", at(10, 9), parent_id="open"),
            message("peer", "bob", at(10, 10), parent_id="open"),
            message("ours", "zoe", at(10, 11), parent_id="open"),
            message("back", "ana", at(10, 12), parent_id="ours"),
            message("beyond", "cai", at(10, 8), is_own_space=False, mentions=["acme"]),
            message("quote", "cai", at(10, 13), is_own_space=False, quoted_id="ours"),
            message("talk", "cai", at(10, 8), is_own_space=False),
        ],
    )
    rows = world.build().rows("message", "message_id")
    assert {name: row["addressed_reason"] for name, row in rows.items()} == {
        "open": "own_space",
        "more": "continues",
        "peer": None,
        "ours": None,
        "back": "reply",
        "beyond": "mention",
        "quote": "quote",
        "talk": None,
    }
    assert all(
        row["is_addressed_to_us"] == (row["addressed_reason"] is not None) for row in rows.values()
    )
    assert rows["beyond"]["home"] == "beyond"
    assert rows["back"]["home"] == "own_space"


def test_an_anonymous_message_is_counted_without_inventing_a_person(world: World) -> None:
    world.night(10, [message("a", None, at(10, 8))])
    world.build()
    [row] = world.core("interaction").to_pylist()
    assert (row["from_account_id"], row["direction"]) == (None, "inbound")
    assert world.core("account").num_rows == 0
    assert world.core("person").num_rows == 0


def test_a_message_can_address_several_people_once_each(world: World) -> None:
    world.night(
        10,
        [
            account("zoe"),
            message("a", "ana", at(10, 8)),
            message("b", "zoe", at(10, 9), parent_id="a", mentions=["ana", "bob", "zoe"]),
        ],
    )
    rows = world.build().core("interaction").to_pylist()
    assert {
        (row["to_account_id"], row["addressee_method"], row["direction"])
        for row in rows
        if row["message_id"] == "sample::b"
    } == {("sample::ana", "parent", "outbound"), ("sample::bob", "mention", "outbound")}


# Edges of the worked trees, a parent and its answer each; then depth, h-index and virality.
TREES = {
    "branched": ("ra rb rc ad ae bh df fg", 4, 2, 2.722222),
    "star": ("ra rb rc rd re rf rg rh", 1, 1, 1.777778),
    "chain": ("ra ab bc cd de ef fg gh", 8, 1, 3.333333),
}


@pytest.mark.parametrize(("edges", "depth", "h_index", "virality"), TREES.values(), ids=TREES)
def test_a_thread_has_the_shape_of_the_worked_trees(
    world: World, edges: str, depth: int, h_index: int, virality: float
) -> None:
    answers = [message(child, "ana", at(2), parent_id=parent) for parent, child in edges.split()]
    world.night(2, [message("r", "bob", at(1)), *answers])
    [told] = world.build().rows("conversation", "conversation_id").values()
    assert (told["depth"], told["h_index"]) == (depth, h_index)
    assert told["structural_virality"] == pytest.approx(virality, abs=1e-6)


def test_shapes_agree_with_networkx_on_random_trees(world: World) -> None:
    chance, trees = random.Random(5), []
    for number in range(40):
        tree = nx.Graph()
        tree.add_node(f"{number}-0")
        for child in range(1, chance.randint(2, 40)):
            parent = chance.randint(max(0, child - chance.choice([1, 3, 40])), child - 1)
            tree.add_edge(f"{number}-{parent}", f"{number}-{child}")
        trees.append(tree)
    said = [message(f"{number}-0", "ana", at(1)) for number in range(40)]
    said += [
        message(child, "bob", at(2), parent_id=parent)
        for tree in trees
        for parent, child in nx.bfs_edges(tree, next(iter(tree)))
    ]
    chance.shuffle(said)
    world.night(2, said)
    rows = world.build().rows("conversation", "conversation_id")
    for number, tree in enumerate(trees):
        told = rows[f"{number}-0"]
        levels = Counter(nx.single_source_shortest_path_length(tree, f"{number}-0").values())
        reached = [level for level in levels if all(levels[i] >= i for i in range(1, level + 1))]
        assert (told["depth"], told["h_index"]) == (max(levels), max(reached))
        assert told["structural_virality"] == pytest.approx(nx.average_shortest_path_length(tree))


def test_what_is_not_a_whole_tree_has_no_shape(world: World) -> None:
    world.night(
        3,
        [
            message("alone", "ana", at(1)),
            message("stray", "ana", at(1), parent_id="never-seen"),
            message("root", "ana", at(1)),
            message("far", "bob", at(2), parent_id="missing", root_id="root"),
            chat("first", "ana", 1),
            chat("second", "bob", 1, 1),
        ],
    )
    rows = world.build().rows("conversation", "conversation_id")
    shapes = {
        name: (row["depth"], row["h_index"], row["structural_virality"])
        for name, row in rows.items()
    }
    nothing = (None, None, None)
    assert shapes == {
        "alone": (0, 0, None),
        "never-seen": nothing,
        "root": nothing,
        "session:sample::first": nothing,
    }
