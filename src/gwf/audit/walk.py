"""Walks the stored chain of a tenant from end to end, in pieces that hold up nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from gwf.audit.chain import genesis, head_of
from gwf.audit.export import ExportWriter
from gwf.audit.model import AuditRow, Head
from gwf.audit.ports import AuditStore
from gwf.audit.verify import ChainVerifier, Verdict
from gwf.core.errors import NotFoundError

PIECE = 2_000  #: rows that are read in one view and hashed in one go, in a thread

Watch = Callable[[int, int], None]
"""Is told how many rows were done, and how many there are."""


async def verify_stored(
    store: AuditStore, tenant: str, *, known: Mapping[int, bytes] | None = None, watch: Watch | None = None
) -> Verdict:
    """Return what the stored chain of a tenant proves. Rows that are added meanwhile are left out."""
    async with store.view(tenant) as view:
        ends = await view.ends()
    verifier = ChainVerifier(genesis(tenant), known)
    done = 0
    async for rows in _pieces(store, tenant, after=0, last=ends.last_seq):
        await asyncio.to_thread(_feed, verifier, rows)
        done += len(rows)
        if watch is not None:
            watch(done, ends.last_seq)
        if verifier.fault is not None:
            break
    nothing_yet = ends.head is None and not ends.last_seq
    return verifier.finish(genesis(tenant) if nothing_yet else ends.head)


async def export_stored(
    store: AuditStore, tenant: str, *, at_ms: int, after: int = 0, watch: Watch | None = None
) -> AsyncIterator[bytes]:
    """Yield an export of the rows behind a place, some thousand lines at a time.

    Raises:
        NotFoundError: There is no row at `after`.
    """
    begin, last = await _begin(store, tenant, after)
    writer = ExportWriter(begin, at_ms=at_ms)
    yield writer.first_line()
    done = 0
    async for rows in _pieces(store, tenant, after=after, last=last):
        yield await asyncio.to_thread(_lines, writer, rows)
        done += len(rows)
        if watch is not None:
            watch(done, last - after)
    yield writer.last_line()


async def _begin(store: AuditStore, tenant: str, after: int) -> tuple[Head, int]:
    async with store.view(tenant) as view:
        ends = await view.ends()
        row = await view.find(after) if after else None
    if after and row is None:
        raise NotFoundError("there is no entry with this number", seq=after, last=ends.last_seq)
    return (genesis(tenant) if row is None else head_of(row)), ends.last_seq


async def _pieces(store: AuditStore, tenant: str, *, after: int, last: int) -> AsyncIterator[Sequence[AuditRow]]:
    while after < last:
        async with store.view(tenant) as view:
            rows = await view.rows(after=after, limit=PIECE)
        rows = [row for row in rows if row.seq <= last]
        if not rows:
            return
        yield rows
        after = rows[-1].seq


def _feed(verifier: ChainVerifier, rows: Sequence[AuditRow]) -> None:
    for row in rows:
        verifier.feed(row)


def _lines(writer: ExportWriter, rows: Sequence[AuditRow]) -> bytes:
    return b"".join(map(writer.line, rows))
