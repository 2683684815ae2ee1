"""A far end that does what the test says: an object store in memory with faults and a record of every call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from gwf.agent.model import Work
from gwf.core.errors import GwfError
from gwf.storage.hashing import PartDigest, Span
from gwf.storage.memory import MemoryStore
from gwf.storage.model import (
    FileSource,
    MultipartState,
    ObjectReceipt,
    Part,
    StoreHealth,
    StoreState,
)


class FarEnd(MemoryStore):
    """A MemoryStore whose calls can be made to fail, to wait, or to change the file being sent."""

    def __init__(self, *, multipart_threshold_bytes: int = 1 << 40, part_size_bytes: int = 10) -> None:
        super().__init__(
            multipart_threshold_bytes=multipart_threshold_bytes, part_size_bytes=part_size_bytes, part_concurrency=1
        )
        #: called before each PUT and each part; may raise or wait
        self.before: Callable[[str], None] = lambda _: None
        self.puts: list[str] = []
        self.parts: list[tuple[str, int]] = []
        self.aborted: list[str] = []
        self.fault: GwfError | None = None
        self.health_asked = threading.Semaphore(0)

    def put_object(self, key: str, source: FileSource) -> ObjectReceipt:
        self.puts.append(key)
        self._meet(key)
        return super().put_object(key, source)

    def send_part(self, state: MultipartState, source: FileSource, span: Span) -> tuple[Part, PartDigest]:
        self._meet(state.key)
        self.parts.append((state.upload_id, span.number))
        return super().send_part(state, source, span)

    def abort(self, state: MultipartState) -> None:
        self.aborted.append(state.upload_id)
        super().abort(state)

    def health(self) -> StoreHealth:
        self.health_asked.release()
        if self.fault is None:
            return StoreHealth(state=StoreState.OK, latency_ms=0.1)
        return StoreHealth(
            state=StoreState.FAILING,
            latency_ms=0.1,
            error_class=self.fault.error_class.value,
            message=str(self.fault),
        )

    def content(self, key: str) -> bytes:
        """Return an object's bytes."""
        return b"".join(self.read_object(key))

    def keys(self) -> list[str]:
        """Return the keys of all objects."""
        return [item.key for item in self.list_objects("").items]

    def _meet(self, key: str) -> None:
        self.before(key)
        if self.fault is not None:
            raise self.fault


def refusing(fault: GwfError) -> Callable[[str], None]:
    """Return what makes each upload fail although the store is in good health."""

    def refuse(_: str) -> None:
        raise fault

    return refuse


def work_for(path: Path, *, file_id: int = 1, key: str | None = None, **more: object) -> Work:
    """Return work for the version that lies at `path` now."""
    status = path.stat()
    work = Work(
        file_id, 1, bytes(path), status.st_ino, status.st_size, status.st_mtime_ns, "default", key or path.name,
        by_content=False, attempts=0, queued_at_ms=0,
    )  # fmt: skip
    for name, value in more.items():
        setattr(work, name, value)
    return work
