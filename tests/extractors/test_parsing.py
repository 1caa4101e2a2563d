"""JSON is read as the standard library reads it, whatever is odd about it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.parsing import parsed, written

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def by_library(text: bytes | str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return type(error)


def ours(text: bytes | str) -> Any:
    try:
        return parsed(text)
    except (ValueError, RecursionError) as error:
        return type(error)


@given(JSON, st.booleans())
def test_every_value_comes_back(value: Any, is_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii)
    assert parsed(text) == json.loads(text)
    if is_ascii:
        assert parsed(text.encode()) == json.loads(text)


@given(JSON)
def test_every_value_is_written_and_read_again(value: Any) -> None:
    assert parsed(written(value)) == value


@pytest.mark.parametrize("value", ["\ud800", 2**70, [{"a": "\udfff"}]])
def test_what_utf_8_cannot_hold_is_written_in_ascii(value: Any) -> None:
    assert written(value).isascii()
    assert parsed(written(value)) == value


@given(st.binary() | st.text())
def test_what_is_no_json_is_none_for_both(text: bytes | str) -> None:
    assert repr(ours(text)) == repr(by_library(text))


@pytest.mark.parametrize(
    "text",
    [
        '"\\ud800"',
        "18446744073709551617",
        "9007199254740993",
        "1e400",
        '{"a": 1, "a": 2}',
        '"é"'.encode("utf-16"),
        b'\xef\xbb\xbf"bom"',
        b'"\xe9"',
        b'"\xff"',
        "[" * 100_000,
        "NaN",
        "",
        "{} {}",
    ],
)
def test_what_is_odd_is_judged_by_the_library(text: bytes | str) -> None:
    assert repr(ours(text)) == repr(by_library(text))


def test_what_is_no_number_is_refused_where_that_is_asked_for() -> None:
    def refuse(name: str) -> None:
        raise ValueError(name)

    with pytest.raises(ValueError, match="Infinity"):
        parsed("[Infinity]", refuse)
