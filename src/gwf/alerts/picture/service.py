"""Shows an alert to those who look for its cause: signal, scope and evidence, from what was kept of its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gwf.alerts.life.model import Alert
from gwf.alerts.picture.patterns import Cluster, Line, clustered
from gwf.alerts.picture.scope import Sighted, Source, Spread, sources, spreads, text_of
from gwf.alerts.picture.signal import (
    Happening,
    SignalKind,
    Window,
    away,
    counted,
    in_window,
    known_only,
    window_of,
)
from gwf.alerts.run.desk import AlertNotFoundError
from gwf.alerts.run.model import Between, Hit, KeptAlert
from gwf.alerts.run.ports import AlertDeskStore, RuleVersions
from gwf.alerts.run.tenant import FOLD_MS, FOLDS
from gwf.alerts.sight.model import AlertRule, Outcome
from gwf.alerts.sight.sighter import fingerprint_of_event
from gwf.core.clock import Clock
from gwf.rules.decision import EventKind, EventRef
from gwf.rules.facts import Facts

MAX_HITS = 5_000  #: noted events of a picture: a thousand one by one, and some hundred that stand for many
MAX_LOOSE = 2_000  #: events that a rule counted or saw come, and that are of no alert
MAX_EVENTS = 1_000  #: that evidence looks at, the newest
MAX_BEFORE = 50  #: alerts about the same trouble that a picture shows
MAX_SHOWN = 20  #: patterns that evidence shows


class ManyEvents(Protocol):
    """Stored events."""

    async def some(self, tenant: str, refs: Sequence[EventRef]) -> Sequence[Facts]:
        """Return those of some events that there still are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The quantity that a rule looks at, over the time around an alert."""

    alert: KeptAlert
    kind: SignalKind
    window: Window
    #: one for each slot; None = not known
    values: Sequence[float | None]
    #: None = the rule has none, or its version is not kept
    threshold: float | None
    within_s: float | None
    #: this alert and others about the same trouble, oldest first: begin, and end or None
    spans: Sequence[tuple[Alert, int, int | None]]
    #: all of the time is known
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the events of an alert have in common, and whom they concern."""

    alert: KeptAlert
    #: that were looked at, with the happenings they stand for
    events: int
    happenings: int
    since_ms: int
    until_ms: int
    sources: Sequence[Source]
    spreads: Sequence[Spread]
    patterns: Sequence[tuple[Cluster, Sequence[tuple[Sighted, str]]]]


