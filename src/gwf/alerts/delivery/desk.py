"""What people do with the delivery: look at channels and messages, try a channel, have something sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gwf.alerts.delivery import plan
from gwf.alerts.delivery.budget import left
from gwf.alerts.delivery.model import ChannelRules, Message, MessageState, Sent
from gwf.alerts.delivery.ports import Began, Tried
from gwf.alerts.delivery.reads import ChannelFacts, DeskChange, DeskStore, KeptMessage, KeptNotice, Narrow
from gwf.alerts.delivery.runner import GRACE_MS, DeliveryParts
from gwf.alerts.delivery.text import Style, shown_time
from gwf.alerts.delivery.words import TEST
from gwf.alerts.life.ledger import name_of
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.core.errors import ConflictError, ErrorClass, GwfError, NotFoundError, UnavailableError
from gwf.events.model import Severity

CHECK_S = 15.0  #: a channel that does not answer a check for so long cannot be reached
MAX_TOLD = 500  #: notices of a message that are named


class ChannelNotFoundError(NotFoundError):
    """The settings name no such channel."""

    code = "channel_not_found"


class MessageNotFoundError(NotFoundError):
    """No message or notice has this id."""

    code = "message_not_found"


class MessageStateError(ConflictError):
    """Only a message that failed or was refused for good waits for a person."""

    code = "message_state"


class ChannelFullError(UnavailableError):
    """The channel takes no message now: its budget is used up, or another one is under way."""

    code = "channel_budget_spent"
    error_class = ErrorClass.THROTTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLook:
    """A channel, how it does, and what it may still be sent."""

    rules: ChannelRules
    facts: ChannelFacts
    zone: str
    left: int
    #: until when it is quiet; None = it is not
    quiet_until_ms: int | None


class DeliveryDesk:
    """Of any server."""

    def __init__(self, store: DeskStore, parts: DeliveryParts, zones: Mapping[str, str]) -> None:
        """Look at the channels of `parts`; `zones` names theirs."""
        self._store = store
        self._parts = parts
        self._zones = zones

    def now_ms(self) -> int:
        """Return the time by which messages are counted."""
        return self._parts.clock.now_ms()

    async def channels(self) -> Sequence[ChannelLook]:
        """Return all channels by name."""
        now_ms = self.now_ms()
        async with self._store.view() as view:
            return [
                self._look(rules, await view.facts(name, now_ms=now_ms), now_ms)
                for name, rules in sorted(self._parts.channels.items())
            ]

    async def channel(self, name: str) -> ChannelLook:
        """Return a channel.

        Raises:
            ChannelNotFoundError: There is none.
        """
        rules, now_ms = self._rules(name), self.now_ms()
        async with self._store.view() as view:
            return self._look(rules, await view.facts(name, now_ms=now_ms), now_ms)

    async def check(self, name: str) -> str:
        """Return why a channel cannot be reached; "" = it can. Nobody is told anything.

        Raises:
            ChannelNotFoundError: There is none.
        """
        self._rules(name)
        try:
            async with asyncio.timeout(CHECK_S):
                return await self._parts.ways[name].health_check()
        except TimeoutError:
            return f"no answer within {CHECK_S:.0f} s"

    async def test(self, tenant: str, name: str, text: str, *, by: Caller) -> KeptMessage:
        """Send a message that says it is a test, within the budget of what is not urgent; on record before it is sent.

        Raises:
            ChannelNotFoundError: There is no such channel.
            ChannelFullError: It takes none now; `retry_after_s` says when it does.
            UnavailableError: The database did not answer.
        """
        rules = self._rules(name)
        async with self._store.desk() as change:
            await change.lock(name)
            now_ms = self.now_ms()
            await self._make_room(change, rules, now_ms)
            message = self._test_message(tenant, rules, text, who=(by.name, now_ms))
            until_ms = now_ms + round(rules.timeout_s * 1000) + GRACE_MS
            began = await change.begin(message, (), now_ms=now_ms, until_ms=until_ms)
            change.record(
                AuditEntry(
                    tenant=tenant,
                    actor=by.actor,
                    action="channel.test",
                    resource=Resource(kind="channel", id=name),
                    at_ms=now_ms,
                    reason=by.reason,
                    request_id=by.request_id,
                    detail={"message": message.message_id},
                )
            )
        return await asyncio.shield(self._sent(began, rules))

    async def notices(
        self, tenant: str, wanted: Narrow, *, limit: int, after: tuple[int, str] | None
    ) -> Sequence[KeptNotice]:
        """Return notices, the newest first."""
        async with self._store.view() as view:
            return await view.notices(tenant, wanted, limit=limit, after=after)

    async def notice(self, tenant: str, notice_id: str) -> KeptNotice:
        """Return a notice.

        Raises:
            MessageNotFoundError: There is none.
        """
        async with self._store.view() as view:
            found = await view.notice(tenant, notice_id)
        if found is None:
            raise MessageNotFoundError("there is no such notice", notice_id=notice_id)
        return found

    async def messages(
        self, tenant: str, wanted: Narrow, *, limit: int, after: tuple[int, str] | None
    ) -> Sequence[KeptMessage]:
        """Return messages, the newest first."""
        async with self._store.view() as view:
            return await view.messages(tenant, wanted, limit=limit, after=after)

    async def message(self, tenant: str, message_id: str) -> tuple[KeptMessage, Sequence[str]]:
        """Return a message and the notices in it.

        Raises:
            MessageNotFoundError: There is none.
        """
        async with self._store.view() as view:
            found = await view.message(tenant, message_id)
            if found is None:
                raise MessageNotFoundError("there is no such message", message_id=message_id)
            return found, await view.told(message_id, limit=MAX_TOLD)

    async def again(self, tenant: str, message_id: str, *, by: Caller) -> KeptMessage:
        """Have a message that failed, or was refused for good, sent again now, under its id.

        Raises:
            MessageNotFoundError: There is none.
            MessageStateError: It needs nobody.
            ChannelNotFoundError: Its channel is gone.
        """
        return await self._act(tenant, message_id, "message.retry", by=by)

    async def give_up(self, tenant: str, message_id: str, *, by: Caller) -> KeptMessage:
        """Have a message that failed, or was refused for good, never sent.

        Raises:
            MessageNotFoundError, MessageStateError: As `again`.
        """
        return await self._act(tenant, message_id, "message.drop", by=by)

    async def _act(self, tenant: str, message_id: str, action: str, *, by: Caller) -> KeptMessage:
        now_ms, is_again = self.now_ms(), action == "message.retry"
        async with self._store.desk() as change:
            found = await change.message(tenant, message_id)
            if found is None:
                raise MessageNotFoundError("there is no such message", message_id=message_id)
            if is_again:
                self._rules(found.message.channel)
            do = change.again if is_again else change.give_up
            if not await do(found.message, now_ms=now_ms):
                raise MessageStateError(
                    "only a message that failed or was refused for good can be sent again or given up",
                    message_id=message_id, state=found.state.value,
                )  # fmt: skip
            change.record(
                AuditEntry(
                    tenant=tenant,
                    actor=by.actor,
                    action=action,
                    resource=Resource(kind="message", id=message_id),
                    at_ms=now_ms,
                    reason=by.reason,
                    request_id=by.request_id,
                    detail={"channel": found.message.channel},
                )
            )
            then = await change.message(tenant, message_id)
        return then or found

    # -- parts -------------------------------------------------------------------------------------------

    def _rules(self, name: str) -> ChannelRules:
        rules = self._parts.channels.get(name)
        if rules is None:
            known = ", ".join(sorted(self._parts.channels)) or "none: server.channels names them"
            raise ChannelNotFoundError("there is no such channel", channel=name, known=known)
        return rules

    def _look(self, rules: ChannelRules, facts: ChannelFacts, now_ms: int) -> ChannelLook:
        return ChannelLook(
            rules=rules,
            facts=facts,
            zone=self._zones[rules.name],
            left=left(facts.spends, per_minute=rules.per_minute, now_ms=now_ms),
            quiet_until_ms=None if rules.quiet is None else rules.quiet.end_ms(now_ms),
        )

    async def _make_room(self, change: DeskChange, rules: ChannelRules, now_ms: int) -> None:
        health = await change.health(rules.name)
        spends = await change.spends(rules.name, now_ms=now_ms)
        turn = plan.lane_turn(spends, health, rules, urgent=False, now_ms=now_ms)
        if not turn.slots:
            wait_s = 1.0 if turn.next_at_ms is None else (turn.next_at_ms - now_ms) / 1000
            raise ChannelFullError(
                "the channel takes no message now", channel=rules.name, retry_after_s=max(1.0, wait_s)
            )

    def _test_message(self, tenant: str, rules: ChannelRules, text: str, *, who: tuple[str, int]) -> Message:
        name, now_ms = who
        style = Style(zone=self._parts.zones[rules.name])
        values = {"channel": rules.name, "by": name, "time": shown_time(now_ms, style)}
        title, said = TEST[rules.language].filled(values)
        return Message(
            message_id=name_of("msg", rules.name, tenant, "test", now_ms),
            tenant=tenant,
            channel=rules.name,
            urgent=False,
            title=title,
            text=f"{said}\n\n{text}".strip(),
            severity=Severity.INFO,
            created_at_ms=now_ms,
            parts=0,
        )

    async def _sent(self, began: Began, rules: ChannelRules) -> KeptMessage:
        """Send a test, and write down what became of it; a test is not tried again."""
        try:
            outcome: Sent | GwfError = await self._parts.ways[rules.name].send(began.message)
        except GwfError as exc:
            outcome = exc
        async with self._store.desk() as change:
            await change.lock(rules.name)
            now_ms = self.now_ms()
            if isinstance(outcome, Sent):
                await change.sent(began, outcome, now_ms=now_ms)
                await change.keep_health(rules.name, plan.worked(now_ms=now_ms))
            else:
                kind = outcome.error_class.value
                await change.tried(
                    began, Tried(error=str(outcome), error_class=kind, state=MessageState.FAILED), now_ms=now_ms
                )
                health = plan.failed(
                    await change.health(rules.name),
                    now_ms=now_ms, error=str(outcome), error_class=kind, block_ms=0, retryable=False,
                )  # fmt: skip
                await change.keep_health(rules.name, health)
            found = await change.message(began.message.tenant, began.message.message_id)
        if found is None:
            raise MessageNotFoundError("the message is gone", message_id=began.message.message_id)
        return found
