"""The use cases of the audit: lists, single entries, a check of the whole chain, an export."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gwf.audit.chain import genesis
from gwf.audit.extract import extract_lines
from gwf.audit.model import Actor, AuditEntry, AuditRow, Head, Resource
from gwf.audit.ports import AuditFilter, AuditReads, AuditStore, Of, Summary, Value, ValueWish
from gwf.audit.verify import Fault, Verdict
from gwf.audit.walk import export_stored, verify_stored
from gwf.core.clock import Clock
from gwf.core.errors import GwfError, NotFoundError

TEXT_SPAN = 50_000  #: rows that a search for a text looks through for one page
SUMMED = 100_000  #: entries that a summary looks at
EXTRACTED = 500  #: entries of one piece of an extract

log = logging.getLogger("gwf.audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some entries, newest first."""

    rows: Sequence[AuditRow]
    #: the next page lies below this place; None = this was the last one. A page may be short and have a next
    next_below: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One walk along the whole chain, under way or ended."""

    started_at_ms: int
    #: rows that were looked at so far
    rows_done: int = 0
    rows_total: int = 0
    ended_at_ms: int | None = None
    #: what it found; None = it is under way, or it could not be ended
    verdict: Verdict | None = None
    #: why it could not be ended
    problem: str | None = None

    @property
    def is_running(self) -> bool:
        """Tell whether it is under way."""
        return self.ended_at_ms is None


class AuditService:
    """What may be done with the record of changes."""

    def __init__(self, store: AuditStore, clock: Clock) -> None:
        """Read from `store`."""
        self._store = store
        self._clock = clock
        self._checks: dict[str, Check] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    async def page(self, tenant: str, wanted: AuditFilter, *, below: int | None, limit: int) -> Page:
        """Return one page, newest first, below a place (None = from the newest on)."""
        if wanted.is_search:
            return await self._search(tenant, wanted, below, limit=limit)
        async with self._store.view(tenant) as view:
            rows = await view.page(wanted, below=below, limit=limit + 1)
        more = len(rows) > limit
        rows = rows[:limit]
        return Page(rows=rows, next_below=rows[-1].seq if more else None)

    async def get(self, tenant: str, seq: int) -> AuditRow:
        """Return one entry.

        Raises:
            NotFoundError: None has this number.
        """
        async with self._store.view(tenant) as view:
            row = await view.find(seq)
        if row is None:
            raise NotFoundError("there is no entry with this number", seq=seq)
        return row

    async def summary(self, tenant: str, wanted: AuditFilter, *, shift_ms: int = 0) -> Summary:
        """Return how many entries fit, day by day and by who did what; of the newest ones when there are many.

        Days begin `shift_ms` before those of UTC.
        """
        async with self._store.view(tenant) as view:
            span = await _span(view, wanted)
            found = await view.summary(wanted, span=span, shift_ms=shift_ms, limit=SUMMED)
        return replace(found, complete=found.complete and span[0] == 1)

    async def values(self, tenant: str, wanted: AuditFilter, wish: ValueWish) -> Sequence[Value]:
        """Return the values of a filter, most frequent first, as if nothing were chosen in this filter."""
        wanted = _without(wanted, wish.of)
        async with self._store.view(tenant) as view:
            return await view.values(wanted, wish, span=await _span(view, wanted), limit=SUMMED)

    def extract(self, tenant: str, wanted: AuditFilter, filters: Mapping[str, object]) -> AsyncIterator[bytes]:
        """Yield exactly the entries that fit, with `filters` and a checksum, as lines of JSON."""

        async def pages(below: int | None) -> tuple[Sequence[AuditRow], int | None]:
            page = await self.page(tenant, wanted, below=below, limit=EXTRACTED)
            return page.rows, page.next_below

        return extract_lines(pages, tenant=tenant, at_ms=self._clock.now_ms(), filters=filters)

    async def head(self, tenant: str) -> Head:
        """Return the recorded place of the newest entry, to be written down where the database does not reach."""
        async with self._store.view(tenant) as view:
            return (await view.ends()).head or genesis(tenant)

    def broken(self) -> list[tuple[str, Fault]]:
        """Return the tenants whose record the last check found damaged, and what it found."""
        found = [(tenant, check.verdict) for tenant, check in self._checks.items() if check.verdict is not None]
        return [(tenant, verdict.fault) for tenant, verdict in found if verdict.fault is not None]

    def last_check(self, tenant: str) -> Check | None:
        """Return the check that is under way or was the last one in this process."""
        return self._checks.get(tenant)

    async def check(self, tenant: str, *, actor: Actor, request_id: str) -> Check:
        """Begin a check of the whole chain, on record, and return at once; one that is under way goes on."""
        running = self._checks.get(tenant)
        if running is not None and running.is_running:
            return running
        now_ms = self._clock.now_ms()
        check = self._checks[tenant] = Check(started_at_ms=now_ms)
        entry = AuditEntry(
            tenant=tenant,
            actor=actor,
            action="audit.verify",
            resource=Resource(kind="audit", id=tenant),
            at_ms=now_ms,
            request_id=request_id,
        )
        try:
            async with self._store.change() as change:
                change.record(entry)
        except BaseException:
            del self._checks[tenant]
            raise
        self._running[tenant] = asyncio.create_task(self._check(tenant, check), name=f"audit-check-{tenant}")
        return check

    async def settled(self, tenant: str) -> Check | None:
        """Return the last check once it has ended."""
        running = self._running.get(tenant)
        if running is not None:
            await asyncio.gather(running, return_exceptions=True)
        return self._checks.get(tenant)

    def export(self, tenant: str, *, after: int = 0) -> AsyncIterator[bytes]:
        """Yield an export of all rows behind a place, as `gwf audit verify --file` takes it.

        Raises:
            NotFoundError: There is no row at `after`.
        """
        return export_stored(self._store, tenant, at_ms=self._clock.now_ms(), after=after)

    async def stop(self) -> None:
        """End checks that are under way."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _search(self, tenant: str, wanted: AuditFilter, below: int | None, *, limit: int) -> Page:
        """Look through a bounded number of rows, so that no search holds up the others."""
        async with self._store.view(tenant) as view:
            top = (await view.ends()).last_seq if below is None else below - 1
            bottom = max(1, top - TEXT_SPAN + 1)
            rows = await view.text_page(wanted, span=(bottom, top), limit=limit + 1)
        if len(rows) > limit:
            return Page(rows=rows[:limit], next_below=rows[limit - 1].seq)
        return Page(rows=rows, next_below=bottom if bottom > 1 else None)

    async def _check(self, tenant: str, check: Check) -> None:
        def watch(done: int, total: int) -> None:
            self._checks[tenant] = replace(check, rows_done=done, rows_total=total)

        verdict, problem = None, None
        try:
            verdict = await verify_stored(self._store, tenant, watch=watch)
        except GwfError as exc:
            problem = str(exc)
            log.warning("audit_check_failed", extra={"tenant": tenant, "error_code": exc.code, "error": problem})
        except Exception:
            problem = "internal error; the log says more"
            log.exception("audit_check_crashed", extra={"tenant": tenant})
        now = self._checks[tenant]
        self._checks[tenant] = replace(now, ended_at_ms=self._clock.now_ms(), verdict=verdict, problem=problem)
        if verdict is not None and verdict.fault is not None:
            fault = verdict.fault
            log.error("audit_broken", extra={"tenant": tenant, "seq": fault.seq, "kind": fault.kind.value})


async def _span(view: AuditReads, wanted: AuditFilter) -> tuple[int, int]:
    """Return the places that are looked through."""
    last = (await view.ends()).last_seq
    return (max(1, last - TEXT_SPAN + 1) if wanted.is_search else 1), last


def _without(wanted: AuditFilter, of: Of) -> AuditFilter:
    match of:
        case Of.ACTOR:
            return replace(wanted, actor_id="")
        case Of.ACTION:
            return replace(wanted, action="", actions=frozenset[str]())
        case Of.RESOURCE_KIND:
            return replace(wanted, resource_kinds=frozenset[str]())
        case Of.ADDRESS:
            return replace(wanted, address="")
