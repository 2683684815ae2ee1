"""Lets simulated agents take configurations as real ones do: fetched, staged, tried, kept or put back, reported."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import quote

import msgspec

from gwf.agent.centre.apply import Applier
from gwf.core.clock import Clock
from gwf.sim.call import Reply
from gwf.sim.host import InMemory, Judge, SimHost
from gwf.sim.ledger import ConfigLedger
from gwf.wire.agents import AttemptReport, ConfigOffer, ManagedConfig

LOOK_EVERY_S = 0.5

_CONFIG = msgspec.json.Decoder(ManagedConfig)
_encode = msgspec.json.Encoder().encode


class Calls(Protocol):
    """Calls of one agent to the centre; None = no answer, which was counted."""

    async def config(self, *, have: str | None) -> Reply | None:
        """Ask for the configuration that should run."""
        ...

    async def report(self, attempt_id: str, body: bytes) -> Reply | None:
        """Tell what became of an offer."""
        ...


class Configured:
    """The configuration of one simulated agent. Used in one event loop."""

    __slots__ = ("_applier", "_ledger", "_name", "_offer", "host", "is_taking")

    def __init__(self, name: str, judge: Judge, ledger: ConfigLedger, *, clock: Clock) -> None:
        """Begin with the host's own file."""
        self._name = name
        self._ledger = ledger
        self.host = SimHost(name, judge, ledger, clock=clock)
        self._applier = Applier(
            InMemory(),
            self.host,
            condition=self.host.condition,
            tell=_unheard,
            clock=clock,
            halted=_NEVER,
        )
        self._offer: ConfigOffer | None = None
        #: offers are being worked on
        self.is_taking = False

    @property
    def running_hash(self) -> str | None:
        """What it says it runs: the last configuration that proved itself."""
        running = self._applier.attempts.running
        return None if running is None else running.hash

    @property
    def is_local(self) -> bool:
        """Whether something else is in force than what it says it runs."""
        return not self._applier.follows()

    def offered(self, offer: ConfigOffer | None) -> bool:
        """Take what the centre says should run; return whether `take` has something to do."""
        self._offer = offer
        if offer is not None:
            self._ledger.offered(offer.hash, self._name, offer.attempt_id)
        return offer is not None or bool(self._applier.attempts.reports)

    async def take(self, calls: Calls, *, confirm_s: float, done: Callable[[], None]) -> None:
        """Work on the newest offer until there is none; `done` is called after each trial."""
        self.is_taking = True
        try:
            while not self.host.is_silent:
                await self._report(calls)
                offer, self._offer = self._offer, None
                if offer is None:
                    return
                await self._take(offer, calls, confirm_s=confirm_s)
                await self._report(calls)
                done()
        finally:
            self.is_taking = False

    async def _take(self, offer: ConfigOffer, calls: Calls, *, confirm_s: float) -> None:
        applier = self._applier
        if applier.is_settled(offer.hash, offer.attempt_id):
            return
        reply = await calls.config(have=self.running_hash if applier.follows() else None)
        if reply is None or reply.status != 200:
            return
        given = _CONFIG.decode(reply.body)
        known = (given.hash, given.attempt_id) == (offer.hash, offer.attempt_id)
        if not known and applier.is_settled(given.hash, given.attempt_id):
            return
        offered = applier.staged(given)
        if offered is None:
            self._ledger.ended(given.hash, "failed")
            return
        await self._report(calls)
        trial = applier.begin(offered)
        if trial is None:
            self._ledger.ended(given.hash, "failed")
            return
        await asyncio.sleep(confirm_s)
        while (problems := applier.verdict(trial, confirm_s=confirm_s)) is None:  # noqa: ASYNC110  # time decides
            await asyncio.sleep(LOOK_EVERY_S)
        if not self.host.is_silent:
            self._ledger.ended(given.hash, "applied" if applier.end(trial, problems) else "reverted")

    async def _report(self, calls: Calls) -> None:
        """Tell what became of offers, in order; what the centre did not hear is told after a later heartbeat."""
        for report in self._applier.attempts.reports:
            if self.host.is_silent:
                return
            body = _encode(AttemptReport(hash=report.hash, phase=report.phase, reason=list(report.reason)))
            reply = await calls.report(quote(report.attempt_id, safe=""), body)
            if reply is None or reply.status in {401, 403, 429} or reply.status >= 500:
                return
            self._applier.reported(report)


_NEVER = threading.Event()  #: a simulation that ends puts nothing back


def _unheard(kind: str, facts: Mapping[str, object]) -> None:
    """Keep no history: a simulated agent's outbox has files only."""
