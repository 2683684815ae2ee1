"""The course of a resumable multipart upload, the same for every store."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import queue
import threading
from collections.abc import Iterator
from typing import Protocol

from gwf.core.errors import (
    DeniedError,
    FaultScope,
    GwfError,
    NotFoundError,
    SourceChangedError,
    TooLargeError,
    UnavailableError,
)
from gwf.core.faults import kill_point
from gwf.storage.hashing import PartDigest, Span, chunks, digest_span, short_source, version_of
from gwf.storage.model import Checksums, FileSource, MultipartState, ObjectMeta, ObjectReceipt, Part
from gwf.storage.ports import UploadRecord

MAX_PARTS = 10_000  #: limit of S3 and OSS (source: their API references)
MAX_PART_BYTES = 5 * 1024**3  #: limit of S3 and OSS
_MIB = 1024**2


class PartStore(Protocol):
    """The steps of a multipart upload as one store does them."""

    #: whether this store compares CRC64-ECMA
    uses_crc64: bool
    part_size_bytes: int
    part_concurrency: int

    def create_upload(self, key: str) -> str:
        """Begin an upload and return its id."""
        ...

    def send_part(self, state: MultipartState, source: FileSource, span: Span) -> tuple[Part, PartDigest]:
        """Store one part, confirmed by its checksum."""
        ...

    def list_parts(self, state: MultipartState) -> tuple[Part, ...]:
        """Return the parts the store holds; NotFoundError when it does not know the upload."""
        ...

    def complete_upload(self, state: MultipartState, digests: tuple[PartDigest, ...]) -> ObjectMeta:
        """Make one object of `state.parts`, check that it is what `digests` say, return its metadata.

        Raises:
            CorruptDataError: The object differs.
        """
        ...

    def get_object_meta(self, key: str) -> ObjectMeta:
        """Return what the store holds under `key`."""
        ...

    def find_same(self, key: str, digests: tuple[PartDigest, ...]) -> ObjectMeta | None:
        """Return the object under `key` if it certainly consists of these parts, else None."""
        ...

    def abort(self, state: MultipartState) -> None:
        """Drop the upload."""
        ...


def part_size_for(size_bytes: int, wanted_bytes: int) -> int:
    """Return the part size: as wanted, or grown to whole MiB so that no object needs more than 10,000 parts.

    Raises:
        TooLargeError: Even parts of 5 GiB would be too many.
    """
    least = -(-size_bytes // MAX_PARTS)
    if least > MAX_PART_BYTES:
        raise TooLargeError("file is larger than any object may be", size_bytes=size_bytes)
    return wanted_bytes if wanted_bytes >= least else -(-least // _MIB) * _MIB


def spans_of(state: MultipartState) -> tuple[Span, ...]:
    """Return the parts an upload consists of; an empty file has one empty part."""
    step = state.part_size_bytes
    return tuple(
        Span(number=number, offset=offset, size_bytes=min(step, state.size_bytes - offset))
        for number, offset in enumerate(range(0, max(1, state.size_bytes), step), start=1)
    )


def md5_of_md5s(digests: tuple[PartDigest, ...]) -> str:
    """Return the ETag that S3 gives to an object made of these parts."""
    joined = b"".join(bytes.fromhex(digest.md5) for digest in digests)
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(digests)}"


def upload(
    store: PartStore, key: str, source: FileSource, *, record: UploadRecord, state: MultipartState | None = None
) -> ObjectReceipt:
    """Run or continue one upload; see ObjectStore.multipart_upload."""
    if state is not None and not state.upload_id:
        state = None  # begun perhaps, under an id that nobody knows: not to be continued
    run = _begin(store, key, source, record=record, state=state)
    if isinstance(run, ObjectReceipt):
        return run
    try:
        return _carry_out(store, run, source, record=record)
    except _OutdatedError:  # not every store takes a part's number twice with other bytes
        store.abort(run.state)
    except NotFoundError as exc:  # somebody ended it under our hands: a rule of the bucket, a person
        if exc.scope is FaultScope.DESTINATION:
            raise
    fresh = _create(store, key, source, record=record, replaces=True)
    try:
        return _carry_out(store, fresh, source, record=record)
    except NotFoundError as exc:
        if exc.scope is FaultScope.DESTINATION:
            raise
        raise UnavailableError("store forgets the upload while it is sent", key=key) from exc


class _OutdatedError(Exception):
    """The store holds parts of another version of the file."""


def _carry_out(store: PartStore, run: _Run, source: FileSource, *, record: UploadRecord) -> ObjectReceipt:
    version = version_of(source)
    if run.is_new:
        record.begun(run.state)
        kill_point("multipart_saved")
    try:
        sha256 = run.send_all(record)
        if version_of(source) != version:
            raise SourceChangedError("file changed while it was sent", key=run.state.key)
    except SourceChangedError:
        with contextlib.suppress(GwfError):  # whoever lists unfinished uploads later still finds it
            store.abort(run.state)
        raise
    kill_point("before_complete")
    return _finish(store, run, sha256)


class _Run:
    """One upload while its parts are sent by several threads; the calling thread hashes the whole meanwhile."""

    def __init__(
        self, store: PartStore, source: FileSource, state: MultipartState, *, known: dict[int, Part], is_new: bool
    ) -> None:
        self.state = state
        self.known = known
        #: whether the upload's id still has to be saved
        self.is_new = is_new
        self.digests: dict[int, PartDigest] = {}
        self._store = store
        self._source = source
        self._todo: Iterator[Span] = iter(spans_of(state))
        self._lock = threading.Lock()
        self._stopped = False
        self._results: queue.SimpleQueue[tuple[Part, PartDigest] | BaseException] = queue.SimpleQueue()

    def send_all(self, record: UploadRecord) -> str:
        """Send what the store lacks; return the SHA-256 of the whole."""
        total = len(spans_of(self.state))
        count = max(1, min(self._store.part_concurrency, total))
        threads = [threading.Thread(target=self._work, name=f"gwf-part-{n}", daemon=True) for n in range(count)]
        for thread in threads:
            thread.start()
        try:
            sha256 = hashlib.sha256()
            for chunk in chunks(self._source, 0, self._source.size_bytes):
                sha256.update(chunk)
                while not self._results.empty():
                    self._take(record)
            while len(self.digests) < total:
                self._take(record)
        finally:
            self._stopped = True
            for thread in threads:
                thread.join()
        return sha256.hexdigest()

    def _take(self, record: UploadRecord) -> None:
        result = self._results.get()
        if isinstance(result, BaseException):
            raise result
        part, digest = result
        self.digests[part.number] = digest
        if self.known.get(part.number) == part:
            return
        self.known[part.number] = part
        record.stored(part)
        kill_point("part_sent")

    def _work(self) -> None:
        try:
            while not self._stopped:
                with self._lock:
                    span = next(self._todo, None)
                if span is None:
                    return
                self._results.put(self._kept(span) or self._send(span))
        except BaseException as exc:  # noqa: BLE001 - handed to the calling thread, which raises it
            self._stopped = True
            self._results.put(exc)

    def _send(self, span: Span) -> tuple[Part, PartDigest]:
        if self._source.pace is not None:
            self._source.pace(span.size_bytes)
        return self._store.send_part(self.state, self._source, span)

    def _kept(self, span: Span) -> tuple[Part, PartDigest] | None:
        part = self.known.get(span.number)
        if part is None:
            return None
        digest = digest_span(self._source, span, crc=self._store.uses_crc64)
        if (part.size_bytes, part.etag.lower()) != (span.size_bytes, digest.md5):
            raise _OutdatedError
        return part, digest


def find_uploaded(store: PartStore, key: str, source: FileSource) -> ObjectReceipt | None:
    """Return a receipt if `key` certainly holds the source, sent in parts of today's size; else None."""
    part_size = part_size_for(source.size_bytes, store.part_size_bytes)
    state = MultipartState(key=key, upload_id="", size_bytes=source.size_bytes, part_size_bytes=part_size)
    return _completed_before(store, source, state)


