"""The object store over a bucket: what S3 and OSS have in common."""

from __future__ import annotations

import binascii
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from gwf.core.errors import CorruptDataError, ErrorClass, FaultScope, GwfError, NotFoundError, SourceChangedError
from gwf.storage import multipart
from gwf.storage.bucket import lists
from gwf.storage.bucket.calls import Bucket, Call
from gwf.storage.bucket.dialect import etag_of
from gwf.storage.bucket.refusals import refusal_of
from gwf.storage.bucket.xml import parse
from gwf.storage.hashing import (
    CHUNK_BYTES,
    PartDigest,
    Span,
    digest_bytes,
    digest_source,
    digest_span,
    read_all,
    version_of,
)
from gwf.storage.http1.answer import Answer
from gwf.storage.http1.client import Exchange
from gwf.storage.http1.connection import Body, FileBody
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
from gwf.storage.sign.sigv4 import UNSIGNED_PAYLOAD

_PAGE = 1000  #: most entries per page that the services give


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPolicy:
    """When and how objects are sent in parts."""

    threshold_bytes: int
    part_size_bytes: int
    #: parts of one object sent at a time
    concurrency: int


class BucketStore:
    """An ObjectStore over a Bucket; keys live below `prefix`, which ends with a slash or is empty."""

    def __init__(self, bucket: Bucket, policy: PartPolicy, *, prefix: str, checked: Bucket) -> None:
        """Make nothing and connect to nothing yet. `checked` is the same bucket with less patience: health asks it."""
        self.multipart_threshold_bytes = policy.threshold_bytes
        self.part_size_bytes = policy.part_size_bytes
        self.part_concurrency = policy.concurrency
        self.uses_crc64 = bucket.dialect.uses_crc64
        self._bucket = bucket
        self._checked = checked
        self._dialect = bucket.dialect
        self._prefix = prefix

    def put_object(self, key: str, source: FileSource) -> ObjectReceipt:
        """See ObjectStore."""
        begun = self.begin_put(key, source)
        if begun is not None:
            return begun.finish()
        version = version_of(source)
        sums = digest_source(source, crc=self.uses_crc64)
        body = FileBody(source=source, offset=0, size_bytes=source.size_bytes)
        try:
            return self._begin_put(key, body, sums).finish()
        except CorruptDataError as exc:
            raise _changed_or(exc, source, version) from exc

    def begin_put(self, key: str, source: FileSource) -> BucketPut | None:
        """See BeginsPuts."""
        if source.size_bytes > CHUNK_BYTES:
            return None
        data = read_all(source)
        return self._begin_put(key, data, digest_bytes(data, crc=self.uses_crc64))

    def multipart_upload(
        self, key: str, source: FileSource, *, record: UploadRecord, state: MultipartState | None = None
    ) -> ObjectReceipt:
        """See ObjectStore."""
        self._name(key)
        return multipart.upload(self, key, source, record=record, state=state)

    def find_uploaded(self, key: str, source: FileSource) -> ObjectReceipt | None:
        """See ObjectStore."""
        return multipart.find_uploaded(self, key, source)

    def create_upload(self, key: str) -> str:
        """See PartStore."""
        call = Call(method="POST", name=self._name(key), query=(("uploads", ""),), repeatable=False)
        answer = self._bucket.send(call)
        upload_id = parse(answer.body).word("UploadId")  # servers differ in the name of the root
        if not upload_id:
            raise CorruptDataError("store gave no upload id", scope=FaultScope.DESTINATION, key=key)
        return upload_id

    def send_part(self, state: MultipartState, source: FileSource, span: Span) -> tuple[Part, PartDigest]:
        """See PartStore."""
        version = version_of(source)
        body, digest, sha256 = _part_body(source, span, crc=self.uses_crc64)
        call = Call(
            method="PUT",
            name=self._name(state.key),
            query=(("partNumber", str(span.number)), ("uploadId", state.upload_id)),
            headers={"content-md5": _base64(digest.md5)},
            body=body,
            sha256=sha256,
        )
        try:
            answer = self._bucket.send(call)
            if self._dialect.holds_part(answer, digest) is False or not etag_of(answer):
                raise _corrupt(self._bucket, "store confirmed other bytes than we sent", state.key, answer=answer)
        except CorruptDataError as exc:
            raise _changed_or(exc, source, version) from exc
        return Part(number=span.number, size_bytes=span.size_bytes, etag=etag_of(answer)), digest

    def list_parts(self, state: MultipartState) -> tuple[Part, ...]:
        """See ObjectStore."""
        found: list[Part] = []
        marker = "0"
        while marker:
            query = (("max-parts", str(_PAGE)), ("part-number-marker", marker), ("uploadId", state.upload_id))
            answer = self._bucket.send(Call(method="GET", name=self._name(state.key), query=query))
            page, marker = lists.parts(answer.body)
            found += page
        return tuple(sorted(found, key=lambda part: part.number))

    def complete_upload(self, state: MultipartState, digests: tuple[PartDigest, ...]) -> ObjectMeta:
        """See PartStore."""
        body = lists.completion(state)
        call = Call(
            method="POST",
            name=self._name(state.key),
            query=(("uploadId", state.upload_id),),
            headers={"content-type": "application/xml"},
            body=body,
            sha256=hashlib.sha256(body).hexdigest(),
            repeatable=False,
        )
        answer = self._bucket.send(call)
        root = parse(answer.body)
        if root.name == "Error":  # the status was sent before the work was done
            request_id = self._bucket.request_id(answer)
            raise refusal_of(
                root.word("Code"), answer, key=state.key, request_id=request_id, words=root.word("Message")
            )
        etag = root.word("ETag").strip('"')
        meta = self.get_object_meta(state.key)
        if meta.size_bytes != state.size_bytes or self._dialect.is_made_of(answer, etag, digests) is False:
            raise _corrupt(self._bucket, "object differs from the parts sent", state.key, answer=answer)
        return meta

    def find_same(self, key: str, digests: tuple[PartDigest, ...]) -> ObjectMeta | None:
        """See PartStore."""
        try:
            answer = self._stat(key)
        except NotFoundError:
            return None
        meta = self._dialect.meta_of(key, answer)
        same = meta.size_bytes == sum(digest.size_bytes for digest in digests)
        return meta if same and self._dialect.is_made_of(answer, meta.etag, digests) else None

    def abort(self, state: MultipartState) -> None:
        """See ObjectStore."""
        call = Call(method="DELETE", name=self._name(state.key), query=(("uploadId", state.upload_id),))
        try:
            self._bucket.send(call)
        except NotFoundError as exc:
            if exc.scope is FaultScope.DESTINATION:
                raise

    def list_uploads(self, prefix: str) -> tuple[MultipartState, ...]:
        """See ObjectStore."""
        found: list[MultipartState] = []
        query = {"uploads": "", "encoding-type": "url", "prefix": self._prefix + prefix, "max-uploads": str(_PAGE)}
        while True:
            try:
                answer = self._bucket.send(Call(method="GET", query=tuple(query.items())))
            except NotFoundError as exc:
                if exc.scope is FaultScope.DESTINATION:
                    raise
                return tuple(found)  # so rclone says that there is none
            page, (key_marker, id_marker) = lists.uploads(answer.body, self._dialect, self._prefix)
            found += page
            if not key_marker:
                return tuple(found)
            query |= {"key-marker": key_marker, "upload-id-marker": id_marker}

    def get_object_meta(self, key: str) -> ObjectMeta:
        """See ObjectStore."""
        return self._dialect.meta_of(key, self._stat(key))

    def verify_checksum(self, key: str, size_bytes: int, expected: Checksums) -> ObjectMeta:
        """See ObjectStore."""
        answer = self._stat(key)
        meta = self._dialect.meta_of(key, answer)
        verdict = self._dialect.holds(answer, expected) if meta.size_bytes == size_bytes else False
        if verdict is None:
            verdict = self._read_sha256(key) == expected.sha256
        if not verdict:
            raise _corrupt(self._bucket, "object differs from what was sent", key, answer=answer)
        return meta

    def read_object(self, key: str) -> Iterator[bytes]:
        """See ObjectStore."""
        with self._bucket.stream(Call(method="GET", name=self._name(key))) as (answer, connection):
            yield from connection.stream_body(answer)

    def list_objects(self, prefix: str, *, after: str = "", limit: int = 1000) -> ObjectPage:
        """See ObjectStore; a page holds at most 1000 objects."""
        return self._list(self._bucket, prefix, after=after, limit=limit)

    def _list(self, bucket: Bucket, prefix: str, *, after: str, limit: int) -> ObjectPage:
        query = {
            "list-type": "2",
            "encoding-type": "url",
            "max-keys": str(min(limit, _PAGE)),
            "prefix": self._prefix + prefix,
        }
        if after:
            query["start-after"] = self._prefix + after
        answer = bucket.send(Call(method="GET", query=tuple(query.items())))
        return lists.objects(answer.body, self._dialect, self._prefix)

    def delete_object(self, key: str, *, version: str = "") -> None:
        """See ObjectStore."""
        query = (("versionId", version),) if version else ()
        try:
            self._bucket.send(Call(method="DELETE", name=self._name(key), query=query))
        except NotFoundError as exc:
            if exc.scope is FaultScope.DESTINATION:
                raise

    def health(self) -> StoreHealth:
        """See ObjectStore; lists at most one object. Credentials that may only write are taken for good."""
        began = time.monotonic()
        try:
            self._list(self._checked, "", after="", limit=1)
        except GwfError as exc:
            unsure = exc.error_class is ErrorClass.AUTH and exc.scope is FaultScope.UNKNOWN
            return StoreHealth(
                state=StoreState.OK if unsure else StoreState.FAILING,
                latency_ms=_since_ms(began),
                error_class=exc.error_class,
                message=str(exc),
            )
        return StoreHealth(state=StoreState.OK, latency_ms=_since_ms(began))

    def close(self) -> None:
        """See ObjectStore."""
        self._bucket.close()
        self._checked.close()

    def _name(self, key: str) -> str:
        name = self._prefix + key
        check_key(name)
        return name

    def _stat(self, key: str) -> Answer:
        return self._bucket.send(Call(method="HEAD", name=self._name(key)))

    def _begin_put(self, key: str, body: Body, sums: Checksums) -> BucketPut:
        headers = {"content-md5": _base64(sums.md5), self._dialect.sha256_header: sums.sha256}
        call = Call(method="PUT", name=self._name(key), headers=headers, body=body, sha256=sums.sha256)
        return BucketPut(self._bucket, key, sums, call, self._bucket.begin(call))

    def _read_sha256(self, key: str) -> str:
        sha256 = hashlib.sha256()
        for piece in self.read_object(key):
            sha256.update(piece)
        return sha256.hexdigest()


