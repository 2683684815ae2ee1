"""An extract: the entries that a filter lets through, with the filter in the first line and a checksum in the last.

Unlike an export it has gaps, so it proves nothing about the chain by itself; each entry carries the hash that the
chain has for it, and can be looked up there.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from gwf.audit.chain import export_line
from gwf.audit.changes import canonical_json
from gwf.audit.model import AuditRow
from gwf.core.clock import utc_text

FORMAT = 1

#: gives the entries below a place, newest first, and the place to go on below; None = there are no more
Pages = Callable[[int | None], Awaitable[tuple[Sequence[AuditRow], int | None]]]


async def extract_lines(
    pages: Pages, *, tenant: str, at_ms: int, filters: Mapping[str, object]
) -> AsyncIterator[bytes]:
    """Yield the lines of an extract, some hundred at a time, newest entry first."""
    digest, rows = hashlib.sha256(), 0
    first = {"gwf_audit_extract": FORMAT, "tenant": tenant, "at": utc_text(at_ms), "filters": dict(filters)}
    piece = f"{canonical_json(first)}\n".encode()
    below: int | None = None
    more = True
    while more:
        digest.update(piece)
        yield piece
        found, below = await pages(below)
        rows += len(found)
        piece = b"".join(map(export_line, found))
        more = below is not None
    digest.update(piece)
    yield piece
    yield f"{canonical_json({'rows': rows, 'sha256': digest.hexdigest()})}\n".encode()
