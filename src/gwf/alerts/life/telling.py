"""Tells groups of alerts: what is new, over or still waiting, to whom, and who is next when nobody takes it. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from gwf.alerts.life.holding import Holds
from gwf.alerts.life.ledger import Ledger, Timer, ms, name_of
from gwf.alerts.life.model import (
    MAX_NAMED,
    Alert,
    AlertStatus,
    Group,
    Notice,
    NoticeKind,
    Sighting,
    Stage,
    step,
)

NOBODY = "nobody"  #: outcome of a notice without receivers: the chain names none, or there is no chain


class Telling:
    """The groups of one tenant."""

    def __init__(self, ledger: Ledger) -> None:
        """Go on with what is due in the groups that there are."""
        self._ledger = ledger
        #: ids of alerts that somebody was told of and nobody has taken, by group
        self._waiting: dict[str, set[str]] = {}
        for alert in ledger.state.alerts.values():
            self.moved(alert)
        for group in ledger.state.groups.values():
            ledger.wake(group.flush_at_ms, Timer.FLUSH, group.key)
            self.rouse(group)

    def moved(self, alert: Alert) -> None:
        """Note that an alert was told, taken, given back or ended."""
        waiting = self._waiting.setdefault(alert.group, set())
        if _is_waiting(alert):
            waiting.add(alert.id)
        else:
            waiting.discard(alert.id)

    def group_of(self, sighting: Sighting) -> Group:
        """Return the group of a sighting's alert; it is made where there is none."""
        labels = {name: sighting.labels.get(name, "") for name in sighting.policy.group_by}
        tenant = self._ledger.state.tenant
        key = name_of("grp", tenant, sighting.rule_id, *(f"{name}={value}" for name, value in sorted(labels.items())))
        group = self._ledger.state.groups.get(key)
        if group is None:
            group = Group(
                key=key, rule_id=sighting.rule_id, policy=sighting.policy, labels=labels, alerts=[], flush_at_ms=None
            )
            self._ledger.state.groups[key] = group
        group.policy = sighting.policy
        self._ledger.changed.groups.add(key)
        return group

    def due(self, group: Group, at_ms: int) -> None:
        """Have a group told at a moment, or sooner where that is due anyway; never within its interval.

        An interval that began when there was nobody to be told ends when there is somebody.
        """
        if group.told_at_ms is not None and (group.reached >= 0 or not self._reaches_somebody(group)):
            at_ms = max(at_ms, group.told_at_ms + ms(group.policy.interval_s))
        if group.flush_at_ms is None or at_ms < group.flush_at_ms:
            group.flush_at_ms = at_ms
            self._ledger.wake(at_ms, Timer.FLUSH, group.key)
            self._ledger.changed.groups.add(group.key)

    def flush(self, group: Group, now_ms: int) -> None:
        """Tell what there is to tell of a group whose moment has come, and let alerts go that are over."""
        group.flush_at_ms = None
        self._ledger.changed.groups.add(group.key)
        alerts = [self._ledger.state.alerts[alert_id] for alert_id in group.alerts]
        holds = self._ledger.holds()
        held = {alert.id for alert in alerts if alert.is_open and alert.held_by}
        free = [alert for alert in alerts if alert.is_open and self._may_be_told(alert, now_ms, holds)]
        if any(alert.id in held and _is_waiting(alert) for alert in free):
            self.begin_again(group, now_ms)
        news = [alert for alert in free if _is_news(alert)]
        ends = [alert for alert in alerts if not alert.is_open and alert.told is not None and not alert.end_told]
        if (news or ends) and not self._reaches_somebody(group):
            self._tell_nobody(group, now_ms, news=news, ends=ends)
        elif news or ends:
            self._tell(group, now_ms, NoticeKind.FIRING if news else NoticeKind.RESOLVED, news=news, ends=ends)
        elif any(_is_waiting(alert) for alert in free) and self._is_repeat_due(group, now_ms):
            self._tell(group, now_ms, NoticeKind.REPEAT)
        self._tidy(group)
        if group.alerts:
            self._plan(group, now_ms)
        else:
            self._ledger.state.groups.pop(group.key)
            self._waiting.pop(group.key, None)
            self._ledger.changed.groups.discard(group.key)
            self._ledger.changed.gone_groups.add(group.key)

    def rouse(self, group: Group, now_ms: int = 0) -> None:
        """Have told what nobody heard of, where the chain names somebody now; and let the chain climb as it is now."""
        climbs_at_ms = self.climbs_at_ms(group)
        if climbs_at_ms is not None:  # a level may have been due for long: what is new now is told before it
            self._ledger.wake(max(now_ms, climbs_at_ms), Timer.CLIMB, group.key)
        news = [alert for alert in self._ledger.alerts_of(group) if _is_news(alert) and not alert.held_by]
        if not news or not self._reaches_somebody(group):
            return
        at_ms = max(now_ms, min(alert.started_at_ms for alert in news) + ms(group.policy.wait_s))
        self.due(group, at_ms)

    def hold_or_let_go(self, group: Group, now_ms: int) -> None:
        """See what is held back now; what is let go is told soon, and a chain that rested for it begins anew."""
        holds = self._ledger.holds()
        for alert in self._ledger.alerts_of(group):
            if not alert.is_open:
                continue
            was_held = bool(alert.held_by)
            if not self._may_be_told(alert, now_ms, holds):
                self.due(group, now_ms + ms(group.policy.interval_s))
            elif was_held:
                self.due(group, now_ms)
                self.begin_again(group, now_ms)

    def _may_be_told(self, alert: Alert, now_ms: int, holds: Holds) -> bool:
        hold = holds.of(alert, now_ms)
        name = "" if hold is None else hold.name
        if name != alert.held_by:
            if hold is None:
                stage = Stage.INHIBIT if alert.held_by.startswith("inhibition:") else Stage.SILENCE
                self._ledger.note(alert, step(now_ms, stage, "let_go", by=alert.held_by))
            else:
                self._ledger.note(alert, step(now_ms, hold.stage, "held", by=name, until_ms=hold.until_ms))
            alert.held_by = name
        return hold is None

    def _is_repeat_due(self, group: Group, now_ms: int) -> bool:
        repeat_s = group.policy.repeat_s
        return repeat_s is not None and group.told_at_ms is not None and now_ms - group.told_at_ms >= ms(repeat_s)

    def _tell(
        self, group: Group, now_ms: int, kind: NoticeKind, *, news: Sequence[Alert] = (), ends: Sequence[Alert] = ()
    ) -> None:
        if news:
            group.untaken_since_ms, group.level = now_ms, 0
            group.reached = max(group.reached, 0)
        group.told_at_ms = now_ms
        for alert in news:
            alert.told = alert.severity
            self.moved(alert)
        for alert in ends:
            alert.end_told = True
        self._notice(group, now_ms, kind, news=news, ends=ends)
        self._ledger.wake(self.climbs_at_ms(group), Timer.CLIMB, group.key)

    def _tell_nobody(self, group: Group, now_ms: int, *, news: Sequence[Alert], ends: Sequence[Alert]) -> None:
        """Note that there is nobody to be told; what is new stays new until there is."""
        group.told_at_ms = now_ms
        for alert in ends:
            alert.end_told = True
        for alert in [*ends, *(one for one in news if not _is_noted(one))]:
            level = max(0, group.level)
            self._ledger.note(alert, step(now_ms, Stage.NOTIFY, NOBODY, level=level, receivers=""))

    def _reaches_somebody(self, group: Group) -> bool:
        chain = self._ledger.setting.chains.get(group.policy.chain)
        return chain is not None and any(level.receivers for level in chain.levels)

    def _notice(
        self, group: Group, now_ms: int, kind: NoticeKind, *, news: Sequence[Alert] = (), ends: Sequence[Alert] = ()
    ) -> None:
        receivers = self._receivers(group, kind)
        known = {alert.id for alert in news}
        others = [alert for alert in self._ledger.alerts_of(group) if alert.is_open and alert.id not in known]
        level = max(0, group.level)
        notice = Notice(
            id=name_of("ntc", group.key, kind.value, level, now_ms),
            kind=kind,
            group=group.key,
            at_ms=now_ms,
            level=level,
            receivers=receivers,
            severity=max(alert.severity for alert in ([*news, *others] or ends)),
            news=_named(news),
            ends=_named(ends),
            left=_named(others),
            new=len(news),
            ended=len(ends),
            others=len(others),
            rule_id=group.rule_id,
            labels=dict(group.labels),
            chain=group.policy.chain,
        )
        stage = Stage.ESCALATE if kind is NoticeKind.ESCALATION else Stage.NOTIFY
        outcome = kind.value if receivers else NOBODY
        for alert in [*news, *ends] or others:
            self._ledger.note(
                alert, step(now_ms, stage, outcome, notice=notice.id, level=level, receivers=", ".join(receivers))
            )
        if receivers:
            self._ledger.changed.notices.append(notice)

    def _receivers(self, group: Group, kind: NoticeKind) -> tuple[str, ...]:
        """Return who is told: of an escalation its level; of an end all who heard before; else the levels until now."""
        chain = self._ledger.setting.chains.get(group.policy.chain)
        if chain is None:
            return ()
        level = max(0, group.reached if kind is NoticeKind.RESOLVED else group.level)
        levels = chain.levels[level : level + 1] if kind is NoticeKind.ESCALATION else chain.levels[: level + 1]
        return tuple(dict.fromkeys(name for one in levels for name in one.receivers))

    def _tidy(self, group: Group) -> None:
        """Let alerts go that are over and of whose end nobody is to be told any more."""
        left: list[str] = []
        for alert in self._ledger.alerts_of(group):
            if alert.is_open or (alert.told is not None and not alert.end_told):
                left.append(alert.id)
                continue
            del self._ledger.state.alerts[alert.id]
            self._ledger.changed.alerts.discard(alert.id)
            self._ledger.changed.ended.append(alert)
        group.alerts = left

    def _plan(self, group: Group, now_ms: int) -> None:
        """Set when a group is looked at next: after its interval while something is held back or may be repeated."""
        moments: list[int] = []
        open_alerts = [alert for alert in self._ledger.alerts_of(group) if alert.is_open]
        if any(alert.held_by for alert in open_alerts):
            moments.append(now_ms + ms(group.policy.interval_s))
        if group.policy.repeat_s is not None and group.told_at_ms is not None and open_alerts:
            moments.append(max(group.told_at_ms + ms(group.policy.repeat_s), now_ms + ms(group.policy.interval_s)))
        if moments:
            self.due(group, min(moments))

    # -- chains ------------------------------------------------------------------------------------------

    def climbs_at_ms(self, group: Group) -> int | None:
        """Return when the next level of a group's chain is told; None = nobody is left to be told."""
        chain = self._ledger.setting.chains.get(group.policy.chain)
        if chain is None or group.untaken_since_ms is None or group.level + 1 >= len(chain.levels):
            return None
        return group.untaken_since_ms + ms(chain.levels[group.level + 1].after_s)

    def climb(self, group: Group, now_ms: int) -> None:
        """Tell the levels of a chain that are due, unless somebody has taken what there is or it is held back."""
        while (at_ms := self.climbs_at_ms(group)) is not None and at_ms <= now_ms:
            holds = self._ledger.holds()
            waiting = [self._ledger.state.alerts[name] for name in self._waiting.get(group.key, ())]
            if all(holds.of(alert, now_ms) is not None for alert in waiting):  # it rests until one is let go
                self.due(group, now_ms + ms(group.policy.interval_s))
                group.untaken_since_ms = None
                self._ledger.changed.groups.add(group.key)
                return
            group.level += 1
            group.reached = max(group.reached, group.level)
            self._ledger.changed.groups.add(group.key)
            self._notice(group, now_ms, NoticeKind.ESCALATION)
        self._ledger.wake(self.climbs_at_ms(group), Timer.CLIMB, group.key)

    def may_climb(self, group: Group) -> bool:
        """Tell whether a level waits for its time, and something that it may be told of."""
        return self.climbs_at_ms(group) is not None and bool(self._waiting.get(group.key))

    def climb_now(self, group: Group, now_ms: int) -> None:
        """Tell the next level of a chain before its time: a person wants it; the ones behind keep their distance."""
        at_ms = self.climbs_at_ms(group)
        if at_ms is None or group.untaken_since_ms is None:
            return
        group.untaken_since_ms -= max(0, at_ms - now_ms)
        self.climb(group, now_ms)

    def stop_if_taken(self, group: Group) -> None:
        """Stop the chain when no alert is left that waits for a person."""
        if not self._waiting.get(group.key):
            group.untaken_since_ms = None
        self._ledger.changed.groups.add(group.key)

    def begin_again(self, group: Group, at_ms: int) -> None:
        """Begin the chain anew if it rests and an alert waits for a person: one was given back, or is held no more."""
        if self._waiting.get(group.key) and group.untaken_since_ms is None:
            group.untaken_since_ms, group.level = at_ms, 0
            self._ledger.wake(self.climbs_at_ms(group), Timer.CLIMB, group.key)
        self._ledger.changed.groups.add(group.key)


def _named(alerts: Sequence[Alert]) -> tuple[str, ...]:
    """Return the ids of the worst of some alerts."""
    return tuple(alert.id for alert in heapq.nsmallest(MAX_NAMED, alerts, key=lambda one: -one.severity))


def _is_news(alert: Alert) -> bool:
    return alert.status is AlertStatus.FIRING and (alert.told is None or alert.severity > alert.told)


def _is_waiting(alert: Alert) -> bool:
    return alert.status is AlertStatus.FIRING and alert.told is not None


def _is_noted(alert: Alert) -> bool:
    """Tell whether it stands in the alert that nobody was there to be told."""
    return any(one.stage is Stage.NOTIFY and one.outcome == NOBODY for one in alert.steps)
