"""The concurrency limit against simulated stores."""

from __future__ import annotations

import pytest

from gwf.agent.transfer.concurrency import FEWEST, SMALL_BYTES, ConcurrencyLimit


def run(limit: ConcurrencyLimit, *, answer_s: float, most_per_s: float, size_bytes: int = 1024) -> None:
    """Let a store answer in `answer_s`, or slower when more is asked than it can do, for 20 simulated seconds."""
    now_s = 1000.0
    while now_s < 1020.0:
        took_s = max(answer_s, limit.value / most_per_s)
        now_s += took_s / limit.value
        limit.sent(size_bytes, took_s, now_s, waiting=10_000)


def test_a_near_store_is_served_by_few_threads() -> None:
    limit = ConcurrencyLimit(64)
    run(limit, answer_s=0.0003, most_per_s=9_000)
    assert limit.value <= 8


def test_a_far_store_is_served_by_all_threads() -> None:
    limit = ConcurrencyLimit(128)
    run(limit, answer_s=0.030, most_per_s=50_000)
    assert limit.value == 128


def test_a_far_store_that_is_the_limit_keeps_its_pace() -> None:
    limit = ConcurrencyLimit(128)
    run(limit, answer_s=0.030, most_per_s=1_000)
    assert 30 <= limit.value <= 45


def test_large_files_get_all_threads() -> None:
    limit = ConcurrencyLimit(16)
    run(limit, answer_s=0.5, most_per_s=20, size_bytes=SMALL_BYTES * 100)
    assert limit.value == 16


def test_nothing_grows_while_nothing_waits() -> None:
    limit = ConcurrencyLimit(16)
    for step in range(1000):
        limit.sent(1024, 0.03, 1000 + step * 0.01, waiting=0)
    assert limit.value == FEWEST


def test_slow_transfers_that_hold_all_threads_let_more_begin() -> None:
    limit = ConcurrencyLimit(16)
    limit.sent(1024, 0.001, 1000.0, waiting=0)
    assert not limit.stalled(1000.1)
    assert limit.stalled(1000.6)
    assert limit.value == 2 * FEWEST


@pytest.mark.parametrize("most", [1, 2])
def test_fewer_workers_than_the_fewest_are_respected(most: int) -> None:
    limit = ConcurrencyLimit(most)
    run(limit, answer_s=0.030, most_per_s=50_000)
    assert limit.value == most
