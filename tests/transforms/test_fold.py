"""The latest state does not depend on the order, the nights or the repetition of observations."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.observations import AccountSeen, FollowSeen, Gone, Observation, ReactionSeen
from lake.organisation import Organisation
from tests.transforms.conftest import START, World, account, at, message

PEOPLE = ("ana", "bob", "cai", "zoe", "helper", "acme")
NAMES = tuple("abcdefgh")


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Anything a platform may say of a handful of people and messages, contradictions included."""
    name, person = draw(st.sampled_from(NAMES)), draw(st.sampled_from(PEOPLE))
    moment = START + timedelta(days=draw(st.integers(-70, 3)), hours=draw(st.integers(0, 23)))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return account(person, display_name=draw(st.sampled_from([None, "A", "B"])))
    if kind == 1:
        return draw(
            st.sampled_from(
                [
                    Gone(message_id=f"sample::{name}", gone_at=moment),
                    Gone(message_id=f"sample::{name}"),
                    Gone(account_id=f"sample::{person}"),
                ]
            )
        )
    if kind == 2:
        return ReactionSeen(
            account_id=f"sample::{person}", message_id=f"sample::{name}", kind="reaction"
        )
    if kind == 3:
        return FollowSeen(follower_id=f"sample::{person}", followed_id="sample::acme")
    more: dict[str, object] = {"text": draw(st.sampled_from(["one", "two?", "thanks!", None]))}
    parent = draw(st.none() | st.sampled_from(NAMES))
    if parent:
        more["parent_id"] = parent
    more["mentions"] = draw(st.lists(st.sampled_from(PEOPLE), max_size=2))
    more["is_flat"] = more["is_own_space"] = draw(st.booleans())
    more["edited_at"] = draw(st.none() | st.just(moment))
    return message(name, draw(st.none() | st.just(person)), moment, **more)


Told = list[tuple[datetime, Observation]]


def told_once(folder: Path, organisation: Organisation, told: Told) -> World:
    world = World(folder, organisation)
    world.tell(at(1), at(31), told)
    return world.build()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_split_into_nights_in_any_order_with_repetitions_gives_the_same_core_tables(
    organisation: Organisation, data: st.DataObject
) -> None:
    moments = st.sampled_from([at(5), at(6), at(7)])
    told = data.draw(st.lists(st.tuples(moments, observations()), min_size=1, max_size=25))
    # Ours are known from the first night on: a new account of ours rebuilds everything.
    told += [(at(5), account(name)) for name in ("acme", "zoe", "helper")]
    again = data.draw(st.lists(st.sampled_from(told), max_size=10))
    shuffled = data.draw(st.permutations(told + again))
    nights = data.draw(st.lists(st.integers(0, 3), min_size=len(shuffled), max_size=len(shuffled)))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        whole = told_once(Path(one), organisation, told)
        split = World(Path(other), organisation)
        for night in range(4):
            said = [each for each, chosen in zip(shuffled, nights, strict=True) if chosen == night]
            said += told[-3:] if night == 0 else []
            split.tell(at(10 + night), at(11 + night), said)
            split.build()
        for table, rows in whole.tables().items():
            assert split.core(table).equals(rows), table


def test_the_latest_text_counts_and_the_message_keeps_its_place(world: World) -> None:
    world.night(10, [message("a", "ana", at(10, 8), text="frist")])
    world.night(11, [message("a", "ana", at(10, 8), text="first", edited_at=at(10, 9))])
    row = world.build().rows("message", "message_id")["a"]
    assert (row["text"], row["sent_at"], row["edited_at"]) == ("first", at(10, 8), at(10, 9))
    assert (row["first_seen_at"], row["last_seen_at"]) == (at(11), at(12))


def test_a_silent_edit_is_dated_by_when_the_new_text_was_first_seen(world: World) -> None:
    for night, text in ((10, "frist"), (11, "first"), (12, "first")):
        world.night(night, [message("a", "ana", at(10, 8), text=text)])
    assert world.build().rows("message", "message_id")["a"]["edited_at"] == at(12)


def test_what_is_seen_again_after_it_was_gone_is_back(world: World) -> None:
    world.night(10, [message("a", "ana", at(10, 8)), Gone(message_id="sample::b")])
    world.night(11, [Gone(message_id="sample::a")])
    assert world.build().rows("message", "message_id")["a"]["deleted_at"] == at(12)
    world.night(12, [message("a", "ana", at(10, 8))])
    row = world.build().rows("message", "message_id")["a"]
    assert (row["deleted_at"], row["text"]) == (None, "text of a")


def test_a_deleted_account_loses_its_name_and_keeps_its_place(world: World) -> None:
    world.night(10, [account("ana", display_name="Ana"), message("a", "ana", at(10, 8))])
    world.night(11, [Gone(account_id="sample::ana")])
    row = world.build().rows("account", "account_id")["ana"]
    assert (row["display_name"], row["handle"], row["gone_at"]) == (None, None, at(12))
    assert world.rows("person", "person_id")["ana"]["display_name"] is None


def test_fields_of_an_account_are_folded_one_by_one(world: World) -> None:
    world.night(10, [account("ana", display_name="Ana", follower_count=7)])
    world.night(11, [AccountSeen(account_id="sample::ana", display_name="Ana B.")])
    row = world.build().rows("account", "account_id")["ana"]
    assert (row["handle"], row["display_name"], row["follower_count"]) == ("ana", "Ana B.", 7)


def test_a_colleague_with_two_accounts_is_one_person(world: World) -> None:
    world.night(10, [account("zoe"), account("zoe2"), account("ana", declared_kind="bot")])
    people = world.build().rows("person", "person_id")
    assert people["ours:person:zoe"]["account_count"] == 2
    assert people["ours:person:zoe"]["person_kind"] == "ours_person"
    assert people["ana"]["person_kind"] == "bot"


def test_metadata_only_keeps_no_text_and_direct_messages_are_off_by_default(
    tmp_path: Path, organisation: Organisation
) -> None:
    said = [message("a", "ana", at(10, 8)), message("d", "ana", at(10, 9), visibility="direct")]
    world = World(tmp_path, organisation)
    world.night(10, said)
    assert list(world.build().rows("message", "message_id")) == ["a"]
    private = organisation.privacy.model_copy(
        update={"metadata_only": True, "direct_messages": True}
    )
    world.organisation = organisation.model_copy(update={"privacy": private})
    rows = world.build().rows("message", "message_id")
    assert {name: row["text"] for name, row in rows.items()} == {"a": None, "d": None}
    assert rows["d"]["addressed_reason"] == "direct"
