"""Tells of alerts as events, so that rules can act on them: opened, acknowledged, resolved."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gwf.alerts.life.model import Alert, Stage
from gwf.alerts.run.model import AlertRow, Turn
from gwf.alerts.run.ports import Lead
from gwf.core.errors import GwfError
from gwf.events.model import Event
from gwf.events.ports import EventSink
from gwf.events.raised import centre_event

MOST = 10_000  #: that wait in memory while events cannot be stored; of more the rows are read again
MOST_KNOWN = 50_000  #: a forgotten one is raised again, which changes nothing
PORTION = 500
LOOK_S = 5.0  #: how soon what another leader left untold is looked for
AGAIN_AFTER_S = 1.0
KEEP_EVERY_S = 1.0  #: how far alerts were told is kept so often
OVERLAP_MS = 60_000  #: what a turn writes may be so much older than the turn before

log = logging.getLogger("gwf.alerts")


@dataclass(frozen=True, slots=True)
class ToldPlace:
    """How far alerts were told: the last turn whose events are stored, and its moment."""

    turn: int
    at_ms: int


class ToldStore(Protocol):
    """Keeps how far alerts were told. Every method raises UnavailableError when the database did not answer."""

    async def told(self) -> tuple[ToldPlace | None, ToldPlace]:
        """Return how far alerts were told, None = that was never kept; and how far they were moved."""
        ...

    async def changed(self, place: ToldPlace, *, after: str, limit: int) -> Sequence[AlertRow]:
        """Return alerts that turns behind a place wrote, by their ids, from behind one on."""
        ...

    async def keep_told(self, place: ToldPlace) -> None:
        """Keep how far alerts were told; it never goes back."""
        ...


class AlertEvents:
    """Tells each change once, by its id: what a killed process had not told is read from the rows of its turns."""

    def __init__(self, sink: EventSink, store: ToldStore, lead: Lead) -> None:
        """Give events to `sink`; whoever moves alerts tells of them."""
        self._sink = sink
        self._store = store
        self._lead = lead
        #: how far alerts were told; None = that has to be read
        self._place: ToldPlace | None = None
        #: turns behind it with their events, none left out, unless there is more than memory is for
        self._waiting: deque[tuple[ToldPlace, Sequence[Event]]] = deque()
        self._count = 0
        #: ids that were told or wait, the oldest first
        self._known: dict[str, None] = {}
        #: the last turn that was heard of
        self._newest = 0
        #: how far it is kept that alerts were told; None = not known
        self._kept: ToldPlace | None = None
        self._news = asyncio.Event()

    def take(self, turn: Turn) -> None:
        """Note what a turn has to tell."""
        place = ToldPlace(turn.after + 1, turn.now_ms)
        since_ms = (turn.now_ms if self._place is None else self._place.at_ms) - OVERLAP_MS
        events = self._fresh(event for row in turn.alerts for event in events_of(row, since_ms=since_ms))
        self._newest = place.turn
        self._waiting.append((place, events))
        self._count += len(events)
        if self._count > MOST:
            self._forget()
        self._news.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        kept_s = float("-inf")
        while True:
            try:
                if await self._lead.is_mine():
                    await self.once()
                    if asyncio.get_running_loop().time() >= kept_s + KEEP_EVERY_S:
                        kept_s = asyncio.get_running_loop().time()
                        await self.keep()
                else:
                    self._forget()
            except GwfError as exc:  # what was not kept as told is told again
                self._forget()
                log.warning("alert_events_wait", extra={"error_code": exc.code, "error": str(exc)})
                await asyncio.sleep(AGAIN_AFTER_S)
                continue
            try:
                async with asyncio.timeout(LOOK_S if self._kept == self._place else KEEP_EVERY_S):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()

    async def once(self) -> None:
        """Tell all there is."""
        place = self._place
        if place is None:
            place = await self._caught_up()
        is_whole = True
        while self._waiting and is_whole:
            portion: list[Event] = []
            while self._waiting and len(portion) < PORTION:
                there, events = self._waiting.popleft()
                self._count -= len(events)
                if there.turn <= place.turn:  # it was read from the rows
                    continue
                is_whole = there.turn == place.turn + 1
                if not is_whole:
                    break
                portion += events
                place = there
            await self._sink.emit(portion)
        if is_whole and place.turn >= self._newest:
            self._place = place
        else:  # there was more than memory is for: the rows have it
            self._forget()
            self._news.set()

    async def keep(self) -> None:
        """Keep how far it is: what was told after that is told again after a kill, under the same ids."""
        if self._place is not None and self._place != self._kept:
            await self._store.keep_told(self._place)
            self._kept = self._place

    async def _caught_up(self) -> ToldPlace:
        """Tell what turns wrote that nobody told; return how far it is."""
        told, moved = await self._store.told()
        if told is None:  # what happened before this was kept was told then, or never
            await self._store.keep_told(moved)
            return moved
        if told.turn >= moved.turn:
            return told
        after, count = "", 0
        while rows := await self._store.changed(told, after=after, limit=PORTION):
            events = [event for row in rows for event in events_of(row, since_ms=told.at_ms - OVERLAP_MS)]
            await self._sink.emit(events)
            count += len(events)
            after = rows[-1].alert.id
        log.info("alert_events_caught_up", extra={"events": count, "turns": moved.turn - told.turn})
        return moved

    def _fresh(self, events: Iterator[Event]) -> Sequence[Event]:
        found: list[Event] = []
        for event in events:
            name = f"{event.tenant} {event.id}"
            if name not in self._known:
                self._known[name] = None
                found.append(event)
        while len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return found

    def _forget(self) -> None:
        """Go by the rows the next time."""
        self._place = None
        self._waiting.clear()
        self._count = 0
        self._known.clear()


def events_of(row: AlertRow, *, since_ms: int) -> Iterator[Event]:
    """Yield what happened to an alert since a moment, each under an id of its own."""
    alert = row.alert
    happened = [("opened", alert.started_at_ms, {"status": "firing", "owner": ""})]
    happened += [
        ("acknowledged", one.at_ms, {"status": "acknowledged", "owner": str(one.values.get("by") or "")})
        for one in alert.steps
        if one.stage is Stage.PERSON and one.outcome == "acknowledged"
    ]
    if alert.ended_at_ms is not None:
        happened.append(("resolved", alert.ended_at_ms, {"status": "resolved", "owner": alert.owner}))
    for what, at_ms, then in happened:
        if at_ms >= since_ms:
            event = centre_event(
                f"alert.{what}", at_ms=at_ms, event_id=f"{alert.id}:{what}:{at_ms}", severity=alert.severity,
                subject=alert.id, data={**_data(alert, row.rule_name), **then},
            )  # fmt: skip
            yield replace(event, tenant=row.tenant)


def _data(alert: Alert, rule_name: str) -> dict[str, object]:
    return {
        "alert_id": alert.id,
        "title": alert.title,
        "rule_id": alert.rule_id,
        "rule_name": rule_name,
        "labels": dict(alert.labels),
        "count": alert.count,
        "held_by": alert.held_by,
    }
