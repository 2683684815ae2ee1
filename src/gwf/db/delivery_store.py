"""The delivery in SQL: the outbox becomes parts, parts become messages, and each step is a row before it is done."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gwf.alerts.delivery.budget import WINDOW_MS, Spend
from gwf.alerts.delivery.model import (
    ChannelHealth,
    Message,
    MessageState,
    NoticeState,
    OutboxNotice,
    Part,
    PartState,
    Sent,
)
from gwf.alerts.delivery.ports import Began, Due, Tried, spend_id_of
from gwf.alerts.delivery.template import MessageTemplate
from gwf.core.errors import ConflictError, ErrorClass
from gwf.db import message_letters
from gwf.db.delivery_rows import (
    MAX_ERROR_CHARS,
    MESSAGE,
    PART,
    PARTS,
    health_of,
    health_values,
    message_of,
    message_values,
    notice_of,
    part_of,
    part_values,
)
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.tables.alerts import notices
from gwf.db.tables.delivery import channel_health, channel_spends, message_templates, messages, notice_parts
from gwf.letters.model import LetterState

NAMES = 500  #: in one statement
NO_CHANNEL = "there is no such channel any more"
_SPEND = channel_spends.c
_UNTOLD = (PartState.WAITING.value, PartState.TAKEN.value)


class SqlDelivery:
    """See gwf.alerts.delivery.ports.DeliveryStore."""

    def __init__(self, core: CoreHalf) -> None:
        """Keep it beside the outbox."""
        self._core = core

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[SqlDeliveryChange]:
        """Begin a transaction."""
        async with self._core.change() as change:
            yield SqlDeliveryChange(change)

    async def has_outbox(self, *, now_ms: int) -> bool:
        """See the port."""
        wanted = sa.select(notices.c.notice_id).where(*_in_outbox(now_ms)).limit(1)
        async with self._core.view() as connection:
            return await connection.scalar(wanted) is not None

    async def has_lost(self, *, now_ms: int) -> bool:
        """See the port."""
        lost = sa.select(sa.literal(1)).where(
            MESSAGE.state == MessageState.SENDING.value, MESSAGE.sending_until_ms < now_ms
        )
        flying = sa.select(sa.literal(1)).where(_SPEND.end_ms.is_(None), _SPEND.until_ms < now_ms)
        async with self._core.view() as connection:
            return bool(await connection.scalar(sa.select(sa.or_(sa.exists(lost), sa.exists(flying)))))

    async def due(self) -> Sequence[Due]:
        """See the port."""
        parts = (
            sa.select(PART.channel, sa.func.min(PART.due_at_ms).label("at_ms"))
            .where(PART.state == PartState.WAITING.value)
            .group_by(PART.channel)
        )
        again = (
            sa.select(MESSAGE.channel, sa.func.min(MESSAGE.next_at_ms).label("at_ms"))
            .where(MESSAGE.state == MessageState.WAITING.value)
            .group_by(MESSAGE.channel)
        )
        found: dict[str, int] = {}
        async with self._core.view() as connection:
            for wanted in (parts, again):
                for row in await connection.execute(wanted):
                    found[row.channel] = min(row.at_ms or 0, found.get(row.channel, row.at_ms or 0))
        return [Due(channel=name, next_at_ms=at_ms) for name, at_ms in found.items()]

    async def templates(self) -> Mapping[str, Mapping[str, MessageTemplate]]:
        """See the port."""
        async with self._core.view() as connection:
            rows = (await connection.execute(sa.select(message_templates))).all()
        found: dict[str, dict[str, MessageTemplate]] = {}
        for row in rows:
            found.setdefault(row.tenant_id, {})[row.kind] = MessageTemplate(title=row.title, text=row.body)
        return found


class SqlDeliveryChange:
    """See gwf.alerts.delivery.ports.DeliveryChange."""

    def __init__(self, change: CoreChange) -> None:
        """Write through the connection of `change`."""
        self._connection = change.connection
        insert = sqlite.insert if change.connection.dialect.name == "sqlite" else postgresql.insert
        self._insert: Any = insert

    async def outbox(self, *, now_ms: int, limit: int) -> Sequence[OutboxNotice]:
        """See the port."""
        wanted = sa.select(notices).where(*_in_outbox(now_ms))
        wanted = wanted.order_by(notices.c.severity.desc(), notices.c.at_ms, notices.c.notice_id).limit(limit)
        return [notice_of(row) for row in await self._connection.execute(wanted)]

    async def plan(self, parts: Sequence[Part], *, nobody: Sequence[str], now_ms: int) -> None:
        """See the port."""
        if parts:
            rows = [part_values(part, state=PartState.WAITING.value, now_ms=now_ms) for part in parts]
            await self._connection.execute(self._insert(notice_parts).on_conflict_do_nothing(), rows)
        due: dict[str, int | None] = dict.fromkeys(nobody)
        for part in parts:
            due[part.notice.notice_id] = max(part.due_at_ms, due.get(part.notice.notice_id) or 0)
        put = sa.update(notices).where(notices.c.notice_id == sa.bindparam("of_notice"))
        put = put.values(
            state=sa.bindparam("to_state"), next_at_ms=sa.bindparam("due_ms", type_=notices.c.at_ms.type),
            updated_at_ms=now_ms,
        )  # fmt: skip
        if due:
            words = {True: NoticeState.NOBODY.value, False: NoticeState.PLANNED.value}
            rows = [{"of_notice": name, "due_ms": at, "to_state": words[at is None]} for name, at in due.items()]
            await self._connection.execute(put, rows)

    async def lock(self, channel: str) -> None:
        """See the port."""
        await lock_channel(self._connection, channel)

    async def health(self, channel: str) -> ChannelHealth:
        """See the port."""
        wanted = sa.select(channel_health).where(channel_health.c.channel == channel)
        row = (await self._connection.execute(wanted)).one_or_none()
        return ChannelHealth() if row is None else health_of(row)

    async def keep_health(self, channel: str, health: ChannelHealth) -> None:
        """See the port."""
        values = health_values(health)
        put = self._insert(channel_health).values(channel=channel, **values)
        await self._connection.execute(put.on_conflict_do_update(index_elements=["channel"], set_=values))

    async def spends(self, channel: str, *, now_ms: int) -> Sequence[Spend]:
        """See the port."""
        return await spends_of(self._connection, channel, now_ms=now_ms)

    async def due_again(self, channel: str, *, urgent: bool, now_ms: int) -> Message | None:
        """See the port."""
        wanted = (
            sa.select(messages)
            .where(
                MESSAGE.state == MessageState.WAITING.value,
                MESSAGE.channel == channel,
                MESSAGE.urgent == urgent,
                MESSAGE.next_at_ms <= now_ms,
            )
            .order_by(MESSAGE.next_at_ms, MESSAGE.message_id)
            .limit(1)
        )
        row = (await self._connection.execute(wanted)).one_or_none()
        return None if row is None else message_of(row)

    async def waiting(self, channel: str, *, urgent: bool, now_ms: int, limit: int) -> Sequence[Part]:
        """See the port."""
        wanted = (
            PARTS.where(
                PART.channel == channel,
                PART.state == PartState.WAITING.value,
                PART.urgent == urgent,
                PART.due_at_ms <= now_ms,
            )
            .order_by(PART.severity.desc(), PART.at_ms, PART.notice_id)
            .limit(limit)
        )
        return [part_of(row) for row in await self._connection.execute(wanted)]

    async def begin(self, message: Message, parts: Sequence[Part], *, now_ms: int, until_ms: int) -> Began:
        """See the port."""
        begun = replace(message, attempts=message.attempts + 1)
        values = message_values(begun, state=MessageState.SENDING.value, now_ms=now_ms)
        values |= {"sending_until_ms": until_ms, "next_at_ms": None}
        if parts or not message.attempts:
            await self._connection.execute(sa.insert(messages).values(**values))
            await self._take(begun, parts, now_ms=now_ms)
        else:
            again = sa.update(messages).where(
                MESSAGE.message_id == message.message_id, MESSAGE.state == MessageState.WAITING.value
            )
            if (await self._connection.execute(again.values(**values))).rowcount != 1:
                raise ConflictError("somebody else is sending the message", message_id=message.message_id)
        spend_id = spend_id_of(begun)
        spend = {"channel": message.channel, "spend_id": spend_id, "urgent": message.urgent, "at_ms": now_ms}
        await self._connection.execute(sa.insert(channel_spends).values(**spend, until_ms=until_ms))
        return Began(message=begun, spend_id=spend_id)

    async def sent(self, began: Began, sent: Sent, *, now_ms: int) -> None:
        """See the port."""
        values = {"state": MessageState.SENT.value, "receipt": sent.receipt, "sent_at_ms": now_ms, "error": ""}
        await self._end(began, {**values, "error_class": "", "next_at_ms": None}, now_ms=now_ms)
        await self._settle(began.message.message_id, PartState.SENT, now_ms=now_ms)
        if began.message.attempts > 1:
            await self._close_letters([began.message], LetterState.RESOLVED, now_ms=now_ms)

    async def tried(self, began: Began, tried: Tried, *, now_ms: int) -> None:
        """See the port."""
        values = {
            "state": tried.state.value,
            "next_at_ms": tried.next_at_ms,
            "error": tried.error[:MAX_ERROR_CHARS],
            "error_class": tried.error_class,
            "unsure": sa.or_(MESSAGE.unsure, sa.literal(tried.unsure)),
        }
        await self._end(began, values, now_ms=now_ms)
        if tried.state is MessageState.FAILED:
            await self._settle(began.message.message_id, PartState.FAILED, now_ms=now_ms)

    async def need_person(self, message: Message, tried: Tried, *, now_ms: int) -> None:
        """See the port."""
        wanted = sa.select(MESSAGE.state).where(MESSAGE.message_id == message.message_id)
        if await self._connection.scalar(wanted) == tried.state.value:
            await message_letters.enter(self._connection, [(message, tried)], now_ms=now_ms)

    async def sending(self, ids: Sequence[str]) -> Sequence[Message]:
        """See the port."""
        wanted = sa.select(messages).where(
            MESSAGE.message_id.in_(list(ids)), MESSAGE.state == MessageState.SENDING.value
        )
        return [message_of(row) for row in await self._connection.execute(wanted)] if ids else []

    async def adopt(self, *, now_ms: int, alone: bool) -> int:
        """See the port."""
        lost = sa.update(messages).where(MESSAGE.state == MessageState.SENDING.value)
        flying = sa.update(channel_spends).where(_SPEND.end_ms.is_(None))
        if not alone:
            lost = lost.where(MESSAGE.sending_until_ms < now_ms)
            flying = flying.where(_SPEND.until_ms < now_ms)
        values = {"state": MessageState.WAITING.value, "unsure": True, "next_at_ms": now_ms, "updated_at_ms": now_ms}
        found = await self._connection.execute(lost.values(**values))
        await self._connection.execute(flying.values(end_ms=now_ms))
        return found.rowcount

    async def stuck(self, channel: str, *, since_ms: int, limit: int) -> Sequence[Part]:
        """See the port."""
        waits = sa.select(MESSAGE.message_id).where(
            MESSAGE.channel == channel, MESSAGE.state == MessageState.WAITING.value
        )
        is_waiting = sa.or_(
            PART.state == PartState.WAITING.value,
            sa.and_(PART.state == PartState.TAKEN.value, PART.message_id.in_(waits)),
        )
        wanted = PARTS.where(PART.channel == channel, is_waiting, PART.due_at_ms <= since_ms, PART.instead_of == "")
        wanted = wanted.order_by(PART.severity.desc(), PART.at_ms, PART.notice_id).limit(limit)
        return [part_of(row) for row in await self._connection.execute(wanted)]

    async def parts_in(self, message_id: str) -> Sequence[Part]:
        """See the port."""
        wanted = PARTS.where(PART.message_id == message_id, PART.state == PartState.TAKEN.value)
        return [part_of(row) for row in await self._connection.execute(wanted)]

    async def move(self, parts: Sequence[Part], *, now_ms: int) -> None:
        """See the port."""
        if not parts:
            return
        rows = [part_values(part, state=PartState.WAITING.value, now_ms=now_ms) for part in parts]
        await self._connection.execute(self._insert(notice_parts).on_conflict_do_nothing(), rows)
        leave = sa.update(notice_parts).where(
            PART.notice_id == sa.bindparam("of_notice"), PART.channel == sa.bindparam("of_channel")
        )
        names = [{"of_notice": part.notice.notice_id, "of_channel": part.instead_of} for part in parts]
        await self._connection.execute(leave.values(state=PartState.MOVED.value, updated_at_ms=now_ms), names)
        for channel in {part.instead_of for part in parts}:
            left = sa.select(PART.message_id).where(PART.channel == channel, PART.state == PartState.TAKEN.value)
            empty = sa.update(messages).where(
                MESSAGE.channel == channel,
                MESSAGE.state == MessageState.WAITING.value,
                MESSAGE.parts > 0,
                MESSAGE.message_id.not_in(left),
            )
            empty = empty.values(state=MessageState.MOVED.value, updated_at_ms=now_ms).returning(*messages.c)
            moved = [message_of(row) for row in await self._connection.execute(empty)]
            await self._close_letters(moved, LetterState.RESOLVED, now_ms=now_ms)
        await self._told([part.notice.notice_id for part in parts], now_ms=now_ms)

    async def fail_strangers(self, known: Sequence[str], *, now_ms: int) -> int:
        """See the port."""
        parts = sa.select(PART.notice_id).where(PART.channel.not_in(known), PART.state.in_(_UNTOLD))
        names = list(await self._connection.scalars(parts))
        if not names:
            return 0
        gone = sa.update(messages).where(
            MESSAGE.channel.not_in(known),
            MESSAGE.state.in_((MessageState.WAITING.value, MessageState.SENDING.value)),
        )
        tried = Tried(error=NO_CHANNEL, error_class=ErrorClass.CONFIG.value, state=MessageState.FAILED)
        gone = gone.values(
            state=tried.state.value, error=tried.error, error_class=tried.error_class, next_at_ms=None,
            sending_until_ms=None, updated_at_ms=now_ms,
        ).returning(*messages.c)  # fmt: skip
        failed = [(message_of(row), tried) for row in await self._connection.execute(gone)]
        await message_letters.enter(self._connection, failed, now_ms=now_ms)
        left = sa.update(notice_parts).where(PART.channel.not_in(known), PART.state.in_(_UNTOLD))
        await self._connection.execute(left.values(state=PartState.FAILED.value, updated_at_ms=now_ms))
        await self._told(names, now_ms=now_ms)
        return len(names)

    # -- steps -------------------------------------------------------------------------------------------

    async def _take(self, message: Message, parts: Sequence[Part], *, now_ms: int) -> None:
        names = [part.notice.notice_id for part in parts]
        for at in range(0, len(names), NAMES):
            some = names[at : at + NAMES]
            take = sa.update(notice_parts).where(
                PART.channel == message.channel, PART.notice_id.in_(some), PART.state == PartState.WAITING.value
            )
            values = {"state": PartState.TAKEN.value, "message_id": message.message_id, "updated_at_ms": now_ms}
            if (await self._connection.execute(take.values(**values))).rowcount != len(some):
                raise ConflictError("somebody else has taken a part of the message", message_id=message.message_id)

    async def _end(self, began: Began, values: Mapping[str, Any], *, now_ms: int) -> None:
        put = sa.update(messages).where(MESSAGE.message_id == began.message.message_id)
        await self._connection.execute(put.values(sending_until_ms=None, updated_at_ms=now_ms, **values))
        spend = sa.update(channel_spends).where(
            _SPEND.channel == began.message.channel, _SPEND.spend_id == began.spend_id
        )
        await self._connection.execute(spend.values(end_ms=now_ms))

    async def _settle(self, message_id: str, state: PartState, *, now_ms: int) -> None:
        put = sa.update(notice_parts).where(PART.message_id == message_id, PART.state == PartState.TAKEN.value)
        put = put.values(state=state.value, updated_at_ms=now_ms).returning(PART.notice_id)
        await self._told([row.notice_id for row in await self._connection.execute(put)], now_ms=now_ms)

    async def _close_letters(self, some: Sequence[Message], state: LetterState, *, now_ms: int) -> None:
        names = [(one.tenant, one.message_id) for one in some]
        await message_letters.close(self._connection, names, state, now_ms=now_ms)

    async def _told(self, names: Sequence[str], *, now_ms: int) -> None:
        """Keep which notices are wholly told."""
        of_it = sa.select(sa.literal(1)).where(PART.notice_id == notices.c.notice_id)
        failed = sa.exists(of_it.where(PART.state == PartState.FAILED.value))
        state = sa.case((failed, NoticeState.FAILED.value), else_=NoticeState.SENT.value)
        for at in range(0, len(names), NAMES):
            put = sa.update(notices).where(
                notices.c.notice_id.in_(names[at : at + NAMES]), ~sa.exists(of_it.where(PART.state.in_(_UNTOLD)))
            )
            await self._connection.execute(put.values(state=state, updated_at_ms=now_ms))


async def lock_channel(connection: Any, channel: str) -> None:
    """Let nobody else take places of a channel's budget until the transaction ends."""
    insert: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    await connection.execute(insert(channel_health).values(channel=channel).on_conflict_do_nothing())
    wanted = sa.select(channel_health.c.channel).where(channel_health.c.channel == channel).with_for_update()
    await connection.execute(wanted)


async def spends_of(connection: Any, channel: str, *, now_ms: int) -> Sequence[Spend]:
    """Return what the service may still count of a channel, and forget the rest."""
    over = sa.delete(channel_spends).where(_SPEND.channel == channel, _SPEND.end_ms <= now_ms - WINDOW_MS)
    await connection.execute(over)
    rows = await connection.execute(sa.select(channel_spends).where(_SPEND.channel == channel))
    return [Spend(at_ms=row.at_ms, end_ms=row.end_ms, urgent=row.urgent) for row in rows]


def _in_outbox(now_ms: int) -> tuple[sa.ColumnElement[bool], ...]:
    is_due = sa.or_(notices.c.next_at_ms.is_(None), notices.c.next_at_ms <= now_ms)
    return notices.c.state == NoticeState.WAITING.value, is_due
