"""What people decided about alerts, as it is in force now; kept up with what this and other servers publish."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gwf.alerts.documents.ports import DocReads, DocStore
from gwf.alerts.documents.reading import HourlyChain, read_chain, read_inhibition, read_schedule
from gwf.alerts.documents.record import DocKind, DocVersion, StoredDoc
from gwf.alerts.life.ledger import Setting
from gwf.alerts.life.model import Chain, Inhibition, Silence
from gwf.alerts.oncall import Schedule
from gwf.alerts.run.model import NO_PLAN, AlertPlan
from gwf.alerts.sight.model import AlertRule
from gwf.alerts.sight.reading import CASES, read_alert_rule
from gwf.control.config.check import FaultyDocumentError
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.rules.model import Document

log = logging.getLogger("gwf.alerts")


@dataclass(slots=True, kw_only=True)
class _Read:
    """What was read of one tenant."""

    #: as the store counts changes
    stored: int
    rules: list[AlertRule] = field(default_factory=list[AlertRule])
    chains: list[HourlyChain] = field(default_factory=list[HourlyChain])
    inhibitions: list[Inhibition] = field(default_factory=list[Inhibition])
    silences: list[Silence] = field(default_factory=list[Silence])
    schedules: dict[str, Schedule] = field(default_factory=dict[str, Schedule])


class AlertBook:
    """Used in one event loop."""

    def __init__(self, store: DocStore, clock: Clock) -> None:
        """Know nothing before `refresh`."""
        self._store = store
        self._clock = clock
        self._read: dict[str, _Read] = {}
        self._plans: dict[str, AlertPlan] = {}
        self._made = 0
        #: documents in force that this release cannot read: they decide nothing
        self.unreadable: Mapping[str, int] = {}

    def tenants(self) -> Sequence[str]:
        """Return the tenants that ever decided anything."""
        return tuple(self._plans)

    def of(self, tenant: str) -> AlertPlan:
        """Return what is in force, as far as it is known here; its number is one of this process."""
        return self._plans.get(tenant, NO_PLAN)

    def schedules(self, tenant: str) -> Mapping[str, Schedule]:
        """Return by name the schedules in force: who is meant where a receiver is one of these."""
        read = self._read.get(tenant)
        return {} if read is None else read.schedules

    def chains(self, tenant: str) -> Mapping[str, HourlyChain]:
        """Return by name the chains in force, with all their hours."""
        read = self._read.get(tenant)
        return {} if read is None else {chain.name: chain for chain in read.chains}

    async def version(self, tenant: str, rule_id: str, version: int) -> tuple[AlertRule, Document] | None:
        """Return a version of a rule and its document; None = it is not kept, or this release cannot read it.

        Raises:
            UnavailableError: The database did not answer.
        """
        async with self._store.view() as reads:
            found = await reads.versions_of(tenant, [DocVersion(rule_id, version)])
        if not found or found[0].kind is not DocKind.RULE:
            return None
        try:
            return read_alert_rule(found[0].document, rule_id=rule_id, version=version), found[0].document
        except FaultyDocumentError:
            return None

    async def refresh(self) -> bool:
        """Learn what was decided, and which hours it is; tell whether any plan is another one.

        Raises:
            UnavailableError: The database did not answer.
        """
        now_ms = self._clock.now_ms()
        async with self._store.view() as reads:
            numbers = await reads.plan_numbers()
            fresh = {
                tenant: await self._made_of(reads, tenant, number, now_ms=now_ms)
                for tenant, number in numbers.items()
                if tenant not in self._read or self._read[tenant].stored != number
            }
        self._read |= fresh
        moved = [tenant for tenant in self._read if self._move(tenant, now_ms, is_fresh=tenant in fresh)]
        return bool(moved)

    def _move(self, tenant: str, now_ms: int, *, is_fresh: bool) -> bool:
        read = self._read[tenant]
        chains: dict[str, Chain] = {chain.name: chain.at(now_ms) for chain in read.chains}
        known = self._plans.get(tenant)
        if not is_fresh and known is not None and known.setting.chains == chains:
            return False
        self._made += 1
        setting = Setting(silences=tuple(read.silences), inhibitions=tuple(read.inhibitions), chains=chains)
        self._plans[tenant] = AlertPlan(self._made, tuple(read.rules), setting)
        return True

    async def _made_of(self, reads: DocReads, tenant: str, number: int, *, now_ms: int) -> _Read:
        read, unreadable = _Read(stored=number), 0
        for stored in await reads.in_force(tenant):
            try:
                _take(read, stored)
            except GwfError as exc:
                unreadable += 1
                extra = {"doc_id": stored.ref.doc_id, "version": stored.ref.version, "error": str(exc)}
                log.error("alert_document_unreadable", extra=extra)
        for silence in await reads.silences_after(tenant, now_ms):
            try:
                read.silences.append(silence.read())
            except GwfError as exc:
                unreadable += 1
                log.error("silence_unreadable", extra={"silence_id": silence.silence_id, "error": str(exc)})
        self.unreadable = {**self.unreadable, tenant: unreadable}
        return read


def _take(read: _Read, stored: StoredDoc) -> None:
    match stored.kind:
        case DocKind.RULE:
            asked = {key: value for key, value in stored.document.items() if key != CASES}
            read.rules.append(read_alert_rule(asked, rule_id=stored.ref.doc_id, version=stored.ref.version))
        case DocKind.CHAIN:
            read.chains.append(read_chain(stored.document))
        case DocKind.SCHEDULE:
            schedule = read_schedule(stored.document)
            read.schedules[schedule.name] = schedule
        case DocKind.INHIBITION:
            inhibition = read_inhibition(stored.document, doc_id=stored.ref.doc_id)
            if inhibition is not None:
                read.inhibitions.append(inhibition)
