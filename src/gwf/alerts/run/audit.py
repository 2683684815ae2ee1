"""Audits chains now and then, and raises an event for what is wrong: whoever tells others must be told as well."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gwf.alerts.life.model import Alert, Group
from gwf.alerts.run.auditor import (
    LATE_MS,
    UNTOLD_MS,
    WEIGHTY,
    Fault,
    Finding,
    LateNotice,
    Receivers,
    of_alerts,
    of_groups,
    of_notices,
    of_plan,
)
from gwf.alerts.run.ports import Lead, Plans
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.events.model import Event, Severity
from gwf.events.ports import EventSink
from gwf.events.raised import centre_event

EVERY_S = 30.0
FAILED_WITHIN_MS = 3_600_000  #: a notice that was given up before is told by the desk only
MOST = 500  #: of each kind that one look reads
RAISED = 100  #: events of one look; the counts tell the rest
KIND = "alert.chain_fault"

log = logging.getLogger("gwf.alerts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands open of one tenant, as far as it may be wrong."""

    groups: Sequence[Group] = ()
    alerts: Sequence[Alert] = ()
    notices: Sequence[LateNotice] = ()


class StandingReads(Protocol):
    """Reads it."""

    async def standing(
        self, *, due_before_ms: int, untold_before_ms: int, weight: Severity, failed_after_ms: int, limit: int
    ) -> Mapping[str, Standing]:
        """Return by tenant what was due, is untold or has not arrived since some moments.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditParts:
    """What the audit works on."""

    reads: StandingReads
    plans: Plans
    #: who can be told, of a tenant
    receivers: Callable[[str], Receivers]
    sink: EventSink
    lead: Lead
    clock: Clock


class ChainAudit:
    """Of several servers the one that moves alerts looks."""

    def __init__(self, parts: AuditParts) -> None:
        """Nothing is looked at before `run`."""
        self._parts = parts
        #: how many of each fault the last look found
        self.found: Mapping[Fault, int] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                if await self._parts.lead.is_mine():
                    await self.once()
                else:
                    self.found = {}
            except GwfError as exc:  # the next look sees the same
                log.warning("chains_not_audited", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of a loop that must not end
                log.exception("chain_audit_crashed")

    async def once(self) -> Sequence[Finding]:
        """Look once; return what is wrong."""
        parts, now_ms = self._parts, self._parts.clock.now_ms()
        standing = await parts.reads.standing(
            due_before_ms=now_ms - LATE_MS, untold_before_ms=now_ms - UNTOLD_MS, weight=WEIGHTY,
            failed_after_ms=now_ms - FAILED_WITHIN_MS, limit=MOST,
        )  # fmt: skip
        found: list[tuple[str, Finding]] = []
        for tenant in sorted({*standing, *parts.plans.tenants()}):
            plan, one = parts.plans.of(tenant), standing.get(tenant, Standing())
            findings = itertools.chain(
                of_plan(plan, parts.receivers(tenant), now_ms), of_groups(one.groups, plan, now_ms),
                of_alerts(one.alerts, plan, now_ms), of_notices(one.notices, now_ms),
            )  # fmt: skip
            found += [(tenant, finding) for finding in findings]
        self.found = Counter(finding.fault for _, finding in found)
        await parts.sink.emit([_event(tenant, finding, now_ms) for tenant, finding in found[:RAISED]])
        return [finding for _, finding in found]


def _event(tenant: str, finding: Finding, now_ms: int) -> Event:
    """Return the event of a finding; a fault that lasts is told once a day."""
    day = now_ms // 86_400_000
    event = centre_event(
        KIND, at_ms=now_ms, event_id=f"{finding.fault.value}:{finding.subject}:{finding.since_ms or day}",
        severity=Severity.ERROR, subject=finding.subject,
        data={"fault": finding.fault.value, "subject": finding.subject, "name": finding.name},
    )  # fmt: skip
    return replace(event, tenant=tenant)
