"""Names and links as they are compared."""

from __future__ import annotations

import pytest

from transforms.names import handle_key, link_key, name_key, names_of


def key(name: str) -> str | None:
    found = name_key(name)
    return found and found.key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana García", "ana garcia"),
        ("GARCÍA, Ana", "Ana García"),
        ("Ana García (she/her)", "Ana García [away]"),
        ("Ana 🌟 García", "Ana García"),
        ("\uff21\uff4e\uff41 García", "Ana García"),
        ("Ana\u200d García\u200e", "Ana García"),
        ("Cafe\u0301 Noir", "Café Noir"),
        ("Анна СМИРНОВА", "анна смирнова"),
        ("Аna Garcia", "Ana Garcia"),  # noqa: RUF001 (a Cyrillic A)
        ("田中　太郎", "田中 太郎"),
        ("Straße Süd", "STRASSE SUD"),
    ],
)
def test_two_spellings_of_one_name_are_one(one: str, other: str) -> None:
    assert key(one) == key(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana García", "Ana Garcés"),
        ("Анна Смирнова", "Ahha Cmuphoba"),
        ("कमल", "कमला"),  # the vowel sign is part of the name
        ("が", "か"),
    ],
)
def test_other_names_stay_other(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize("name", [None, "", "  ", "🌟", "12", "Admin", "INFO", "J.", "Support!"])
def test_names_that_tell_nothing_are_no_key(name: str | None) -> None:
    assert name_key(name) is None
    assert handle_key(name) is None


def test_a_look_alike_is_told_from_the_letters_as_written() -> None:
    found = handle_key("pаypal")  # noqa: RUF001 (a Cyrillic a)
    assert found
    assert found.key == "paypal" != found.plain


@pytest.mark.parametrize(
    "handle", ["ana.garcia", "garcia_ana", "agarcia", "AnaG", "@ana@x.example"]
)
def test_a_handle_made_of_the_name_is_no_evidence_of_its_own(handle: str) -> None:
    by_handle, by_name = names_of(handle, "Ana García")
    assert by_handle is None
    assert by_name


def test_a_handle_of_several_words_stands_in_for_a_missing_name() -> None:
    assert names_of("ana.garcia", None) == names_of(None, "Ana Garcia")
    by_handle, by_name = names_of("stargazer", None)
    assert (by_handle and by_handle.key, by_name) == ("stargazer", None)


@pytest.mark.parametrize(
    "link",
    [
        "https://social.example/@ana",
        "http://www.Social.example/@Ana/",
        "https://social.example/users/ana",
        "@ana@social.example",
        "acct:Ana@social.example",
        "https://social.example/@ana#top",
        "social.example/@ana",
    ],
)
def test_forms_of_one_address_are_one(link: str) -> None:
    assert link_key(link) == "social.example/@ana"


def test_what_is_no_address_is_none_and_paths_keep_their_case() -> None:
    assert [link_key(each) for each in (None, "", "she/her", "nonsense")] == [None] * 4
    assert link_key("https://video.example/c/aB?v=1") == "video.example/c/aB?v=1"
