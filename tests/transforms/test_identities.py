"""Which accounts become one person, on which evidence, and what stays a suggestion."""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.observations import AccountSeen, Gone, Observation
from lake.decisions import Decisions
from lake.organisation import Organisation
from tests.transforms.conftest import CORE_TABLES, World, at, message
from tests.transforms.labelled_people import Labelled, labelled_people
from transforms.engine import engine
from transforms.groups import Groups
from transforms.matching import Agreement, Compared, score
from transforms.people import people

TABLES = (*CORE_TABLES, "review")


def profile(account_id: str, *links: str, **more: Any) -> AccountSeen:
    """An account whose profile's address is made of its id."""
    return AccountSeen(
        account_id=account_id, profile_url=address(account_id), profile_links=links, **more
    )


def address(account_id: str) -> str:
    platform, instance, name = account_id.split(":")
    return f"https://{instance or platform}.example/@{name}"


def mutual(one: str, other: str) -> list[Observation]:
    return [profile(one, address(other)), profile(other, address(one))]


def told(world: World, said: Iterable[Observation], **decisions: Any) -> World:
    world.night(10, said)
    return decided(world, **decisions)


def decided(world: World, **decisions: Any) -> World:
    found = Decisions.model_validate(decisions)
    world.organisation = world.organisation.model_copy(update={"decisions": found})
    people(world.lake, world.organisation)
    return world


def together(world: World) -> set[frozenset[str]]:
    """Accounts of each person who has several."""
    found: dict[str, set[str]] = {}
    for row in world.core("identity").to_pylist():
        found.setdefault(row["person_id"], set()).add(row["account_id"])
    return {frozenset(each) for each in found.values() if len(each) > 1}


def suggested(world: World) -> dict[frozenset[str], dict[str, Any]]:
    return {
        frozenset((row["account_id"], row["other_account_id"])): row
        for row in world.core("review").to_pylist()
        if row["kind"] == "same_person"
    }


ANA, ANA_TOO, BOB = "a::ana", "b::ana-too", "a::bob"


def test_profiles_that_link_to_each_other_are_one_person(world: World) -> None:
    told(world, mutual(ANA, ANA_TOO))
    assert together(world) == {frozenset((ANA, ANA_TOO))}
    row = world.rows("identity", "account_id")[ANA_TOO]
    assert (row["person_id"], row["method"], row["score"]) == (ANA, "profile_links", 1.0)
    assert row["decided_by"] == "rule"
    assert row["evidence"] == "with a::ana: the two profiles link to each other"
    assert suggested(world) == {}


def test_a_link_that_nobody_returns_is_only_a_suggestion(world: World) -> None:
    told(world, [profile(ANA, address(ANA_TOO)), profile(ANA_TOO)])
    assert together(world) == set()
    [row] = suggested(world).values()
    assert (row["method"], row["veto"]) == ("one_way_link", None)


def test_an_address_that_two_accounts_give_as_their_own_proves_nothing(world: World) -> None:
    thief = AccountSeen(
        account_id="c::thief", profile_url=address(ANA), profile_links=(address(ANA_TOO),)
    )
    told(world, [*mutual(ANA, ANA_TOO), thief])
    assert together(world) == set()


GUESTS = [
    f"wordpress:{site}:guest-email-{'0f' * 16}" for site in ("x.example", "y.example", "z.example")
]


@pytest.mark.parametrize("name", [None, "Rosa Zapata"])
def test_an_email_address_that_guests_typed_is_suggested_and_never_merged(
    world: World, name: str | None
) -> None:
    other = f"wordpress:x.example:guest-email-{'1f' * 16}"
    told(world, [profile(other), *(profile(each, display_name=name) for each in GUESTS[:2])])
    assert together(world) == set()
    [row] = suggested(world).values()
    assert row["method"] == "email_hash"
    assert ({row["account_id"], row["other_account_id"]}, row["veto"]) == ({*GUESTS[:2]}, None)
    assert (row["match_weight"] is None) == (name is None)
    assert together(decided(world, merge=[{"accounts": GUESTS[:2]}])) == {frozenset(GUESTS[:2])}