def _begin(
    store: PartStore, key: str, source: FileSource, *, record: UploadRecord, state: MultipartState | None
) -> _Run | ObjectReceipt:
    if state is not None and (state.key, state.size_bytes) == (key, source.size_bytes):
        try:
            last = len(spans_of(state))
            known = {part.number: part for part in _held_parts(store, state) if part.number <= last}
        except NotFoundError:
            receipt = _completed_before(store, source, state)
            store.abort(state)  # a crash between the object's appearance and the end may have left something
            if receipt:
                return receipt
        else:
            return _Run(store, source, state, known=known, is_new=False)
    elif state is not None:
        store.abort(state)  # it belongs to an older version of the file
    return _create(store, key, source, record=record, replaces=state is not None)


def _held_parts(store: PartStore, state: MultipartState) -> tuple[Part, ...]:
    try:
        return store.list_parts(state)
    except DeniedError:  # credentials that may only write cannot look; whether they may write, the next part shows
        return state.parts


def _create(store: PartStore, key: str, source: FileSource, *, record: UploadRecord, replaces: bool) -> _Run:
    """Begin an upload. What was kept before says which upload to look for after a crash, so it must not be stale."""
    size = version_of(source)[0]
    if size < source.size_bytes:
        raise short_source(source, size)
    part_size = part_size_for(source.size_bytes, store.part_size_bytes)
    unknown = MultipartState(key=key, upload_id="", size_bytes=source.size_bytes, part_size_bytes=part_size)
    if replaces:
        record.begun(unknown)
    try:
        upload_id = store.create_upload(key)
    except UnavailableError:  # begun perhaps, and only the answer was lost
        record.begun(unknown)
        raise
    kill_point("multipart_created")
    fresh = MultipartState(key=key, upload_id=upload_id, size_bytes=source.size_bytes, part_size_bytes=part_size)
    return _Run(store, source, fresh, known={}, is_new=True)


