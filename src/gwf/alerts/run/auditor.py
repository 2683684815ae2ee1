"""Looks whether chains do what they should: what stands still, reaches nobody, or is told to nobody. Pure."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gwf.alerts.documents.builtin import CHAIN as USUAL_CHAIN
from gwf.alerts.life.ledger import ms
from gwf.alerts.life.model import Alert, AlertStatus, Chain, Group
from gwf.alerts.oncall import Schedule, resolve
from gwf.alerts.run.model import AlertPlan
from gwf.events.model import Severity

LATE_MS = 120_000  #: that a level or a notice may be late before it stands still
UNTOLD_MS = 900_000  #: that somebody may be told nothing of an alert of weight
WEIGHTY = Severity.ERROR
NO_CHANNEL = "-"  #: subject of notices that no channel is known for


class Fault(enum.StrEnum):
    """What is wrong with telling."""

    #: a level of a chain was due, and nobody was told
    CHAIN_STANDS = "chain_stands"
    #: a notice was not delivered in time
    NOTICE_LATE = "notice_late"
    #: a notice was given up
    NOTICE_FAILED = "notice_failed"
    #: a rule names a chain that is not in force
    CHAIN_MISSING = "chain_missing"
    #: a chain has no level that reaches anybody
    CHAIN_EMPTY = "chain_empty"
    #: a receiver is neither a channel nor a schedule
    RECEIVER_MISSING = "receiver_missing"
    #: nobody of a schedule is on call
    NOBODY_ON_CALL = "nobody_on_call"
    #: an alert of weight is open, and nobody was told
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing that is wrong."""

    fault: Fault
    #: group, channel, rule, chain, schedule or alert
    subject: str
    #: for people
    name: str = ""
    since_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """Who can be told."""

    channels: Collection[str]
    #: by name
    schedules: Mapping[str, Schedule]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateNotice:
    """A notice that has not arrived."""

    notice_id: str
    at_ms: int
    #: the channel that has not told it; "" = none is known, or it has none
    channel: str
    #: nobody tries any more
    is_over: bool


def of_plan(plan: AlertPlan, receivers: Receivers, now_ms: int) -> Iterable[Finding]:
    """Yield what is wrong with rules and chains in force."""
    chains = plan.setting.chains
    for rule in plan.rules:
        name = rule.policy.chain
        if rule.enabled and name and name not in chains:
            yield Finding(fault=Fault.CHAIN_MISSING, subject=rule.id, name=name)
    used = {rule.policy.chain for rule in plan.rules if rule.enabled}
    for chain in chains.values():
        if chain.name in used:
            yield from _of_chain(chain, receivers, now_ms)


def _of_chain(chain: Chain, receivers: Receivers, now_ms: int) -> Iterable[Finding]:
    names = dict.fromkeys(name for level in chain.levels for name in level.receivers)
    if not names and not chain.rests and chain.name != USUAL_CHAIN:  # that one is empty until people name somebody
        yield Finding(fault=Fault.CHAIN_EMPTY, subject=chain.name, name=chain.name)
    for name in names:
        found = resolve([name], now_ms, receivers.schedules)
        if not found:
            yield Finding(fault=Fault.NOBODY_ON_CALL, subject=name, name=chain.name)
        for one in found:
            if one.channel not in receivers.channels:
                yield Finding(fault=Fault.RECEIVER_MISSING, subject=one.channel or name, name=chain.name)


def of_groups(groups: Iterable[Group], plan: AlertPlan, now_ms: int) -> Iterable[Finding]:
    """Yield groups whose next level, or whose next look, was due long ago."""
    for group in groups:
        chain = plan.setting.chains.get(group.policy.chain)
        due_ms = group.flush_at_ms
        if chain is not None and group.untaken_since_ms is not None and group.level + 1 < len(chain.levels):
            climb_ms = group.untaken_since_ms + ms(chain.levels[group.level + 1].after_s)
            due_ms = climb_ms if due_ms is None else min(due_ms, climb_ms)
        if due_ms is not None and now_ms - due_ms > LATE_MS:
            yield Finding(fault=Fault.CHAIN_STANDS, subject=group.key, name=group.policy.chain, since_ms=due_ms)


def of_alerts(alerts: Iterable[Alert], plan: AlertPlan, now_ms: int) -> Iterable[Finding]:
    """Yield alerts of weight that are open for long and that nobody was told of, though nothing holds them back."""
    reaching = {name for name, chain in plan.setting.chains.items() if any(level.receivers for level in chain.levels)}
    told = {rule.id for rule in plan.rules if rule.policy.chain in reaching}
    for alert in alerts:
        is_untold = alert.status is AlertStatus.FIRING and alert.told is None and not alert.held_by
        is_weighty = alert.severity >= WEIGHTY and alert.rule_id in told
        if is_untold and is_weighty and now_ms - alert.started_at_ms > UNTOLD_MS:
            yield Finding(fault=Fault.UNTOLD, subject=alert.id, name=alert.title, since_ms=alert.started_at_ms)


def of_notices(notices: Sequence[LateNotice], now_ms: int) -> Iterable[Finding]:
    """Yield the channels that do not tell what they should.

    One finding for each, however many notices wait: what tells people of it may itself wait for that channel, and must
    not be found anew for that.
    """
    found: dict[tuple[Fault, str], None] = {}
    for one in notices:
        if one.is_over:
            found[Fault.NOTICE_FAILED, one.channel] = None
        elif now_ms - one.at_ms > LATE_MS:
            found[Fault.NOTICE_LATE, one.channel] = None
    for fault, channel in found:
        yield Finding(fault=fault, subject=channel or NO_CHANNEL, name=channel or NO_CHANNEL)
