from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.centre.keeping import room_for
from gwf.agent.journal.reporting import Backlog

GIB = 1024**3


def backlog(size_bytes: int, events: int = 1000) -> Backlog:
    return Backlog(events=events, size_bytes=size_bytes, oldest_at_ms=0)


def test_the_setting_is_the_bound_while_the_disk_has_room() -> None:
    assert room_for(backlog(GIB), keep_bytes=4 * GIB, free_bytes=100 * GIB).bound_bytes == 4 * GIB


def test_events_take_no_more_than_half_of_what_would_be_free() -> None:
    room = room_for(backlog(GIB), keep_bytes=4 * GIB, free_bytes=GIB)
    assert room.bound_bytes == GIB
    assert room.too_many == 100


def test_nothing_is_given_up_below_the_bound() -> None:
    assert room_for(backlog(GIB), keep_bytes=2 * GIB, free_bytes=100 * GIB).too_many == 0
    assert room_for(Backlog(), keep_bytes=1, free_bytes=0).too_many == 0


@given(
    events=st.integers(1, 10**7), mean=st.integers(1, 10_000), keep=st.integers(1, 2**40), free=st.integers(0, 2**42)
)
def test_giving_up_ends_below_the_bound(events: int, mean: int, keep: int, free: int) -> None:
    left = events
    for _ in range(400):
        room = room_for(backlog(left * mean, left), keep_bytes=keep, free_bytes=free)
        if not room.too_many:
            break
        left -= room.too_many
        free += 0  # rows that are removed make room in the journal's file, not on the disk
    assert left >= 0
    assert room.share < 1.0 or left <= 1
