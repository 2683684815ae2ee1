"""Decides about events as they are stored, once each, and tells later what was decided and why."""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gwf.core.clock import Clock
from gwf.core.errors import GwfError, NotFoundError
from gwf.core.faults import kill_point
from gwf.rules.book import NOTHING, ReadySet, RuleBook
from gwf.rules.decided import Batch, Decisions, Events, Kept
from gwf.rules.decision import Decision, EventRef, RuleVersion
from gwf.rules.edge import carriers, told_carried
from gwf.rules.facts import Facts
from gwf.rules.ports import DraftSink
from gwf.rules.ruleset import Explanation

LEFT_AFTER_S = 10.0  #: a batch that its server has not decided about by then is anybody's
LOOK_EVERY_S = 5.0
PORTION = 250  #: events that are decided before others get the event loop
MANY = 500  #: batches or decisions that are looked for at once

log = logging.getLogger("gwf.rules")


@dataclass(slots=True)
class DeciderFacts:
    """Counters for metrics and health."""

    events_total: int = 0
    matched_total: int = 0
    observed_total: int = 0
    drafts_total: int = 0
    faults_total: int = 0
    failures_total: int = 0
    #: batches that could not be decided at the last look
    stuck: int = 0
    #: batches that wait in this process
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeciderParts:
    """What a decider works on."""

    events: Events
    decisions: Decisions
    book: RuleBook
    #: no other process shares the database: what is open at the start was left by one that died
    alone: bool