class AlertPictures:
    """Writes nothing."""

    def __init__(self, store: AlertDeskStore, events: ManyEvents, versions: RuleVersions, *, clock: Clock) -> None:
        """Look at these."""
        self._store = store
        self._events = events
        self._versions = versions
        self._clock = clock

    async def signal(self, tenant: str, alert_id: str) -> Signal:
        """Return the signal of an alert: a few thousand noted rows at most, however many events it has.

        Raises:
            AlertNotFoundError: There is none.
        """
        kept = await self._kept(tenant, alert_id)
        alert, now_ms = kept.alert, self._clock.now_ms()
        version = await self._versions.version(tenant, alert.rule_id, alert.rule_version)
        rule = None if version is None else version[0]
        within_ms = 0 if rule is None else _within_ms(rule)
        window = window_of(alert.started_at_ms, alert.ended_at_ms, now_ms=now_ms, within_ms=within_ms)
        time = Between(window.since_ms - within_ms, min(window.until_ms, now_ms + 1))
        since_ms, until_ms = time
        async with self._store.view() as view:
            before = await view.same_trouble(tenant, alert.fingerprint, time, limit=MAX_BEFORE)
            alerts = {one.alert.id: one.alert for one in [*before, kept]}
            hits = await view.hits_between(list(alerts), time, limit=MAX_HITS)
            loose: Sequence[Hit] = ()
            if rule is not None and within_ms:
                loose = await view.loose_hits(tenant, rule.id, time, limit=MAX_LOOSE)
        happenings = [_happening(hit) for hit in [*hits, *await self._of_same(alert, rule, loose)]]
        full = ((hits, MAX_HITS), (loose, MAX_LOOSE))
        unknown = [(since_ms, some[-1].at_ms) for some, most in full if some and len(some) == most]
        if not unknown and (rule is None or rule.absent_s is None):
            rest, gap = _rest(alert, [hit for hit in hits if hit.alert_id == alert.id])
            happenings += rest
            unknown += gap
        happenings.sort()
        if until_ms < window.until_ms:
            unknown.append((until_ms + window.step_ms, window.until_ms + window.step_ms))
        kind, values = _values(rule, happenings, window, until_ms=until_ms)
        return Signal(
            alert=kept,
            kind=kind,
            window=window,
            values=list(known_only(values, window, unknown)),
            threshold=None if rule is None else _threshold(rule),
            within_s=within_ms / 1000 if within_ms else None,
            spans=[(one, one.started_at_ms, one.ended_at_ms) for one in sorted(alerts.values(), key=_began)],
            complete=not unknown or unknown[0][0] >= until_ms,
        )

    async def evidence(self, tenant: str, alert_id: str) -> Evidence:
        """Return what the newest events of an alert have in common.

        Raises:
            AlertNotFoundError: There is none.
        """
        kept = await self._kept(tenant, alert_id)
        async with self._store.view() as view:
            hits = await view.hits_of_alert(alert_id, limit=MAX_EVENTS, newest=True)
        hits = [hit for hit in hits if hit.outcome is Outcome.TROUBLE]
        facts = {one.ref: one for one in await self._events.some(tenant, [_ref(hit) for hit in hits])}
        seen = [Sighted(facts[_ref(hit)], hit.happenings, hit.at_ms) for hit in hits if _ref(hit) in facts]
        since_ms = min((one.at_ms for one in seen), default=kept.alert.started_at_ms)
        until_ms = max((one.at_ms for one in seen), default=kept.alert.seen_at_ms) + 1
        texts = [text_of(one.facts) for one in seen]
        lines = (
            Line(at, text, one.at_ms, one.facts.severity, one.times)
            for at, (one, text) in enumerate(zip(seen, texts, strict=True))
        )
        found = clustered(lines)[:MAX_SHOWN]
        return Evidence(
            alert=kept,
            events=len(seen),
            happenings=sum(one.times for one in seen),
            since_ms=since_ms,
            until_ms=until_ms,
            sources=sources(seen, since_ms=since_ms, until_ms=until_ms),
            spreads=spreads(seen),
            patterns=[(one, [(seen[at], texts[at]) for at in one.samples]) for one in found],
        )

    async def _kept(self, tenant: str, alert_id: str) -> KeptAlert:
        async with self._store.view() as view:
            found = await view.some(tenant, [alert_id])
        if not found:
            raise AlertNotFoundError("no alert has this id", alert_id=alert_id)
        return found[0]

    async def _of_same(self, alert: Alert, rule: AlertRule | None, loose: Sequence[Hit]) -> Sequence[Hit]:
        """Return those of what a rule noted without an alert that are about the trouble of an alert."""
        if rule is None or not rule.by or not loose:
            return loose
        facts = {one.ref: one for one in await self._events.some(loose[0].tenant, [_ref(hit) for hit in loose])}
        same = {ref for ref, one in facts.items() if fingerprint_of_event(rule, one) == alert.fingerprint}
        return [hit for hit in loose if _ref(hit) in same]


def _rest(alert: Alert, hits: Sequence[Hit]) -> tuple[list[Happening], list[tuple[int, int]]]:
    """Return what is not noted yet of an alert's happenings: it came between the last noted one and the last seen.

    Is that long, it is not known when; hits come newest first.
    """
    left = alert.count - sum(hit.happenings for hit in hits if hit.outcome is Outcome.TROUBLE)
    if left <= 0:
        return [], []
    last_ms = hits[0].at_ms if hits else alert.started_at_ms
    if alert.seen_at_ms - last_ms <= 2 * max(FOLD_MS, (last_ms - alert.started_at_ms) // FOLDS):
        return [Happening(alert.seen_at_ms, left)], []
    return [], [(last_ms + 1, alert.seen_at_ms)]


def _values(
    rule: AlertRule | None, happenings: Sequence[Happening], window: Window, *, until_ms: int
) -> tuple[SignalKind, Sequence[float | None]]:
    if rule is not None and rule.absent_s is not None:
        return SignalKind.ABSENCE, away(happenings, window, until_ms=until_ms)
    if rule is not None and rule.threshold is not None:
        within_ms = _within_ms(rule)
        return SignalKind.THRESHOLD, in_window(happenings, window, within_ms=within_ms)
    return SignalKind.EVENTS, counted(happenings, window)


def _within_ms(rule: AlertRule) -> int:
    if rule.threshold is not None:
        return round(rule.threshold.within_s * 1000)
    return 0 if rule.absent_s is None else round(rule.absent_s * 1000)


def _threshold(rule: AlertRule) -> float | None:
    return float(rule.threshold.count) if rule.threshold is not None else rule.absent_s


def _happening(hit: Hit) -> Happening:
    return Happening(hit.at_ms, hit.happenings, hit.outcome is Outcome.OVER)


def _ref(hit: Hit) -> EventRef:
    return EventRef(hit.tenant, EventKind.FILE if hit.is_file else EventKind.EVENT, hit.row_id)


def _began(alert: Alert) -> int:
    return alert.started_at_ms