@pytest.mark.parametrize(("site", "merged"), [("https://rosa.example", 1), ("", 0)])
def test_a_typed_address_neither_carries_nor_spoils_a_match_by_names(
    world: World, site: str, merged: int
) -> None:
    links = (site,) if site else ()
    told(world, [profile(each, *links, display_name="Rosa Zapata") for each in GUESTS[:2]])
    assert len(together(world)) == merged
    assert {row["method"] for row in world.core("identity").to_pylist()} == {
        "names" if merged else "same_account"
    }


def test_two_accounts_on_one_platform_are_merged_only_by_a_person(world: World) -> None:
    pair = ("a::ana", "a::ana2")
    told(world, mutual(*pair))
    assert together(world) == set()
    [row] = suggested(world).values()
    assert (row["method"], row["veto"]) == ("profile_links", "same_platform")
    told_by = {"accounts": pair, "note": "she said so", "decided_by": "zoe", "on": "2025-03-20"}
    decided(world, merge=[told_by])
    assert together(world) == {frozenset(pair)}
    row = world.rows("identity", "account_id")["a::ana2"]
    assert (row["method"], row["evidence"], row["decided_by"]) == ("decision", "she said so", "zoe")
    assert row["valid_from"] == at(20)
    assert suggested(world) == {}


def test_two_on_one_platform_do_not_meet_through_a_third(world: World) -> None:
    said = [
        profile("a::ana", address("b::site")),
        profile("a::other", address("b::site")),
        profile("b::site", address("a::ana"), address("a::other")),
    ]
    told(world, said)
    assert together(world) == set()
    assert {row["veto"] for row in suggested(world).values()} == {"same_platform"}


def test_a_decision_keeps_apart_what_links_to_each_other(world: World) -> None:
    told(world, mutual(ANA, ANA_TOO), keep_apart=[{"accounts": [ANA, ANA_TOO]}])
    assert together(world) == set()
    assert suggested(world) == {}


def test_kept_apart_accounts_do_not_meet_through_a_third(world: World) -> None:
    said = [
        profile(ANA, address("c::x")),
        profile(ANA_TOO, address("c::x")),
        profile("c::x", address(ANA), address(ANA_TOO)),
    ]
    told(world, said, keep_apart=[{"accounts": [ANA, ANA_TOO]}])
    assert together(world) == set()
    assert {row["veto"] for row in suggested(world).values()} == {"keep_apart"}


def chain(length: int) -> list[Observation]:
    ids = [f"p{number}::ana{number}" for number in range(length)]
    return [
        profile(each, *(address(near) for near in (*ids[max(n - 1, 0) : n], *ids[n + 1 : n + 2])))
        for n, each in enumerate(ids)
    ]


@pytest.mark.parametrize(("length", "merged"), [(5, 1), (6, 0), (40, 0)])
def test_a_chain_of_links_never_glues_a_crowd(world: World, length: int, merged: int) -> None:
    told(world, chain(length))
    assert len(together(world)) == merged
    vetoes = {row["veto"] for row in suggested(world).values()}
    assert vetoes == (set() if merged else {"crowd"})


def test_what_is_certain_is_not_spoiled_by_what_is_not(world: World) -> None:
    same = {"handle": "stargazer77", "display_name": "Quentin Okafor"}
    said = [
        profile("a::q", address("b::q"), **same),
        profile("b::q", address("a::q"), handle="elsewhere"),
        profile("b::r", **same),
    ]
    told(world, said)
    assert together(world) == {frozenset(("a::q", "b::q"))}
    [row] = suggested(world).values()
    assert (row["method"], row["veto"]) == ("names", "same_platform")
    assert row["probability"] > 0.98


def test_nobody_becomes_one_of_us_by_linking(world: World) -> None:
    zoe = AccountSeen(
        account_id="sample::zoe",
        handle="zoe",
        profile_url=address("sample::zoe"),
        profile_links=(address(ANA),),
    )
    told(world, [zoe, profile(ANA, address("sample::zoe")), profile(BOB, address("sample::zoe"))])
    assert together(world) == set()
    [row] = suggested(world).values()
    assert (row["method"], row["veto"]) == ("profile_links", "ours")


