"""Delivers: takes notices from the outbox, writes down what is sent before it is sent, and what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from gwf.alerts.delivery import plan
from gwf.alerts.delivery.budget import Spend
from gwf.alerts.delivery.model import ChannelHealth, ChannelRules, Message, MessageState, Part, Sent
from gwf.alerts.delivery.ports import Began, DeliveryChange, DeliveryStore, Lead, Tried, Way, spend_id_of
from gwf.alerts.delivery.receipts import ReceiptFile
from gwf.alerts.delivery.template import MessageTemplate
from gwf.alerts.delivery.text import Style, written
from gwf.alerts.delivery.words import UNSURE
from gwf.alerts.oncall import Schedule, resolve
from gwf.core.clock import Clock
from gwf.core.errors import ErrorClass, GwfError, UnavailableError

OUTBOX = 500  #: notices whose channels are looked up in one transaction
FOLDED = 5_000  #: notices that are folded into one message at most
LONGEST_PAUSE_S = 1.0
AFTER_FAULT_S = 1.0
SENDER_LOOK_S = 0.1  #: how often it is looked whether the sender of a killed process has ended
GRACE_MS = 5_000  #: after the longest time that sending may take
_MAYBE_ARRIVED = frozenset({ErrorClass.TIMEOUT, ErrorClass.NETWORK})

log = logging.getLogger("gwf.alerts")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryParts:
    """What the runner works with."""

    store: DeliveryStore
    #: by name, those of `ways`
    channels: Mapping[str, ChannelRules]
    ways: Mapping[str, Way]
    #: of a tenant by name: receivers that lead to whoever is on call
    schedules: Callable[[str], Mapping[str, Schedule]]
    lead: Lead
    #: the same for all processes that share the database
    clock: Clock
    zones: Mapping[str, ZoneInfo]
    #: None = the database alone knows what arrived
    receipts: ReceiptFile | None = None
    console_url: str = ""
    #: no other process can be sending
    alone: bool = True
    #: seconds between two looks for what other processes wrote
    pause_s: float = LONGEST_PAUSE_S


@dataclass(slots=True)
class DeliveryFacts:
    """Counters for metrics and health."""

    sent_total: dict[str, int] = field(default_factory=dict[str, int])
    #: notices in them
    told_total: dict[str, int] = field(default_factory=dict[str, int])
    failed_tries_total: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    turns_failed_total: int = 0


class DeliveryRunner:
    """Used in one event loop; of several servers one delivers."""

    def __init__(self, parts: DeliveryParts, *, told: Callable[[], None] = lambda: None) -> None:
        """Nothing is sent before `run`; `told` hears when something arrived or failed."""
        self._parts = parts
        self._told = told
        self._some = asyncio.Event()
        self._flights: set[asyncio.Task[None]] = set()
        self._was_mine = False
        #: the database knows what the file of receipts told when this process began
        self._recalled = False
        #: since when a sender of before is waited for; None = it is not
        self._waits_since_s: float | None = None
        self.facts = DeliveryFacts()

    def wake(self) -> None:
        """Look now: something was written into the outbox."""
        self._some.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is on its way then is sent to its end."""
        try:
            while True:
                pause_s = await self._guarded()
                try:
                    async with asyncio.timeout(pause_s):
                        await self._some.wait()
                except TimeoutError:
                    continue
                finally:
                    self._some.clear()
        finally:
            await self.rest()

    async def rest(self) -> None:
        """Wait until nothing is on its way."""
        while self._flights:
            await asyncio.wait(self._flights)

    async def _guarded(self) -> float:
        try:
            if not await self._recall():
                return SENDER_LOOK_S
            if not await self._parts.lead.is_mine():
                self._was_mine = False
                return self._parts.pause_s
            return await self.once()
        except GwfError as exc:  # all stays as it is, the next turn finds it
            self.facts.turns_failed_total += 1
            log.warning("notices_not_delivered", extra={"error_code": exc.code, "error": str(exc)})
        except Exception:  # the edge of a loop that must not end
            self.facts.turns_failed_total += 1
            log.exception("delivery_crashed")
        return AFTER_FAULT_S

    async def once(self) -> float:
        """Do what can be done now; return after how many seconds there is more, if nobody wakes it before."""
        if not await self._recall():
            return SENDER_LOOK_S
        now_ms = self._parts.clock.now_ms()
        await self._adopt(now_ms)
        while await self._parts.store.has_outbox(now_ms=now_ms):
            await self._take_outbox(now_ms)
        pauses = [self._parts.pause_s]
        for due in await self._parts.store.due():
            if due.channel not in self._parts.channels:  # given up when the lead changes
                continue
            at_ms = due.next_at_ms if due.next_at_ms > now_ms else await self._channel(due.channel)
            if at_ms is not None:
                pauses.append(max(0.0, (at_ms - self._parts.clock.now_ms()) / 1000))
        return min(pauses)

    # -- from the outbox to parts ------------------------------------------------------------------------

    async def _recall(self) -> bool:
        """Have the database know what arrived before this process began; False = a sender of before is still at it."""
        receipts = self._parts.receipts
        if self._recalled or receipts is None:
            return True
        try:
            is_free = receipts.take()
        except GwfError as exc:  # a file system without locks: what a sender of before is at is not waited for
            log.warning("receipts_not_locked", extra={"error_code": exc.code, "error": str(exc)})
            is_free = True
        if not is_free and self._is_worth_waiting():
            return False
        known = receipts.read()
        async with self._parts.store.change() as change:
            for message in await change.sending(list(known)):
                began = Began(message=message, spend_id=spend_id_of(message))
                await change.sent(began, Sent(receipt=known[message.message_id]), now_ms=self._parts.clock.now_ms())
        self._recalled = True
        return True

    def _is_worth_waiting(self) -> bool:
        """Tell whether a sender of before may still have requests out."""
        now_s = self._parts.clock.monotonic_s()
        if self._waits_since_s is None:
            self._waits_since_s = now_s
            log.info("delivery_waits_for_a_sender")
        longest_s = max(channel.timeout_s for channel in self._parts.channels.values()) + GRACE_MS / 1000
        if now_s < self._waits_since_s + longest_s:
            return True
        log.error("receipts_held_by_another_process")
        return False

    async def _adopt(self, now_ms: int) -> None:
        """Take up what others left: who had the lead before, and workers that died while they told somebody."""
        if self._was_mine and not await self._parts.store.has_lost(now_ms=now_ms):
            return
        async with self._parts.store.change() as change:
            lost = await change.adopt(now_ms=now_ms, alone=self._parts.alone and not self._was_mine)
            if not self._was_mine:
                strangers = await change.fail_strangers(sorted(self._parts.channels), now_ms=now_ms)
                if strangers:
                    log.error("notices_without_channel", extra={"parts": strangers})
        self._was_mine = True
        if lost:
            log.warning("messages_taken_up", extra={"messages": lost})

    async def _take_outbox(self, now_ms: int) -> None:
        async with self._parts.store.change() as change:
            notices = await change.outbox(now_ms=now_ms, limit=OUTBOX)
            parts: list[Part] = []
            nobody: list[str] = []
            for notice in notices:
                schedules = self._parts.schedules(notice.tenant)
                recipients = resolve(notice.receivers, notice.at_ms, schedules)
                found = plan.parts_of(notice, recipients, self._parts.channels)
                parts += found
                if not found:
                    nobody.append(notice.notice_id)
            await change.plan(parts, nobody=nobody, now_ms=now_ms)
        if nobody:
            log.error("notices_reach_nobody", extra={"notices": len(nobody), "first": nobody[0]})

    # -- from parts to messages --------------------------------------------------------------------------

    async def _channel(self, name: str) -> int | None:
        """Begin what a channel may be sent now; return when to look again, None = when something else happens."""
        channel = self._parts.channels[name]
        templates = await self._parts.store.templates()
        begun: list[Began] = []
        moments: list[int] = []
        async with self._parts.store.change() as change:
            await change.lock(name)
            now_ms = self._parts.clock.now_ms()
            health = await change.health(name)
            await self._move_away(change, channel, health, now_ms=now_ms)
            spends = list(await change.spends(name, now_ms=now_ms))
            for urgent in (True, False):
                turn = plan.lane_turn(spends, health, channel, urgent=urgent, now_ms=now_ms)
                if turn.next_at_ms is not None:
                    moments.append(turn.next_at_ms)
                one = await self._next(change, channel, templates, urgent=urgent, slots=turn.slots)
                if one is not None:
                    begun.append(one)
                    spends.append(Spend(at_ms=now_ms, end_ms=None, urgent=urgent))
        for one in begun:
            self._send(one, channel)
        return min(moments, default=None)

    async def _next(
        self,
        change: DeliveryChange,
        channel: ChannelRules,
        templates: Mapping[str, Mapping[str, MessageTemplate]],
        *,
        urgent: bool,
        slots: int,
    ) -> Began | None:
        """Write down the next message of a lane: another try of one that failed before something new."""
        if not slots:
            return None
        now_ms = self._parts.clock.now_ms()
        until_ms = now_ms + round(channel.timeout_s * 1000) + GRACE_MS
        again = await change.due_again(channel.name, urgent=urgent, now_ms=now_ms)
        if again is not None:
            return await change.begin(again, (), now_ms=now_ms, until_ms=until_ms)
        waiting = await change.waiting(channel.name, urgent=urgent, now_ms=now_ms, limit=FOLDED)
        parts = plan.chosen(waiting, slots=slots)
        if not parts:
            return None
        style = Style(
            zone=self._parts.zones[channel.name],
            console_url=self._parts.console_url,
            templates=templates.get(parts[0].notice.tenant, {}),
        )
        message, taken = written(parts, channel, style, now_ms=now_ms)
        return await change.begin(message, taken, now_ms=now_ms, until_ms=until_ms)

    async def _move_away(
        self, change: DeliveryChange, channel: ChannelRules, health: ChannelHealth, *, now_ms: int
    ) -> None:
        """Have the fallback tell what this channel could not for too long."""
        if not channel.fallback or health.down_since_ms is None:
            return
        since_ms = now_ms - round(channel.fallback_after_s * 1000)
        if health.down_since_ms > since_ms:
            return
        stuck = await change.stuck(channel.name, since_ms=since_ms, limit=OUTBOX)
        await self._move(change, channel, stuck, now_ms=now_ms)

    async def _move(self, change: DeliveryChange, channel: ChannelRules, parts: Sequence[Part], *, now_ms: int) -> None:
        to = self._parts.channels[channel.fallback]
        await change.move([plan.moved(part, to, now_ms=now_ms) for part in parts], now_ms=now_ms)
        if parts:
            log.warning("notices_moved", extra={"channel": channel.name, "to": to.name, "notices": len(parts)})
            self._some.set()

    # -- messages on their way ---------------------------------------------------------------------------

    def _send(self, began: Began, channel: ChannelRules) -> None:
        flight = asyncio.create_task(self._flight(began, channel), name=f"gwf-message-{began.message.message_id}")
        self._flights.add(flight)
        flight.add_done_callback(self._landed)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._flights.discard(flight)
        if not self._flights and self._parts.receipts is not None:
            self._parts.receipts.tidy()
        self._some.set()
        if not flight.cancelled() and (error := flight.exception()) is not None:
            log.error("message_not_followed", exc_info=error)

    async def _flight(self, began: Began, channel: ChannelRules) -> None:
        """Send a message, and write down what became of it, until that is durable."""
        outcome = await self._outcome(began.message, channel)
        while True:
            try:
                await self._ended(began, channel, outcome)
            except GwfError as exc:  # only the database: what was sent must not be sent again for that
                log.warning("message_not_written_down", extra={"error_code": exc.code, "error": str(exc)})
                await asyncio.sleep(AFTER_FAULT_S)
            else:
                break
        self._count(began.message, outcome)
        self._told()

    async def _outcome(self, message: Message, channel: ChannelRules) -> Sent | GwfError:
        if message.unsure and not channel.idempotent:
            message = replace(message, text=f"{message.text}\n\n{UNSURE[channel.language]}")
        try:
            return await self._parts.ways[channel.name].send(message)
        except GwfError as exc:
            return exc
        except Exception as exc:  # a fault of a plug-in must not end the delivery
            log.exception("channel_crashed", extra={"channel": channel.name})
            return UnavailableError("the channel failed", reason=type(exc).__name__, retryable=False)

    async def _ended(self, began: Began, channel: ChannelRules, outcome: Sent | GwfError) -> None:
        async with self._parts.store.change() as change:
            await change.lock(channel.name)
            now_ms = self._parts.clock.now_ms()
            if isinstance(outcome, Sent):
                await change.sent(began, outcome, now_ms=now_ms)
                await change.keep_health(channel.name, plan.worked(now_ms=now_ms))
                return
            health = await change.health(channel.name)
            block_ms = plan.wait_ms(health.failures + 1, retryable=True, retry_after_s=outcome.retry_after_s)
            await change.keep_health(
                channel.name,
                plan.failed(
                    health,
                    now_ms=now_ms,
                    error=str(outcome),
                    error_class=outcome.error_class.value,
                    block_ms=block_ms,
                    retryable=outcome.retryable,
                ),
            )
            tried = self._tried(began.message, outcome, block_ms=block_ms, now_ms=now_ms)
            await change.tried(began, tried, now_ms=now_ms)
            if not outcome.retryable and channel.fallback and tried.state is MessageState.WAITING:
                stuck = await change.parts_in(began.message.message_id)
                await self._move(change, channel, [part for part in stuck if not part.instead_of], now_ms=now_ms)
            if tried.state is MessageState.FAILED or not outcome.retryable:
                await change.need_person(began.message, tried, now_ms=now_ms)
        log.warning(
            "message_not_taken",
            extra={
                "channel": channel.name,
                "message_id": began.message.message_id,
                "attempt": began.message.attempts,
                "error": str(outcome),
                "retryable": outcome.retryable,
            },
        )

    def _tried(self, message: Message, error: GwfError, *, block_ms: int, now_ms: int) -> Tried:
        is_over = now_ms - message.created_at_ms >= plan.GIVE_UP_MS
        waits_ms = block_ms if error.retryable else plan.wait_ms(message.attempts, retryable=False, retry_after_s=None)
        return Tried(
            error=str(error),
            error_class=error.error_class.value,
            state=MessageState.FAILED if is_over else MessageState.WAITING,
            next_at_ms=None if is_over else now_ms + waits_ms,
            unsure=error.error_class in _MAYBE_ARRIVED,
        )

    def _count(self, message: Message, outcome: Sent | GwfError) -> None:
        facts, name = self.facts, message.channel
        if isinstance(outcome, Sent):
            facts.sent_total[name] = facts.sent_total.get(name, 0) + 1
            facts.told_total[name] = facts.told_total.get(name, 0) + message.parts
        else:
            key = name, outcome.error_class.value
            facts.failed_tries_total[key] = facts.failed_tries_total.get(key, 0) + 1
