"""The delivery as people look at it and change it, in SQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.alerts.delivery.budget import WINDOW_MS, Spend
from gwf.alerts.delivery.model import ChannelHealth, Message, MessageState, NoticeState, PartState, Waiting
from gwf.alerts.delivery.reads import ChannelFacts, KeptMessage, KeptNotice, KeptPart, KeptTemplate, Narrow
from gwf.audit.changes import storable
from gwf.audit.model import AuditEntry
from gwf.db import message_letters
from gwf.db.delivery_rows import MESSAGE, PART, PARTS, health_of, message_of, notice_of, part_of
from gwf.db.delivery_store import SqlDelivery, SqlDeliveryChange
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.tables.alerts import notices
from gwf.db.tables.delivery import channel_health, channel_spends, message_templates, messages, notice_parts
from gwf.letters.model import LetterState

DAY_MS = 86_400_000
_NOTICE, _SPEND, _TEMPLATE = notices.c, channel_spends.c, message_templates.c


class SqlDeliveryReads:
    """See gwf.alerts.delivery.reads.DeliveryReads."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read through `connection`."""
        self._reading = connection

    async def facts(self, channel: str, *, now_ms: int) -> ChannelFacts:
        """See the port."""
        row = (
            await self._reading.execute(sa.select(channel_health).where(channel_health.c.channel == channel))
        ).one_or_none()
        spends = await self._reading.execute(
            sa.select(channel_spends).where(
                _SPEND.channel == channel, sa.or_(_SPEND.end_ms.is_(None), _SPEND.end_ms > now_ms - WINDOW_MS)
            )
        )
        return ChannelFacts(
            health=ChannelHealth() if row is None else health_of(row),
            spends=[Spend(at_ms=one.at_ms, end_ms=one.end_ms, urgent=one.urgent) for one in spends],
            waiting=await self._waiting(channel, now_ms),
            sent_day=await self._count(channel, MessageState.SENT, now_ms),
            failed_day=await self._count(channel, MessageState.FAILED, now_ms),
        )

    async def _waiting(self, channel: str, now_ms: int) -> Waiting:
        again = sa.select(MESSAGE.message_id).where(
            MESSAGE.channel == channel, MESSAGE.state == MessageState.WAITING.value
        )
        waits = sa.or_(
            PART.state == PartState.WAITING.value,
            sa.and_(PART.state == PartState.TAKEN.value, PART.message_id.in_(again)),
        )
        is_due = PART.due_at_ms <= now_ms
        wanted = (
            sa.select(PART.urgent, is_due.label("due"), sa.func.count(), sa.func.min(PART.at_ms))
            .where(PART.channel == channel, PART.state.in_((PartState.WAITING.value, PartState.TAKEN.value)), waits)
            .group_by(PART.urgent, is_due)
        )
        urgent = rest = quiet = 0
        oldest: list[int] = []
        for is_urgent, due, count, at_ms in await self._reading.execute(wanted):
            if not due:
                quiet += count
                continue
            oldest.append(at_ms)
            urgent, rest = (urgent + count, rest) if is_urgent else (urgent, rest + count)
        return Waiting(urgent=urgent, rest=rest, quiet=quiet, oldest_at_ms=min(oldest, default=None))

    async def _count(self, channel: str, state: MessageState, now_ms: int) -> int:
        wanted = sa.select(sa.func.count()).where(
            MESSAGE.channel == channel, MESSAGE.state == state.value, MESSAGE.updated_at_ms > now_ms - DAY_MS
        )
        return int(await self._reading.scalar(wanted) or 0)

    async def notices(
        self, tenant: str, wanted: Narrow, *, limit: int, after: tuple[int, str] | None
    ) -> Sequence[KeptNotice]:
        """See the port."""
        query = sa.select(notices).where(_NOTICE.tenant_id == tenant)
        if wanted.states:
            query = query.where(_NOTICE.state.in_(sorted(wanted.states)))
        if wanted.channels:
            names = sorted(map(storable, wanted.channels))
            query = query.where(_NOTICE.notice_id.in_(sa.select(PART.notice_id).where(PART.channel.in_(names))))
        query = _narrowed(query, (_NOTICE.at_ms, _NOTICE.notice_id), wanted, after=after)
        rows = list(await self._reading.execute(query.limit(limit)))
        return await self._with_parts(rows)

    async def notice(self, tenant: str, notice_id: str) -> KeptNotice | None:
        """See the port."""
        query = sa.select(notices).where(_NOTICE.tenant_id == tenant, _NOTICE.notice_id == storable(notice_id))
        return next(iter(await self._with_parts(list(await self._reading.execute(query)))), None)

    async def _with_parts(self, rows: Sequence[Any]) -> Sequence[KeptNotice]:
        names = [row.notice_id for row in rows]
        query = PARTS.add_columns(PART.state.label("part_state"), PART.message_id)
        parts = list(
            await self._reading.execute(query.where(PART.notice_id.in_(names)).order_by(PART.notice_id, PART.channel))
        )
        ids = sorted({part.message_id for part in parts if part.message_id})
        sent = {
            row.message_id: _kept(row)
            for row in await self._reading.execute(sa.select(messages).where(MESSAGE.message_id.in_(ids)))
        }
        return [
            KeptNotice(
                notice=notice_of(row),
                state=NoticeState(row.state),
                parts=[
                    KeptPart(
                        part=part_of(part), state=PartState(part.part_state), message=sent.get(part.message_id or "")
                    )
                    for part in parts
                    if part.notice_id == row.notice_id
                ],
            )
            for row in rows
        ]

    async def messages(
        self, tenant: str, wanted: Narrow, *, limit: int, after: tuple[int, str] | None
    ) -> Sequence[KeptMessage]:
        """See the port."""
        query = sa.select(messages).where(MESSAGE.tenant_id == tenant)
        if wanted.states:
            query = query.where(MESSAGE.state.in_(sorted(wanted.states)))
        if wanted.channels:
            query = query.where(MESSAGE.channel.in_(sorted(map(storable, wanted.channels))))
        query = _narrowed(query, (MESSAGE.created_at_ms, MESSAGE.message_id), wanted, after=after)
        return [_kept(row) for row in await self._reading.execute(query.limit(limit))]

    async def message(self, tenant: str, message_id: str) -> KeptMessage | None:
        """See the port."""
        query = sa.select(messages).where(MESSAGE.tenant_id == tenant, MESSAGE.message_id == storable(message_id))
        row = (await self._reading.execute(query)).one_or_none()
        return None if row is None else _kept(row)

    async def told(self, message_id: str, *, limit: int) -> Sequence[str]:
        """See the port."""
        query = sa.select(PART.notice_id).where(PART.message_id == message_id)
        query = query.order_by(PART.severity.desc(), PART.at_ms, PART.notice_id).limit(limit)
        return list(await self._reading.scalars(query))

    async def written(self, tenant: str) -> Sequence[KeptTemplate]:
        """See the port."""
        rows = await self._reading.execute(sa.select(message_templates).where(_TEMPLATE.tenant_id == tenant))
        return [
            KeptTemplate(
                kind=row.kind, title=row.title, text=row.body, revision=row.revision, by=row.by_name,
                updated_at_ms=row.updated_at_ms,
            )
            for row in rows
        ]  # fmt: skip

    async def health_of_all(self) -> Mapping[str, ChannelHealth]:
        """See the port."""
        rows = await self._reading.execute(sa.select(channel_health))
        return {row.channel: health_of(row) for row in rows}


