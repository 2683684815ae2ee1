"""Looks at the uploads of a rollout's agents before it began and since: as a course, and as two sums."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gwf.control.overview.flow import DAY_MS, HOUR_MS, MANY_AGENTS, MINUTE_MS, Flow, Point, flow_of, grid
from gwf.control.overview.ports import Reached, WorkReads, WorkSum, WorkWish
from gwf.control.overview.service import Window
from gwf.control.rollout.model import RolloutId
from gwf.control.rollout.records import Rollout

LEAST_MS = 30 * MINUTE_MS  #: before its begin that is shown, also of a rollout of seconds
MOST_MS = 6 * HOUR_MS
BY_HOUR_MS = 12 * HOUR_MS  #: where only sums by hour are left, or there are many agents
OLD_MS = 7 * DAY_MS  #: sums by minute are gone by then
MAX_SPAN_MS = 30 * DAY_MS  #: of a rollout that goes on for weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """How uploads went at the agents that a rollout reached."""

    rollout: Rollout
    agents: int
    window: Window
    flow: Flow
    #: that `before` and `after` are the sums of
    length_ms: int
    before: Point
    after: Point


class AroundService:
    """Reads only."""

    def __init__(self, rollouts: Reached, work: WorkReads) -> None:
        """Look at these."""
        self._rollouts = rollouts
        self._work = work

    async def around(self, tenant: str, rollout: RolloutId, *, now_ms: int) -> Around:
        """Return how uploads went around a rollout.

        Raises:
            NotFoundError: No such rollout.
            UnavailableError: The database did not answer.
        """
        found, agents = await self._rollouts.reached(tenant, rollout)
        window = window_of(found, now_ms=now_ms, agents=len(agents))
        wish = _wish(tenant, window, agents, now_ms=now_ms)
        sums = await self._work.work(wish) if agents else ()
        began_ms = found.created_at_ms - found.created_at_ms % wish.step_ms
        length_ms = min(began_ms - window.since_ms, window.until_ms - began_ms)
        return Around(
            rollout=found,
            agents=len(agents),
            window=window,
            flow=flow_of(sums, _wish(tenant, window, agents, now_ms=now_ms, drawn=True)),
            length_ms=length_ms,
            before=_whole(sums, began_ms - length_ms, began_ms),
            after=_whole(sums, began_ms, began_ms + length_ms),
        )


def window_of(rollout: Rollout, *, now_ms: int, agents: int) -> Window:
    """Return the time to look at: as long before its begin as it took, within limits, and as long after its end."""
    began_ms, ended_ms = rollout.created_at_ms, rollout.state.ended_ms
    lasted_ms = (now_ms if ended_ms is None else ended_ms) - began_ms
    step_ms = _step(began_ms, now_ms=now_ms, agents=agents)
    beside_ms = BY_HOUR_MS if step_ms == HOUR_MS else max(LEAST_MS, min(MOST_MS, lasted_ms))
    begin_ms = began_ms - beside_ms
    end_ms = now_ms if ended_ms is None else min(now_ms, ended_ms + beside_ms)
    end_ms = min(end_ms, begin_ms + MAX_SPAN_MS)
    return Window(since_ms=begin_ms - begin_ms % step_ms, until_ms=max(end_ms, began_ms + step_ms))


def _step(began_ms: int, *, now_ms: int, agents: int) -> int:
    return HOUR_MS if agents > MANY_AGENTS or now_ms - began_ms > OLD_MS else MINUTE_MS


def _wish(tenant: str, window: Window, agents: Collection[str], *, now_ms: int, drawn: bool = False) -> WorkWish:
    """Return the sums that are wanted: as they are kept, or with the intervals that are drawn."""
    step_ms = _step(window.since_ms, now_ms=now_ms, agents=len(agents))
    bucket_ms = step_ms
    if drawn:
        bucket_ms = max(step_ms, grid(window.until_ms - window.since_ms, agents=len(agents))[1])
    return WorkWish(
        tenant=tenant,
        since_ms=window.since_ms,
        until_ms=window.until_ms,
        step_ms=step_ms,
        bucket_ms=bucket_ms,
        agents=frozenset(agents),
    )


def _whole(sums: Sequence[WorkSum], since_ms: int, until_ms: int) -> Point:
    wish = WorkWish(tenant="", since_ms=since_ms, until_ms=until_ms, step_ms=MINUTE_MS, bucket_ms=until_ms - since_ms)
    return flow_of((one for one in sums if since_ms <= one.at_ms < until_ms), wish).whole
