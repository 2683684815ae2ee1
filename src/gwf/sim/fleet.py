"""Lets simulated agents register, call in their intervals, take configurations and tell events, in one event loop."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import random
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import msgspec

from gwf.agent.centre.hints import hints
from gwf.agent.centre.pace import WAKE_SPREAD_S
from gwf.control.fleet.pace import Advice, first_wait_s, next_wait_s, retry_wait_s
from gwf.core.clock import SystemClock
from gwf.core.errors import UnavailableError
from gwf.sim.agent import SimAgent
from gwf.sim.call import Caller
from gwf.sim.host import Judge
from gwf.sim.ledger import ConfigLedger
from gwf.sim.line import PREFIX, AgentLine, Line
from gwf.sim.model import Outcome, Plan
from gwf.sim.taking import Configured
from gwf.wire.agents import HeartbeatAnswer, Registered
from gwf.wire.outbox import OutboxAck

LATENESS_EVERY_S = 0.02  #: between two looks at how late the simulation itself is
REGISTER_AT_ONCE = 32
CALLS_AT_ONCE = 512
BATCHES_AT_ONCE = 4
BATCH = 1_000  #: events in one batch at most
REGISTER_TRIES = 20
LISTEN_AGAIN_S = (1.0, 15.0)  #: between two tries, as real agents wait

_UNHEARD = logging.NullHandler()  #: a thousand agents that refuse something are counted, not logged
_REGISTERED = msgspec.json.Decoder(Registered)
_ANSWER = msgspec.json.Decoder(HeartbeatAnswer)
_ACK = msgspec.json.Decoder(OutboxAck)


class SimFleet:
    """One simulation."""

    def __init__(self, plan: Plan, make: Callable[[Plan, int], SimAgent] = SimAgent) -> None:
        """Make the agents, each by its number from 1 on."""
        self.plan = plan
        logging.getLogger("gwf.agent.centre").addHandler(_UNHEARD)
        self._caller = Caller(plan.url)
        self._chance = random.Random(plan.seed)  # noqa: S311  # no secret is made of it
        self._clock = SystemClock()
        self._judge = Judge(plan.poisons)
        self.agents = [make(plan, number) for number in range(1, plan.agents + 1)]
        self.ledger = ConfigLedger()
        self.outcome = Outcome(configs=self.ledger)
        self._line = Line(self._caller, self.outcome.failures)
        self._heartbeat_s = 30.0
        self._due: list[tuple[float, int]] = []
        #: what agents do beside their heartbeats; ended with the simulation
        self._beside: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End the plan before its time; `run` returns what came of it so far."""
        self._stopping.set()

    async def run(self) -> Outcome:
        """Run the plan and return what came of it."""
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(self._beat(group))
            await self.register()
            began_s = time.monotonic()
            self.outcome.begin()
            watching = group.create_task(self._watch_lateness())
            if self.plan.listens:
                for number in range(len(self.agents)):
                    self._spawn(group, self._listen(number))
            if self.plan.events_per_s:
                group.create_task(self._tell_until(began_s + self.plan.seconds))
            with suppress(TimeoutError):
                async with asyncio.timeout(self.plan.seconds):
                    await self._stopping.wait()
            self.outcome.run_s = time.monotonic() - began_s
            beating.cancel()
            watching.cancel()
            for task in self._beside:
                task.cancel()
        return self.outcome

    async def _watch_lateness(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + LATENESS_EVERY_S
            await asyncio.sleep(LATENESS_EVERY_S)
            self.outcome.lateness.samples.append(1000 * max(0.0, loop.time() - due_s))

    async def register(self) -> None:
        """Register every agent.

        Raises:
            UnavailableError: An agent could not be registered.
        """
        began_s = time.monotonic()
        gate = asyncio.Semaphore(REGISTER_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for number, agent in enumerate(self.agents):
                group.create_task(self._register(number, agent, gate))
        self.outcome.register_s = time.monotonic() - began_s

    async def _register(self, number: int, agent: SimAgent, gate: asyncio.Semaphore) -> None:
        answer = "none"
        for _ in range(REGISTER_TRIES):
            async with gate:
                reply = await self._line.post("register", agent.registration(), bearer=self.plan.token)
            if reply is not None and reply.status == 201:
                self._let_in(number, _REGISTERED.decode(reply.body))
                return
            if reply is not None:
                answer = reply.body[:500].decode("utf-8", "replace")
                if reply.status in {400, 401, 403, 404, 422}:
                    break
            await asyncio.sleep(1.0 if reply is None else reply.retry_after_s or 1.0)
        raise UnavailableError("a simulated agent was not let in", hostname=agent.hostname, answer=answer)

    def _let_in(self, number: int, told: Registered) -> None:
        agent = self.agents[number]
        agent.agent_id, agent.credential = told.agent_id, told.credential
        if self.plan.takes_config:
            agent.configured = Configured(told.agent_id, self._judge, self.ledger, clock=self._clock)
        self._heartbeat_s = told.heartbeat_s
        self.outcome.registered += 1
        self._call_in(number, first_wait_s(self._heartbeat_s, self._chance.random()))

    # -- heartbeats ------------------------------------------------------------------------------------

    async def _beat(self, beside: asyncio.TaskGroup) -> None:
        """Call for every agent when its time has come, until cancelled."""
        gate = asyncio.Semaphore(CALLS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while True:
                now_s = time.monotonic()
                while self._due and self._due[0][0] <= now_s:
                    due_s, number = heapq.heappop(self._due)
                    if due_s != self.agents[number].due_s:  # it was planned anew
                        continue
                    self.agents[number].due_s = 0.0
                    await gate.acquire()
                    group.create_task(self._released(gate, self._beat_once(number, beside)))
                next_s = self._due[0][0] if self._due else now_s + 0.05
                await asyncio.sleep(max(0.001, min(next_s - time.monotonic(), 0.25)))

    def _call_in(self, number: int, wait_s: float) -> None:
        """Plan the next heartbeat; one that was planned for earlier stays."""
        agent, due_s = self.agents[number], time.monotonic() + wait_s
        if not 0.0 < agent.due_s <= due_s:
            agent.due_s = due_s
            heapq.heappush(self._due, (due_s, number))

    def _call_soon(self, number: int) -> None:
        """Bring the next heartbeat forward as real agents do: within moments, not in step with others."""
        self._call_in(number, min(WAKE_SPREAD_S, self._heartbeat_s / 10) * self._chance.random())

    async def _released(self, gate: asyncio.Semaphore, call: Coroutine[Any, Any, None]) -> None:
        try:
            await call
        finally:
            gate.release()

    async def _beat_once(self, number: int, beside: asyncio.TaskGroup) -> None:
        agent = self.agents[number]
        if agent.is_silent:
            return
        at_s, began_s = time.time(), time.perf_counter()
        reply = await self._line.post("heartbeat", agent.heartbeat(), bearer=agent.credential)
        took_ms = 1000 * (time.perf_counter() - began_s)
        if reply is not None and reply.status == 200:
            answer = _ANSWER.decode(reply.body)
            self.outcome.answered(at_s=at_s, took_ms=took_ms)
            self.outcome.states[answer.state] += 1
            agent.failures = 0
            if agent.configured is not None and agent.configured.offered(answer.config):
                self._spawn(beside, self._take(number))
            advice = Advice(heartbeat_s=answer.heartbeat_s, backoff_s=answer.backoff_s)
            wait_s = next_wait_s(advice, self._chance.random())
        else:
            agent.failures += 1
            wait_s = retry_wait_s(self._heartbeat_s, agent.failures, self._chance.random())
        self._call_in(number, wait_s)

    # -- configurations --------------------------------------------------------------------------------

    async def _take(self, number: int) -> None:
        agent = self.agents[number]
        if agent.configured is not None and not agent.configured.is_taking:
            calls = AgentLine(self._line, agent.credential)
            await agent.configured.take(calls, confirm_s=self.plan.confirm_s, done=lambda: self._call_soon(number))

    async def _listen(self, number: int) -> None:
        """Bring the next heartbeat forward whenever the centre's stream says that something is new."""
        agent = self.agents[number]
        while True:
            try:
                async with self._caller.stream(f"{PREFIX}/self/stream", bearer=agent.credential) as pieces:
                    async for piece in pieces:
                        for _ in hints([piece]):
                            self._call_soon(number)
            except UnavailableError as exc:
                self.outcome.failures[f"stream:{exc.context.get('problem')}"] += 1
            await asyncio.sleep(self._chance.uniform(*LISTEN_AGAIN_S))

    def _spawn(self, group: asyncio.TaskGroup, work: Coroutine[Any, Any, None]) -> None:
        task = group.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    # -- events ----------------------------------------------------------------------------------------

    async def _tell_until(self, end_s: float) -> None:
        """Hold the rate as long as the centre takes it: what it refuses comes again, so the rate is a wish."""
        began_s = time.monotonic()
        # one agent tells one batch at a time, in its order
        gate = asyncio.Semaphore(min(BATCHES_AT_ONCE, len(self.agents)))
        size = max(1, min(BATCH, round(self.plan.events_per_s / 4)))
        order = itertools.cycle(self.agents)
        async with asyncio.TaskGroup() as group:
            while (now_s := time.monotonic()) < end_s and not self._stopping.is_set():
                wanted = self.plan.events_per_s * (now_s - began_s)
                if self.outcome.events_sent >= wanted:
                    await asyncio.sleep(0.01)
                    continue
                await gate.acquire()
                self.outcome.events_sent += size
                group.create_task(self._released(gate, self._tell(next(order), size)))

    async def _tell(self, agent: SimAgent, size: int) -> None:
        began_s = time.perf_counter()
        body = agent.batch(size)
        reply = await self._line.post("self/outbox", body, bearer=agent.credential, gzip=True)
        if reply is not None and reply.status == 200:
            self.outcome.batch_latency.samples.append(1000 * (time.perf_counter() - began_s))
            before, agent.acked_seq = agent.acked_seq, _ACK.decode(reply.body).acked_seq
            self.outcome.events_acked += agent.acked_seq - before
            return
        self.outcome.events_sent -= size
        await asyncio.sleep(1.0 if reply is None else reply.retry_after_s or 0.1)
