"""What people do with alerts: look, take, give back, pass on, write down, end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gwf.alerts.life.ledger import ms
from gwf.alerts.life.model import Alert, AlertStatus, Group
from gwf.alerts.run.model import (
    Act,
    AlertFilter,
    AlertSum,
    Between,
    GroupBy,
    Hit,
    KeptAlert,
    KeptNotice,
    Note,
    Order,
    OrderEnd,
    Past,
    Telling,
)
from gwf.alerts.run.ports import AlertDeskStore, AlertReads, Plans
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, NotFoundError

MAX_SHOWN = 50  #: alerts of a group, notices and events that the detail of an alert names
DONE_WITHIN_S = 5.0  #: how long an order is waited for
LOOK_EVERY_S = 0.05
PAST_MS = 14 * 86_400_000  #: how far back it is told how often there was the same trouble
DAY_MS = 86_400_000
DAYS = 14  #: of the little picture that a list shows of each alert
MAX_BARS = 96
MAX_SUMS = 200
#: lengths of slots that people read easily
STEPS_MS = tuple(
    round(minutes * 60_000) for minutes in (0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080)
)
MAX_PAST = 1_000  #: alerts that are counted for it
#: what an alert must be for an act
_FITS: Mapping[Act, frozenset[AlertStatus]] = {
    Act.ACKNOWLEDGE: frozenset({AlertStatus.FIRING}),
    Act.RELEASE: frozenset({AlertStatus.ACKNOWLEDGED}),
    Act.RESOLVE: frozenset({AlertStatus.FIRING, AlertStatus.ACKNOWLEDGED}),
    Act.CLAIM: frozenset({AlertStatus.FIRING, AlertStatus.ACKNOWLEDGED}),
    Act.ESCALATE: frozenset({AlertStatus.FIRING}),
}


class AlertNotFoundError(NotFoundError):
    """No alert has this id."""

    code = "alert_not_found"


class AlertStateError(ConflictError):
    """The alert is not in a state for this."""

    code = "alert_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A part of a list with its counts."""

    items: Sequence[KeptAlert]
    #: None = not counted: only the first part is
    total: int | None
    facets: Mapping[str, Mapping[str, int]] | None
    #: by fingerprint and the day's number, how often there was the same trouble; {} = not asked for
    days: Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """How many alerts began in each slot of a time."""

    since_ms: int
    step_ms: int
    #: slots
    bars: int
    #: by the slot's number; where there are none nothing stands
    counts: Mapping[tuple[int, Telling], int]


@dataclass(frozen=True, slots=True)
class NextLevel:
    """Who is told next if nobody takes what there is."""

    at_ms: int
    level: int
    receivers: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStory:
    """An alert with what belongs to it."""

    alert: KeptAlert
    group: Sequence[KeptAlert]
    notices: Sequence[KeptNotice]
    hits: Sequence[Hit]
    #: what people wrote down, the newest first
    notes: Sequence[Note]
    past: Past
    next: NextLevel | None


