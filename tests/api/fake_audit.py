"""A record of changes without entries; speaks the port of the audit."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from gwf.audit.model import AuditEntry, AuditRow
from gwf.audit.ports import AuditFilter, Ends


class EmptyReads:
    async def page(self, wanted: AuditFilter, *, below: int | None, limit: int) -> Sequence[AuditRow]:
        return []

    async def text_page(self, wanted: AuditFilter, *, span: tuple[int, int], limit: int) -> Sequence[AuditRow]:
        return []

    async def find(self, seq: int) -> AuditRow | None:
        return None

    async def rows(self, *, after: int, limit: int) -> Sequence[AuditRow]:
        return []

    async def ends(self) -> Ends:
        return Ends(head=None, last_seq=0)


class ForgetfulChange:
    def record(self, entry: AuditEntry) -> None:
        """Forget the entry."""


class EmptyAudit:
    @asynccontextmanager
    async def view(self, tenant: str) -> AsyncGenerator[EmptyReads]:
        yield EmptyReads()

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[ForgetfulChange]:
        yield ForgetfulChange()
