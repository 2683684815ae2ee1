"""Durations and sizes as people write them, read and shown: `10s`, `1m30s`, `10秒`, `16MiB`."""

from __future__ import annotations

import math
import re
from fractions import Fraction

_DURATION_UNITS_MS = {
    "ms": 1, "毫秒": 1, "s": 1000, "秒": 1000, "秒钟": 1000, "m": 60_000, "min": 60_000, "分": 60_000, "分钟": 60_000,
    "h": 3_600_000, "小时": 3_600_000, "d": 86_400_000, "天": 86_400_000,
}  # fmt: skip
_SHOWN_UNITS_MS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
_SIZE_UNITS_BYTES = {
    "": 1, "b": 1,
    "kb": 1000, "mb": 1000**2, "gb": 1000**3, "tb": 1000**4,
    "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4,
    "kib": 1024, "mib": 1024**2, "gib": 1024**3, "tib": 1024**4,
}  # fmt: skip
_SHOWN_UNITS_BYTES = (("TiB", 1024**4), ("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))
_NUMBER = r"\d{1,18}(?:\.\d{1,9})?"
_BARE_NUMBER = re.compile(_NUMBER)
_DURATION_ITEM = re.compile(rf"({_NUMBER})\s*([^\d\s.]+)\s*")
_SIZE = re.compile(rf"({_NUMBER})\s*([a-z]*)")

DURATION_HINT = "a duration such as 10s, 1m30s, 500ms, 10秒, or a number of seconds"
SIZE_HINT = "a size such as 512, 100KB, 16MiB or 10GB"


def parse_duration_s(value: object) -> float:
    """Return seconds for text such as `10s`, `1m30s`, `500ms`, `10秒`; a bare number means seconds.

    Units go from large to small and stand once each, so that a slip such as `1s1h` is caught.

    Raises:
        ValueError: A minus sign, an unknown unit, units out of order, trailing words, no finite number.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and _is_finite(value):
        return float(value)
    text = value.strip().lower() if isinstance(value, str) else ""
    if text.startswith("-") and _duration_text_ms(text[1:].lstrip()) is not None:
        raise ValueError("must be positive: write it without a minus sign")
    total_ms = _duration_text_ms(text)
    if total_ms is None:
        raise ValueError(f"is not {DURATION_HINT}")
    return float(total_ms / 1000)


def parse_size_bytes(value: object) -> int:
    """Return bytes for text such as `512`, `10MB` (10^6), `16MiB` or `16M` (2^20).

    Raises:
        ValueError: An unknown unit, a sign, or no whole number of bytes.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    match = _SIZE.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    unit = _SIZE_UNITS_BYTES.get(match[2]) if match else None
    if match is None or unit is None:
        raise ValueError(f"is not {SIZE_HINT}")
    size_bytes = Fraction(match[1]) * unit
    if size_bytes.denominator != 1:
        raise ValueError("is not a whole number of bytes")
    return int(size_bytes)


def format_duration(seconds: float) -> str:
    """Return text that `parse_duration_s` reads back, exact to the millisecond: 90 -> `1m30s`."""
    rest_ms = round(seconds * 1000)
    if rest_ms == 0:
        return "0s"
    parts: list[str] = []
    for unit, unit_ms in _SHOWN_UNITS_MS:
        count, rest_ms = divmod(rest_ms, unit_ms)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def format_size(size_bytes: int) -> str:
    """Return text that `parse_size_bytes` reads back exactly: 33554432 -> `32MiB`, 1500 -> `1500`."""
    for unit, unit_bytes in _SHOWN_UNITS_BYTES:
        if size_bytes and size_bytes % unit_bytes == 0:
            return f"{size_bytes // unit_bytes}{unit}"
    return str(size_bytes)


def _duration_text_ms(text: str) -> Fraction | None:
    if _BARE_NUMBER.fullmatch(text):
        return Fraction(text) * 1000
    total_ms, at, last_unit_ms = Fraction(0), 0, math.inf
    for match in _DURATION_ITEM.finditer(text):
        unit_ms = _DURATION_UNITS_MS.get(match[2])
        if match.start() != at or unit_ms is None or unit_ms >= last_unit_ms:
            return None
        total_ms, at, last_unit_ms = total_ms + Fraction(match[1]) * unit_ms, match.end(), unit_ms
    return total_ms if text and at == len(text) else None


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond every float
        return False