class Decider:
    """Works in one event loop; several servers may share a database."""

    def __init__(self, parts: DeciderParts, *, sink: DraftSink | None, clock: Clock) -> None:
        """Nothing is decided before `run`; without a `sink` drafts become no work."""
        self._events = parts.events
        self._decisions = parts.decisions
        self._book = parts.book
        self._alone = parts.alone
        self._sink = sink
        self._clock = clock
        self._waiting: asyncio.Queue[int | None] = asyncio.Queue()  # None: the end
        self._ending = False
        self.facts = DeciderFacts()

    def take(self, first_row_id: int) -> None:
        """Decide soon about the batch of this name, which was just stored."""
        self._waiting.put_nowait(first_row_id)
        self.facts.waiting = self._waiting.qsize()

    def stop(self) -> None:
        """Let `run` end as soon as what it is at is decided."""
        self._ending = True
        self._waiting.put_nowait(None)

    async def run(self) -> None:
        """Decide until told to stop; what a process left behind that died is taken up."""
        next_look_s = self._clock.monotonic_s()
        left_after_s = 0.0 if self._alone else LEFT_AFTER_S
        while not self._ending:
            try:
                if self._clock.monotonic_s() >= next_look_s:
                    next_look_s = self._clock.monotonic_s() + LOOK_EVERY_S
                    await self.catch_up(left_after_s)
                    left_after_s = LEFT_AFTER_S
                await self._next(wait_s=next_look_s - self._clock.monotonic_s())
            except GwfError as exc:  # the batch stays open, the next look finds it
                self.facts.failures_total += 1
                log.warning("decisions_failed", extra={"error_code": exc.code, "error": str(exc)})
                await asyncio.sleep(1.0)
            except Exception:  # the edge of a loop that must not end; the batch stays open
                self.facts.failures_total += 1
                log.exception("decider_crashed")
                await asyncio.sleep(1.0)

    async def catch_up(self, left_after_s: float) -> None:
        """Decide about batches that are older and were left, and hand over drafts that did not become work.

        A batch that cannot be decided stays open and does not hold up those behind it.
        """
        before_ms = self._clock.now_ms() - round(left_after_s * 1000)
        stuck: set[int] = set()
        while batches := [
            batch
            for batch in await self._decisions.open_batches(taken_before_ms=before_ms, limit=MANY)
            if batch.first_row_id not in stuck
        ]:
            for batch in batches:
                if not await self._decided_if_possible(batch):
                    stuck.add(batch.first_row_id)
        self.facts.stuck = len(stuck)
        if self._sink is None:
            return
        while kept := await self._decisions.unhanded(decided_before_ms=before_ms, limit=MANY):
            await self._hand_over([await self._again(one) for one in kept])

    async def _decided_if_possible(self, batch: Batch) -> bool:
        try:
            await self.decide(batch)
        except GwfError:  # the database is away: all batches have to wait
            raise
        except Exception:  # one event of it that cannot be read must not stop the others
            self.facts.failures_total += 1
            log.exception("batch_not_decided", extra={"batch": batch.first_row_id, "events": batch.events})
            return False
        return True

    async def decide(self, batch: Batch) -> bool:
        """Decide about a batch; tell whether it was us who did."""
        sets = {tenant: self._book.of(tenant) for tenant in self._book.tenants()}
        found: list[Decision] = []
        looked = 0
        if sets:
            async for portion in self._events.of_batch(batch, sorted(sets)):
                looked += len(portion)
                for at in range(0, len(portion), PORTION):
                    found += _matching(portion[at : at + PORTION], sets)
                    await asyncio.sleep(0)
        now_ms = self._clock.now_ms()
        numbers = {tenant: ready.number for tenant, ready in sets.items()}
        decided = Batch(
            first_row_id=batch.first_row_id, ranges=batch.ranges, events=batch.events, taken_at_ms=batch.taken_at_ms,
            decided_at_ms=now_ms, sets=numbers,
        )  # fmt: skip
        kill_point("before_decision_commit")
        if not await self._decisions.keep(decided, [self._kept(one, numbers, now_ms) for one in found]):
            return False
        kill_point("after_decision_commit")
        self._count(found, looked)
        await self._hand_over([one for one in found if one.drafts])
        return True

    async def _next(self, *, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                first_row_id = await self._waiting.get()
        except TimeoutError:
            return
        if first_row_id is None:
            return
        self.facts.waiting = self._waiting.qsize()
        batch = await self._decisions.batch(first_row_id)
        if batch is not None and batch.decided_at_ms is None:
            await self.decide(batch)

    def _kept(self, decision: Decision, numbers: dict[str, int], now_ms: int) -> Kept:
        handed = 0 if self._sink is None or not decision.drafts else None
        return Kept(
            event=decision.event,
            set_no=numbers[decision.event.tenant],
            matched=decision.matched,
            drafts=len(decision.drafts),
            faults=len(decision.faults),
            decided_at_ms=now_ms,
            handed_at_ms=handed,
        )

    def _count(self, found: Sequence[Decision], looked: int) -> None:
        self.facts.events_total += looked
        self.facts.matched_total += len(found)
        self.facts.observed_total += sum(len(one.observed) for one in found)
        self.facts.drafts_total += sum(len(one.drafts) for one in found)
        self.facts.faults_total += sum(len(one.faults) for one in found)

    async def _hand_over(self, decisions: Sequence[Decision]) -> None:
        if self._sink is None or not decisions:
            return
        await self._sink.take(decisions)
        await self._decisions.handed([one.event.row_id for one in decisions], now_ms=self._clock.now_ms())

    async def _again(self, kept: Kept) -> Decision:
        """Return a decision as it was made: the same versions and the same event say the same."""
        try:
            facts = await self._events.one(kept.event)
        except NotFoundError:  # not kept any more: nothing can be done about it
            return Decision(event=kept.event, matched=kept.matched)
        return (await self._book.numbered(kept.event.tenant, kept.set_no)).rules.decide(facts)


def _matching(portion: Sequence[Facts], sets: dict[str, ReadySet]) -> list[Decision]:
    return [found for facts in portion if (found := sets[facts.ref.tenant].rules.decide(facts)).matched]


class DecisionState(enum.StrEnum):
    """How far the rules are with an event."""

    DECIDED = "decided"
    #: it will be within moments
    PENDING = "pending"
    #: it was taken before rules decided, or that is not kept any more
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was decided about a stored event, and why."""

    state: DecisionState
    set_no: int
    decided_at_ms: int | None
    #: the versions that matched are those that match when they are asked again
    same: bool
    explanation: Explanation
    #: its drafts became work, as far as there are any
    handed: bool = True
    #: what the agent decided about the file before it sent it, made again; None = the event tells of nothing such
    at_host: AtHost | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHost:
    """A decision that an agent made, and why."""

    rule: RuleVersion
    set_no: int
    #: the rule that decided is the one that decides when the same rules are asked again
    same: bool
    #: of the rules about carrying
    explanation: Explanation


class DecisionDesk:
    """Tells what was decided about stored events."""

    def __init__(self, events: Events, decisions: Decisions, book: RuleBook) -> None:
        """Ask these."""
        self._events = events
        self._decisions = decisions
        self._book = book

    async def find(self, ref: EventRef) -> Found:
        """Return what was decided about an event.

        Raises:
            NotFoundError: There is no such event.
        """
        facts = await self._events.one(ref)
        return replace(await self._at_centre(ref, facts), at_host=await self._at_host(facts))

    async def _at_host(self, facts: Facts) -> AtHost | None:
        carried = told_carried(facts)
        if carried is None:
            return None
        try:
            ready = await self._book.numbered(facts.ref.tenant, carried.set_no)
        except NotFoundError:  # the host worked by rules of another centre, or those of before a restored backup
            ready = NOTHING
        explained = carriers(ready.rules.rules).explain(carried.file)
        same = explained.decision.matched == (carried.rule,)
        return AtHost(rule=carried.rule, set_no=carried.set_no, same=same, explanation=explained)

    async def _at_centre(self, ref: EventRef, facts: Facts) -> Found:
        kept = await self._decisions.find(ref.tenant, ref.row_id)
        if kept is not None:
            explained = (await self._book.numbered(ref.tenant, kept.set_no)).rules.explain(facts)
            same = explained.decision.matched == kept.matched
            return Found(
                state=DecisionState.DECIDED, set_no=kept.set_no, decided_at_ms=kept.decided_at_ms, same=same,
                explanation=explained, handed=kept.handed_at_ms is not None,
            )  # fmt: skip
        batch = await self._decisions.batch_around(ref.row_id)
        if batch is None or batch.decided_at_ms is None:
            state = DecisionState.UNKNOWN if batch is None else DecisionState.PENDING
            nothing = NOTHING.rules.explain(facts)
            return Found(state=state, set_no=0, decided_at_ms=None, same=True, explanation=nothing)
        set_no = (batch.sets or {}).get(ref.tenant, 0)
        explained = (await self._book.numbered(ref.tenant, set_no)).rules.explain(facts)
        return Found(
            state=DecisionState.DECIDED, set_no=set_no, decided_at_ms=batch.decided_at_ms,
            same=not explained.decision.matched, explanation=explained,
        )  # fmt: skip
