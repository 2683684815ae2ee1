from __future__ import annotations

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from gwf.core.clock import ManualClock, SystemClock, utc_text


def test_the_clock_of_the_system_tells_its_time() -> None:
    clock = SystemClock()
    before = time.time()
    assert before - 1 <= clock.now_ms() / 1000 <= before + 60
    assert clock.monotonic_s() <= clock.monotonic_s()


def test_time_that_passes_moves_both_clocks_and_a_jump_only_the_wall() -> None:
    clock = ManualClock(now_ms=1000, monotonic_s=5.0)
    clock.advance(2.5)
    assert (clock.now_ms(), clock.monotonic_s()) == (3500, 7.5)
    clock.jump(-3.0)
    assert (clock.now_ms(), clock.monotonic_s()) == (500, 7.5)


def test_instants_are_shown_in_utc_with_milliseconds() -> None:
    assert utc_text(1_767_323_045_678) == "2026-01-02T03:04:05.678Z"
    assert utc_text(0) == "1970-01-01T00:00:00.000Z"
    assert utc_text(-1) == "1969-12-31T23:59:59.999Z"


@given(st.integers(-(10**13), 10**14))
def test_texts_of_instants_have_one_form_and_sort_as_the_instants_do(at_ms: int) -> None:
    text = utc_text(at_ms)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert utc_text(at_ms + 1) > text
