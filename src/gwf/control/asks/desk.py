"""Puts questions to agents and waits for their answers, within bounds; what needs to be known is on record first."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gwf.audit.model import AuditEntry, Resource
from gwf.control.asks.errors import (
    AgentBusyError,
    AgentOfflineError,
    AgentRevokedError,
    AgentSilentError,
    error_of,
)
from gwf.control.asks.model import ASKS_BELL, PATIENCE_S, AskId, Asking, Fetched, Question, Record, Reply
from gwf.control.asks.ports import AskStore, LocalAgent, NoLocalAgent
from gwf.control.bells import Bells
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.ports import FleetStore
from gwf.control.fleet.roster import Live, Roster
from gwf.control.fleet.state import AgentState
from gwf.core.clock import Clock
from gwf.core.errors import GwfError, NotFoundError, UnavailableError

MOST_PER_AGENT = 8  #: questions to one agent at a time
MOST = 500  #: questions at a time in one server
LOOK_S = 0.15  #: how often a server looks what the others asked and heard
CLEAR_S = 60.0
ONCE_S = 600.0  #: the same reading by the same person within so long is on record once
MOST_REMEMBERED = 20_000
BUSY_S = 1.0

log = logging.getLogger("gwf.control.asks")


class AskDesk:
    """The questions of one server. Used in one event loop."""

    def __init__(self, asks: AskStore, roster: Roster, bells: Bells, *, fleet: FleetStore, clock: Clock) -> None:
        """Keep questions in `asks`, ring agents by `bells`, write the audit by `fleet`."""
        self._asks = asks
        self._roster = roster
        self._bells = bells
        self._fleet = fleet
        self._clock = clock
        #: the agent of this process
        self.local: LocalAgent = NoLocalAgent()
        self._waiters: dict[AskId, asyncio.Future[Reply]] = {}
        self._per_agent: Counter[AgentId] = Counter()
        self._rung: set[AskId] = set()
        self._told: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    # -- people ----------------------------------------------------------------------------------------

    async def ask(self, asking: Asking) -> bytes:
        """Return what an agent answers, as JSON.

        Raises:
            NotFoundError: The tenant has no such agent.
            AgentRevokedError: It is revoked.
            AgentOfflineError: It is offline.
            AgentBusyError: Enough questions wait for it.
            AgentSilentError: It did not answer in time.
            UnavailableError: The database did not answer; nothing was asked.
            GwfError: What the agent said instead, with its own code.
        """
        live = self._live(asking)
        is_local = self.local.is_agent(asking.agent_id)
        if not is_local and live.verdict.state is AgentState.OFFLINE:
            raise AgentOfflineError(
                "the agent is offline", agent_id=asking.agent_id, hostname=live.agent.hostname, retry_after_s=30.0
            )
        with _Place(self._per_agent, asking.agent_id):
            if asking.record is not None:
                await self._on_record(asking, asking.record)
            try:
                reply = await (self._locally(asking) if is_local else self._remotely(asking))
            except AgentSilentError as exc:
                await self._not_done(asking, exc)
                raise
        if reply.problem is not None:
            error = error_of(reply.problem)
            await self._not_done(asking, error)
            raise error
        return reply.body or b"null"

    def _live(self, asking: Asking) -> Live:
        live = self._roster.find(asking.agent_id)
        if live is None or live.agent.tenant != asking.tenant:
            raise NotFoundError("no such agent", agent_id=asking.agent_id)
        if live.agent.revoked_at_ms is not None:
            raise AgentRevokedError("the agent is revoked", agent_id=asking.agent_id)
        return live

    async def _locally(self, asking: Asking) -> Reply:
        return await self.local.answer(asking.kind, asking.body, timeout_s=PATIENCE_S[asking.kind])

    async def _remotely(self, asking: Asking) -> Reply:
        patience_s = PATIENCE_S[asking.kind]
        question = Question(
            ask_id=AskId(secrets.token_urlsafe(15)),
            tenant=asking.tenant,
            agent_id=asking.agent_id,
            kind=asking.kind.value,
            body=asking.body,
            deadline_ms=self._clock.now_ms() + round(1000 * patience_s),
        )
        waiter: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiters[question.ask_id] = waiter
        try:
            await self._asks.put(question)
            self._bells.ring([asking.agent_id], ASKS_BELL)
            async with asyncio.timeout(patience_s):
                return await waiter
        except TimeoutError:
            raise AgentSilentError(
                "the agent did not answer in time", agent_id=asking.agent_id, waited_s=patience_s, retry_after_s=5.0
            ) from None
        finally:
            del self._waiters[question.ask_id]
            if not waiter.done() or waiter.cancelled():
                # whoever asked may have gone: the end must come all the same
                await asyncio.shield(self._end(question))

    async def _end(self, question: Question) -> None:
        try:
            if await self._asks.end(question.ask_id):
                self._bells.ring([question.agent_id], ASKS_BELL)
        except GwfError as exc:  # it ends by itself at its deadline
            log.warning("ask_not_ended", extra={"error_code": exc.code, "error": str(exc)})

    # -- agents ----------------------------------------------------------------------------------------

    def open_for(self, agent_id: AgentId) -> int:
        """Return how many questions this server knows that wait for an agent; from memory, for heartbeats."""
        return self._per_agent.get(agent_id, 0)

    def greeting(self, agent_id: str) -> Sequence[str]:
        """Return what an agent hears as soon as it listens: a question may have come before."""
        return [ASKS_BELL] if self._per_agent.get(AgentId(agent_id)) else []

    async def fetch(self, agent_id: AgentId, *, limit: int) -> Fetched:
        """Return what an agent is asked; raises UnavailableError when the database does not answer."""
        return await self._asks.fetch(agent_id, limit=limit, now_ms=self._clock.now_ms())

    async def reply(self, agent_id: AgentId, ask_id: AskId, reply: Reply) -> bool:
        """Take an answer; False when nobody waits for it. Raises UnavailableError as `fetch`."""
        wanted = await self._asks.reply(agent_id, ask_id, reply)
        if wanted and ask_id in self._waiters:
            self._hand_over(await self._asks.collect([ask_id]))
        return wanted

    def timeout_s(self, question: Question) -> float:
        """Return for how long somebody still waits."""
        return max(0.0, (question.deadline_ms - self._clock.now_ms()) / 1000)

    # -- by itself -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look what other servers asked and heard, and clear away, until cancelled."""
        cleared_s = self._clock.monotonic_s()
        while True:
            try:
                if self._asks.shared:
                    await self._look()
                if self._clock.monotonic_s() - cleared_s > CLEAR_S:
                    cleared_s = self._clock.monotonic_s()
                    await self._asks.clear(now_ms=self._clock.now_ms())
            except GwfError as exc:  # who waits hears of it at the deadline
                log.warning("asks_not_looked_at", extra={"error_code": exc.code, "error": str(exc)})
            await asyncio.sleep(LOOK_S if self._asks.shared else CLEAR_S)

    def close(self) -> None:
        """Let nobody wait any longer: the server is about to end."""
        for waiter in self._waiters.values():
            if not waiter.done():
                waiter.set_exception(UnavailableError("the centre is being restarted; ask again", retry_after_s=5.0))

    async def _look(self) -> None:
        if self._waiters:
            self._hand_over(await self._asks.collect(list(self._waiters)))
        if not self._bells.count():
            return
        waiting = await self._asks.waiting(now_ms=self._clock.now_ms())
        self._bells.ring({agent_id for ask_id, agent_id in waiting if ask_id not in self._rung}, ASKS_BELL)
        # who does not listen yet is rung for again when it does
        self._rung = {ask_id for ask_id, agent_id in waiting if self._bells.has(agent_id)}

    def _hand_over(self, replies: Mapping[AskId, Reply]) -> None:
        for ask_id, reply in replies.items():
            waiter = self._waiters.get(ask_id)
            if waiter is not None and not waiter.done():
                waiter.set_result(reply)

    # -- the record ------------------------------------------------------------------------------------

    async def _on_record(self, asking: Asking, record: Record) -> None:
        """Write who asks for what before it is asked; what cannot be written is not asked."""
        key = (asking.by.actor.id, asking.agent_id, record.once)
        now_s = self._clock.monotonic_s()
        if record.once and now_s - self._told.get(key, -ONCE_S) < ONCE_S:
            return
        await self._write(asking, record)
        if record.once:
            self._told[key] = now_s
            self._told.move_to_end(key)
            while len(self._told) > MOST_REMEMBERED:
                self._told.popitem(last=False)

    async def _not_done(self, asking: Asking, error: GwfError) -> None:
        """Write that an act was not done, or perhaps not: the first entry said only that it was asked for."""
        record = asking.record
        if record is None or record.once:
            return
        outcome = {"outcome": error.code, "certain": not isinstance(error, AgentSilentError)}
        detail = {**record.detail, **outcome}
        await self._write(asking, replace(record, action=f"{record.action}_failed", detail=detail))

    async def _write(self, asking: Asking, record: Record) -> None:
        by = asking.by
        entry = AuditEntry(
            tenant=asking.tenant,
            actor=by.actor,
            action=record.action,
            resource=Resource(kind="agent", id=asking.agent_id),
            at_ms=self._clock.now_ms(),
            reason=by.reason,
            request_id=by.request_id,
            detail=record.detail,
        )
        async with self._fleet.change() as change:
            change.record(entry)


class _Place:
    """One of the questions that may wait at a time."""

    def __init__(self, taken: Counter[AgentId], agent_id: AgentId) -> None:
        self._taken, self._agent_id = taken, agent_id

    def __enter__(self) -> None:
        if self._taken[self._agent_id] >= MOST_PER_AGENT or self._taken.total() >= MOST:
            raise AgentBusyError(
                "enough questions wait for this agent; try again in a moment",
                agent_id=self._agent_id,
                most=MOST_PER_AGENT,
                retry_after_s=BUSY_S,
            )
        self._taken[self._agent_id] += 1

    def __exit__(self, *_: object) -> None:
        self._taken[self._agent_id] -= 1
        if not self._taken[self._agent_id]:
            del self._taken[self._agent_id]