def _completed_before(store: PartStore, source: FileSource, state: MultipartState) -> ObjectReceipt | None:
    """Return the receipt when the upload is unknown because it was completed and only the answer was lost."""
    try:
        if store.get_object_meta(state.key).size_bytes != source.size_bytes:
            return None
    except NotFoundError:
        return None
    version = version_of(source)
    digests = tuple(digest_span(source, span, crc=store.uses_crc64) for span in spans_of(state))
    sha256 = hashlib.sha256()
    for chunk in chunks(source, 0, source.size_bytes):
        sha256.update(chunk)
    if version_of(source) != version:
        raise SourceChangedError("file changed while it was compared", key=state.key)
    meta = store.find_same(state.key, digests)
    return _receipt(meta, sha256.hexdigest()) if meta else None


def _finish(store: PartStore, run: _Run, sha256: str) -> ObjectReceipt:
    digests = tuple(run.digests[number] for number in sorted(run.digests))
    whole = dataclasses.replace(run.state, parts=tuple(run.known[number] for number in sorted(run.known)))
    try:
        meta = store.complete_upload(whole, digests)
    except (UnavailableError, NotFoundError) as lost:
        meta = _found_after(store, run.state.key, digests, lost=lost)
    return _receipt(meta, sha256)


def _found_after(store: PartStore, key: str, digests: tuple[PartDigest, ...], *, lost: GwfError) -> ObjectMeta:
    """Return the object if the completion whose answer is missing did happen, else raise the first error."""
    try:
        meta = store.find_same(key, digests)
    except GwfError:
        meta = None
    if meta is None:
        raise lost
    return meta


def _receipt(meta: ObjectMeta, sha256: str) -> ObjectReceipt:
    return ObjectReceipt(
        key=meta.key,
        size_bytes=meta.size_bytes,
        etag=meta.etag,
        checksums=Checksums(md5="", sha256=sha256, crc64=meta.crc64),
    )