class BucketPut(msgspec.Struct, gc=False):
    """An object that was sent and is still to be confirmed (BegunPut)."""

    bucket: Bucket
    key: str
    sums: Checksums
    call: Call
    exchange: Exchange

    @property
    def overdue_s(self) -> float:
        """See BegunPut."""
        return self.exchange.overdue_s

    def fileno(self) -> int:
        """See BegunPut."""
        return self.exchange.connection.sock.fileno()

    def has_answer(self) -> bool:
        """See BegunPut."""
        return self.exchange.connection.has_answer()

    def finish(self, *, overdue: bool = False) -> ObjectReceipt:
        """See BegunPut."""
        bucket, body, sums = self.bucket, self.call.body, self.sums
        answer = bucket.finish(self.call, self.exchange, overdue=overdue)
        etag = etag_of(answer)
        if bucket.dialect.holds(answer, sums) is False or not etag:
            raise _corrupt(bucket, "store confirmed other bytes than we sent", self.key, answer=answer)
        return ObjectReceipt(
            key=self.key,
            size_bytes=len(body) if isinstance(body, bytes) else body.size_bytes,
            etag=etag,
            checksums=sums,
            request_id=bucket.request_id(answer),
        )


def _corrupt(bucket: Bucket, message: str, key: str, *, answer: Answer) -> CorruptDataError:
    return CorruptDataError(message, key=key, etag=etag_of(answer), request_id=bucket.request_id(answer))


def _part_body(source: FileSource, span: Span, *, crc: bool) -> tuple[Body, PartDigest, str]:
    if span.size_bytes > CHUNK_BYTES:
        # its MD5 guards it; a second hash per part would cost a quarter of the speed
        body = FileBody(source=source, offset=span.offset, size_bytes=span.size_bytes)
        return body, digest_span(source, span, crc=crc), UNSIGNED_PAYLOAD
    data = read_all(source, span)
    sums = digest_bytes(data, crc=crc)
    return data, PartDigest(number=span.number, size_bytes=len(data), md5=sums.md5, crc64=sums.crc64), sums.sha256


def _changed_or(exc: CorruptDataError, source: FileSource, version: tuple[int, int]) -> GwfError:
    """Return why the checksum differs: the file changed under us, or else the bytes changed on their way."""
    if version_of(source) != version:
        return SourceChangedError("file changed while it was sent", scope=FaultScope.OBJECT)
    return exc


def _base64(hex_digest: str) -> str:
    return binascii.b2a_base64(bytes.fromhex(hex_digest), newline=False).decode()


def _since_ms(began: float) -> float:
    return (time.monotonic() - began) * 1000
