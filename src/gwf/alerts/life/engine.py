"""Moves alerts on: each sighting, order of a person and moment leads to changed rows and to notices. Pure.

All that is known stands in `State`, which is kept; so a process that takes it up goes on where another one died, and
the same inputs lead to the same notices with the same ids. Time is what is passed in, and never goes back.
"""

from __future__ import annotations

from gwf.alerts.life.ledger import Changed, Ledger, Setting, State, Timer, ms, name_of
from gwf.alerts.life.model import Alert, AlertStatus, Sighting, Stage, step
from gwf.alerts.life.telling import Telling


class AlertLife:
    """One tenant's alerts."""

    def __init__(self, state: State, setting: Setting) -> None:
        """Go on from `state`, which it owns from now on."""
        self.state = state
        self._ledger = Ledger(state, setting)
        self._groups = Telling(self._ledger)
        self._open: dict[str, str] = {alert.fingerprint: alert.id for alert in state.alerts.values() if alert.is_open}
        for alert in state.alerts.values():
            self._ledger.wake(alert.lapses_at_ms, Timer.LAPSE, alert.id)

    def set(self, setting: Setting, at_ms: int) -> None:
        """Work by other decisions of people from a moment on: what they hold or let go is so at once."""
        before, self._ledger.setting = self._ledger.setting, setting
        self._ledger.others_fire()
        if (before.silences, before.inhibitions) != (setting.silences, setting.inhibitions):
            for group in self.state.groups.values():
                self._groups.hold_or_let_go(group, at_ms)
        if before.chains != setting.chains:
            for group in self.state.groups.values():
                self._groups.rouse(group, at_ms)

    def taken(self) -> Changed:
        """Return what changed since the last call."""
        return self._ledger.taken()

    # -- what happens ------------------------------------------------------------------------------------

    def see(self, sighting: Sighting) -> Alert | None:
        """Take what a rule says of an event; return the alert it belongs to, None when nothing was wrong anyway."""
        alert = self._find_open(sighting.fingerprint)
        if not sighting.firing:
            if alert is not None:
                self._resolve(alert, sighting.at_ms, "rule", event=sighting.event)
            return alert
        if alert is None:
            return self._opened(sighting)
        self._again(alert, sighting)
        return alert

    def acknowledge(self, alert_id: str, *, by: str, at_ms: int) -> bool:
        """Let a person take an alert; tell whether it was open and not taken."""
        alert = self.state.alerts.get(alert_id)
        if alert is None or alert.status is not AlertStatus.FIRING:
            return False
        alert.status, alert.owner = AlertStatus.ACKNOWLEDGED, by
        self._ledger.note(alert, step(at_ms, Stage.PERSON, "acknowledged", by=by))
        self._groups.moved(alert)
        self._groups.stop_if_taken(self.state.groups[alert.group])
        return True

    def release(self, alert_id: str, *, by: str, at_ms: int) -> bool:
        """Let a person give an alert back: it escalates anew from now on."""
        alert = self.state.alerts.get(alert_id)
        if alert is None or alert.status is not AlertStatus.ACKNOWLEDGED:
            return False
        alert.status, alert.owner = AlertStatus.FIRING, ""
        self._ledger.note(alert, step(at_ms, Stage.PERSON, "released", by=by))
        self._groups.moved(alert)
        group = self.state.groups[alert.group]
        self._groups.begin_again(group, at_ms)
        self._groups.rouse(group, at_ms)
        return True

    def claim(self, alert_id: str, *, by: str, at_ms: int) -> bool:
        """Let a person take an alert that nobody has, or somebody else."""
        alert = self.state.alerts.get(alert_id)
        if alert is None or alert.status is not AlertStatus.ACKNOWLEDGED:
            return self.acknowledge(alert_id, by=by, at_ms=at_ms)
        if alert.owner == by:
            return False
        was, alert.owner = alert.owner, by
        self._ledger.note(alert, step(at_ms, Stage.PERSON, "claimed", by=by, was=was))
        return True

    def escalate(self, alert_id: str, *, by: str, at_ms: int) -> bool:
        """Have the next level of the chain told now; tell whether there was one that waits for its time."""
        alert = self.state.alerts.get(alert_id)
        if alert is None or alert.status is not AlertStatus.FIRING or alert.held_by:
            return False
        group = self.state.groups[alert.group]
        if not self._groups.may_climb(group):
            return False
        self._ledger.note(alert, step(at_ms, Stage.PERSON, "escalated", by=by))
        self._groups.climb_now(group, at_ms)
        return True

    def resolve(self, alert_id: str, *, by: str, at_ms: int) -> bool:
        """Let a person end an alert; tell whether it was open."""
        alert = self.state.alerts.get(alert_id)
        if alert is None or not alert.is_open:
            return False
        self._resolve(alert, at_ms, "person", by=by)
        return True

    def end_of_rule(self, rule_id: str, at_ms: int) -> None:
        """End the alerts of a rule that is in force no more: nothing would end them."""
        for alert in [one for one in self.state.alerts.values() if one.rule_id == rule_id and one.is_open]:
            self._resolve(alert, at_ms, "rule_off")

    def advance(self, now_ms: int) -> None:
        """Do what is due at a moment: end what lapsed, tell groups, climb chains."""
        while (due := self._ledger.due(now_ms)) is not None:
            at_ms, timer, name = due
            if timer is Timer.LAPSE:
                self._lapse(name, now_ms)
                continue
            group = self.state.groups.get(name)
            if group is None:
                continue
            climbs_at_ms = self._groups.climbs_at_ms(group)
            if timer is Timer.FLUSH and group.flush_at_ms == at_ms:
                self._groups.flush(group, now_ms)
            elif timer is Timer.CLIMB and climbs_at_ms is not None and climbs_at_ms <= at_ms:
                self._groups.climb(group, now_ms)

    def next_at_ms(self) -> int | None:
        """Return when something may be due next; None = nothing is."""
        return self._ledger.next_at_ms()

    def _lapse(self, alert_id: str, now_ms: int) -> None:
        alert = self.state.alerts.get(alert_id)
        if alert is None or alert.lapses_at_ms is None:
            return
        if alert.lapses_at_ms > now_ms:  # it was seen again meanwhile
            self._ledger.wake(alert.lapses_at_ms, Timer.LAPSE, alert_id)
        else:
            self._resolve(alert, now_ms, "lapsed", not_seen_since_ms=alert.seen_at_ms)

    # -- one alert ---------------------------------------------------------------------------------------

    def _find_open(self, fingerprint: str) -> Alert | None:
        alert_id = self._open.get(fingerprint)
        return None if alert_id is None else self.state.alerts[alert_id]

    def _opened(self, sighting: Sighting) -> Alert:
        group = self._groups.group_of(sighting)
        self.state.opened += 1
        alert = Alert(
            id=name_of("alt", self.state.tenant, sighting.fingerprint, self.state.opened),
            number=self.state.opened,
            fingerprint=sighting.fingerprint,
            rule_id=sighting.rule_id,
            rule_version=sighting.rule_version,
            group=group.key,
            status=AlertStatus.FIRING,
            severity=sighting.severity,
            title=sighting.title,
            labels=dict(sighting.labels),
            started_at_ms=sighting.at_ms,
            seen_at_ms=sighting.at_ms,
            count=sighting.count,
            lapses_at_ms=_lapse_ms(sighting),
        )
        self.state.alerts[alert.id] = alert
        self._open[alert.fingerprint] = alert.id
        self._ledger.others_fire()
        group.alerts.append(alert.id)
        self._ledger.note(
            alert,
            step(
                sighting.at_ms,
                Stage.RULE,
                "matched",
                rule=alert.rule_id,
                version=alert.rule_version,
                event=sighting.event,
            ),
        )
        self._ledger.note(alert, step(sighting.at_ms, Stage.DEDUP, "opened", fingerprint=alert.fingerprint))
        self._ledger.note(alert, step(sighting.at_ms, Stage.GROUP, "joined", group=group.key, alerts=len(group.alerts)))
        self._ledger.wake(alert.lapses_at_ms, Timer.LAPSE, alert.id)
        self._groups.due(group, sighting.at_ms + ms(group.policy.wait_s if group.told_at_ms is None else 0.0))
        return alert

    def _again(self, alert: Alert, sighting: Sighting) -> None:
        alert.count += sighting.count
        alert.seen_at_ms = sighting.at_ms
        alert.lapses_at_ms = _lapse_ms(sighting)
        alert.title = sighting.title
        self._ledger.changed.alerts.add(alert.id)
        if sighting.severity <= alert.severity:
            return  # seen again: the count says it, a step for each would hide the others
        before, alert.severity = alert.severity, sighting.severity
        self._ledger.others_fire()  # inhibitions may ask for the severity
        self._ledger.note(
            alert,
            step(
                sighting.at_ms,
                Stage.DEDUP,
                "worse",
                before=before.word,
                severity=alert.severity.word,
                count=alert.count,
                event=sighting.event,
            ),
        )
        if alert.status is AlertStatus.ACKNOWLEDGED:
            alert.status, alert.owner = AlertStatus.FIRING, ""
            self._groups.moved(alert)
            self._ledger.note(alert, step(sighting.at_ms, Stage.PERSON, "reopened", why="worse"))
        self._groups.due(self.state.groups[alert.group], sighting.at_ms)

    def _resolve(self, alert: Alert, at_ms: int, outcome: str, **values: str | int) -> None:
        alert.status, alert.ended_at_ms, alert.lapses_at_ms = AlertStatus.RESOLVED, at_ms, None
        self._open.pop(alert.fingerprint, None)
        self._ledger.others_fire()
        self._ledger.note(alert, step(at_ms, Stage.RESOLVE, outcome, **values))
        group = self.state.groups[alert.group]
        self._groups.moved(alert)
        self._groups.due(group, at_ms)
        self._groups.stop_if_taken(group)


def _lapse_ms(sighting: Sighting) -> int | None:
    after_s = sighting.policy.resolve_after_s
    return None if after_s is None else sighting.at_ms + ms(after_s)
