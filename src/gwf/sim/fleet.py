"""Lets simulated agents register, call in their intervals and tell events, all in one event loop."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections.abc import Coroutine
from typing import Any

import msgspec

from gwf.control.fleet.pace import Advice, first_wait_s, next_wait_s, retry_wait_s
from gwf.core.errors import UnavailableError
from gwf.sim.agent import SimAgent
from gwf.sim.call import Caller, Reply
from gwf.sim.model import Outcome, Plan
from gwf.wire.agents import HeartbeatAnswer, Registered
from gwf.wire.outbox import OutboxAck

REGISTER_AT_ONCE = 32
CALLS_AT_ONCE = 512
BATCHES_AT_ONCE = 4
BATCH = 1_000  #: events in one batch at most
REGISTER_TRIES = 20

_REGISTERED = msgspec.json.Decoder(Registered)
_ANSWER = msgspec.json.Decoder(HeartbeatAnswer)
_ACK = msgspec.json.Decoder(OutboxAck)


class SimFleet:
    """One simulation."""

    def __init__(self, plan: Plan) -> None:
        """Make the agents."""
        self._plan = plan
        self._caller = Caller(plan.url)
        self._chance = random.Random(plan.seed)  # noqa: S311  # no secret is made of it
        self.agents = [SimAgent(plan, number) for number in range(1, plan.agents + 1)]
        self.outcome = Outcome()
        self._heartbeat_s = 30.0
        self._due: list[tuple[float, int]] = []

    async def run(self) -> Outcome:
        """Run the plan and return what came of it."""
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(self._beat())
            await self.register()
            began_s = time.monotonic()
            self.outcome.begin()
            if self._plan.events_per_s:
                group.create_task(self._tell_until(began_s + self._plan.seconds))
            await asyncio.sleep(self._plan.seconds)
            self.outcome.run_s = time.monotonic() - began_s
            beating.cancel()
        return self.outcome

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
                reply = await self._call("register", agent.registration(), bearer=self._plan.token)
            if reply is not None and reply.status == 201:
                told = _REGISTERED.decode(reply.body)
                agent.agent_id, agent.credential = told.agent_id, told.credential
                self._heartbeat_s = told.heartbeat_s
                self.outcome.registered += 1
                wait_s = first_wait_s(self._heartbeat_s, self._chance.random())
                heapq.heappush(self._due, (time.monotonic() + wait_s, number))
                return
            if reply is not None:
                answer = reply.body[:500].decode("utf-8", "replace")
                if reply.status in {400, 401, 403, 404, 422}:
                    break
            await asyncio.sleep(1.0 if reply is None else reply.retry_after_s or 1.0)
        raise UnavailableError("a simulated agent was not let in", hostname=agent.hostname, answer=answer)

    # -- heartbeats ------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """Call for every agent when its time has come, until cancelled."""
        gate = asyncio.Semaphore(CALLS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while True:
                now_s = time.monotonic()
                while self._due and self._due[0][0] <= now_s:
                    _, number = heapq.heappop(self._due)
                    await gate.acquire()
                    group.create_task(self._released(gate, self._beat_once(number)))
                next_s = self._due[0][0] if self._due else now_s + 0.05
                await asyncio.sleep(max(0.001, min(next_s - time.monotonic(), 0.25)))

    async def _released(self, gate: asyncio.Semaphore, call: Coroutine[Any, Any, None]) -> None:
        try:
            await call
        finally:
            gate.release()

    async def _beat_once(self, number: int) -> None:
        agent = self.agents[number]
        began_s = time.perf_counter()
        reply = await self._call("heartbeat", agent.heartbeat(), bearer=agent.credential)
        took_ms = 1000 * (time.perf_counter() - began_s)
        if reply is not None and reply.status == 200:
            answer = _ANSWER.decode(reply.body)
            self.outcome.heartbeats += 1
            self.outcome.heartbeat_latency.samples.append(took_ms)
            self.outcome.states[answer.state] += 1
            agent.failures = 0
            if answer.config is not None:
                agent.config_hash = answer.config.hash
            advice = Advice(heartbeat_s=answer.heartbeat_s, backoff_s=answer.backoff_s)
            wait_s = next_wait_s(advice, self._chance.random())
        else:
            agent.failures += 1
            wait_s = retry_wait_s(self._heartbeat_s, agent.failures, self._chance.random())
        heapq.heappush(self._due, (time.monotonic() + wait_s, number))

    # -- events ----------------------------------------------------------------------------------------

    async def _tell_until(self, end_s: float) -> None:
        """Hold the rate as long as the centre takes it: what it refuses comes again, so the rate is a wish."""
        began_s = time.monotonic()
        # one agent tells one batch at a time, in its order
        gate = asyncio.Semaphore(min(BATCHES_AT_ONCE, len(self.agents)))
        size = max(1, min(BATCH, round(self._plan.events_per_s / 4)))
        order = itertools.cycle(self.agents)
        async with asyncio.TaskGroup() as group:
            while (now_s := time.monotonic()) < end_s:
                wanted = self._plan.events_per_s * (now_s - began_s)
                if self.outcome.events_sent >= wanted:
                    await asyncio.sleep(0.01)
                    continue
                await gate.acquire()
                self.outcome.events_sent += size
                group.create_task(self._released(gate, self._tell(next(order), size)))

    async def _tell(self, agent: SimAgent, size: int) -> None:
        began_s = time.perf_counter()
        body = agent.batch(size)
        reply = await self._call("self/outbox", body, bearer=agent.credential, gzip=True)
        if reply is not None and reply.status == 200:
            self.outcome.batch_latency.samples.append(1000 * (time.perf_counter() - began_s))
            before, agent.acked_seq = agent.acked_seq, _ACK.decode(reply.body).acked_seq
            self.outcome.events_acked += agent.acked_seq - before
            return
        self.outcome.events_sent -= size
        await asyncio.sleep(1.0 if reply is None else reply.retry_after_s or 0.1)

    async def _call(self, name: str, body: bytes, *, bearer: str, gzip: bool = False) -> Reply | None:
        try:
            reply = await self._caller.post(f"/api/v1/agents/{name}", body, bearer=bearer, gzip=gzip)
        except UnavailableError as exc:
            self.outcome.failures[f"{name}:{exc.context.get('problem')}"] += 1
            return None
        if reply.status >= 300:
            self.outcome.failures[f"{name}:{reply.status}"] += 1
        return reply
