from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from gwf.agent.model import Work
from gwf.agent.transfer.limits import StoreLimits
from gwf.agent.transfer.workqueue import HOLD_S, WorkQueue
from tests.agent.transfer.side import limits_of
from tests.agent.waiting import stays, until

SLOW = {"max_files_per_s": 1.0}


def work(file_id: int, path: str = "/free/f", **more: Any) -> Work:
    made = Work(
        file_id, 1, path.encode(), 1, 1, 1, "s", "k", by_content=False, attempts=0,
        queued_at_ms=round(time.time() * 1000),
    )  # fmt: skip
    for name, value in more.items():
        setattr(made, name, value)
    return made


class Takers:
    """Threads that take work and keep what they took."""

    def __init__(self, queue: WorkQueue, count: int) -> None:
        self.taken: list[int] = []
        self._threads = [threading.Thread(target=self._run, args=(queue,), daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self, queue: WorkQueue) -> None:
        for got in iter(queue.get, None):
            self.taken.append(got.file_id)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()


def test_without_limits_all_is_taken_once() -> None:
    queue = WorkQueue(limits_of())
    takers = Takers(queue, 8)
    for number in range(5000):
        queue.put(work(number, priority=number % 10))
    until(lambda: len(takers.taken) == 5000)
    queue.close(8)
    takers.join()
    assert sorted(takers.taken) == list(range(5000))


def test_a_limited_tree_holds_no_thread_that_another_tree_could_use() -> None:
    queue = WorkQueue(limits_of(trees={"/slow": SLOW}))
    for number in range(2):
        assert queue.put(work(number, "/slow/f")) is None
    takers = Takers(queue, 2)
    until(lambda: takers.taken == [0])
    for number in range(100, 300):
        queue.put(work(number))
    until(lambda: len(takers.taken) == 201, within_s=1.5)
    queue.close(2)
    takers.join()
    assert sorted(takers.taken)[:2] == [0, 1]


def test_more_work_of_a_limited_tree_than_it_may_send_soon_goes_back_to_the_journal() -> None:
    queue = WorkQueue(limits_of(trees={"/slow": {"max_files_per_s": 10}}))
    told = [queue.put(work(number, "/slow/f")) for number in range(100)]
    kept = [wait for wait in told if wait is None]
    later = [wait for wait in told if wait is not None]
    assert len(kept) == 10 * HOLD_S
    assert later == sorted(later)
    assert later[0] == pytest.approx(HOLD_S, abs=0.2)
    assert later[-1] == pytest.approx(HOLD_S + len(later) / 10, abs=0.5)


def test_what_was_sent_back_before_passes_what_is_new() -> None:
    queue = WorkQueue(limits_of(trees={"/slow": {"max_files_per_s": 10}}))
    while queue.put(work(1, "/slow/f")) is None:
        pass
    assert queue.put(work(2, "/slow/f", queued_at_ms=0)) is None


def test_the_limit_of_the_store_keeps_its_rate() -> None:
    queue = WorkQueue(limits_of(store={"max_files_per_s": 100}))
    for number in range(150):
        queue.put(work(number))
    began_s = time.monotonic()
    takers = Takers(queue, 4)
    until(lambda: len(takers.taken) == 150)
    assert time.monotonic() - began_s >= 0.45
    queue.close(4)
    takers.join()


def test_a_limit_in_bytes_counts_sizes() -> None:
    queue = WorkQueue(limits_of(trees={"/slow": {"max_bytes_per_s": 1000}}))
    for number in range(3):
        queue.put(work(number, "/slow/f", size_bytes=600))
    takers = Takers(queue, 3)
    until(lambda: len(takers.taken) == 3)
    assert queue._limits.waits.times >= 1
    queue.close(3)
    takers.join()


def test_large_files_of_a_tree_limited_in_bytes_are_begun_one_after_the_other() -> None:
    limits = limits_of(trees={"/slow": {"max_bytes_per_s": 10_000}})
    limits.multipart_bytes = 1000
    queue = WorkQueue(limits)
    for number in range(3):
        queue.put(work(number, "/slow/f", size_bytes=5000))
    queue.put(work(9))
    takers = Takers(queue, 3)
    until(lambda: set(takers.taken) == {0, 9})
    stays(lambda: set(takers.taken) == {0, 9}, for_s=0.1)
    queue.ended(work(0))
    until(lambda: set(takers.taken) == {0, 1, 9})
    queue.close(3)
    takers.join()


def changed(limits: StoreLimits, queue: WorkQueue) -> None:
    """Take all limits away, as a new configuration does."""
    for pace in limits._shared:
        pace.reconfigure(None, None)
    limits.reconfigure([])
    queue.limits_changed()


NEVER = {"max_files_per_s": 0.0001}


@pytest.mark.parametrize("limited", [{"store": NEVER}, {"edge": NEVER}, {"trees": {"/slow": NEVER}}], ids=str)
def test_limits_may_be_taken_away_while_work_waits_for_them(limited: dict[str, Any]) -> None:
    limits = limits_of(**limited)
    queue = WorkQueue(limits)
    accepted = [number for number in range(50) if queue.put(work(number, "/slow/f")) is None]
    takers = Takers(queue, 4)
    until(lambda: takers.taken == [0])
    assert queue.put(work(100, "/slow/f")) is None
    accepted.append(100)
    stays(lambda: takers.taken == [0], for_s=0.1)
    changed(limits, queue)
    until(lambda: len(takers.taken) == len(accepted), within_s=3)
    queue.close(4)
    takers.join()
    assert sorted(takers.taken) == accepted


def test_released_work_waits_for_no_limit() -> None:
    released = threading.Event()
    queue = WorkQueue(limits_of(store={"max_files_per_s": 0.01}), released=released.is_set)
    for number in range(100):
        queue.put(work(number))
    takers = Takers(queue, 2)
    until(lambda: takers.taken == [0])
    released.set()
    queue.look_again()
    until(lambda: len(takers.taken) == 100)
    queue.close(2)
    takers.join()


def test_a_close_holds_nothing_up_and_keeps_the_rest() -> None:
    queue = WorkQueue(limits_of(store={"max_files_per_s": 0.01}, trees={"/slow": SLOW}))
    accepted = [
        number for number in range(20) if queue.put(work(number, "/slow/f" if number % 2 else "/free/f")) is None
    ]
    takers = Takers(queue, 1)
    until(lambda: len(takers.taken) == 1)
    queue.close(1)
    takers.join()
    rest = [item.file_id for item in queue.take_rest()]
    assert sorted([*takers.taken, *rest]) == accepted
    assert queue.qsize() == 0
