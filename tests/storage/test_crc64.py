"""Joined checksums equal those of the joined bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gwf.storage.crc64 import combine, combine_all
from gwf.storage.hashing import crc64_of


def test_the_known_check_value() -> None:
    assert crc64_of(b"123456789") == 0x995DC9BBDF1939FA


@given(first=st.binary(max_size=300), second=st.binary(max_size=300))
def test_two_ranges_join(first: bytes, second: bytes) -> None:
    assert combine(crc64_of(first), crc64_of(second), len(second)) == crc64_of(first + second)


@given(parts=st.lists(st.binary(max_size=100), max_size=8))
def test_many_ranges_join(parts: list[bytes]) -> None:
    assert combine_all((crc64_of(part), len(part)) for part in parts) == crc64_of(b"".join(parts))


def test_lengths_beyond_memory_join_too() -> None:
    zeros = 1 << 20
    one = crc64_of(bytes(zeros))
    doubled = one
    for power in range(12):
        doubled = combine(doubled, doubled, zeros << power)
    assert doubled == combine_all([(one, zeros)] * 4096)