class SqlDeskChange(SqlDeliveryReads, SqlDeliveryChange):
    """See gwf.alerts.delivery.reads.DeskChange."""

    def __init__(self, change: CoreChange) -> None:
        """Write through the connection of `change`."""
        SqlDeliveryReads.__init__(self, change.connection)
        SqlDeliveryChange.__init__(self, change)
        self._change = change

    async def again(self, message: Message, *, now_ms: int) -> bool:
        """See the port."""
        values = {"state": MessageState.WAITING.value, "next_at_ms": now_ms, "created_at_ms": now_ms}
        if not await self._put_dead(message, values, now_ms=now_ms):
            return False
        mine = sa.and_(PART.message_id == message.message_id, PART.state == PartState.FAILED.value)
        of_it = sa.select(PART.notice_id).where(mine)
        waits = sa.update(notices).where(_NOTICE.notice_id.in_(of_it))
        await self._connection.execute(waits.values(state=NoticeState.PLANNED.value, updated_at_ms=now_ms))
        await self._connection.execute(
            sa.update(notice_parts).where(mine).values(state=PartState.TAKEN.value, updated_at_ms=now_ms)
        )
        await message_letters.begin_again(self._connection, message.tenant, message.message_id, now_ms=now_ms)
        return True

    async def give_up(self, message: Message, *, now_ms: int) -> bool:
        """See the port."""
        if not await self._put_dead(message, {"state": MessageState.FAILED.value, "next_at_ms": None}, now_ms=now_ms):
            return False
        await self._settle(message.message_id, PartState.FAILED, now_ms=now_ms)
        await self._close_letters([message], LetterState.DROPPED, now_ms=now_ms)
        return True

    async def _put_dead(self, message: Message, values: Mapping[str, Any], *, now_ms: int) -> bool:
        """Change a message that failed, or was refused for good and waits; tell whether it was so."""
        is_dead = MESSAGE.state == MessageState.FAILED.value
        if await message_letters.is_open(self._connection, message.tenant, message.message_id):
            is_dead = MESSAGE.state.in_((MessageState.FAILED.value, MessageState.WAITING.value))
        put = sa.update(messages).where(MESSAGE.message_id == message.message_id, is_dead, MESSAGE.parts > 0)
        return (await self._connection.execute(put.values(**values, updated_at_ms=now_ms))).rowcount == 1

    async def write(self, tenant: str, template: KeptTemplate) -> None:
        """See the port."""
        values = {
            "title": template.title, "body": template.text, "revision": template.revision, "by_name": template.by,
            "updated_at_ms": template.updated_at_ms,
        }  # fmt: skip
        put = self._insert(message_templates).values(tenant_id=tenant, kind=template.kind, **values)
        await self._connection.execute(put.on_conflict_do_update(index_elements=["tenant_id", "kind"], set_=values))

    async def unwrite(self, tenant: str, kind: str) -> None:
        """See the port."""
        gone = sa.delete(message_templates).where(_TEMPLATE.tenant_id == tenant, _TEMPLATE.kind == kind)
        await self._connection.execute(gone)

    def record(self, entry: AuditEntry) -> None:
        """See the port."""
        self._change.record(entry)