def test_matching_is_off_where_a_platform_restricts_it(world: World) -> None:
    same = {"handle": "stargazer77", "display_name": "Quentin Okafor"}
    said = [*mutual(ANA, ANA_TOO), profile("a::q", **same), profile("c::q", **same)]
    assert len(together(told(world, said))) == 2
    off = world.organisation.privacy.model_copy(update={"no_matching": frozenset({"a"})})
    world.organisation = world.organisation.model_copy(update={"privacy": off})
    people(world.lake, world.organisation)
    assert together(world) == set()
    assert suggested(world) == {}
    assert together(decided(world, merge=[{"accounts": [ANA, ANA_TOO]}])) == {
        frozenset((ANA, ANA_TOO))
    }


def test_a_deleted_account_and_a_bot_are_nobodys_match(world: World) -> None:
    bot = [profile("a::x", address("b::y"), declared_kind="bot"), profile("b::y", address("a::x"))]
    told(world, [*mutual(ANA, ANA_TOO), Gone(account_id=ANA), *bot])
    assert together(world) == set()
    assert suggested(world) == {}


def test_look_alike_letters_are_suggested_and_never_merged(world: World) -> None:
    said = [
        profile("a::q", handle="stargazer77", display_name="Quentin Okafor"),
        profile("b::q", handle="st\u0430rgazer77", display_name="Quentin Okafor"),
    ]
    told(world, said)
    assert together(world) == set()
    [row] = suggested(world).values()
    assert row["veto"] == "look_alike"
    assert row["probability"] > 0.98


def test_the_evidence_says_how_many_bits_each_comparison_gave(world: World) -> None:
    same = {"handle": "stargazer77", "display_name": "Quentin Okafor"}
    told(world, [profile("a::q", **same), profile("c::q", **same)])
    row = world.rows("identity", "account_id")["c::q"]
    assert row["method"] == "names"
    assert row["evidence"] == ("with a::q: same handle +10.2, same name +10.2, prior -10.0 bits")
    expected = 2 * math.log2(0.6 / 0.0005) + math.log2(0.001 / 0.999)
    assert row["score"] == pytest.approx(2**expected / (1 + 2**expected))


def test_the_worked_number_of_the_match_weight() -> None:
    username = Compared("username", (Agreement(0.9, 0.0005), Agreement(0.1, 0.9995)))
    name = Compared("name", (Agreement(0.1, 0.001), Agreement(0.8, 0.01, 0.9), Agreement(0.1, 1)))
    rows = [
        {"account_id": "1", "username": "stargazer", "name": "quentin okafor"},
        {"account_id": "2", "username": "stargazer", "name": "quentin okaford"},
    ]
    with engine() as connection:
        connection.from_arrow(pa.Table.from_pylist(rows)).create("comparable")
        for column, u in (("username", 0.0005), ("name", 0.001)):
            connection.execute(
                f"create table frequency_{column} as "
                f"select distinct {column}, {u}::double as tf_{column} from comparable"
            )
        connection.execute(
            "create table paired as select '0' as match_key, '1' as join_key_l, '2' as join_key_r"
        )
        score(connection, (username, name), 0.001)
        [(weight, probability, evidence)] = connection.execute(
            "select match_weight, match_probability, evidence from scored"
        ).fetchall()
    assert 2**weight == pytest.approx(144.144, abs=0.001)
    assert probability == pytest.approx(0.993110, abs=1e-6)
    assert weight == pytest.approx(10.8138 + 6.3219 - 9.9643, abs=1e-4)
    assert evidence == "same username +10.8, similar name +6.3, prior -10.0 bits"


IDS = [f"{place}::n{number}" for place in "abc" for number in range(4)]


@st.composite
def communities(draw: st.DrawFn) -> list[Observation]:
    """Accounts that link to one another and share names, as chance will have it."""
    ids = st.sampled_from(IDS)
    said: list[Observation] = []
    for each in IDS:
        links = draw(st.lists(ids, max_size=2))
        name = draw(st.sampled_from(["Quentin Okafor", "Rosa Zapata", "Ana", None]))
        handle = draw(st.sampled_from(["stargazer77", "comet.1024", "x", None]))
        said.append(profile(each, *map(address, links), display_name=name, handle=handle))
        said.append(message(f"m-{each[0]}{each[-1]}", "acme", at(4), text="hello"))
    return said


