from __future__ import annotations

import ctypes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.filelog import hay
from gwf.agent.filelog.hay import Hay

FEW = st.binary(max_size=60).map(lambda raw: bytes(byte % 3 for byte in raw))
PINS = st.binary(min_size=1, max_size=4).map(lambda raw: bytes(byte % 3 for byte in raw))


@given(data=FEW, pin=PINS, start=st.integers(0, 70))
def test_it_finds_what_bytes_find(data: bytes, pin: bytes, start: int) -> None:
    assert Hay(data).find(pin, start) == data.find(pin, start)


def test_another_c_library_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    hay._memmem.cache_clear()
    monkeypatch.setattr(ctypes, "PyDLL", lambda name: object())
    try:
        assert [Hay(b"abcabc").find(b"ca", start) for start in (0, 3, 9)] == [2, -1, -1]
    finally:
        hay._memmem.cache_clear()
