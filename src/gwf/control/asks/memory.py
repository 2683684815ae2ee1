"""Open questions in the memory of the one server that there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gwf.control.asks.model import AskId, Fetched, Question, Reply
from gwf.control.fleet.model import AgentId


@dataclass(slots=True)
class _Open:
    question: Question
    fetched: bool = False
    reply: Reply | None = None


@dataclass(slots=True)
class MemoryAsks:
    """Questions and answers (AskStore). Used in one event loop."""

    shared: bool = False
    _open: dict[AskId, _Open] = field(default_factory=dict[AskId, _Open])
    _gone: defaultdict[AgentId, dict[AskId, int]] = field(default_factory=lambda: defaultdict(dict))

    async def put(self, question: Question) -> None:
        """Keep a question until it is fetched."""
        self._open[question.ask_id] = _Open(question)

    async def fetch(self, agent_id: AgentId, *, limit: int, now_ms: int) -> Fetched:
        """Return questions to an agent, each once, and those that nobody wants any more."""
        found: list[Question] = []
        for item in self._open.values():
            question = item.question
            if question.agent_id == agent_id and not item.fetched and question.deadline_ms > now_ms:
                item.fetched = True
                found.append(question)
            if len(found) == limit:
                break
        return Fetched(questions=found, gone=list(self._gone.pop(agent_id, ())))

    async def reply(self, agent_id: AgentId, ask_id: AskId, reply: Reply) -> bool:
        """Keep the answer to a question of this agent; False when nobody waits for it."""
        item = self._open.get(ask_id)
        if item is None or item.question.agent_id != agent_id or item.reply is not None:
            return False
        item.fetched, item.reply = True, reply
        return True

    async def collect(self, ask_ids: Sequence[AskId]) -> Mapping[AskId, Reply]:
        """Return the answers to some of these questions, each once."""
        found: dict[AskId, Reply] = {}
        for ask_id in ask_ids:
            item = self._open.get(ask_id)
            if item is not None and item.reply is not None:
                found[ask_id] = item.reply
                del self._open[ask_id]
        return found

    async def end(self, ask_id: AskId) -> bool:
        """Forget a question that nobody waits for any more; True when an agent is at it."""
        item = self._open.pop(ask_id, None)
        if item is None or not item.fetched or item.reply is not None:
            return False
        self._gone[item.question.agent_id][ask_id] = item.question.deadline_ms
        return True

    async def waiting(self, *, now_ms: int) -> Sequence[tuple[AskId, AgentId]]:
        """Return questions that no agent fetched yet."""
        return [
            (ask_id, item.question.agent_id)
            for ask_id, item in self._open.items()
            if not item.fetched and item.question.deadline_ms > now_ms
        ]

    async def clear(self, *, now_ms: int) -> None:
        """Forget what is long past."""
        for agent_id, gone in list(self._gone.items()):
            left = {ask_id: deadline_ms for ask_id, deadline_ms in gone.items() if deadline_ms > now_ms}
            if left:
                self._gone[agent_id] = left
            else:
                del self._gone[agent_id]
