"""Durations and sizes as people write them: `10s`, `1m30s`, `10秒`, `16MiB`."""

from __future__ import annotations

import re

_DURATION_UNITS_S = {
    "ms": 0.001, "毫秒": 0.001, "s": 1, "秒": 1, "秒钟": 1, "m": 60, "min": 60, "分": 60, "分钟": 60,
    "h": 3600, "小时": 3600, "d": 86400, "天": 86400,
}  # fmt: skip
_SIZE_UNITS_BYTES = {
    "": 1, "b": 1,
    "kb": 1000, "mb": 1000**2, "gb": 1000**3, "tb": 1000**4,
    "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4,
    "kib": 1024, "mib": 1024**2, "gib": 1024**3, "tib": 1024**4,
}  # fmt: skip
_DURATION_ITEM = re.compile(r"(\d+(?:\.\d+)?)\s*([^\d\s.]+)\s*")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")


def parse_duration_s(value: object) -> float:
    """Return seconds for text such as `10s`, `1m30s`, `500ms`, `10秒`; a bare number is refused.

    Floats and ints that are not text pass through as seconds (values already validated).

    Raises:
        ValueError: The text has no unit, an unknown unit, or trailing words.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no duration: write for example 10s, 1m30s, 500ms or 10秒")
    text = value.strip().lower()
    total, at = 0.0, 0
    for match in _DURATION_ITEM.finditer(text):
        unit = _DURATION_UNITS_S.get(match[2])
        if match.start() != at or unit is None:
            break
        total, at = total + float(match[1]) * unit, match.end()
    if not text or at != len(text):
        raise ValueError(f"{value!r} is no duration: write for example 10s, 1m30s, 500ms or 10秒")
    return total


def parse_size_bytes(value: object) -> int:
    """Return bytes for text such as `512`, `10MB` (10^6), `16MiB` or `16M` (2^20).

    Raises:
        ValueError: The text has an unknown unit, is negative, or is no whole number of bytes.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _SIZE.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    unit = _SIZE_UNITS_BYTES.get(match[2]) if match else None
    if match is None or unit is None:
        raise ValueError(f"{value!r} is no size: write for example 512, 100KB, 16MiB or 10GB")
    return round(float(match[1]) * unit)
