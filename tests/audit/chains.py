"""Chains of audit rows for tests, as long as wanted and as mixed as real ones."""

from __future__ import annotations

from collections.abc import Iterator

from gwf.audit.chain import genesis, head_of, seal
from gwf.audit.changes import field_changes
from gwf.audit.model import Actor, ActorKind, AuditEntry, AuditRow, Resource

START_MS = 1_700_000_000_000
KINDS = tuple(ActorKind)


def entry(number: int, *, tenant: str = "default") -> AuditEntry:
    """Return the n-th entry of a chain."""
    before = {"state": "online", "labels": {"site": "sh", "line": number}} if number % 3 else None
    after = {"state": "draining", "labels": {"site": "北京", "line": number + 1}} if number % 5 else None
    return AuditEntry(
        tenant=tenant,
        actor=Actor(kind=KINDS[number % len(KINDS)], id=f"usr-{number % 17}", address="10.0.0.7"),
        action="agent.drain" if number % 2 else "rollout.create",
        resource=Resource(kind="agent", id=f"agt-{number:06}"),
        at_ms=START_MS + number * 997,
        reason="" if number % 4 else "换盘 «sda»\nline two",
        request_id=f"req-{number}",
        changes=field_changes(before, after),
        detail={} if number % 7 else {"agents": number, "share": number / 3},
    )


def chain(length: int, *, tenant: str = "default") -> Iterator[AuditRow]:
    """Yield a sound chain."""
    head = genesis(tenant)
    for number in range(1, length + 1):
        row = seal(entry(number, tenant=tenant), head)
        head = head_of(row)
        yield row
