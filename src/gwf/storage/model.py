"""Words and values of object storage: sources, receipts, metadata, multipart state."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

MAX_KEY_BYTES = 1024  #: the smallest key limit of the supported stores (source: their API references)


class Checksums(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Digests of one object's bytes as computed by us while reading; None where not computed."""

    #: lower-case hex MD5 of the content; "" for an object sent in parts, which no store identifies by it
    md5: str
    #: lower-case hex SHA-256 of the content
    sha256: str
    #: CRC64-ECMA (XZ polynomial, as Aliyun OSS uses) as an unsigned integer
    crc64: int | None = None


class FileSource(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An open regular file to send. The store reads by position and never closes or seeks `fd`."""

    #: readable file descriptor
    fd: int
    #: bytes to send; the file holding fewer raises SourceChangedError
    size_bytes: int
    #: called with the size of each part before it is sent, by the thread that sends it; may wait (rate limits)
    pace: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectMeta:
    """What a store says about an object it holds."""

    key: str
    size_bytes: int
    #: as the store gave it, without quotes; "" when the store has none
    etag: str
    #: store's CRC64-ECMA, when it keeps one
    crc64: int | None = None
    #: SHA-256 hex that we stored beside the object, when known
    sha256: str | None = None
    #: milliseconds since the epoch, UTC; None when the store does not say
    modified_at_ms: int | None = None
    #: the store's name of exactly this version; "" where the bucket keeps none, and in listings
    version: str = ""


class ObjectReceipt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Proof of a finished upload: the store confirmed exactly these bytes."""

    key: str
    size_bytes: int
    etag: str
    checksums: Checksums
    #: the store's own request id, for support cases; "" when it gave none
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One finished part of a multipart upload."""

    #: 1-based
    number: int
    size_bytes: int
    #: as the store gave it, without quotes
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipartState:
    """All that is needed to continue a multipart upload in another process or on another machine."""

    key: str
    #: "" = an upload may have been begun under an id that we do not know
    upload_id: str
    size_bytes: int
    part_size_bytes: int
    #: finished parts by number, as far as they were kept; the store's own list is the truth where it may be read
    parts: tuple[Part, ...] = field(default=())
    #: when the upload was begun, ms since the epoch by the store's clock; set in listings only, None = not told
    begun_at_ms: int | None = None


class StoreState(enum.StrEnum):
    """How a store answered its health check."""

    OK = "ok"
    FAILING = "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """Result of one health check: may we read and write in this store now?"""

    state: StoreState
    #: round trip of the check in milliseconds
    latency_ms: float
    #: error class value and one line for people; "" when ok. OK with class auth: the credentials may not list,
    #: so whether they may write is shown by writing only
    error_class: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPage:
    """One page of a listing in key order; `next_after` is None on the last page."""

    items: tuple[ObjectMeta, ...]
    next_after: str | None
