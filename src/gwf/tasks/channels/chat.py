"""Channels that are told by an HTTP request: robots of chats, and receivers of one's own."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from gwf.core.clock import Clock
from gwf.core.errors import GwfError, UnavailableError
from gwf.rules.faults import is_object
from gwf.tasks.actions.notify import Notice, Receipt
from gwf.tasks.actions.outgoing import Call, Outgoing
from gwf.tasks.actions.outward import Outward, target_of
from gwf.tasks.actions.webhook import KEY, SIGNATURE, signature
from gwf.tasks.channels.robots import Message, refusal_of

Write = Callable[[Notice, int, str], Message]
"""Makes the request of a notice at a moment (ms UTC) with an idempotency key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What channels have in common."""

    #: where requests may go
    outward: Outward
    #: whom they trust
    tls: ssl.SSLContext
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who is told, and how."""

    #: with its token
    url: str
    write: Write
    timeout_s: float
    #: key that signs bodies as WEBHOOK; None = the message is signed otherwise, or not
    signing: str | None = None


class ChatChannel:
    """See gwf.tasks.actions.notify.Channel."""

    def __init__(self, receiver: Receiver, ways: Ways, threads: ThreadPoolExecutor) -> None:
        """Send in `threads`."""
        self._receiver = receiver
        self._ways = ways
        self._threads = threads

    async def send(self, notice: Notice, *, idempotency_key: str) -> Receipt:
        """See the port."""
        message = self._receiver.write(notice, self._ways.clock.now_ms(), idempotency_key)
        heads = {KEY: idempotency_key}
        if self._receiver.signing is not None:
            heads[SIGNATURE] = signature(self._receiver.signing, message.body, at_s=self._ways.clock.now_ms() // 1000)
        call = Call(url=message.url, headers={"content-type": "application/json"}, body=message.body.decode())
        request = Outgoing(self._ways.outward, self._ways.tls, call, redirects=0)
        loop = asyncio.get_running_loop()
        sending = loop.run_in_executor(self._threads, lambda: request.send(heads, timeout_s=self._receiver.timeout_s))
        try:
            heard = await sending
        finally:
            request.abort()
        answer = heard.answer
        refusal = refusal_of(answer.status, answer.body, retry_after_s=answer.retry_after_s())
        if refusal is not None:
            raise UnavailableError(
                refusal.reason, error_class=refusal.error_class, retryable=refusal.retryable,
                retry_after_s=refusal.retry_after_s,
            )  # fmt: skip
        return Receipt(message_id=_message_id(answer.body))

    async def health_check(self) -> str:
        """See the port: the name is found and may be reached; nobody is told anything."""
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: self._ways.outward.address_of(target_of(self._receiver.url))
            )
        except GwfError as exc:
            return str(exc)
        return ""


def _message_id(body: bytes) -> str:
    try:
        found: object = json.loads(body)
    except ValueError:
        return ""
    value = (found.get("id") or found.get("message_id")) if is_object(found) else None
    return str(value)[:200] if value else ""