pairs = st.lists(st.sampled_from(IDS), min_size=2, max_size=3, unique=True)
FEW = settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FEW
@given(said=communities(), merges=st.lists(pairs, min_size=1, max_size=3))
def test_merging_and_taking_it_back_leaves_every_table_as_it_was(
    organisation: Organisation, said: list[Observation], merges: list[list[str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), organisation)
        told(world, said)
        world.build()
        before = {table: world.core(table) for table in TABLES}
        decided(world, merge=[{"accounts": each} for each in merges])
        world.build()
        joined = together(world)
        assert all(any(set(each) <= group for group in joined) for each in merges)
        for table in ("account", "message", "message_signal", "interaction", "conversation"):
            assert world.core(table).equals(before[table]), table
        decided(world)
        world.build()
        for table, rows in before.items():
            assert world.core(table).equals(rows), table


@FEW
@given(said=communities(), chance=st.randoms(use_true_random=False))
def test_other_ids_for_the_same_accounts_give_the_same_people(
    organisation: Organisation, said: list[Observation], chance: Any
) -> None:
    other = dict(zip(IDS, (f"{each}-{chance.randrange(10**6)}" for each in IDS), strict=True))
    renamed: list[Observation] = [
        AccountSeen(
            account_id=other[each.account_id],
            handle=each.handle,
            display_name=each.display_name,
            profile_url=each.profile_url,
            profile_links=each.profile_links,
        )
        for each in said
        if isinstance(each, AccountSeen)
    ]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        first = told(World(Path(one), organisation), said)
        second = told(World(Path(two), organisation), renamed)
        expected = {frozenset(other[each] for each in group) for group in together(first)}
        assert together(second) == expected
        doubts = {
            frozenset(other[each] for each in pair): (row["method"], row["veto"])
            for pair, row in suggested(first).items()
        }
        assert {
            pair: (row["method"], row["veto"]) for pair, row in suggested(second).items()
        } == doubts


@given(joined=st.lists(st.lists(st.sampled_from(IDS), min_size=1, max_size=3), max_size=8))
def test_groups_do_not_depend_on_the_order_of_joining(joined: list[list[str]]) -> None:
    one, other = Groups(), Groups()
    for each in joined:
        one.join(*each)
    for each in reversed(joined):
        other.join(*reversed(each))
    assert one.grouped() == other.grouped()
    assert all(min(members) == top for top, members in one.grouped().items())


@pytest.fixture(scope="module")
def labelled() -> Labelled:
    return labelled_people()


def test_people_of_the_labelled_set_are_found_and_nobody_else_is_merged(
    tmp_path: Path,
    organisation: Organisation,
    labelled: Labelled,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = told(World(tmp_path, organisation), labelled.seen)
    merged, reviewed = together(world), suggested(world)
    likely = {pair for pair, row in reviewed.items() if row["probability"] >= 0.5}
    right = labelled.pairs
    lines = ["", f"labelled accounts: {len(labelled.seen)}, of one person: {len(right)} pairs"]
    for what, found in (
        ("merged", merged),
        ("merged or likely", merged | likely),
        ("merged or suggested", merged | reviewed.keys()),
    ):
        precision, recall = len(found & right) / len(found), len(found & right) / len(right)
        lines.append(f"{what:<20} precision {precision:.3f}, recall {recall:.3f}")
    ways = sorted(set(labelled.way.values()))
    for way in ways:
        of_way = {pair for pair in right if labelled.way.get(labelled.owner[min(pair)]) == way}
        lines.append(
            f"  {way:<16} merged {len(of_way & merged):>3}, suggested "
            f"{len(of_way & reviewed.keys()):>3}, of {len(of_way)}"
        )
    with capsys.disabled():
        sys.stdout.write("\n".join(lines) + "\n")
    assert merged <= right
    assert len(merged) / len(right) > 0.4
    assert len((merged | likely) & right) / len(right) > 0.7
    assert len((merged | reviewed.keys()) & right) / len(right) > 0.95


def test_on_a_decision_of_a_day_links_hold_from_then_on(world: World) -> None:
    told(world, mutual(ANA, BOB), merge=[{"accounts": [ANA, BOB], "on": date(2025, 3, 2)}])
    rows = world.rows("identity", "account_id")
    assert {rows[each]["valid_from"] for each in (ANA, BOB)} == {at(2)}
    assert together(decided(world)) == set()
