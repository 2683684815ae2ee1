from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.units import format_duration, format_size, parse_duration_s, parse_size_bytes


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10s", 10), ("10秒", 10), ("1m30s", 90), ("1h 30m", 5400), ("500ms", 0.5), ("2分钟", 120), ("5min", 300),
        ("1d", 86400), ("1.5h", 5400), (" 7 ", 7), (7, 7), (0.25, 0.25), ("１０秒", 10),
    ],
)  # fmt: skip
def test_durations_are_read_as_people_write_them(text: object, seconds: float) -> None:
    assert parse_duration_s(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "5 parsecs", "10 s x", "s", "-", "-5 parsecs", "1s1h", "1m1m", "1,5s", "1..5s", "10s!", "nan", "inf",
        float("nan"), float("inf"), 10**400, True, None, [], b"10s", "9" * 30 + "s",
    ],
)  # fmt: skip
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration_s(text)


@pytest.mark.parametrize("text", ["-5s", "- 3", "-1m30s"])
def test_a_negative_duration_is_told_as_such(text: str) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        parse_duration_s(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("512", 512), ("10MB", 10_000_000), ("16MiB", 16 << 20), ("16m", 16 << 20), ("1.5k", 1536), (3.0, 3), (7, 7)],
)
def test_sizes_are_read_as_people_write_them(text: object, size: int) -> None:
    assert parse_size_bytes(text) == size


@pytest.mark.parametrize("text", ["", "MB", "10 bananas", "-1", "1.5", "0.3KB4", "1e9", True, None, 1.5, float("inf")])
def test_what_is_no_size_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_size_bytes(text)


@given(st.integers(min_value=0, max_value=10**15))
def test_a_shown_size_reads_back(size: int) -> None:
    assert parse_size_bytes(format_size(size)) == size


@given(st.integers(min_value=0, max_value=10**12))
def test_a_shown_duration_reads_back(milliseconds: int) -> None:
    assert parse_duration_s(format_duration(milliseconds / 1000)) == milliseconds / 1000


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_duration_s(text) >= 0
    with contextlib.suppress(ValueError):
        assert parse_size_bytes(text) >= 0
