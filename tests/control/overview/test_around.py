from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gwf.control.config.model import LayerId, VersionId
from gwf.control.overview.around import AroundService, window_of
from gwf.control.overview.flow import DAY_MS, HOUR_MS, MINUTE_MS
from gwf.control.overview.ports import WorkSum, WorkWish
from gwf.control.rollout.model import Gates, Plan, RolloutId, RolloutState, RolloutStatus
from gwf.control.rollout.records import Rollout
from gwf.events.files import FileEventStatus

BEGAN = 1_764_115_200_000 + 90 * MINUTE_MS + 20_000


def rollout(*, ended_ms: int | None = None) -> Rollout:
    state = RolloutState(status=RolloutStatus.RUNNING, wave=0, since_ms=BEGAN, ended_ms=ended_ms)
    return Rollout(
        id=RolloutId("r"), tenant="t", layer=LayerId("l"), before=None, version=VersionId("v"), author="ann",
        plan=Plan(waves=(), gates=Gates()), state=state, reason="", created_at_ms=BEGAN,
    )  # fmt: skip


class Sums:
    """One file a minute, and from the begin on a failure beside it."""

    def __init__(self) -> None:
        self.asked: list[WorkWish] = []

    async def reached(self, tenant: str, rollout_id: RolloutId) -> tuple[Rollout, frozenset[str]]:
        return rollout(), frozenset({"a", "b"})

    async def work(self, wish: WorkWish) -> Sequence[WorkSum]:
        self.asked.append(wish)
        times = range(wish.since_ms, wish.until_ms, wish.step_ms)
        done = [WorkSum(at_ms=at, status=FileEventStatus.DONE, error_class="", events=1, size_bytes=10) for at in times]
        bad = [at for at in times if at >= BEGAN - BEGAN % MINUTE_MS]
        return [
            *done,
            *(
                WorkSum(at_ms=at, status=FileEventStatus.FAILED, error_class="auth", events=1, size_bytes=0)
                for at in bad
            ),
        ]


def test_equal_times_before_and_after_the_begin_are_compared() -> None:
    sums = Sums()
    found = asyncio.run(AroundService(sums, sums).around("t", RolloutId("r"), now_ms=BEGAN + 10 * MINUTE_MS))
    (wish,) = sums.asked
    assert (wish.agents, wish.step_ms) == (frozenset({"a", "b"}), MINUTE_MS)
    assert found.length_ms == 10 * MINUTE_MS + 20_000
    assert (found.before.done, found.before.failed) == (10, 0)
    assert (found.after.done, found.after.failed, found.after.success) == (11, 11, 0.5)
    assert len(found.flow.points) == 41
    assert [point.failed for point in found.flow.points].index(1) == 30


def test_the_time_grows_with_the_rollout_within_limits() -> None:
    def length(ended_ms: int | None, now_ms: int, agents: int = 2) -> tuple[float, float]:
        window = window_of(rollout(ended_ms=ended_ms), now_ms=now_ms, agents=agents)
        return round((BEGAN - window.since_ms) / MINUTE_MS), round((window.until_ms - BEGAN) / MINUTE_MS)

    assert length(BEGAN + MINUTE_MS, BEGAN + 5 * HOUR_MS) == (30, 31)
    assert length(BEGAN + 2 * HOUR_MS, BEGAN + 9 * HOUR_MS) == (120, 240)
    assert length(None, BEGAN + 20 * HOUR_MS) == (360, 1200)
    # sums by minute are gone, or would be too many
    assert length(BEGAN + MINUTE_MS, BEGAN + 20 * DAY_MS) == (750, 721)
    assert length(BEGAN + MINUTE_MS, BEGAN + HOUR_MS, agents=9_000) == (750, 60)
