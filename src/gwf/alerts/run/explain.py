"""Says why people were told, or why not: what was noted when it happened, and the rules asked again."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gwf.alerts.life.model import Alert, AlertStatus
from gwf.alerts.run.desk import AlertNotFoundError
from gwf.alerts.run.model import AlertPlan, Hit, KeptAlert
from gwf.alerts.run.ports import AlertDeskStore, AlertReads, Plans, RuleVersions
from gwf.alerts.run.tenant import OWN_TYPES
from gwf.alerts.sight.model import AlertRule, Outcome
from gwf.alerts.sight.sighter import fingerprint_of_event
from gwf.core.errors import NotFoundError
from gwf.rules.decision import EventKind, EventRef
from gwf.rules.facts import Facts
from gwf.rules.matcher import Trace

MAX_RULES = 200  #: that an answer about an event tells, those that matched first


class Verdict(enum.StrEnum):
    """What came of an event, in a word."""

    ALERTED = "alerted"
    #: a rule counts it, but there are not enough yet; or it came as it should
    COUNTED = "counted"
    CLEARED = "cleared"
    NO_RULE = "no_rule"
    #: it was not looked at yet
    PENDING = "pending"


class Telling(enum.StrEnum):
    """Whether people are told of an alert, or why not."""

    TOLD = "told"
    OVER = "over"
    HELD_BY_SILENCE = "held_by_silence"
    HELD_BY_INHIBITION = "held_by_inhibition"
    #: its rule names no chain, or one that reaches nobody
    NO_CHAIN = "no_chain"
    #: its group waits for more, or for its interval to end
    WAITS = "waits"
    ACKNOWLEDGED = "acknowledged"


class Events(Protocol):
    """Stored events."""

    async def one(self, ref: EventRef) -> Facts:
        """Return an event, or raise NotFoundError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What one rule says of an event."""

    rule: AlertRule
    #: None = it does not match
    outcome: Outcome | None
    #: what was noted when the event came; None = nothing was
    hit: Hit | None
    alert_id: str
    when: Trace
    clear: Trace | None

    @property
    def same(self) -> bool | None:
        """What was noted is what the rule says now; None = nothing was noted."""
        if self.hit is None:
            return None
        if self.rule.threshold is not None and self.hit.outcome in {Outcome.TROUBLE, Outcome.COUNTED}:
            is_enough = self.hit.counted >= self.rule.threshold.count
            return self.outcome is Outcome.TROUBLE and is_enough == (self.hit.outcome is Outcome.TROUBLE)
        return self.outcome is self.hit.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why an event alerted people, or nobody."""

    ref: EventRef
    #: None = the rules have not looked at it
    seen_at_ms: int | None
    verdict: Verdict
    rules: Sequence[Verdicts]
    alerts: Sequence[KeptAlert]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An alert with its rule asked again."""

    alert: KeptAlert
    #: None = the version is not kept
    document: Mapping[str, object] | None
    #: about the event that began it; None = it is not kept
    first: Verdicts | None
    telling: Telling

    @property
    def same(self) -> bool:
        """All that could be asked again gave the same."""
        return self.first is None or self.first.same is not False


class Explainer:
    """Asks rules again; writes nothing."""

    def __init__(self, store: AlertDeskStore, events: Events, plans: Plans, *, versions: RuleVersions) -> None:
        """Ask these."""
        self._store = store
        self._events = events
        self._plans = plans
        self._versions = versions

    async def why(self, ref: EventRef) -> Why:
        """Return what came of an event, with every rule that is in force.

        Raises:
            NotFoundError: There is no such event.
        """
        facts = await self._events.one(ref)
        plan = self._plans.of(ref.tenant)
        async with self._store.view() as view:
            place = await view.place()
            hits = {hit.rule_id: hit for hit in await view.hits_of_event(ref.tenant, ref.row_id)}
            rules = await self._rules(plan, hits, ref.tenant)
            found = [await _asked(view, rule, facts, hit=hits.get(rule.id)) for rule in rules]
            ids = sorted({one.alert_id for one in found if one.alert_id})
            alerts = await view.some(ref.tenant, ids)
        found.sort(key=lambda one: (one.outcome is None, one.rule.name, one.rule.id))
        seen_ms = next((hit.at_ms for hit in hits.values()), None)
        return Why(
            ref=ref,
            seen_at_ms=seen_ms,
            verdict=_verdict(found, is_seen=place >= ref.row_id),
            rules=found[:MAX_RULES],
            alerts=alerts,
        )

    async def explain(self, tenant: str, alert_id: str) -> Explanation:
        """Return an alert with its rule asked again.

        Raises:
            AlertNotFoundError: There is none.
        """
        async with self._store.view() as view:
            found = await view.some(tenant, [alert_id])
            if not found:
                raise AlertNotFoundError("no alert has this id", alert_id=alert_id)
            hits = await view.hits_of_alert(alert_id, limit=1, newest=False)
        alert = found[0].alert
        kept = await self._versions.version(tenant, alert.rule_id, alert.rule_version)
        first = None
        if kept is not None and hits:
            first = await self._first(hits[0], kept[0])
        return Explanation(
            alert=found[0],
            document=None if kept is None else kept[1],
            first=first,
            telling=self._telling(tenant, alert),
        )

    async def _first(self, hit: Hit, rule: AlertRule) -> Verdicts | None:
        kind = EventKind.FILE if hit.is_file else EventKind.EVENT
        try:
            facts = await self._events.one(EventRef(hit.tenant, kind, hit.row_id))
        except NotFoundError:  # events are kept for a while only
            return None
        async with self._store.view() as view:
            return await _asked(view, rule, facts, hit=hit)

    async def _rules(self, plan: AlertPlan, hits: Mapping[str, Hit], tenant: str) -> Sequence[AlertRule]:
        """Return the rules in force, in the versions that looked at the event where that was noted."""
        rules = {rule.id: rule for rule in plan.rules if rule.enabled}
        for hit in hits.values():
            known = rules.get(hit.rule_id)
            if known is None or known.version != hit.rule_version:
                kept = await self._versions.version(tenant, hit.rule_id, hit.rule_version)
                if kept is not None:
                    rules[hit.rule_id] = kept[0]
        return list(rules.values())

    def _telling(self, tenant: str, alert: Alert) -> Telling:
        plan = self._plans.of(tenant)
        rule = next((one for one in plan.rules if one.id == alert.rule_id), None)
        chain = "" if rule is None else rule.policy.chain
        if not alert.is_open:
            return Telling.OVER
        if alert.held_by:
            is_silence = alert.held_by.startswith("silence:")
            return Telling.HELD_BY_SILENCE if is_silence else Telling.HELD_BY_INHIBITION
        if alert.status is AlertStatus.ACKNOWLEDGED:
            return Telling.ACKNOWLEDGED
        named = plan.setting.chains.get(chain)
        if named is None or not any(level.receivers for level in named.levels):
            return Telling.NO_CHAIN
        return Telling.WAITS if alert.told is None or alert.told < alert.severity else Telling.TOLD


async def _asked(view: AlertReads, rule: AlertRule, facts: Facts, *, hit: Hit | None) -> Verdicts:
    when = rule.when.trace(facts)
    clear = None if rule.clear is None else rule.clear.trace(facts)
    outcome: Outcome | None = None
    if facts.type not in OWN_TYPES:
        if when.ok:
            outcome = Outcome.TROUBLE if rule.absent_s is None else Outcome.CAME
        elif clear is not None and clear.ok:
            outcome = Outcome.OVER
    alert_id = "" if hit is None else hit.alert_id
    if hit is None and outcome is Outcome.TROUBLE and rule.threshold is None:
        # of an alert with very many events not each is noted
        covering = await view.covering(facts.ref.tenant, fingerprint_of_event(rule, facts), facts.ref.row_id >> 20)
        alert_id = "" if covering is None else covering.alert.id
    return Verdicts(rule=rule, outcome=outcome, hit=hit, alert_id=alert_id, when=when, clear=clear)


def _verdict(found: Sequence[Verdicts], *, is_seen: bool) -> Verdict:
    hits = [one.hit.outcome for one in found if one.hit is not None]
    if Outcome.TROUBLE in hits or any(one.alert_id for one in found if one.hit is None):
        return Verdict.ALERTED
    if Outcome.OVER in hits:
        return Verdict.CLEARED
    if hits:
        return Verdict.COUNTED
    return Verdict.NO_RULE if is_seen else Verdict.PENDING
