"""Open questions to agents in the database that several servers share (control.asks.ports.AskStore)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from gwf.control.asks.model import AskId, Fetched, Question, Reply
from gwf.control.fleet.model import AgentId
from gwf.db.half import CoreHalf
from gwf.db.tables.work import asks

SLACK_MS = 60_000  #: clocks of servers differ; rows are kept for so long behind their deadline

_REPLY = msgspec.msgpack.Decoder(Reply)
_encode = msgspec.msgpack.Encoder().encode


class SqlAsks:
    """Questions and answers as rows. Whatever one server did the others see within a look."""

    shared = True

    def __init__(self, core: CoreHalf) -> None:
        """Keep them in the half of what people and agents decide."""
        self._core = core

    async def put(self, question: Question) -> None:
        """Keep a question until it is fetched."""
        row = {
            "ask_id": question.ask_id,
            "tenant_id": question.tenant,
            "agent_id": question.agent_id,
            "kind": question.kind,
            "body": question.body.decode(),
            "deadline_at_ms": question.deadline_ms,
        }
        async with self._core.change() as change:
            await change.connection.execute(sa.insert(asks).values(row))

    async def fetch(self, agent_id: AgentId, *, limit: int, now_ms: int) -> Fetched:
        """Return questions to an agent, each once, and those that nobody wants any more."""
        mine = asks.c.agent_id == agent_id
        open_ones = (
            sa.select(asks.c.ask_id)
            .where(mine, asks.c.fetched.is_(False), asks.c.ended.is_(False), asks.c.deadline_at_ms > now_ms)
            .order_by(asks.c.deadline_at_ms)
            .limit(limit)
        )
        taken = (
            sa.update(asks)
            .where(asks.c.ask_id.in_(open_ones), asks.c.fetched.is_(False))
            .values(fetched=True)
            .returning(asks)
        )
        ended = sa.delete(asks).where(mine, asks.c.ended.is_(True)).returning(asks.c.ask_id)
        async with self._core.change() as change:
            rows = (await change.connection.execute(taken)).mappings().all()
            gone = (await change.connection.execute(ended)).scalars().all()
        return Fetched(questions=[_question(row) for row in rows], gone=[AskId(ask_id) for ask_id in gone])

    async def reply(self, agent_id: AgentId, ask_id: AskId, reply: Reply) -> bool:
        """Keep the answer to a question of this agent; False when nobody waits for it."""
        waits = (asks.c.ask_id == ask_id, asks.c.agent_id == agent_id, asks.c.ended.is_(False), asks.c.reply.is_(None))
        kept = sa.update(asks).where(*waits).values(reply=_encode(reply), fetched=True).returning(asks.c.ask_id)
        async with self._core.change() as change:
            return (await change.connection.execute(kept)).one_or_none() is not None

    async def collect(self, ask_ids: Sequence[AskId]) -> Mapping[AskId, Reply]:
        """Return the answers to some of these questions, each once."""
        there = sa.select(asks.c.ask_id).where(asks.c.ask_id.in_(ask_ids), asks.c.reply.is_not(None))
        async with self._core.view() as connection:
            answered = (await connection.execute(there)).scalars().all()
        if not answered:
            return {}
        taken = sa.delete(asks).where(asks.c.ask_id.in_(answered)).returning(asks.c.ask_id, asks.c.reply)
        async with self._core.change() as change:
            rows = (await change.connection.execute(taken)).all()
        return {AskId(row.ask_id): _REPLY.decode(row.reply) for row in rows}

    async def end(self, ask_id: AskId) -> bool:
        """Forget a question that nobody waits for any more; True when an agent is at it."""
        this = asks.c.ask_id == ask_id
        at_it = (
            sa.update(asks)
            .where(this, asks.c.fetched.is_(True), asks.c.reply.is_(None))
            .values(ended=True)
            .returning(asks.c.ask_id)
        )
        async with self._core.change() as change:
            if (await change.connection.execute(at_it)).one_or_none() is not None:
                return True
            await change.connection.execute(sa.delete(asks).where(this, asks.c.ended.is_(False)))
        return False

    async def waiting(self, *, now_ms: int) -> Sequence[tuple[AskId, AgentId]]:
        """Return questions that no agent fetched yet, and those that it should be told to end."""
        wanted = sa.select(asks.c.ask_id, asks.c.agent_id).where(
            asks.c.deadline_at_ms > now_ms,
            sa.or_(sa.and_(asks.c.fetched.is_(False), asks.c.ended.is_(False)), asks.c.ended.is_(True)),
        )
        async with self._core.view() as connection:
            rows = (await connection.execute(wanted)).all()
        return [(AskId(row.ask_id), AgentId(row.agent_id)) for row in rows]

    async def clear(self, *, now_ms: int) -> None:
        """Forget what is long past."""
        async with self._core.change() as change:
            await change.connection.execute(sa.delete(asks).where(asks.c.deadline_at_ms < now_ms - SLACK_MS))


def _question(row: sa.RowMapping) -> Question:
    return Question(
        ask_id=AskId(row["ask_id"]),
        tenant=row["tenant_id"],
        agent_id=AgentId(row["agent_id"]),
        kind=row["kind"],
        body=row["body"].encode(),
        deadline_ms=row["deadline_at_ms"],
    )
