"""The one way from inputs into the ingest: everything is checked as events of strangers are, stored once, counted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from gwf.core.errors import GwfError, UnavailableError
from gwf.events.model import Event
from gwf.ingest.cloudevents import Fault, FaultError, parse_event
from gwf.ingest.inputs.contract import CloudEvent, Made
from gwf.ingest.inputs.metrics import Fate, InputFacts
from gwf.ingest.inputs.news import InputNews
from gwf.ingest.service import IngestService

FIRST_WAIT_S = 0.2  #: of an input that listens, when the events could not be stored
MAX_WAIT_S = 10.0
EVENT_BYTES = 1_024  #: assumed size of an event of an input that listens

log = logging.getLogger("gwf.ingest.inputs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of what was made."""

    accepted: int = 0
    duplicates: int = 0
    #: where each stood, and why it is not taken
    rejected: Sequence[tuple[str, Fault]] = field(default_factory=list[tuple[str, Fault]])


class Intake:
    """Checks and stores what inputs make. Used in one event loop."""

    def __init__(self, ingest: IngestService, facts: InputFacts) -> None:
        """Hand everything to `ingest`, count it in `facts`."""
        self.ingest = ingest
        self.facts = facts
        self.news = InputNews(ingest.now_ms)

    def count(self, name: str, tenant: str, fate: Fate, *, events: int = 1) -> None:
        """Count events, for metrics and for people."""
        self.facts.count(name, fate, events=events)
        self.news.count(name, tenant, fate, events=events)

    def checked(self, tenant: str, made: Sequence[Made]) -> tuple[list[Event], list[tuple[str, Fault]]]:
        """Return the events of what an input made, and where each stood that is none, with why."""
        now_ms = self.ingest.now_ms()
        events: list[Event] = []
        rejected: list[tuple[str, Fault]] = []
        for one in made:
            if isinstance(one.event, Fault):
                rejected.append((one.pointer + one.event.pointer, one.event))
                continue
            try:
                events.append(parse_event(one.event, tenant=tenant, now_ms=now_ms))
            except FaultError as exc:  # the pointer is into the event we made, which the sender never saw
                what = exc.fault.pointer.removeprefix("/") or "event"
                fault = Fault(pointer="", code=exc.fault.code, message=f"{what}: {exc.fault.message}")
                rejected.append((one.pointer, fault))
        return events, rejected

    async def take(self, name: str, tenant: str, made: Sequence[Made]) -> Taken:
        """Store what is new of what an input made.

        Raises:
            UnavailableError: It could not be stored; sending it again is safe.
        """
        events, rejected = self.checked(tenant, made)
        try:
            taken = await self.ingest.take_events(events)
        except GwfError as exc:
            self.news.fail(name, tenant, str(exc))
            raise
        for fate, count in (
            (Fate.ACCEPTED, taken.accepted), (Fate.DUPLICATE, taken.duplicates), (Fate.REJECTED, len(rejected)),
        ):  # fmt: skip
            self.count(name, tenant, fate, events=count)
        for pointer, fault in rejected[-1:]:
            self.news.fail(name, tenant, told(pointer, fault.message))
        return Taken(accepted=taken.accepted, duplicates=taken.duplicates, rejected=rejected)


def told(pointer: str, message: str) -> str:
    """Return a fault with its place in what came."""
    return f"{pointer}: {message}" if pointer else message


class PatientHands:
    """Takes the events of one input that listens, and waits as long as it must."""

    def __init__(self, intake: Intake, name: str, tenant: str) -> None:
        """Take for `tenant` what the input `name` brings."""
        self._intake = intake
        self._name = name
        self._tenant = tenant

    async def take(self, events: Sequence[CloudEvent]) -> None:
        """Return when the events are stored; those that are none are told in the log and counted."""
        made = [Made(pointer="", event=event) for event in events]
        try:
            await self._stored(made)
        except GwfError:  # one of them is more than the database takes: it takes no other with it
            for one in made:
                await self._stored_alone(one)

    async def _stored(self, made: Sequence[Made]) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                with self._intake.ingest.admitted(len(made) * EVENT_BYTES):
                    taken = await self._intake.take(self._name, self._tenant, made)
                break
            except UnavailableError as exc:
                log.warning("input_waits", extra={"input": self._name, "events": len(made), "error": str(exc)})
                await asyncio.sleep(wait_s)
                wait_s = min(MAX_WAIT_S, 2 * wait_s)
        for _, fault in taken.rejected[:1]:
            extra = {"input": self._name, "events": len(taken.rejected), "error": fault.message}
            log.warning("input_events_rejected", extra=extra)

    async def _stored_alone(self, one: Made) -> None:
        try:
            await self._stored([one])
        except GwfError as exc:
            log.error("input_event_lost", extra={"input": self._name, "error": str(exc)})
            self._intake.count(self._name, self._tenant, Fate.REJECTED)
            self._intake.news.fail(self._name, self._tenant, str(exc))

    def drop(self, events: int) -> None:
        """Count events that were dropped."""
        self._intake.count(self._name, self._tenant, Fate.DROPPED, events=events)

    def fail(self, error: str) -> None:
        """Note what goes wrong."""
        self._intake.news.fail(self._name, self._tenant, error)

    def hold(self, *, connections: int, waiting: int) -> None:
        """Note what the input holds now."""
        self._intake.facts.connections[self._name] = connections
        self._intake.facts.waiting[self._name] = waiting
