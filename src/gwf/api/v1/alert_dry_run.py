"""/api/v1/alert-rules:dry-run: what would have come of a rule of alerts over recorded events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Protocol

from fastapi import APIRouter, Body

from gwf.alerts.book import AlertBook
from gwf.alerts.cases import FailedCase, failed_cases
from gwf.alerts.documents.record import DocKind, Shelf
from gwf.alerts.documents.service import DocService
from gwf.alerts.life.ledger import Setting, State
from gwf.alerts.life.model import NoticeKind
from gwf.alerts.run.model import AlertPlan, Kept
from gwf.alerts.run.tenant import TenantAlerts
from gwf.alerts.sight.model import AlertRule, Outcome
from gwf.alerts.sight.reading import read_alert_rule
from gwf.alerts.trial import Trial, TriedAlert
from gwf.api.v1.alertdocs import DocId, Writing
from gwf.api.v1.alertdocviews import failed_test
from gwf.api.v1.rule_backtest import TooManyEventsError
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import OverloadedError
from gwf.events.files import FileEventStatus
from gwf.rules.decided import Stretch
from gwf.rules.facts import Facts
from gwf.rules.faults import placed
from gwf.rules.sample import sample_of
from gwf.wire.alertdocs import (
    AlertDraftRunWish,
    AlertDryRun,
    AlertDryRunWish,
    DryRunAlert,
    DryRunNotices,
    DryRunOutcomes,
)

MAX_EVENTS = 500_000  #: of one run
MAX_AT_ONCE = 2


class History(Protocol):
    """Recorded events. Every method raises UnavailableError when the database did not answer."""

    def taken(self, tenant: str, since_ms: int, until_ms: int) -> Stretch:
        """Return the stretch of what the centre took between two moments, the second excluded."""
        ...

    def taken_at_ms(self, facts: Facts) -> int:
        """Return when the centre took an event."""
        ...

    async def count(self, stretch: Stretch, *, statuses: Collection[FileEventStatus] | None = None) -> int:
        """Return how many events there are; of those of files only with `statuses`."""
        ...

    def in_order(
        self, stretch: Stretch, *, statuses: Collection[FileEventStatus] | None = None
    ) -> AsyncIterator[Sequence[Facts]]:
        """Yield events in portions, in the order in which they were taken."""
        ...


@dataclass(slots=True)
class DryRunDesk:
    """Plays recorded events to rules, few at a time."""

    docs: DocService
    book: AlertBook
    events: History
    clock: Clock
    running: int = 0

    async def drafted(self, tenant: str, rule_id: str, wish: AlertDraftRunWish) -> AlertDryRun:
        """Return what would have come of the draft of a rule, or of what is in force where it has none.

        Raises:
            NotFoundError: There is no such rule.
            OverloadedError: Others run.
            TooManyEventsError: There are too many events.
        """
        now = await self.docs.one(Shelf(tenant, DocKind.RULE), rule_id)
        rule = read_alert_rule(now.shown.document, rule_id=rule_id, version=now.shown.ref.version)
        return await self.run(tenant, rule, days=wish.days, keep=wish.max_alerts)

    async def run(self, tenant: str, rule: AlertRule, *, days: float, keep: int) -> AlertDryRun:
        """Return what would have come of a rule.

        Raises:
            OverloadedError: Others run.
            TooManyEventsError: There are too many events.
        """
        if self.running >= MAX_AT_ONCE:
            raise OverloadedError("other dry runs are under way: ask again when one has ended", retry_after_s=5.0)
        rule = replace(rule, enabled=True)  # one that is switched off is tried as if it were on
        began_s, until_ms = self.clock.monotonic_s(), self.clock.now_ms()
        since_ms = until_ms - round(days * 86_400_000)
        stretch, statuses = self.events.taken(tenant, since_ms, until_ms), statuses_of(rule)
        self.running += 1
        try:
            events = await self.events.count(stretch, statuses=statuses)
            if events > MAX_EVENTS:
                what = "there are too many events: take fewer days"
                raise TooManyEventsError(what, field="days", events=events, max_events=MAX_EVENTS)
            await self.book.refresh()
            trial = Trial(rule, self.book.chains(tenant).get(rule.policy.chain), keep=keep)
            async for portion in self.events.in_order(stretch, statuses=statuses):
                timed = [(self.events.taken_at_ms(facts), facts) for facts in portion]
                await asyncio.to_thread(trial.add, timed)
            items = await asyncio.to_thread(trial.end, until_ms)
            failed = await asyncio.to_thread(failed_cases, rule)
        finally:
            self.running -= 1
        took_ms = round((self.clock.monotonic_s() - began_s) * 1000)
        return _view(trial, items, span=(since_ms, until_ms), took_ms=took_ms, tests=(len(rule.cases), failed))


def statuses_of(rule: AlertRule) -> Collection[FileEventStatus]:
    """Return the states of files that a rule may ask for, as the centre asks it."""
    return TenantAlerts("", Kept(state=State()), AlertPlan(0, (rule,), Setting())).statuses()


def dry_run_routes(desk: DryRunDesk) -> APIRouter:
    """Return the routes that try rules of alerts on recorded events."""
    router = APIRouter(tags=["alerts"])

    @router.post("/alert-rules:dry-run", summary="What would have come of a rule of alerts over recorded events")
    async def try_alert_rule(who: Writing, wish: Annotated[AlertDryRunWish, Body()]) -> AlertDryRun:
        with placed("/document"):
            rule = read_alert_rule(wish.document, rule_id="draft", version=0)
        return await desk.run(who.tenant, rule, days=wish.days, keep=wish.max_alerts)

    @router.post("/alert-rules/{doc_id}:dry-run", summary="What would have come of the draft of a rule of alerts")
    async def try_alert_draft(who: Writing, doc_id: DocId, wish: Annotated[AlertDraftRunWish, Body()]) -> AlertDryRun:
        return await desk.drafted(who.tenant, doc_id, wish)

    return router


def _view(
    trial: Trial,
    items: Sequence[TriedAlert],
    *,
    span: tuple[int, int],
    took_ms: int,
    tests: tuple[int, Sequence[FailedCase]],
) -> AlertDryRun:
    tally = trial.tally
    return AlertDryRun(
        since=utc_text(span[0]),
        until=utc_text(span[1]),
        events=tally.events,
        took_ms=took_ms,
        matched=tally.matched,
        outcomes=DryRunOutcomes(**{one.value: tally.outcomes[one] for one in Outcome}),
        alerts=tally.alerts,
        open=tally.open,
        notices=tally.notices.total(),
        by_kind=DryRunNotices(**{one.value: tally.notices[one] for one in NoticeKind}),
        worst_hour=tally.worst_hour,
        tells_nobody=trial.tells_nobody,
        items=[_alert(one) for one in items],
        notices_at=[utc_text(at_ms) for at_ms in tally.notices_at_ms],
        tests=tests[0],
        failed_tests=[failed_test(one) for one in tests[1]],
    )


def _alert(one: TriedAlert) -> DryRunAlert:
    return DryRunAlert.model_validate(
        {
            "title": one.title,
            "severity": one.severity.word,
            "labels": dict(one.labels),
            "opened_at": utc_text(one.opened_at_ms),
            "ended_at": None if one.ended_at_ms is None else utc_text(one.ended_at_ms),
            "count": one.count,
            "told_at": None if one.told_at_ms is None else utc_text(one.told_at_ms),
            "event": one.event or None,
            "sample": None if one.facts is None else sample_of(one.facts),
        }
    )
