"""What an account is to us, on which evidence, and who is merely suspected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from extractors.observations import AccountSeen, Observation
from lake.decisions import Decisions
from lake.organisation import Organisation, OrganisationError
from tests.transforms.conftest import World, account, at, message
from transforms.people import people


def deciding(organisation: Organisation, **decisions: Any) -> Organisation:
    return organisation.model_copy(update={"decisions": Decisions.model_validate(decisions)})


def roles(world: World, **decisions: Any) -> dict[str, tuple[str, str]]:
    world.organisation = deciding(world.organisation, **decisions)
    people(world.lake, world.organisation)
    rows = world.rows("account", "account_id")
    return {name: (row["role"], row["role_evidence"]) for name, row in rows.items()}


def suspects(world: World) -> dict[str, dict[str, Any]]:
    people(world.lake, world.organisation)
    rows = world.core("review").to_pylist()
    return {row["account_id"].removeprefix("sample::"): row for row in rows if row["kind"] == "bot"}


def test_every_role_has_its_evidence_and_a_decision_wins(world: World) -> None:
    names = ("acme", "zoe", "helper", "ana", "tom")
    world.night(10, [*map(account, names), account("crawler", declared_kind="bot")])
    assert roles(world) == {
        "acme": ("ours_brand", "organisation_file"),
        "zoe": ("ours_person", "organisation_file"),
        "helper": ("ours_bot", "organisation_file"),
        "crawler": ("bot", "platform_flag"),
        "ana": ("person", "none"),
        "tom": ("person", "none"),
    }
    decided = [
        {"account": "sample::crawler", "role": "person"},
        {"account": "sample::@ANA", "role": "bot"},
        {"account": "sample::zoe", "role": "unknown"},
    ]
    found = roles(world, role=decided)
    assert found["crawler"] == ("person", "decision")
    assert found["ana"] == ("bot", "decision")
    assert found["zoe"] == ("unknown", "decision")
    assert found["tom"] == ("person", "none")


def test_an_account_merged_with_one_of_us_is_one_of_us(world: World) -> None:
    world.night(10, [account("zoe"), account("zoe.private")])
    found = roles(world, merge=[{"accounts": ["sample::zoe", "sample::zoe.private"]}])
    assert found["zoe.private"] == ("ours_person", "decision")
    assert world.rows("person", "person_id")["ours:person:zoe"]["account_count"] == 2


def test_a_suspicion_by_name_changes_no_role_and_a_decision_settles_it(world: World) -> None:
    handles = ("skybot", "news-feed", "rss.acme", "weather_bot", "bot-4", "feedbot7")
    innocent = ("talbot", "ana.abbott", "botanist", "jose.cabot", "feedback.fan", "robert")
    world.night(10, [account(each) for each in (*handles, *innocent)])
    assert set(roles(world).values()) == {("person", "none")}
    assert {name: row["method"] for name, row in suspects(world).items()} == dict.fromkeys(
        handles, "name_pattern"
    )
    roles(world, role=[{"account": "sample::skybot", "role": "bot"}])
    assert set(suspects(world)) == {*handles} - {"skybot"}


def clockwork() -> list[Observation]:
    return [message(f"c{n}", "clock", at(1) + n * timedelta(hours=8)) for n in range(20)]


def parrot() -> list[Observation]:
    text = "Our newest offer is online, come and see"
    moments = [at(1) + timedelta(hours=n * n) for n in range(12)]
    return [message(f"p{n}", "parrot", moment, text=text) for n, moment in enumerate(moments)]


def machine_gun() -> list[Observation]:
    return [message(f"g{n}", "gun", at(3, 9) + n * n * timedelta(seconds=0.2)) for n in range(130)]


def quick() -> list[Observation]:
    said: list[Observation] = []
    for n in range(24):
        asked = at(1, n) + n * n * timedelta(minutes=7)
        answered = asked + timedelta(seconds=4)
        said += [
            message(f"a{n}", f"ana{n}", asked),
            message(f"q{n}", "quick", answered, parent_id=f"a{n}"),
        ]
    return said


@pytest.mark.parametrize(
    ("said", "name", "told"),
    [
        (clockwork(), "clock", "19 gaps of burstiness -1.00"),
        (parrot(), "parrot", "92 % of 12 messages word for word again"),
        (machine_gun(), "gun", "130 messages within an hour"),
        (quick(), "quick", "24 of 24 replies within 10 seconds"),
    ],
)
def test_a_machine_is_suspected_by_what_it_does_and_stays_a_person(
    world: World, said: list[Observation], name: str, told: str
) -> None:
    world.night(20, said)
    [(suspected, row)] = suspects(world).items()
    assert (suspected, row["method"]) == (name, "behaviour")
    assert told in row["evidence"]
    assert roles(world)[name] == ("person", "none")


def test_flipping_a_suspicion_reclassifies_history_at_the_next_night(world: World) -> None:
    world.night(10, [message("a", "clock", at(9)), message("b", "ana", at(9, 1))])
    before = world.build().tables()
    decided = [{"account": "sample::clock", "role": "bot"}]
    world.organisation = deciding(world.organisation, role=decided)
    world.build()
    assert world.rows("person", "person_id")["clock"]["person_kind"] == "bot"
    assert world.rows("person", "person_id")["ana"]["person_kind"] == "person"
    world.organisation = deciding(world.organisation)
    assert world.build().tables() == before


def test_decisions_about_accounts_never_seen_are_listed(world: World) -> None:
    world.night(10, [account("ana")])
    roles(world, role=[{"account": "sample::ghost", "role": "bot"}])
    [row] = world.core("review").to_pylist()
    assert (row["kind"], row["account_id"]) == ("unseen_account", "sample::ghost")


def test_keeping_apart_what_is_one_by_another_name_is_an_error(world: World) -> None:
    world.night(10, [AccountSeen(account_id="sample::7", handle="ana"), account("bob")])
    both = [{"accounts": ["sample::ana", "sample::bob"]}]
    apart = [{"accounts": ["sample::7", "sample::bob"]}]
    with pytest.raises(OrganisationError, match=r"keep_apart\[0\]: two of its accounts are one"):
        roles(world, merge=both, keep_apart=apart)
