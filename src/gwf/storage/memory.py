"""Objects in this process's memory: for tests, drills and trying things out."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from gwf.core.errors import CorruptDataError, FaultScope, NotFoundError
from gwf.storage import multipart
from gwf.storage.hashing import CHUNK_BYTES, PartDigest, Span, chunks, crc64_of
from gwf.storage.keys import check_key
from gwf.storage.model import (
    Checksums,
    FileSource,
    MultipartState,
    ObjectMeta,
    ObjectPage,
    ObjectReceipt,
    Part,
    StoreHealth,
    StoreState,
)
from gwf.storage.ports import UploadRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    data: bytes
    meta: ObjectMeta


@dataclass(slots=True)
class _Upload:
    key: str
    begun_at_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    parts: dict[int, tuple[Part, bytes]] = field(default_factory=dict[int, tuple[Part, bytes]])


class MemorySpace:
    """The objects themselves; several stores may share one, as several processes share a bucket."""

    def __init__(self) -> None:
        """Start empty."""
        self.lock = threading.Lock()
        self.objects: dict[str, _Held] = {}
        self.uploads: dict[str, _Upload] = {}


class MemoryRecord:
    """Keeps an upload in parts as long as the process lives; see the port `UploadRecord`."""

    def __init__(self, state: MultipartState | None = None) -> None:
        """Go on with `state`, if there is one."""
        #: the upload with all parts that were kept; None before it was begun
        self.state = state

    def begun(self, state: MultipartState) -> None:
        """See UploadRecord."""
        self.state = state

    def stored(self, part: Part) -> None:
        """See UploadRecord."""
        if self.state is None:
            raise ValueError("a part of no upload")
        self.state = dataclasses.replace(self.state, parts=(*self.state.parts, part))


class MemoryStore:
    """An ObjectStore over a MemorySpace."""

    uses_crc64 = False

    def __init__(
        self,
        space: MemorySpace | None = None,
        *,
        multipart_threshold_bytes: int = 32 * 1024**2,
        part_size_bytes: int = 16 * 1024**2,
        part_concurrency: int = 2,
    ) -> None:
        """Use `space`, or an empty one of its own."""
        self.multipart_threshold_bytes = multipart_threshold_bytes
        self.part_size_bytes = part_size_bytes
        self.part_concurrency = part_concurrency
        self._space = space or MemorySpace()

    def put_object(self, key: str, source: FileSource) -> ObjectReceipt:
        """See ObjectStore."""
        check_key(key)
        data = _read(source, 0, source.size_bytes)
        md5, sha256 = hashlib.md5(data, usedforsecurity=False).hexdigest(), hashlib.sha256(data).hexdigest()
        self._hold(key, data, etag=md5, sha256=sha256)
        return ObjectReceipt(
            key=key, size_bytes=len(data), etag=md5, checksums=Checksums(md5=md5, sha256=sha256, crc64=crc64_of(data))
        )

    def multipart_upload(
        self, key: str, source: FileSource, *, record: UploadRecord, state: MultipartState | None = None
    ) -> ObjectReceipt:
        """See ObjectStore."""
        check_key(key)
        return multipart.upload(self, key, source, record=record, state=state)

    def find_uploaded(self, key: str, source: FileSource) -> ObjectReceipt | None:
        """See ObjectStore."""
        return multipart.find_uploaded(self, key, source)

    def create_upload(self, key: str) -> str:
        """See PartStore."""
        upload_id = secrets.token_hex(16)
        with self._space.lock:
            self._space.uploads[upload_id] = _Upload(key)
        return upload_id

    def send_part(self, state: MultipartState, source: FileSource, span: Span) -> tuple[Part, PartDigest]:
        """See PartStore."""
        data = _read(source, span.offset, span.size_bytes)
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        part = Part(number=span.number, size_bytes=span.size_bytes, etag=md5)
        with self._space.lock:
            self._upload(state).parts[span.number] = (part, data)
        return part, PartDigest(number=span.number, size_bytes=span.size_bytes, md5=md5)

    def list_parts(self, state: MultipartState) -> tuple[Part, ...]:
        """See ObjectStore."""
        with self._space.lock:
            parts = self._upload(state).parts
            return tuple(parts[number][0] for number in sorted(parts))

    def complete_upload(self, state: MultipartState, digests: tuple[PartDigest, ...]) -> ObjectMeta:
        """See PartStore."""
        with self._space.lock:
            held = self._upload(state).parts
            if any(held.get(part.number, (None,))[0] != part for part in state.parts):
                raise CorruptDataError("a part is missing or differs", key=state.key)
            data = b"".join(held[part.number][1] for part in state.parts)
            del self._space.uploads[state.upload_id]
        return self._hold(state.key, data, etag=multipart.md5_of_md5s(digests), sha256=None)

    def find_same(self, key: str, digests: tuple[PartDigest, ...]) -> ObjectMeta | None:
        """See PartStore."""
        try:
            meta = self.get_object_meta(key)
        except NotFoundError:
            return None
        return meta if meta.etag == multipart.md5_of_md5s(digests) else None

    def abort(self, state: MultipartState) -> None:
        """See ObjectStore."""
        with self._space.lock:
            self._space.uploads.pop(state.upload_id, None)

    def list_uploads(self, prefix: str) -> tuple[MultipartState, ...]:
        """See ObjectStore."""
        with self._space.lock:
            found = [
                (u.key, upload_id, u.begun_at_ms)
                for upload_id, u in self._space.uploads.items()
                if u.key.startswith(prefix)
            ]
        return tuple(
            MultipartState(key=key, upload_id=upload_id, size_bytes=0, part_size_bytes=0, begun_at_ms=begun_at_ms)
            for key, upload_id, begun_at_ms in sorted(found)
        )

    def get_object_meta(self, key: str) -> ObjectMeta:
        """See ObjectStore."""
        return self._get(key).meta

    def verify_checksum(self, key: str, size_bytes: int, expected: Checksums) -> ObjectMeta:
        """See ObjectStore."""
        held = self._get(key)
        if held.meta.size_bytes != size_bytes or hashlib.sha256(held.data).hexdigest() != expected.sha256:
            raise CorruptDataError("object differs from what was sent", key=key)
        return held.meta

    def read_object(self, key: str) -> Iterator[bytes]:
        """See ObjectStore."""
        data = self._get(key).data
        return (data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES))

    def list_objects(self, prefix: str, *, after: str = "", limit: int = 1000) -> ObjectPage:
        """See ObjectStore."""
        with self._space.lock:
            keys = sorted(key for key in self._space.objects if key.startswith(prefix) and key > after)
            items = tuple(self._space.objects[key].meta for key in keys[:limit])
        return ObjectPage(items=items, next_after=items[-1].key if len(keys) > limit else None)

    def delete_object(self, key: str, *, version: str = "") -> None:
        """See ObjectStore."""
        check_key(key)
        with self._space.lock:
            if not version:
                self._space.objects.pop(key, None)

    def health(self) -> StoreHealth:
        """See ObjectStore."""
        return StoreHealth(state=StoreState.OK, latency_ms=0.0)

    def close(self) -> None:
        """See ObjectStore; nothing to close."""

    def _hold(self, key: str, data: bytes, *, etag: str, sha256: str | None) -> ObjectMeta:
        meta = ObjectMeta(
            key=key,
            size_bytes=len(data),
            etag=etag,
            crc64=crc64_of(data),
            sha256=sha256,
            modified_at_ms=time.time_ns() // 1_000_000,
        )
        with self._space.lock:
            self._space.objects[key] = _Held(data=data, meta=meta)
        return meta

    def _get(self, key: str) -> _Held:
        check_key(key)
        with self._space.lock:
            held = self._space.objects.get(key)
        if held is None:
            raise NotFoundError("object does not exist", scope=FaultScope.OBJECT, key=key)
        return held

    def _upload(self, state: MultipartState) -> _Upload:
        upload = self._space.uploads.get(state.upload_id)
        if upload is None:
            raise NotFoundError(
                "upload is not known", scope=FaultScope.OBJECT, key=state.key, upload_id=state.upload_id
            )
        return upload


def _read(source: FileSource, offset: int, size_bytes: int) -> bytes:
    return b"".join(bytes(chunk) for chunk in chunks(source, offset, size_bytes))
