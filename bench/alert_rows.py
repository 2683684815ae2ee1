"""Fills a store with alerts as if a month had passed: rules, hosts, storms, some open, some held back."""

from __future__ import annotations

import random
from collections.abc import Iterator

from gwf.alerts.life.ledger import name_of
from gwf.alerts.life.model import Alert, AlertStatus, Group, Policy, Stage, step
from gwf.alerts.run.model import AlertRow, GroupRow, Hit, Turn
from gwf.alerts.sight.model import Outcome
from gwf.db.alert_store import SqlAlertStore
from gwf.db.database import Database
from gwf.db.rowids import first_row_id
from gwf.events.model import Severity

RULES, HOSTS = 200, 5_000
OPEN = 0.2  #: share of alerts that are open
TAKEN, HELD, UNTOLD = 0.2, 0.1, 0.15  #: shares of these, of all, of all
SPAN_MS = 30 * 86_400_000
A_TURN = 5_000
MAX_HITS = 1_400  #: rows that the largest alert has: a thousand one by one, and some that stand for many
LARGEST = 100_000  #: events of it
_SEVERITIES = (Severity.CRITICAL, Severity.ERROR, Severity.WARNING, Severity.WARNING, Severity.NOTICE, Severity.INFO)


async def fill(database: Database, count: int, *, now_ms: int) -> str:
    """Write `count` alerts through the store that alerts are kept in; return the id of the one with most events."""
    store, chance = SqlAlertStore(database.core), random.Random(4711)
    loaded = await store.load(seen_after=0)
    turn, number = loaded.turn, 0
    largest = _alert(chance, 1, now_ms)
    largest.count = LARGEST
    groups: dict[str, Group] = {}
    while number < count:
        some = [_alert(chance, at, now_ms) for at in range(number + 1, min(count, number + A_TURN) + 1)]
        if number == 0:
            some[0] = largest
        number += len(some)
        made = Turn(after=turn, now_ms=now_ms, place=first_row_id(now_ms))
        made.alerts = [AlertRow("default", one, f"rule {one.rule_id[-3:]}", one.is_open) for one in some]
        for one in some:
            if one.is_open and one.group not in groups:
                groups[one.group] = _group(one)
                made.groups.append(GroupRow("default", groups[one.group]))
        made.opened = {"default": number}
        if number == len(some):
            made.hits = list(_hits(largest, now_ms))
        await store.commit(made)
        turn += 1
    return largest.id


def _alert(chance: random.Random, number: int, now_ms: int) -> Alert:
    rule = f"alr_{chance.randrange(RULES):024x}"
    host = f"app-{chance.randrange(HOSTS):05}"
    is_open = number == 1 or chance.random() < OPEN
    begin_ms = now_ms - round(SPAN_MS * chance.random() ** 2) - 60_000
    lasting_ms = round(chance.expovariate(1 / 1_800_000))
    seen_ms = now_ms - 1_000 if is_open else min(now_ms, begin_ms + lasting_ms)
    is_held = chance.random() < HELD
    is_told = not is_held and chance.random() >= UNTOLD
    severity = chance.choice(_SEVERITIES)
    status = AlertStatus.RESOLVED
    if is_open:
        status = AlertStatus.ACKNOWLEDGED if chance.random() < TAKEN else AlertStatus.FIRING
    alert = Alert(
        id=name_of("alt", "default", number), number=number, fingerprint=f"{rule}\x1fhost={host}", rule_id=rule,
        rule_version=1, group=name_of("grp", rule, host[:6]), status=status, severity=severity,
        title=f"{host} has trouble {rule[-3:]}: {chance.randrange(100)} % of 5 % reached",
        labels={"host": host, "env": chance.choice(("prod", "test")), "site": chance.choice(("sh", "bj", "gz"))},
        started_at_ms=begin_ms, seen_at_ms=max(begin_ms, seen_ms), count=1 + int(chance.expovariate(1 / 20)),
        ended_at_ms=None if is_open else max(begin_ms, seen_ms), told=severity if is_told else None,
        end_told=not is_open and is_told, owner="wanglin" if status is AlertStatus.ACKNOWLEDGED else "",
        held_by="silence:sil_1" if is_held else "",
    )  # fmt: skip
    alert.note(step(begin_ms, Stage.RULE, "matched", rule=rule, version=1, event=""))
    alert.note(step(begin_ms, Stage.DEDUP, "opened", fingerprint=alert.fingerprint))
    alert.note(step(begin_ms, Stage.GROUP, "joined", group=alert.group, alerts=1))
    if is_told:
        alert.note(step(begin_ms + 30_000, Stage.NOTIFY, "firing", notice="ntc", level=0, receivers="on-call"))
    return alert


def _group(alert: Alert) -> Group:
    return Group(
        key=alert.group, rule_id=alert.rule_id, policy=Policy(), labels={}, alerts=[], flush_at_ms=None,
        told_at_ms=alert.started_at_ms,
    )  # fmt: skip


def _hits(alert: Alert, now_ms: int) -> Iterator[Hit]:
    """Yield what was noted of an alert with very many events."""
    length_ms = now_ms - alert.started_at_ms
    for at in range(MAX_HITS):
        at_ms = alert.started_at_ms + length_ms * at // MAX_HITS
        happenings = 1 if at < 1_000 else (LARGEST - 1_000) // (MAX_HITS - 1_000)
        yield Hit(
            row_id=first_row_id(at_ms) + at, rule_id=alert.rule_id, tenant="default", rule_version=1, is_file=False,
            outcome=Outcome.TROUBLE, alert_id=alert.id, counted=0, at_ms=at_ms, happenings=happenings,
        )  # fmt: skip
