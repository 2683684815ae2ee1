"""/api/v1/rules:backtest: rules are asked about recorded events; told line by line, ended by hanging up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from fastapi import APIRouter, Body
from fastapi.responses import StreamingResponse

from gwf.api.bodies import BadBodyError
from gwf.api.v1.rules import RuleId, Writing
from gwf.api.v1.ruleviews import failed_view, rule_ref
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import InputError, OverloadedError
from gwf.rules.backtest import Change, Comparison, Difference
from gwf.rules.book import RuleBook
from gwf.rules.decided import Events, Stretch
from gwf.rules.faults import placed
from gwf.rules.parse import DRAFT
from gwf.rules.ruleset import RuleSet
from gwf.rules.service import RuleService
from gwf.wire.backtests import (
    BacktestDifference,
    BacktestLine,
    BacktestMoment,
    BacktestProgress,
    BacktestRule,
    BacktestSummary,
    BacktestWhy,
    BacktestWish,
)
from gwf.wire.edge import Wire

MAX_EVENTS = 2_000_000  #: of one back-test
MAX_AT_ONCE = 2
MEDIA_TYPE = "application/x-ndjson"


class Lines(StreamingResponse):
    """Lines of JSON, one after the other."""

    media_type = MEDIA_TYPE


_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"model": BacktestLine, "description": "lines: `progress` and each `difference`, at last one `summary`"}
}


class TooManyEventsError(InputError):
    """A back-test would read more than it may."""

    code = "too_many_events"


@dataclass(slots=True)
class BacktestDesk:
    """Runs back-tests, few at a time."""

    rules: RuleService
    book: RuleBook
    events: Events
    clock: Clock
    running: int = 0

    async def begin(self, tenant: str, wish: BacktestWish, rule_id: str | None) -> AsyncIterator[bytes]:
        """Return the lines of a back-test; whoever stops reading ends it.

        Raises:
            OverloadedError: Others run.
            TooManyEventsError: There are too many events.
            NotFoundError: There is no such rule.
            FaultyRuleError: The rule is wrong.
            InputError: Other rules are in force than those that were put in order.
            BadBodyError: An order and a rule are tried at once.
        """
        if self.running >= MAX_AT_ONCE:
            raise OverloadedError("other back-tests run: ask again when one has ended", retry_after_s=10.0)
        after = await self._after(tenant, wish, rule_id)
        until_ms = self.clock.now_ms()
        since_ms = until_ms - round(wish.days * 86_400_000)
        stretch = self.events.taken(tenant, since_ms, until_ms)
        total = await self.events.count(stretch)
        if total > MAX_EVENTS * wish.every:
            least = -(-total // MAX_EVENTS)
            what = "there are too many events: take fewer days, or every n-th event"
            raise TooManyEventsError(what, field="days", events=total, max_events=MAX_EVENTS, every=least)
        live = self.book.of(tenant).rules
        comparison = Comparison(live, after, since_ms=since_ms, until_ms=until_ms, about=_tried(wish, rule_id))
        return self._lines(_Run(comparison, stretch, wish, since_ms, until_ms, total))

    async def _after(self, tenant: str, wish: BacktestWish, rule_id: str | None) -> RuleSet:
        if wish.rule_ids is not None:
            if rule_id is not None or wish.rule is not None:
                raise BadBodyError("either rule_ids or a rule is tried", pointer="/body/rule_ids", code="one_of")
            return self.rules.put_in_order(tenant, wish.rule_ids).after
        with placed("/rule"):
            return await self.rules.set_with(tenant, rule_id=rule_id, document=wish.rule)

    async def _lines(self, run: _Run) -> AsyncIterator[bytes]:
        began_s = self.clock.monotonic_s()
        self.running += 1
        try:
            yield _line(BacktestProgress(done=0, total=run.total))
            read = 0
            told, seen = 0, Counter[Change]()
            async for portion in self.events.of_stretch(run.stretch):
                skip = -read % run.wish.every
                await asyncio.to_thread(run.comparison.add, portion[skip :: run.wish.every])
                read += len(portion)
                for difference in run.comparison.differences[told:]:
                    told += 1
                    seen[difference.change] += 1
                    if seen[difference.change] <= run.wish.max_differences:
                        yield _line(_difference(difference))
                yield _line(BacktestProgress(done=read, total=max(read, run.total)))
            yield _line(run.summary(round((self.clock.monotonic_s() - began_s) * 1000)))
        finally:
            self.running -= 1


@dataclass(frozen=True, slots=True)
class _Run:
    comparison: Comparison
    stretch: Stretch
    wish: BacktestWish
    since_ms: int
    until_ms: int
    total: int

    def summary(self, took_ms: int) -> BacktestSummary:
        """Return what came of all events."""
        tally = self.comparison.tally
        rules = {rule.ref: rule for rule in self.comparison.after.rules}
        return BacktestSummary(
            since=utc_text(self.since_ms),
            until=utc_text(self.until_ms),
            events=tally.events,
            sample=self.wish.every > 1,
            took_ms=took_ms,
            before=tally.before,
            after=tally.after,
            **_counts(tally.changes),
            tried_before=None if self.comparison.about is None else tally.tried_before,
            actions_before=dict(tally.actions_before),
            actions_after=dict(tally.actions_after),
            moments=[
                BacktestMoment(at=utc_text(one.at_ms), before=one.before, after=one.after, **_counts(one.changes))
                for one in self.comparison.moments()
            ],
            rules=[
                BacktestRule(
                    rule_id=ref.rule_id,
                    version=ref.version,
                    name=rules[ref].name,
                    enabled=rules[ref].enabled,
                    matched=one.matched,
                    shadowed=one.shadowed,
                )
                for ref, one in tally.rules.items()
            ],
        )


def backtest_routes(desk: BacktestDesk) -> APIRouter:
    """Return the routes of back-tests."""
    router = APIRouter(tags=["rules"])

    @router.post(
        "/rules:backtest",
        summary="Ask the rules in force, or with a new one, about recorded events",
        response_class=Lines,
        responses=_ANSWER,
    )
    async def backtest_rules(who: Writing, wish: Annotated[BacktestWish, Body()]) -> Lines:
        return Lines(await desk.begin(who.tenant, wish, None))

    @router.post(
        "/rules/{rule_id}:backtest",
        summary="Ask the draft of a rule about recorded events",
        response_class=Lines,
        responses=_ANSWER,
    )
    async def backtest_rule(who: Writing, rule_id: RuleId, wish: Annotated[BacktestWish, Body()]) -> Lines:
        return Lines(await desk.begin(who.tenant, wish, rule_id))

    return router


def _tried(wish: BacktestWish, rule_id: str | None) -> str | None:
    """Return the rule in which both sets differ."""
    if rule_id is not None:
        return rule_id
    return None if wish.rule is None else DRAFT.rule_id


class _Counts(TypedDict):
    gained: int
    lost: int
    moved: int
    kept: int


def _counts(changes: Counter[Change]) -> _Counts:
    return _Counts(
        gained=changes[Change.GAINED], lost=changes[Change.LOST], moved=changes[Change.MOVED], kept=changes[Change.KEPT]
    )


def _line(value: Wire) -> bytes:
    return value.model_dump_json().encode() + b"\n"


def _difference(one: Difference) -> BacktestDifference:
    facts = one.facts
    return BacktestDifference(
        row_id=str(facts.ref.row_id),
        change=one.change.value,
        event_kind=facts.ref.kind.value,
        at=utc_text(facts.at_ms),
        type=facts.type,
        subject=facts.subject,
        agent_id=facts.agent_id,
        before=[rule_ref(ref) for ref in one.before],
        after=[rule_ref(ref) for ref in one.after],
        why=[BacktestWhy(rule=rule_ref(rule.ref), failed=failed_view(failed, rule)) for rule, failed in one.why],
    )
