"""Bodies as Go's decoder takes and refuses them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.api.legacy.decode import MAX_INT_32, Fields, decode
from gwf.api.legacy.failure import LegacyError


def refused(body: str | bytes) -> str:
    with pytest.raises(LegacyError) as caught:
        decode(body if isinstance(body, bytes) else body.encode()).required_text("path")
    assert caught.value.status == 400
    return caught.value.text


@pytest.mark.parametrize("key", ["path", "PATH", "Path", "pAtH"])
def test_keys_match_without_regard_to_case(key: str) -> None:
    assert decode(f'{{"{key}": "/a"}}'.encode()).text("path") == "/a"


@pytest.mark.parametrize(
    "body", ["", " ", "{", "x", '"text"', "[]", "[1]", "1", "true", '{"a":NaN}', '{"a":01}', "\ufeff{}", "[" * 100_000]
)
def test_what_is_no_object_is_refused(body: str) -> None:
    assert refused(body) == "invalid payload"


def test_null_is_an_object_without_members() -> None:
    assert decode(b" null x").text("path") is None


@pytest.mark.parametrize("tail", ["trailing", "}", " {}", "\x00", "\xff"])
def test_what_follows_the_first_value_is_ignored(tail: str) -> None:
    assert decode(b'\r\n\t {"path":"/a"}' + tail.encode()).text("path") == "/a"


def test_members_that_nobody_reads_may_have_any_type() -> None:
    assert decode(b'{"x": {"y": [1.5, null]}, "enabled": true}').flag("enabled") is True


def test_the_last_member_of_a_name_counts_unless_it_is_null() -> None:
    assert decode(b'{"path":"/a","Path":"/b","PATH":null}').text("path") == "/b"


@pytest.mark.parametrize("value", ["1", "1.5", "true", "[]", "{}"])
def test_a_text_is_a_text(value: str) -> None:
    assert refused(f'{{"path": {value}}}') == "invalid payload"


@pytest.mark.parametrize("value", ['"3"', "3.5", "3.0", "1e2", "true", "9223372036854775808", "1" * 5000])
def test_a_whole_number_has_no_fraction_and_fits(value: str) -> None:
    with pytest.raises(LegacyError):
        decode(f'{{"limit": {value}}}'.encode()).number("limit")


@pytest.mark.parametrize("value", ['"true"', "1", "0", "{}"])
def test_a_switch_is_true_or_false(value: str) -> None:
    with pytest.raises(LegacyError):
        decode(f'{{"enabled": {value}}}'.encode()).flag("enabled")


def test_a_narrow_number_has_its_own_bounds() -> None:
    fields = decode(b'{"pid": 2147483648, "low": -2147483648}')
    assert fields.number("low", largest=MAX_INT_32) == -(2**31)
    with pytest.raises(LegacyError):
        fields.number("pid", largest=MAX_INT_32)


def test_an_empty_text_is_missing_where_one_is_needed() -> None:
    assert refused('{"path": ""}') == "invalid payload"


def test_the_text_of_the_refusal_can_be_another() -> None:
    with pytest.raises(LegacyError, match="invalid request payload"):
        decode(b"", invalid="invalid request payload")
    with pytest.raises(LegacyError, match="other"):
        Fields([("pid", "x")], invalid="other").number("pid")


def test_broken_characters_become_the_replacement_character() -> None:
    assert decode(b'{"path":"a\xff\\ud800b"}').text("path") == "a\ufffd\ufffdb"


@given(st.binary(max_size=200))
def test_no_body_crashes_the_decoder(body: bytes) -> None:
    with suppress(LegacyError):
        assert isinstance(decode(body), Fields)
