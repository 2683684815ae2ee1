from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.wire.gojson import quoted, text_of, to_json


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_json_is_one_line_that_reads_back(value: object) -> None:
    body = to_json(value)
    assert not set(b"<>&\n") & set(body)
    assert json.loads(body) == value


def test_go_escapes_what_html_and_scripts_would_stumble_over() -> None:
    assert to_json({"a": "<b>&\u2028中\x00\n"}) == '{"a":"\\u003cb\\u003e\\u0026\\u2028中\\u0000\\n"}'.encode()


def test_half_a_pair_is_no_character() -> None:
    assert to_json("a\ud800b") == '"a\ufffdb"'.encode()


@given(st.text())
def test_the_inside_of_a_string_is_the_string_without_quotes(text: str) -> None:
    assert f'"{quoted(text)}"'.encode() == to_json(text)


@pytest.mark.parametrize(
    ("raw", "text"), [(b"ok \xff\xfe x", "ok \ufffd\ufffd x"), ("中".encode(), "中"), (b"\xe4\xb8", "\ufffd\ufffd")]
)
def test_each_byte_that_is_no_text_is_replaced(raw: bytes, text: str) -> None:
    assert text_of(raw) == text