class SqlDeliveryDesk(SqlDelivery):
    """See gwf.alerts.delivery.reads.DeskStore."""

    def __init__(self, core: CoreHalf) -> None:
        """Read where the delivery writes."""
        super().__init__(core)
        self._half = core

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[SqlDeliveryReads]:
        """Read one state."""
        async with self._half.view() as connection:
            yield SqlDeliveryReads(connection)

    @asynccontextmanager
    async def desk(self) -> AsyncGenerator[SqlDeskChange]:
        """Begin a transaction of people."""
        async with self._half.change() as change:
            yield SqlDeskChange(change)


def _kept(row: Any) -> KeptMessage:
    return KeptMessage(
        message=message_of(row),
        state=MessageState(row.state),
        receipt=row.receipt,
        error=row.error,
        error_class=row.error_class,
        next_at_ms=row.next_at_ms,
        sent_at_ms=row.sent_at_ms,
    )


def _narrowed(query: Any, by: tuple[Any, Any], wanted: Narrow, *, after: tuple[int, str] | None) -> Any:
    """Return the query for a part of a list, the newest first."""
    at, name = by
    if wanted.since_ms is not None:
        query = query.where(at >= wanted.since_ms)
    if wanted.until_ms is not None:
        query = query.where(at < wanted.until_ms)
    if after is not None:
        at_ms, last = after
        query = query.where(at <= at_ms, sa.or_(at < at_ms, sa.and_(at == at_ms, name < storable(last))))
    return query.order_by(at.desc(), name.desc())