class AlertDesk:
    """Of any server; orders are done by the one that moves alerts."""

    def __init__(self, store: AlertDeskStore, plans: Plans, *, clock: Clock, woken: Callable[[], None]) -> None:
        """`woken` is told that there are orders."""
        self._store = store
        self._plans = plans
        self._clock = clock
        self._woken = woken

    def now_ms(self) -> int:
        """Return the wall time."""
        return self._clock.now_ms()

    async def look(
        self,
        tenant: str,
        wanted: AlertFilter,
        *,
        limit: int,
        after: tuple[int, str] | None,
        facets: bool,
        days: bool = False,
    ) -> Look:
        """Return a part of the alerts that fit, those seen last before others; the first part with their number.

        `days`: how often there was the same trouble on each of the last DAYS, today among them.
        """
        async with self._store.view() as view:
            items = await view.page(tenant, wanted, limit=limit, after=after)
            names = sorted({one.alert.fingerprint for one in items}) if days else []
            return Look(
                items=items,
                total=await view.count(tenant, wanted) if after is None else None,
                facets=await view.facets(tenant, wanted) if facets else None,
                days=await view.days(tenant, names, self._days_since_ms(), day_ms=DAY_MS) if names else {},
            )

    def _days_since_ms(self) -> int:
        return (self._clock.now_ms() // DAY_MS - DAYS + 1) * DAY_MS

    async def begun(self, tenant: str, wanted: AlertFilter, time: Between) -> Begun:
        """Return how many alerts that fit began over a time, by what became of telling people."""
        step_ms = step_for(time.until_ms - time.since_ms, most=MAX_BARS)
        since_ms = time.since_ms // step_ms * step_ms
        async with self._store.view() as view:
            counts = await view.begun(tenant, wanted, Between(since_ms, time.until_ms), step_ms=step_ms)
        bars = -(-(time.until_ms - since_ms) // step_ms)
        return Begun(since_ms=since_ms, step_ms=step_ms, bars=bars, counts=counts)

    async def sums(self, tenant: str, wanted: AlertFilter, by: GroupBy) -> Sequence[AlertSum]:
        """Return alerts that fit summed up, the worst and most first, at most MAX_SUMS."""
        async with self._store.view() as view:
            return await view.sums(tenant, wanted, by, limit=MAX_SUMS)

    async def get(self, tenant: str, alert_id: str) -> AlertStory:
        """Return an alert with what belongs to it.

        Raises:
            AlertNotFoundError: There is none.
        """
        async with self._store.view() as view:
            alert = _only(await view.some(tenant, [alert_id]), alert_id)
            key = alert.alert.group
            group = await view.group(key)
            others = await view.of_group(tenant, key, limit=MAX_SHOWN + 1)
            return AlertStory(
                alert=alert,
                group=[one for one in others if one.alert.id != alert_id][:MAX_SHOWN],
                notices=await view.notices_of(alert_id, limit=MAX_SHOWN),
                hits=await view.hits_of_alert(alert_id, limit=MAX_SHOWN, newest=True),
                notes=await view.notes_of(tenant, alert_id, limit=2 * MAX_SHOWN),
                past=await self._past(view, tenant, alert.alert),
                next=None if group is None else self._next(tenant, group),
            )

    async def order(self, act: Act, tenant: str, alert_ids: Sequence[str], *, by: Caller) -> OrderEnd:
        """Have something done with alerts, and wait a moment for it.

        Raises:
            AlertNotFoundError: One of them is not there.
            AlertStateError: The only one, or every one, is not in a state for this.
        """
        names, now_ms = list(dict.fromkeys(alert_ids)), self._clock.now_ms()
        async with self._store.change() as change:
            found = {one.alert.id: one for one in await change.some(tenant, names)}
            alerts = [_only([found[name]] if name in found else [], name) for name in names]
            fit = [one for one in alerts if one.alert.status in _FITS[act]]
            late = [one.alert.id for one in alerts if one.alert.status not in _FITS[act]]
            if not fit:
                status = alerts[0].alert.status.value
                raise AlertStateError(f"an alert that is {status} cannot be made so", alert_id=names[0], status=status)
            orders = [_order(one, act, tenant, by=by, at_ms=now_ms) for one in fit]
            await change.order(orders)
            for one in fit:
                change.record(_entry(one, act.value, tenant, by=by, at_ms=now_ms))
        self._woken()
        end = await self._end([order.order_id for order in orders])
        return OrderEnd(done=end.done, too_late=[*late, *end.too_late], pending=end.pending)

    async def note(self, tenant: str, alert_id: str, text: str, *, by: Caller) -> Note:
        """Write down what a person has to say about an alert, also about one that is over.

        Raises:
            AlertNotFoundError: There is none.
        """
        now_ms = self._clock.now_ms()
        note = Note(
            note_id=f"ano_{secrets.token_hex(12)}", tenant=tenant, alert_id=alert_id, at_ms=now_ms, by=by.name,
            text=text,
        )  # fmt: skip
        async with self._store.change() as change:
            alert = _only(await change.some(tenant, [alert_id]), alert_id)
            await change.add_note(note)
            change.record(_entry(alert, "note", tenant, by=by, at_ms=now_ms, text=text))
        return note

    async def _past(self, view: AlertReads, tenant: str, alert: Alert) -> Past:
        until_ms = alert.started_at_ms
        found = await view.same_trouble(
            tenant, alert.fingerprint, Between(until_ms - PAST_MS, until_ms + 1), limit=MAX_PAST
        )
        before = next((one.alert for one in found if one.alert.number < alert.number), None)
        return Past(
            count=sum(one.alert.number <= alert.number for one in found),
            before_started_ms=None if before is None else before.started_at_ms,
            before_ended_ms=None if before is None else before.ended_at_ms,
        )

    async def _end(self, order_ids: Sequence[str]) -> OrderEnd:
        until_s = self._clock.monotonic_s() + DONE_WITHIN_S
        while True:
            async with self._store.view() as view:
                end = await view.order_ends(order_ids)
            if not end.pending or self._clock.monotonic_s() >= until_s:
                return end
            await asyncio.sleep(LOOK_EVERY_S)

    def _next(self, tenant: str, group: Group) -> NextLevel | None:
        chain = self._plans.of(tenant).setting.chains.get(group.policy.chain)
        level = group.level + 1
        if chain is None or group.untaken_since_ms is None or level >= len(chain.levels):
            return None
        one = chain.levels[level]
        return NextLevel(group.untaken_since_ms + ms(one.after_s), level, one.receivers)


def step_for(length_ms: int, *, most: int) -> int:
    """Return the length of slots of which at most so many fill a time."""
    return next((step for step in STEPS_MS if step * most >= length_ms), -(-length_ms // (most * DAY_MS)) * DAY_MS)


def _only(found: Sequence[KeptAlert], alert_id: str) -> KeptAlert:
    if not found:
        raise AlertNotFoundError("no alert has this id", alert_id=alert_id)
    return found[0]


def _order(one: KeptAlert, act: Act, tenant: str, *, by: Caller, at_ms: int) -> Order:
    return Order(
        order_id=f"ord-{secrets.token_hex(12)}", tenant=tenant, alert_id=one.alert.id, act=act, by=by.name,
        reason=by.reason, at_ms=at_ms,
    )  # fmt: skip


def _entry(one: KeptAlert, act: str, tenant: str, *, by: Caller, at_ms: int, text: str = "") -> AuditEntry:
    alert = one.alert
    detail = {"title": alert.title, "severity": alert.severity.word, "status": alert.status.value}
    return AuditEntry(
        tenant=tenant,
        actor=by.actor,
        action=f"alert.{act}",
        resource=Resource(kind="alert", id=alert.id),
        at_ms=at_ms,
        reason=by.reason,
        request_id=by.request_id,
        detail={**detail, "text": text} if text else detail,
    )
