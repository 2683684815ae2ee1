from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.model import AGED_EVERY, Work
from gwf.agent.transfer.lanes import Lanes


def work(file_id: int, priority: int, queued_at_ms: int = 0) -> Work:
    return Work(
        file_id, 1, b"/f", 1, 1, 1, "s", "k", by_content=False, attempts=0, queued_at_ms=queued_at_ms,
        priority=priority,
    )  # fmt: skip


def drain(lanes: Lanes) -> list[int]:
    return [taken.file_id for taken in iter(lanes.take, None)]


@given(st.lists(st.integers(0, 9), max_size=200))
def test_all_is_taken_once(priorities: list[int]) -> None:
    lanes = Lanes()
    for number, priority in enumerate(priorities):
        lanes.put(work(number, priority))
    assert sorted(drain(lanes)) == list(range(len(priorities)))


@given(st.lists(st.integers(0, 9), max_size=AGED_EVERY - 1))
def test_urgent_work_comes_first_and_equals_by_arrival(priorities: list[int]) -> None:
    lanes = Lanes()
    for number, priority in enumerate(priorities):
        lanes.put(work(number, priority))
    assert drain(lanes) == sorted(range(len(priorities)), key=lambda number: (priorities[number], number))


@given(
    older=st.lists(st.integers(0, 9), max_size=20),
    priority=st.integers(0, 9),
    arrivals=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), min_size=1, max_size=10),
)
def test_nothing_starves_however_much_urgent_work_keeps_coming(
    older: list[int], priority: int, arrivals: list[list[int]]
) -> None:
    lanes, number = Lanes(), 0
    for number, one in enumerate([*older, priority]):
        lanes.put(work(number, one, queued_at_ms=number))
    ours, takes, batches = number, 0, 0
    while True:
        for one in arrivals[batches % len(arrivals)]:
            number += 1
            lanes.put(work(number, one, queued_at_ms=number))
        batches += 1
        takes += 1
        taken = lanes.take()
        assert taken is not None
        if taken.file_id == ours:
            break
    assert takes <= AGED_EVERY * (len(older) + 1)


def test_urgent_work_keeps_its_lead_while_old_work_gets_its_share() -> None:
    lanes = Lanes()
    for number in range(1000):
        lanes.put(work(number, 9))
    urgent = list(range(1000, 1100))
    for number in urgent:
        lanes.put(work(number, 0, queued_at_ms=1))
    first = drain(lanes)[:100]
    assert len(set(first) & set(urgent)) == 100 - 100 // AGED_EVERY
