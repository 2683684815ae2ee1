"""Joining CRC64-ECMA checksums of neighbouring ranges without reading the bytes again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

_POLY = 0xC96C5795D7870F42  #: CRC-64/XZ, reflected, as Aliyun OSS uses it
_Matrix = tuple[int, ...]


def combine(first: int, second: int, second_bytes: int) -> int:
    """Return the checksum of A followed by B from the checksums of A and B and the length of B."""
    return _times(_shift(second_bytes), first) ^ second if second_bytes else first


def combine_all(parts: Iterable[tuple[int, int]]) -> int:
    """Return the checksum of ranges in order, each given as its checksum and length."""
    total = 0
    for crc, size_bytes in parts:
        total = combine(total, crc, size_bytes)
    return total


@lru_cache(maxsize=32)
def _shift(count: int) -> _Matrix:
    """Return the operator that appends `count` zero bytes; parts share few lengths, so it is kept."""
    power = _square(_square(_square(_one_bit())))  # one byte
    result: _Matrix | None = None
    while count:
        if count & 1:
            result = power if result is None else tuple(_times(power, row) for row in result)
        count >>= 1
        if count:
            power = _square(power)
    return result or ()


def _one_bit() -> _Matrix:
    return (_POLY, *(1 << n for n in range(63)))


def _times(matrix: _Matrix, vector: int) -> int:
    total = 0
    for row in matrix:
        if not vector:
            break
        if vector & 1:
            total ^= row
        vector >>= 1
    return total


def _square(matrix: _Matrix) -> _Matrix:
    return tuple(_times(matrix, row) for row in matrix)
