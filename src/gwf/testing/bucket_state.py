"""What a loopback bucket holds: objects and unfinished uploads, by their checksums and, if kept, their bytes."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field

from fastcrc import crc64


@dataclass(slots=True)
class HeldObject:
    """One object."""

    size_bytes: int
    etag: str
    #: lower-case hex of the content; "" for one made of parts whose bytes were not kept
    md5: str
    sha256: str
    body: bytes
    crc64: int
    modified_s: float = field(default_factory=time.time)
    #: how often this key was written
    writes: int = 1


@dataclass(slots=True)
class HeldPart:
    """One part of an unfinished upload."""

    size_bytes: int
    md5: str
    body: bytes


@dataclass(slots=True)
class HeldUpload:
    """One unfinished upload."""

    key: str
    begun_s: float = field(default_factory=time.time)
    parts: dict[int, HeldPart] = field(default_factory=dict[int, HeldPart])


class BucketState:
    """All that one bucket holds. Used by one thread; readers elsewhere see a consistent value per key."""

    def __init__(self, *, keep_bodies: bool) -> None:
        """Start empty."""
        self.keep_bodies = keep_bodies
        self.objects: dict[str, HeldObject] = {}
        self.uploads: dict[str, HeldUpload] = {}
        #: how often any object was written
        self.writes = 0

    def put(self, key: str, body: bytes, *, size_bytes: int, md5: str, sha256: str) -> HeldObject:
        """Hold an object under `key`."""
        held = HeldObject(
            size_bytes=size_bytes,
            etag=md5,
            md5=md5,
            sha256=sha256,
            body=body if self.keep_bodies else b"",
            crc64=crc64.xz(body) if self.keep_bodies else 0,
        )
        return self._hold(key, held)

    def begin(self, key: str) -> str:
        """Open an upload and return its id."""
        upload_id = secrets.token_hex(16)  # never again, as with a real store
        self.uploads[upload_id] = HeldUpload(key)
        return upload_id

    def complete(self, upload_id: str, numbers: list[int]) -> HeldObject:
        """Make one object of the parts named."""
        upload = self.uploads.pop(upload_id)
        parts = [upload.parts[number] for number in numbers]
        joined = hashlib.md5(b"".join(bytes.fromhex(part.md5) for part in parts), usedforsecurity=False).hexdigest()
        body = b"".join(part.body for part in parts)
        held = HeldObject(
            size_bytes=sum(part.size_bytes for part in parts),
            etag=f"{joined}-{len(parts)}",
            md5=hashlib.md5(body, usedforsecurity=False).hexdigest() if self.keep_bodies else "",
            sha256="",
            body=body,
            crc64=crc64.xz(body) if self.keep_bodies else 0,
        )
        return self._hold(upload.key, held)

    def _hold(self, key: str, held: HeldObject) -> HeldObject:
        self.writes += 1
        before = self.objects.get(key)
        held.writes = before.writes + 1 if before else 1
        self.objects[key] = held
        return held
