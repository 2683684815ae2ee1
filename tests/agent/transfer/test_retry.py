from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.model import FileStatus, Outcome, Result, Work
from gwf.agent.transfer.retry import MAX_RETRY_AFTER_S, RetryPolicy
from gwf.core.settings.model import RetrySettings

NOW_MS = 1_700_000_000_000
DAY_MS = 86_400_000


def failure(*, attempts: int = 0, queued_at_ms: int = NOW_MS, **more: Any) -> Outcome:
    work = Work(
        1, 1, bytes(Path("/a")), 1, 1, 1, "s", "k", by_content=False, attempts=attempts, queued_at_ms=queued_at_ms
    )
    return Outcome(work, Result.FAILED, **more)


@given(st.integers(1, 2000), st.integers(0, 2**32), st.floats(0.001, 3600), st.floats(0.001, 86400))
def test_every_wait_lies_between_zero_and_the_cap(attempts: int, seed: int, base_s: float, cap_s: float) -> None:
    policy = RetryPolicy(RetrySettings(base=base_s, cap=cap_s), uniform=random.Random(seed))
    assert 0 <= policy.delay_s(attempts, None) <= cap_s


def test_waits_grow_and_are_spread_over_their_whole_range() -> None:
    policy = RetryPolicy(RetrySettings(base=1, cap=300), uniform=random.Random(1))
    means = [sum(policy.delay_s(attempts, None) for _ in range(400)) / 400 for attempts in (1, 2, 3, 4, 12)]
    assert means == sorted(means)
    assert 0.4 < means[0] < 0.6
    assert 130 < means[-1] < 170
    waits = [policy.delay_s(12, None) for _ in range(400)]
    assert min(waits) < 15
    assert max(waits) > 285


@given(st.floats(-10, 1e9), st.integers(1, 50))
def test_the_wish_of_the_other_side_is_a_lower_bound_within_reason(wish_s: float, attempts: int) -> None:
    policy = RetryPolicy(RetrySettings(base=1, cap=60))
    wait_s = policy.delay_s(attempts, wish_s)
    assert min(MAX_RETRY_AFTER_S, max(0.0, wish_s)) <= wait_s <= MAX_RETRY_AFTER_S + 60
    assert wait_s * 1000 <= policy.longest_ms


@pytest.mark.parametrize(
    ("attempts", "status"), [(0, FileStatus.WAITING), (3, FileStatus.WAITING), (4, FileStatus.DEAD)]
)
def test_the_last_attempt_allowed_makes_a_file_dead(attempts: int, status: FileStatus) -> None:
    policy = RetryPolicy(RetrySettings(max_attempts=5))
    assert policy.decide(failure(attempts=attempts), NOW_MS).status is status


def test_an_attempt_that_is_not_charged_does_not_use_up_the_last_one() -> None:
    decision = RetryPolicy(RetrySettings(max_attempts=5)).decide(failure(attempts=4, charged=False), NOW_MS)
    assert (decision.status, decision.charge) == (FileStatus.WAITING, 0)


def test_what_may_not_be_retried_is_dead_at_once() -> None:
    assert RetryPolicy(RetrySettings()).decide(failure(retryable=False), NOW_MS).status is FileStatus.DEAD


def test_a_file_too_old_is_dead() -> None:
    policy = RetryPolicy(RetrySettings(max_age=86400))
    assert policy.decide(failure(queued_at_ms=NOW_MS - DAY_MS), NOW_MS).status is FileStatus.WAITING
    assert policy.decide(failure(queued_at_ms=NOW_MS - DAY_MS - 1), NOW_MS).status is FileStatus.DEAD


def test_a_file_queued_in_the_future_because_the_clock_was_set_back_is_tried_again() -> None:
    decision = RetryPolicy(RetrySettings()).decide(failure(queued_at_ms=NOW_MS + 400 * DAY_MS), NOW_MS)
    assert decision.status is FileStatus.WAITING
    assert decision.next_at_ms >= NOW_MS
