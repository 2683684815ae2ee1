"""What becomes of messages as dead letters, written in the transaction of the delivery."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.alerts.delivery.model import Message, MessageState
from gwf.alerts.delivery.ports import Tried
from gwf.db.letter_rows import enter_failures
from gwf.db.tables.letters import letters
from gwf.letters.model import CLOSED, Failure, LetterId, LetterKind, LetterState, letter_id

_ROW = letters.c
_OPEN = _ROW.state.not_in(sorted(state.value for state in CLOSED))


async def enter(connection: AsyncConnection, failed: Sequence[tuple[Message, Tried]], *, now_ms: int) -> None:
    """Put messages that need a person on the desk; a test concerns only whoever made it."""
    failures = [_failure(message, tried, now_ms) for message, tried in failed if message.parts]
    await enter_failures(connection, failures, now_ms=now_ms)


async def begin_again(connection: AsyncConnection, tenant: str, message_id: str, *, now_ms: int) -> None:
    """Note that somebody has a message sent again."""
    put = sa.update(letters).where(_ROW.letter_id == letter_of(tenant, message_id), _OPEN)
    values = {"state": LetterState.REPLAYING.value, "replays": _ROW.replays + 1, "note": "", "edit": None}
    await connection.execute(put.values(**values, updated_at_ms=now_ms))


async def close(
    connection: AsyncConnection, messages: Sequence[tuple[str, str]], state: LetterState, *, now_ms: int
) -> None:
    """Note that messages, by tenant and id, need nobody any more."""
    names = [letter_of(tenant, message_id) for tenant, message_id in messages]
    if names:
        put = sa.update(letters).where(_ROW.letter_id.in_(names), _OPEN)
        await connection.execute(put.values(state=state.value, note="", updated_at_ms=now_ms))


async def is_open(connection: AsyncConnection, tenant: str, message_id: str) -> bool:
    """Tell whether a message has a letter that waits for a person, or for what a person began."""
    wanted = sa.select(_ROW.letter_id).where(_ROW.letter_id == letter_of(tenant, message_id), _OPEN)
    return await connection.scalar(wanted) is not None


def letter_of(tenant: str, message_id: str) -> LetterId:
    """Return the letter that a message has, if it has one."""
    return letter_id(tenant, LetterKind.NOTIFICATION, message_id)


def _failure(message: Message, tried: Tried, now_ms: int) -> Failure:
    is_over = tried.state is MessageState.FAILED
    return Failure(
        tenant=message.tenant,
        kind=LetterKind.NOTIFICATION,
        subject=message.message_id,
        error_class=tried.error_class,
        place=message.channel,
        message=tried.error,
        about=message.title,
        at_ms=now_ms,
        mark=2 * message.attempts + is_over,
        attempts=message.attempts,
        source={"channel": message.channel, "notices": message.parts, "given_up": is_over},
    )
