"""The audit put together: the record of changes over the centre's database."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter

from gwf.api.names import Names
from gwf.api.v1.audit import audit_checks, audit_routes
from gwf.api.v1.audit_sums import audit_sums, audit_values
from gwf.audit.service import AuditService
from gwf.core.clock import Clock
from gwf.db.audit_store import SqlAuditStore
from gwf.db.database import Database
from gwf.identity.principal import DEFAULT_TENANT
from gwf.wire.edge import Reason

log = logging.getLogger("gwf.app")


class Record:
    """The service of the audit and its routes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Put it together."""
        self.service = AuditService(SqlAuditStore(database.core), clock)

    def v1(self, names: Names) -> Sequence[APIRouter]:
        """Return the routers below /api/v1; `names` says how people call what the record names by ids."""
        return [
            audit_routes(self.service, names),
            audit_sums(self.service, names),
            audit_values(self.service, names),
            audit_checks(self.service),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Write the head into the log, where the database does not reach, at the start and at the end."""
        await self._log_head()
        try:
            yield
        finally:
            await self.service.stop()
            await self._log_head()

    def reasons(self) -> list[Reason]:
        """Return why the record cannot be trusted."""
        return [
            Reason(
                code="audit_broken",
                params={"tenant": tenant, "seq": str(fault.seq), "kind": fault.kind.value},
                message=f"the record of changes of {tenant} was changed by hand: {fault.says}",
            )
            for tenant, fault in self.service.broken()
        ]

    async def _log_head(self) -> None:
        head = await self.service.head(DEFAULT_TENANT)
        log.info("audit_head", extra={"tenant": head.tenant, "seq": head.seq, "hash": head.hash.hex()})
