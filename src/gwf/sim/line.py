"""The calls of simulated agents to their centre: bounded in number, failures counted by what they were."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable

from gwf.core.errors import UnavailableError
from gwf.sim.call import Caller, Reply

PREFIX = "/api/v1/agents"
CONFIG_CALLS_AT_ONCE = 128


class Line:
    """Calls one centre for all agents. Used in one event loop."""

    def __init__(self, caller: Caller, failures: Counter[str]) -> None:
        """Count failures in `failures`, for example heartbeat:503."""
        self._caller = caller
        self._failures = failures
        self._gate = asyncio.Semaphore(CONFIG_CALLS_AT_ONCE)

    async def post(self, name: str, body: bytes, *, bearer: str, gzip: bool = False) -> Reply | None:
        """Return the answer to a body; None = there was none."""
        return await self._counted(name, self._caller.post(f"{PREFIX}/{name}", body, bearer=bearer, gzip=gzip))

    async def config(self, *, bearer: str, have: str | None) -> Reply | None:
        """Ask for the configuration of an agent; None = no answer."""
        async with self._gate:
            return await self._counted("config", self._caller.get(f"{PREFIX}/self/config", bearer=bearer, have=have))

    async def report(self, attempt_id: str, body: bytes, *, bearer: str) -> Reply | None:
        """Tell what became of an attempt; None = no answer."""
        path = f"{PREFIX}/self/config-attempts/{attempt_id}"
        async with self._gate:
            return await self._counted("report", self._caller.post(path, body, bearer=bearer))

    async def _counted(self, name: str, call: Awaitable[Reply]) -> Reply | None:
        try:
            reply = await call
        except UnavailableError as exc:
            self._failures[f"{name}:{exc.context.get('problem')}"] += 1
            return None
        if reply.status >= 300 and reply.status != 304:
            self._failures[f"{name}:{reply.status}"] += 1
        return reply


class AgentLine:
    """The line as one agent uses it for its configuration (sim.taking.Calls)."""

    def __init__(self, line: Line, credential: str) -> None:
        """Call with this credential."""
        self._line = line
        self._credential = credential

    async def config(self, *, have: str | None) -> Reply | None:
        """Ask for the configuration that should run."""
        return await self._line.config(bearer=self._credential, have=have)

    async def report(self, attempt_id: str, body: bytes) -> Reply | None:
        """Tell what became of an offer."""
        return await self._line.report(attempt_id, body, bearer=self._credential)
