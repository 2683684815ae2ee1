from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gwf.ingest.mark import Gap, Take, place


def test_what_follows_is_taken_whole() -> None:
    assert place(10, 11, lost_before=False) == Take(from_seq=11)


def test_of_a_replay_only_what_is_new_is_taken() -> None:
    assert place(10, 5, lost_before=False) == Take(from_seq=11)


def test_a_gap_is_refused_with_what_is_expected() -> None:
    assert place(10, 12, lost_before=False) == Gap(expected_seq=11)


def test_a_gap_that_the_agent_owns_up_to_is_taken_and_told() -> None:
    assert place(10, 21, lost_before=True) == Take(from_seq=21, lost=(11, 20))


def test_an_epoch_nobody_has_heard_of_begins_with_one() -> None:
    assert place(0, 1, lost_before=False) == Take(from_seq=1)
    assert place(0, 500, lost_before=False) == Gap(expected_seq=1)
    assert place(0, 500, lost_before=True) == Take(from_seq=500, lost=(1, 499))


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 20)), max_size=60))
def test_whatever_is_sent_in_whatever_order_is_stored_once_and_without_a_hole(sent: list[tuple[int, int]]) -> None:
    stored: list[int] = [0]
    for first, count in sent:
        answer = place(stored[-1], first, lost_before=False)
        if isinstance(answer, Take):
            stored += [seq for seq in range(first, first + count) if seq >= answer.from_seq]
        else:
            assert first > answer.expected_seq == stored[-1] + 1
    assert stored == list(range(len(stored)))
