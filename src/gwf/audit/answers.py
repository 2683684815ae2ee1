"""What is kept of requests that may come a second time, and the port to where it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gwf.audit.deed import Key
from gwf.audit.model import AuditEntry, AuditRow, Resource
from gwf.core.errors import ConflictError, InputError

KEEP_MS = 24 * 3_600_000  #: how long an answer is kept


class KeyReusedError(InputError):
    """A key came with another request than the first time."""

    code = "idempotency_key_reused"


class AlreadyDoneError(ConflictError):
    """A request with this key was done, and its answer is not kept, or not there yet."""

    code = "already_done"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What is kept of a request that was done."""

    fingerprint: bytes
    #: None = it was done, and what was answered is not kept: it held a secret, or the process ended before
    status: int | None
    media_type: str
    body: str
    at_ms: int


class AnswerStore(Protocol):
    """Where answers are kept. Every call raises UnavailableError when the database does not answer."""

    async def find(self, key: Key) -> KeptAnswer | None:
        """Return what is kept under a key, None for nothing; what is older than KEEP_MS does not count."""
        ...

    async def keep(self, key: Key, *, status: int, media_type: str, body: str) -> None:
        """Keep what was answered to a request."""
        ...

    async def purge(self, *, before_ms: int) -> int:
        """Remove what was kept before a moment; return how many."""
        ...

    async def record(self, entry: AuditEntry) -> None:
        """Write an entry about a request that changed nothing."""
        ...

    async def last_changes(self, tenant: str, resource: Resource, *, limit: int) -> Sequence[AuditRow]:
        """Return what was done to a thing, newest first."""
        ...
