"""The concurrency limit against simulated stores."""

from __future__ import annotations

import pytest

from gwf.agent.transfer.concurrency import FEWEST, SMALL_BYTES, ConcurrencyLimit


class Store:
    """A simulated store and the CPU that sending to it costs."""

    def __init__(self, *, answer_s: float, most_per_s: float, cpu_per_file_s: float = 0.0001) -> None:
        self.answer_s = answer_s
        self.most_per_s = most_per_s
        self.cpu_per_file_s = cpu_per_file_s
        self.cpu_s = 0.0

    def limit(self, most: int) -> ConcurrencyLimit:
        return ConcurrencyLimit(most, cpu_s=lambda: self.cpu_s)

    def serve(self, limit: ConcurrencyLimit, *, size_bytes: int = 1024) -> None:
        """Answer in `answer_s`, or slower when more is asked than the store can do, for 20 simulated seconds."""
        now_s = 1000.0
        while now_s < 1020.0:
            took_s = max(self.answer_s, limit.value / self.most_per_s)
            now_s += took_s / limit.value
            self.cpu_s += self.cpu_per_file_s
            limit.sent(size_bytes, took_s, now_s, waiting=10_000)


def test_a_near_store_is_served_by_few_threads() -> None:
    store = Store(answer_s=0.0003, most_per_s=9_000)
    limit = store.limit(64)
    store.serve(limit)
    assert limit.value <= 8


def test_a_far_store_is_served_by_all_threads() -> None:
    store = Store(answer_s=0.030, most_per_s=50_000)
    limit = store.limit(128)
    store.serve(limit)
    assert limit.value == 128


def test_waiting_for_a_disk_or_a_slow_service_is_let_be() -> None:
    store = Store(answer_s=0.001, most_per_s=2_000)
    limit = store.limit(16)
    store.serve(limit)
    assert limit.value == 16


def test_large_files_get_all_threads() -> None:
    store = Store(answer_s=0.5, most_per_s=20)
    limit = store.limit(16)
    store.serve(limit, size_bytes=SMALL_BYTES * 100)
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
    store = Store(answer_s=0.030, most_per_s=50_000)
    limit = store.limit(most)
    store.serve(limit)
    assert limit.value == most
