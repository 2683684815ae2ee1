"""One tenant's alerts in memory: rules asked about events, lives moved on, and what of it is to be written. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from gwf.alerts.life.engine import AlertLife
from gwf.alerts.life.model import Alert, Notice, Sighting
from gwf.alerts.run.model import (
    MAX_TOLD,
    Act,
    AlertPlan,
    AlertRow,
    CountRow,
    GroupRow,
    Hit,
    Kept,
    NoticeRow,
    Order,
    Turn,
)
from gwf.alerts.sight.model import Outcome
from gwf.alerts.sight.sighter import Sighter, needs_of
from gwf.events.files import FileEventStatus
from gwf.rules.decision import EventKind
from gwf.rules.facts import TYPE_OF_STATUS, Facts
from gwf.rules.needs import Anchor

#: types that alerts themselves tell: rules of alerts never see them
OWN_TYPES = frozenset({"gwf.alert.opened", "gwf.alert.acknowledged", "gwf.alert.resolved"})
MAX_HITS = 1_000  #: events of one alert that are noted one by one
FOLD_MS = 10_000  #: of further ones one is noted for each such time, and for all of them
AGENT_ID = re.compile(r"\bagt_[0-9a-f]{16}\b")
FOLDS = 500  #: a longer alert is told in about so many


class TenantAlerts:
    """Goes on from what was kept, by what people decided."""

    def __init__(
        self, tenant: str, kept: Kept, plan: AlertPlan, *, hostname: Callable[[str], str] = lambda agent_id: agent_id
    ) -> None:
        """Take `kept`, which is moved on from now on; titles name hosts as `hostname` says by the id of an agent."""
        self.tenant = tenant
        self._hostname = hostname
        self._names = kept.names
        self._plan = plan
        self._sighter = Sighter(plan.rules, kept.counted)
        self._life = AlertLife(kept.state, plan.setting)
        self._names |= {rule.id: rule.name for rule in plan.rules}
        self._hits: list[Hit] = []
        #: happenings that are not noted yet, and when one was noted last, by alert
        self._folds: dict[str, tuple[int, int]] = {}
        #: moment of the last thing that happened, ms UTC: time never goes back
        self._at_ms = 0

    @property
    def plan_number(self) -> int:
        """The plan it works by."""
        return self._plan.number

    @property
    def open_alerts(self) -> int:
        """How many alerts are open."""
        return sum(alert.is_open for alert in self._life.state.alerts.values())

    def statuses(self) -> frozenset[FileEventStatus]:
        """Return the states of files that a rule may ask for."""
        found: set[FileEventStatus] = set()
        for rule in self._plan.rules:
            if rule.enabled:
                found |= _statuses(needs_of(rule))
        return frozenset(found)

    def has_rules(self) -> bool:
        """Tell whether any rule looks at events."""
        return any(rule.enabled for rule in self._plan.rules)

    def set(self, plan: AlertPlan, now_ms: int) -> None:
        """Work by another plan: alerts of rules that are not in force any more end."""
        at_ms = self._moment(now_ms)
        before = {rule.id for rule in self._plan.rules if rule.enabled}
        self._plan = plan
        self._names |= {rule.id: rule.name for rule in plan.rules}
        self._sighter = Sighter(plan.rules, list(self._sighter.counted.values()), touched=self._sighter.touched())
        self._life.set(plan.setting, at_ms)
        for rule_id in before - {rule.id for rule in plan.rules if rule.enabled}:
            self._life.end_of_rule(rule_id, at_ms)

    def see(self, facts: Facts, at_ms: int) -> None:
        """Ask the rules about an event that was taken at a moment."""
        if facts.type in OWN_TYPES:
            return
        for seen in self._sighter.observe(facts, self._moment(at_ms)):
            alert = None if seen.sighting is None else self._life.see(self._readable(seen.sighting))
            happenings = seen.happenings
            if alert is not None and alert.count > MAX_HITS and seen.outcome is Outcome.TROUBLE:
                happenings = self._folded(alert, seen.happenings)
                if not happenings:
                    continue
            self._hits.append(
                Hit(
                    row_id=facts.ref.row_id, rule_id=seen.rule_id, tenant=self.tenant, rule_version=seen.rule_version,
                    is_file=facts.ref.kind is EventKind.FILE, outcome=seen.outcome,
                    alert_id="" if alert is None else alert.id, counted=seen.counted, at_ms=self._at_ms,
                    happenings=happenings,
                )
            )  # fmt: skip

    def _readable(self, sighting: Sighting) -> Sighting:
        """Return it with names of hosts in its title instead of ids, which people do not know."""
        title = AGENT_ID.sub(lambda found: self._hostname(found[0]), sighting.title)
        return sighting if title == sighting.title else replace(sighting, title=title)

    def obey(self, order: Order, now_ms: int) -> bool:
        """Do what a person wants; tell whether the alert was there for it."""
        at_ms = self._moment(now_ms)
        if order.act is Act.ACKNOWLEDGE:
            return self._life.acknowledge(order.alert_id, by=order.by, at_ms=at_ms)
        if order.act is Act.RELEASE:
            return self._life.release(order.alert_id, by=order.by, at_ms=at_ms)
        if order.act is Act.CLAIM:
            return self._life.claim(order.alert_id, by=order.by, at_ms=at_ms)
        if order.act is Act.ESCALATE:
            return self._life.escalate(order.alert_id, by=order.by, at_ms=at_ms)
        return self._life.resolve(order.alert_id, by=order.by, at_ms=at_ms)

    def advance(self, now_ms: int) -> None:
        """Do what is due."""
        at_ms = self._moment(now_ms)
        for sighting in self._sighter.miss(at_ms):
            self._life.see(self._readable(sighting))
        self._life.advance(at_ms)

    def next_at_ms(self) -> int | None:
        """Return when something may be due next; None = nothing is."""
        moments = [at_ms for at_ms in (self._sighter.next_at_ms(), self._life.next_at_ms()) if at_ms is not None]
        return min(moments, default=None)

    def write(self, turn: Turn) -> None:
        """Add what changed since the last call to a turn."""
        changed = self._life.taken()
        state = self._life.state
        ended = {alert.id: alert for alert in changed.ended}
        turn.alerts += [self._row(state.alerts[name], live=True) for name in sorted(changed.alerts)]
        turn.alerts += [self._row(alert, live=False) for alert in changed.ended]
        turn.groups += [GroupRow(self.tenant, state.groups[name]) for name in sorted(changed.groups)]
        turn.gone_groups += sorted(changed.gone_groups - state.groups.keys())
        turn.notices += [self._notice(notice, ended) for notice in changed.notices]
        counts, gone = self._sighter.taken()
        turn.counts += [CountRow(self.tenant, name, one) for name, one in counts.items()]
        turn.counts += [CountRow(self.tenant, name, None) for name in sorted(gone)]
        turn.hits += self._hits
        self._hits = []
        for name in ended.keys() & self._folds.keys():
            del self._folds[name]
        turn.opened[self.tenant] = state.opened

    # -- parts -------------------------------------------------------------------------------------------

    def _folded(self, alert: Alert, happenings: int) -> int:
        """Return for how many happenings an event is noted; 0 = a later one is noted for it too."""
        waiting, noted_ms = self._folds.get(alert.id, (0, 0))
        waiting += happenings
        is_due = self._at_ms - noted_ms >= max(FOLD_MS, (self._at_ms - alert.started_at_ms) // FOLDS)
        self._folds[alert.id] = (0, self._at_ms) if is_due else (waiting, noted_ms)
        return waiting if is_due else 0

    def _moment(self, at_ms: int) -> int:
        self._at_ms = max(self._at_ms, at_ms)
        return self._at_ms

    def _row(self, alert: Alert, *, live: bool) -> AlertRow:
        return AlertRow(self.tenant, alert, self._names.get(alert.rule_id, ""), live)

    def _notice(self, notice: Notice, ended: Mapping[str, Alert]) -> NoticeRow:
        state = self._life.state
        named = [*notice.news, *notice.ends, *notice.left]
        told = [alert for name in named[:MAX_TOLD] if (alert := ended.get(name) or state.alerts.get(name)) is not None]
        body: dict[str, object] = {
            "rule_id": notice.rule_id,
            "rule_name": self._names.get(notice.rule_id, ""),
            "group_labels": dict(notice.labels),
            "chain": notice.chain,
            "new": notice.new,
            "ended": notice.ended,
            "others": notice.others,
            "news": list(notice.news),
            "ends": list(notice.ends),
            "left": list(notice.left),
            "alerts": [_told(alert) for alert in told],
        }
        return NoticeRow(self.tenant, notice, body)


def _told(alert: Alert) -> dict[str, object]:
    return {
        "alert_id": alert.id,
        "number": alert.number,
        "title": alert.title,
        "severity": alert.severity.word,
        "status": alert.status.value,
        "labels": dict(alert.labels),
        "started_at_ms": alert.started_at_ms,
        "ended_at_ms": alert.ended_at_ms,
        "count": alert.count,
    }


def _statuses(needs: Mapping[str, frozenset[Anchor]]) -> frozenset[FileEventStatus]:
    """Return the states of files that fulfil what is needed of the type; all of them where nothing is."""
    anchors = [anchor for found in needs.values() for anchor in found if anchor.kind in {"type", "type^"}]
    if not any({anchor.kind for anchor in found} <= {"type", "type^"} for found in needs.values()):
        return frozenset(TYPE_OF_STATUS)
    return frozenset(status for status, kind in TYPE_OF_STATUS.items() if any(_names(one, kind) for one in anchors))


def _names(anchor: Anchor, kind: str) -> bool:
    return kind == anchor.value if anchor.kind == "type" else kind.startswith(str(anchor.value))
