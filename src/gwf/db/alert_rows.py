"""Alerts, groups, counts, notices and orders as rows, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gwf.alerts.life.ledger import name_of
from gwf.alerts.life.model import Alert, AlertStatus, Group, Policy, Stage, Step
from gwf.alerts.run.model import Act, AlertRow, CountRow, GroupRow, Hit, Note, NoticeRow, Order
from gwf.alerts.sight.model import Counted, Outcome
from gwf.db.bulk import Target
from gwf.db.tables.alerts import (
    alert_counts,
    alert_groups,
    alert_hits,
    alert_orders,
    alerts,
    notice_alerts,
    notices,
)
from gwf.db.tables.columns import json_text
from gwf.events.model import Severity

WAITING = "waiting"  #: state of a notice that is not delivered yet

ALERTS = Target(
    alerts,
    (
        "alert_id", "tenant_id", "number", "fingerprint", "rule_id", "rule_version", "rule_name", "group_key", "status",
        "severity", "title", "labels", "started_at_ms", "seen_at_ms", "happenings", "lapses_at_ms", "ended_at_ms",
        "told", "end_told", "owner", "held_by", "steps", "live", "updated_at_ms", "revision",
    ),
)  # fmt: skip
GROUPS = Target(
    alert_groups,
    (
        "group_key", "tenant_id", "rule_id", "policy", "labels", "flush_at_ms", "told_at_ms", "untaken_since_ms",
        "level", "reached",
    ),
)  # fmt: skip
COUNTS = Target(
    alert_counts,
    ("count_id", "tenant_id", "fingerprint", "rule_id", "at_ms", "title", "labels", "severity", "missed"),
)
HITS = Target(
    alert_hits,
    (
        "row_id",
        "rule_id",
        "tenant_id",
        "rule_version",
        "is_file",
        "outcome",
        "alert_id",
        "counted",
        "at_ms",
        "happenings",
    ),
)
NOTICES = Target(
    notices,
    (
        "notice_id", "tenant_id", "kind", "group_key", "at_ms", "level", "receivers", "severity", "body", "state",
        "next_at_ms", "updated_at_ms",
    ),
)  # fmt: skip
NOTICE_ALERTS = Target(notice_alerts, ("alert_id", "notice_id"))


def alert_values(row: AlertRow, *, now_ms: int, revision: int) -> tuple[Any, ...]:
    """Return the row of an alert."""
    one = row.alert
    return (
        one.id, row.tenant, one.number, one.fingerprint, one.rule_id, one.rule_version, row.rule_name, one.group,
        one.status.value, int(one.severity), one.title, json_text(dict(one.labels)), one.started_at_ms, one.seen_at_ms,
        one.count, one.lapses_at_ms, one.ended_at_ms, None if one.told is None else int(one.told), one.end_told,
        one.owner, one.held_by, json_text([step_value(step) for step in one.steps]), row.live, now_ms, revision,
    )  # fmt: skip


def alert_of(row: sa.RowMapping) -> Alert:
    """Return an alert."""
    return Alert(
        id=row["alert_id"],
        number=row["number"],
        fingerprint=row["fingerprint"],
        rule_id=row["rule_id"],
        rule_version=row["rule_version"],
        group=row["group_key"],
        status=AlertStatus(row["status"]),
        severity=Severity(row["severity"]),
        title=row["title"],
        labels=row["labels"],
        started_at_ms=row["started_at_ms"],
        seen_at_ms=row["seen_at_ms"],
        count=row["happenings"],
        lapses_at_ms=row["lapses_at_ms"],
        ended_at_ms=row["ended_at_ms"],
        told=None if row["told"] is None else Severity(row["told"]),
        end_told=row["end_told"],
        owner=row["owner"],
        held_by=row["held_by"],
        steps=[step_of(one) for one in row["steps"]],
    )


def step_value(step: Step) -> list[object]:
    """Return a step as it is kept."""
    return [step.at_ms, step.stage.value, step.outcome, dict(step.values)]


def step_of(value: list[Any]) -> Step:
    """Return a step."""
    at_ms, stage, outcome, values = value
    return Step(at_ms=at_ms, stage=Stage(stage), outcome=outcome, values=values)


def group_values(row: GroupRow) -> tuple[Any, ...]:
    """Return the row of a group."""
    one, policy = row.group, row.group.policy
    kept = {
        "group_by": list(policy.group_by), "wait_s": policy.wait_s, "interval_s": policy.interval_s,
        "repeat_s": policy.repeat_s, "resolve_after_s": policy.resolve_after_s, "chain": policy.chain,
    }  # fmt: skip
    return (
        one.key, row.tenant, one.rule_id, json_text(kept), json_text(dict(one.labels)), one.flush_at_ms, one.told_at_ms,
        one.untaken_since_ms, one.level, one.reached,
    )  # fmt: skip


def group_of(row: sa.RowMapping) -> Group:
    """Return a group without its alerts."""
    policy = row["policy"]
    return Group(
        key=row["group_key"],
        rule_id=row["rule_id"],
        policy=Policy(**policy | {"group_by": tuple(policy["group_by"])}),
        labels=row["labels"],
        alerts=[],
        flush_at_ms=row["flush_at_ms"],
        told_at_ms=row["told_at_ms"],
        untaken_since_ms=row["untaken_since_ms"],
        level=row["level"],
        reached=row["reached"],
    )


def count_id(row: CountRow) -> str:
    """Return the key of what is counted."""
    return name_of("cnt", row.tenant, row.fingerprint)


def count_values(row: CountRow, one: Counted) -> tuple[Any, ...]:
    """Return the row of what is counted."""
    return (
        count_id(row), row.tenant, one.fingerprint, one.rule_id, json_text(one.at_ms), one.title, json_text(one.labels),
        int(one.severity), one.missed,
    )  # fmt: skip


def counted_of(row: sa.RowMapping) -> Counted:
    """Return what was counted."""
    return Counted(
        rule_id=row["rule_id"],
        fingerprint=row["fingerprint"],
        at_ms=list(row["at_ms"]),
        title=row["title"],
        labels=row["labels"],
        severity=Severity(row["severity"]),
        missed=row["missed"],
    )


def hit_values(hit: Hit) -> tuple[Any, ...]:
    """Return the row of a hit."""
    return (*hit[:5], hit.outcome.value, *hit[6:])


def hit_of(row: sa.RowMapping) -> Hit:
    """Return a hit."""
    return Hit(
        row_id=row["row_id"], rule_id=row["rule_id"], tenant=row["tenant_id"], rule_version=row["rule_version"],
        is_file=row["is_file"], outcome=Outcome(row["outcome"]), alert_id=row["alert_id"], counted=row["counted"],
        at_ms=row["at_ms"], happenings=row["happenings"],
    )  # fmt: skip


def note_values(note: Note) -> Mapping[str, object]:
    """Return the row of a note."""
    return {
        "note_id": note.note_id, "tenant_id": note.tenant, "alert_id": note.alert_id, "at_ms": note.at_ms,
        "by_name": note.by, "text": note.text,
    }  # fmt: skip


def note_of(row: sa.RowMapping) -> Note:
    """Return a note."""
    return Note(
        note_id=row["note_id"], tenant=row["tenant_id"], alert_id=row["alert_id"], at_ms=row["at_ms"],
        by=row["by_name"], text=row["text"],
    )  # fmt: skip


def notice_values(row: NoticeRow) -> tuple[Any, ...]:
    """Return the row of a notice, to be delivered at once."""
    one = row.notice
    return (
        one.id, row.tenant, one.kind.value, one.group, one.at_ms, one.level, json_text(list(one.receivers)),
        int(one.severity), json_text(row.body), WAITING, one.at_ms, one.at_ms,
    )  # fmt: skip


def order_of(row: sa.RowMapping) -> Order:
    """Return an order."""
    return Order(
        order_id=row["order_id"], tenant=row["tenant_id"], alert_id=row["alert_id"], act=Act(row["act"]),
        by=row["by_name"], reason=row["reason"], at_ms=row["at_ms"],
    )  # fmt: skip


def order_values(order: Order) -> Mapping[str, object]:
    """Return the row of an order that is not done."""
    return {
        alert_orders.c.order_id.name: order.order_id, "tenant_id": order.tenant, "alert_id": order.alert_id,
        "act": order.act.value, "by_name": order.by, "reason": order.reason, "at_ms": order.at_ms,
    }  # fmt: skip
