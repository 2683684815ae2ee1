"""Moves alerts on in the centre: reads stored events once, does what is due and what people want, keeps it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gwf.alerts.life.ledger import State
from gwf.alerts.run.model import Kept, Loaded, Turn
from gwf.alerts.run.ports import AlertStore, Batches, Lead, Plans
from gwf.alerts.run.tenant import TenantAlerts
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.rules.decided import Batch

LOOK_EVERY_S = 0.5  #: how soon what another server stored or ordered is looked for
GATHER_S = 0.05  #: between two turns: what comes one by one is written together
AGAIN_AFTER_S = 1.0  #: after a failure
LATE_MS = 60_000  #: a batch may be seen so much later than its numbers say, where servers share a database
LATE_ALONE_MS = 5_000
LATE_EVERY_S = 2.0  #: how often those are looked for
ROW_BITS = 20  #: of a row's number, below its time
BATCHES = 20  #: of one turn
EVENTS = 5_000  #: of one turn, or one batch
PORTION = 250  #: events that are looked at before others get the event loop
ORDERS = 1_000
KEEP_PLACE_EVERY_S = 5.0  #: a place that nothing came of is written so often

log = logging.getLogger("gwf.alerts")


@dataclass(slots=True)
class RunnerFacts:
    """Counters for metrics and health."""

    events_total: int = 0
    opened_total: int = 0
    notices_total: int = 0
    turns_total: int = 0
    failures_total: int = 0
    #: open alerts; of a server that does not lead 0
    open_now: int = 0
    #: this process moves alerts
    is_leading: bool = False
    #: when events were read to their end the last time, ms UTC; 0 = never
    current_at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerParts:
    """What a runner works on."""

    store: AlertStore
    batches: Batches
    plans: Plans
    lead: Lead
    clock: Clock
    #: no other process shares the database
    alone: bool
    #: the name of a tenant's host by the id of its agent; the id itself where it is not known
    hostname: Callable[[str, str], str] = lambda _tenant, agent_id: agent_id


class AlertRunner:
    """Used in one event loop; of several servers one moves alerts."""

    def __init__(self, parts: RunnerParts, *, told: Callable[[Turn], Awaitable[None]]) -> None:
        """Nothing is read before `run`; `told` hears of each turn after it was kept."""
        self._parts = parts
        self._clock = parts.clock
        self._told = told
        self._woken = asyncio.Event()
        self._tenants: dict[str, TenantAlerts] | None = None
        self._kept = Loaded(tenants={}, turn=0, place=0, seen=set())
        self._late_ms = LATE_ALONE_MS if parts.alone else LATE_MS
        self._late_s = self._placed_s = self._orders_s = 0.0
        self._opened = 0
        #: the last turn left batches for the next one
        self._has_more = False
        self.facts = RunnerFacts()

    def is_stuck(self, after_ms: int) -> bool:
        """Tell whether events have not been read to their end for so long, on the server that moves alerts."""
        facts = self.facts
        return facts.failures_total > 0 and facts.is_leading and self._clock.now_ms() - facts.current_at_ms > after_ms

    def wake(self, *_: object) -> None:
        """Look soon: something was stored or decided."""
        self._woken.set()

    def ordered(self) -> None:
        """Look soon: a person wants something."""
        self._orders_s = 0.0
        self._woken.set()

    async def run(self) -> None:
        """Move alerts on until cancelled."""
        while True:
            pause_s = LOOK_EVERY_S
            try:
                self.facts.is_leading = await self._parts.lead.is_mine()
                if not self.facts.is_leading:
                    self._tenants = None
                    self.facts.open_now = 0
                elif await self.turn():
                    continue
                else:
                    pause_s = self._pause_s()
            except GwfError as exc:  # what was not kept is done again from what was
                self._failed()
                log.warning("alerts_not_moved", extra={"error_code": exc.code, "error": str(exc)})
                pause_s = AGAIN_AFTER_S
            except Exception:  # the edge of a loop that must not end
                self._failed()
                log.exception("alert_runner_crashed")
                pause_s = AGAIN_AFTER_S
            try:
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()
            except TimeoutError:
                pass
            await asyncio.sleep(GATHER_S)
            self._woken.clear()

    async def turn(self) -> bool:
        """Do what there is to do, as much as one transaction takes; tell whether there is more."""
        tenants = await self._loaded()
        now_ms = self._clock.now_ms()
        for tenant in self._parts.plans.tenants():
            plan = self._parts.plans.of(tenant)
            one = tenants.get(tenant)
            if one is None:
                tenants[tenant] = self._alerts(tenant, Kept(state=State(tenant=tenant)))
            elif one.plan_number != plan.number:
                one.set(plan, now_ms)
        turn = Turn(after=self._kept.turn, now_ms=now_ms, place=self._kept.place)
        batches = await self._batches()
        for batch in batches:
            await self._see(tenants, batch)
            turn.batches.append((batch.first_row_id, batch.taken_at_ms))
            turn.place = max(turn.place, *(last for _, last in batch.ranges))
        await self._obey(tenants, turn)
        for one in tenants.values():
            one.advance(now_ms)
            one.write(turn)
        await self._keep(turn)
        self.facts.open_now = sum(one.open_alerts for one in tenants.values())
        if not self._has_more:
            self.facts.current_at_ms = now_ms
        return self._has_more

    # -- parts -------------------------------------------------------------------------------------------

    async def _loaded(self) -> dict[str, TenantAlerts]:
        if self._tenants is None:
            kept = await self._parts.store.load(seen_after=self._late_ms << ROW_BITS)
            if kept.place == 0:  # what happened before there were alerts alerts nobody
                kept.place = self._clock.now_ms() << ROW_BITS
            self._kept, self._late_s = kept, 0.0
            self._opened = sum(one.state.opened for one in kept.tenants.values())
            self._tenants = {name: self._alerts(name, one) for name, one in kept.tenants.items()}
        return self._tenants

    def _alerts(self, tenant: str, kept: Kept) -> TenantAlerts:
        parts = self._parts
        return TenantAlerts(tenant, kept, parts.plans.of(tenant), hostname=partial(parts.hostname, tenant))

    async def _batches(self) -> Sequence[Batch]:
        """Return some batches that were not seen; now and then those too that came in late."""
        after, now_s = self._kept.place, self._clock.monotonic_s()
        is_late = now_s >= self._late_s + LATE_EVERY_S
        if is_late:
            self._late_s = now_s
            after = max(0, after - (self._late_ms << ROW_BITS))
        limit = BATCHES + (len(self._kept.seen) if is_late else 0)
        found = await self._parts.batches.batches_behind(after, limit=limit)
        chosen: list[Batch] = []
        self._has_more = len(found) == limit
        events = 0
        for batch in found:
            if batch.first_row_id in self._kept.seen:
                continue
            if len(chosen) >= BATCHES or (chosen and events + batch.events > EVENTS):
                self._has_more = True
                break
            chosen.append(batch)
            events += batch.events
        return chosen

    async def _see(self, tenants: dict[str, TenantAlerts], batch: Batch) -> None:
        asked = {name: one for name, one in tenants.items() if one.has_rules()}
        if not asked:
            return
        statuses = frozenset(status for one in asked.values() for status in one.statuses())
        looked = 0
        for one in asked.values():
            one.advance(batch.taken_at_ms)
        async for portion in self._parts.batches.of_batch(batch, sorted(asked), statuses=statuses):
            for facts in portion:
                asked[facts.ref.tenant].see(facts, batch.taken_at_ms)
                looked += 1
                if looked % PORTION == 0:
                    await asyncio.sleep(0)
        self.facts.events_total += looked

    async def _obey(self, tenants: dict[str, TenantAlerts], turn: Turn) -> None:
        now_s = self._clock.monotonic_s()
        if now_s < self._orders_s:
            return
        orders = await self._parts.store.orders(limit=ORDERS)
        self._orders_s = 0.0 if len(orders) == ORDERS else now_s + LOOK_EVERY_S
        for order in orders:
            one = tenants.get(order.tenant)
            done = one is not None and one.obey(order, turn.now_ms)
            turn.orders.append((order.order_id, not done))

    async def _keep(self, turn: Turn) -> None:
        now_s = self._clock.monotonic_s()
        is_time = now_s >= self._placed_s + KEEP_PLACE_EVERY_S
        is_first = turn.after == 0  # from now on events are read, whatever becomes of this process
        if turn.is_empty and not is_first and not (turn.batches and is_time):
            self._kept.place = turn.place
            self._kept.seen |= {first for first, _ in turn.batches}
            return
        written = {first for first, _ in turn.batches}
        turn.forget_before = horizon = turn.place - (2 * self._late_ms << ROW_BITS)
        await self._parts.store.commit(turn)
        self._placed_s = now_s
        self._kept.turn += 1
        self._kept.place = turn.place
        self._kept.seen = {first for first in self._kept.seen | written if first > horizon}
        self.facts.turns_total += 1
        self.facts.notices_total += len(turn.notices)
        self.facts.opened_total += sum(turn.opened.values()) - self._opened
        self._opened = sum(turn.opened.values())
        await self._told(turn)

    def _pause_s(self) -> float:
        """Return how long nothing is due."""
        moments = [at_ms for one in (self._tenants or {}).values() if (at_ms := one.next_at_ms()) is not None]
        if not moments:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(0.01, (min(moments) - self._clock.now_ms()) / 1000))

    def _failed(self) -> None:
        self._tenants = None
        self.facts.failures_total += 1
