"""Looks at the half hour after a change: what else changed, what went wrong, how work went before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gwf.audit.model import AuditRow
from gwf.control.overview.flow import MINUTE_MS, Point, flow_of
from gwf.control.overview.markers import Marker
from gwf.control.overview.ports import WorkReads, WorkWish
from gwf.control.overview.scope import Scope
from gwf.control.overview.service import OverviewService, Window
from gwf.events.model import StoredEvent
from gwf.events.ports import EventFilter, EventReads, PageWish, Span

AFTER_MS = 30 * MINUTE_MS
MAX_TROUBLES = 100
MAX_LOOKED = 1_000  #: events of all agents that are looked through
#: what tells of trouble, as event types
TROUBLE = (
    "gwf.agent.offline", "gwf.agent.degraded", "gwf.agent.breaker_opened", "gwf.agent.disk_low",
    "gwf.agent.high_water", "gwf.agent.config_refused", "gwf.config.failed", "gwf.rollout.paused",
    "gwf.rollout.reverting", "gwf.rollout.reverted",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What came after a change."""

    window: Window
    #: the time has passed; False = more may come
    is_over: bool
    #: that the change reached; None = not known: everybody was looked at
    agents: frozenset[str] | None
    #: other changes, oldest first
    markers: Sequence[Marker]
    #: oldest first
    troubles: Sequence[StoredEvent]
    #: there were more troubles
    more: bool
    #: that `before` and `after` are the sums of: as long after the change as has passed, and as long before it
    length_ms: int
    before: Point
    after: Point


class AftermathService:
    """Used in one event loop."""

    def __init__(self, overview: OverviewService, work: WorkReads, events: EventReads) -> None:
        """Look at these."""
        self._overview = overview
        self._work = work
        self._events = events

    async def after(self, row: AuditRow, *, now_ms: int) -> Aftermath:
        """Return what came after an entry of the audit.

        Raises:
            UnavailableError: The database did not answer.
        """
        window = Window(since_ms=row.at_ms, until_ms=row.at_ms + AFTER_MS)
        agents = await self._overview.reached(row)
        changes = await self._overview.changes(row.tenant, Scope(), window)
        troubles = await self._troubles(row.tenant, window)
        mine = [one for one in troubles if agents is None or one.event.agent_id in {None, *agents}]
        begin_ms = row.at_ms - row.at_ms % MINUTE_MS
        passed_ms = now_ms - now_ms % MINUTE_MS + MINUTE_MS - begin_ms
        length_ms = max(MINUTE_MS, min(AFTER_MS, passed_ms))
        return Aftermath(
            window=window,
            is_over=now_ms >= window.until_ms,
            agents=agents,
            markers=[one for one in changes.markers if one.seq != row.seq],
            troubles=mine[:MAX_TROUBLES],
            more=len(mine) > MAX_TROUBLES,
            length_ms=length_ms,
            before=await self._worked(row.tenant, begin_ms - length_ms, agents, length_ms=length_ms),
            after=await self._worked(row.tenant, begin_ms, agents, length_ms=length_ms),
        )

    async def _troubles(self, tenant: str, window: Window) -> Sequence[StoredEvent]:
        span = Span(since_ms=window.since_ms, until_ms=window.until_ms)
        wanted = EventFilter(tenant=tenant, span=span, types=TROUBLE)
        page = await self._events.events(wanted, PageWish(limit=MAX_LOOKED))
        return page.items[::-1]

    async def _worked(self, tenant: str, begin: int, agents: frozenset[str] | None, *, length_ms: int) -> Point:
        wish = WorkWish(
            tenant=tenant,
            since_ms=begin,
            until_ms=begin + length_ms,
            step_ms=MINUTE_MS,
            bucket_ms=length_ms,
            agents=agents,
        )
        sums = await self._work.work(wish) if agents is None or agents else ()
        return flow_of(sums, wish).whole
