"""What the questions to agents need from outside: where they are kept, and the agent of this very process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gwf.control.asks.model import AskId, AskKind, Fetched, Question, Reply
from gwf.control.fleet.model import AgentId


class AskStore(Protocol):
    """Open questions. Every call raises UnavailableError when a database is behind it and does not answer."""

    #: several servers use it: what the others know has to be looked for
    shared: bool

    async def put(self, question: Question) -> None:
        """Keep a question until it is fetched."""
        ...

    async def fetch(self, agent_id: AgentId, *, limit: int, now_ms: int) -> Fetched:
        """Return questions to an agent, each once, and those fetched before that nobody wants any more."""
        ...

    async def reply(self, agent_id: AgentId, ask_id: AskId, reply: Reply) -> bool:
        """Keep the answer to a question of this agent; False when nobody waits for it."""
        ...

    async def collect(self, ask_ids: Sequence[AskId]) -> Mapping[AskId, Reply]:
        """Return the answers to some of these questions, each once."""
        ...

    async def end(self, ask_id: AskId) -> bool:
        """Forget a question that nobody waits for any more; True when an agent is at it and should be told."""
        ...

    async def waiting(self, *, now_ms: int) -> Sequence[tuple[AskId, AgentId]]:
        """Return questions that no agent fetched yet."""
        ...

    async def clear(self, *, now_ms: int) -> None:
        """Forget what is long past."""
        ...


class LocalAgent(Protocol):
    """The agent that runs in this very process, if there is one: it is asked directly."""

    def is_agent(self, agent_id: AgentId) -> bool:
        """Tell whether this is its id."""
        ...

    async def answer(self, kind: AskKind, body: bytes, *, timeout_s: float) -> Reply:
        """Answer a question; a cancelled call ends the work, too."""
        ...


class NoLocalAgent:
    """For a centre alone."""

    def is_agent(self, agent_id: AgentId) -> bool:  # noqa: ARG002
        """Return False."""
        return False

    async def answer(self, kind: AskKind, body: bytes, *, timeout_s: float) -> Reply:
        """Never called."""
        raise RuntimeError(f"no agent in this process: {kind} {len(body)} {timeout_s}")
