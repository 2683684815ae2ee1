"""Sends one version of one file and says how that ended."""

from __future__ import annotations

import dataclasses
import errno
import logging
import stat
from collections.abc import Callable
from functools import partial
from typing import Protocol

from msgspec.structs import replace

from gwf.agent.journal.upload_state import state_from_json
from gwf.agent.model import CHANGED_BEFORE, SHA256_PLACEHOLDER, Outcome, Result, Work
from gwf.agent.transfer.flights import Begun
from gwf.core import quickio
from gwf.core.errors import (
    CorruptDataError,
    DeniedError,
    ErrorClass,
    FaultScope,
    GwfError,
    NotFoundError,
    SourceChangedError,
)
from gwf.core.faults import kill_point
from gwf.storage.hashing import digest_source
from gwf.storage.model import FileSource, MultipartState, ObjectReceipt, Part
from gwf.storage.ports import BeginsPuts, ObjectStore, UploadRecord

log = logging.getLogger("gwf.agent.transfer")

MAX_BEGUN_BYTES = 64 * 1024  #: larger files are sent one at a time: a socket takes about so much without waiting
LOOK_TRIES = 3  #: attempts of a file that fail when unfinished uploads cannot be listed; later ones go on without
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ESTALE})


class Uploads(Protocol):
    """Where uploads in parts are kept, so that another process can go on with them."""

    def of(self, work: Work) -> UploadRecord:
        """Return where the upload of `work` is kept."""
        ...

    def parts(self, work: Work) -> tuple[Part, ...]:
        """Return the parts that were kept of the upload of `work`, by number."""
        ...


class Sender:
    """Sends work to one store. Used from many threads at once."""

    def __init__(
        self,
        store: ObjectStore,
        *,
        uploads: Uploads,
        follows: Callable[[bytes], bytes | None],
        may_send: Callable[[Work], bool],
        pay: Callable[[Work, int], None],
    ) -> None:
        """`uploads` keeps what is sent in parts; `follows` names the directory below which links may lead, if any.

        `may_send` says whether a piece of work may be sent after all: its path may have been switched off. `pay` waits
        until so many bytes of a large file may be sent.
        """
        self._store = store
        self._begins = store if isinstance(store, BeginsPuts) else None
        self._uploads = uploads
        self._follows = follows
        self._in_parts: set[str] = set()
        self._may_send = may_send
        self._pay = pay

    @property
    def begins(self) -> bool:
        """Whether small files can be begun one after the other."""
        return self._begins is not None

    def send(self, work: Work) -> Outcome:
        """Open, check, send, verify, check again."""
        if not self._may_send(work):
            return Outcome(work, Result.HELD)
        try:
            descriptor = self._open(work)
        except OSError as exc:
            return _not_opened(work, exc)
        try:
            return self._send_open(work, descriptor)
        except (GwfError, OSError) as exc:
            return _ended_by(work, exc)
        finally:
            quickio.close(descriptor)

    def begin(self, work: Work) -> Begun | Outcome | None:
        """Do the same up to the sending of a small file; `finish` does the rest.

        An outcome = it ended before; None = it is not of that kind, `send` it.
        """
        if self._begins is None or work.size_bytes > MAX_BEGUN_BYTES or _needs_look(work):
            return None
        if work.size_bytes >= self._store.multipart_threshold_bytes:
            return None
        if not self._may_send(work):
            return Outcome(work, Result.HELD)
        try:
            descriptor = self._open(work)
        except OSError as exc:
            return _not_opened(work, exc)
        begun: Begun | None = None
        try:
            if _differs(work, descriptor):
                return Outcome(work, Result.CHANGED, message=CHANGED_BEFORE)
            kill_point("before_send")
            put = self._begins.begin_put(work.key, FileSource(fd=descriptor, size_bytes=work.size_bytes))
            begun = None if put is None else Begun(work, descriptor, put)
        except (GwfError, OSError) as exc:
            return _ended_by(work, exc)
        finally:
            if begun is None:
                quickio.close(descriptor)
        return begun

    def finish(self, begun: Begun, *, overdue: bool = False) -> Outcome:
        """Read the store's answer, verify, check the file again; `overdue` = the answer took too long."""
        work = begun.work
        try:
            receipt = begun.put.finish(overdue=overdue)
            kill_point("after_store_confirmed")
            if _differs(work, begun.descriptor):
                return Outcome(work, Result.CHANGED, message="changed_while_sending")
            return Outcome(work, Result.DONE, receipt)
        except (GwfError, OSError) as exc:
            return _ended_by(work, exc)
        finally:
            quickio.close(begun.descriptor)

    def _open(self, work: Work) -> int:
        inside = self._follows(work.path)
        return quickio.open_plain(work.path) if inside is None else quickio.open_inside(work.path, inside)

    def sends_parts_of(self, key: str) -> bool:
        """Tell whether an upload of `key` is alive."""
        return key in self._in_parts

    def abort_forgotten(self, key: str) -> None:
        """Abort uploads of `key` whose ids never reached the journal; call only while none of them is alive.

        Raises:
            GwfError: The store does not answer.
        """
        try:
            for upload in self._store.list_uploads(key):
                if upload.key == key:
                    self._store.abort(upload)
        except DeniedError as exc:  # credentials that may only write cannot look
            log.info("uploads_not_listed", extra={"key": key, "error": str(exc)})

    def _send_open(self, work: Work, descriptor: int) -> Outcome:
        if _differs(work, descriptor):
            return Outcome(work, Result.CHANGED, message=CHANGED_BEFORE)
        source = FileSource(fd=descriptor, size_bytes=work.size_bytes)
        kill_point("before_send")
        receipt = self._already_there(work, source)
        result = Result.DONE if receipt is None else Result.UNCHANGED
        if receipt is None:
            receipt = self._transfer(work, source)
        kill_point("after_store_confirmed")
        if _differs(work, descriptor):
            return Outcome(work, Result.CHANGED, message="changed_while_sending")
        return Outcome(work, result, receipt)

    def _transfer(self, work: Work, source: FileSource) -> ObjectReceipt:
        if work.size_bytes < self._store.multipart_threshold_bytes:
            return self._store.put_object(work.key, source)

        state = self._state_of(work)
        if (state is None and (work.attempts or work.recovered)) or (state is not None and not state.upload_id):
            self._abort_forgotten_of(work)
        if state is not None:
            state = dataclasses.replace(state, parts=self._uploads.parts(work))
        paced = replace(source, pace=partial(self._pay, work))
        self._in_parts.add(work.key)
        try:
            return self._store.multipart_upload(work.key, paced, record=self._uploads.of(work), state=state)
        finally:
            self._in_parts.discard(work.key)

    def _abort_forgotten_of(self, work: Work) -> None:
        try:
            self.abort_forgotten(work.key)
        except GwfError as exc:
            if exc.retryable and work.attempts < LOOK_TRIES:
                raise
            log.warning("uploads_not_ended", extra={"store": work.store, "key": work.key, "error": str(exc)})

    def _state_of(self, work: Work) -> MultipartState | None:
        if not work.upload_state:
            return None
        try:
            return state_from_json(work.upload_state)
        except CorruptDataError:
            log.warning("upload_state_unreadable", extra={"file_id": work.file_id, "text": work.upload_state[:200]})
            return None

    def _already_there(self, work: Work, source: FileSource) -> ObjectReceipt | None:
        """Return a receipt if the store surely holds these bytes under this key, without sending any."""
        named_by_hash = SHA256_PLACEHOLDER in work.key
        begun = self._state_of(work)
        unsure = work.recovered and (begun is None or not begun.upload_id)
        doubtful = unsure or (work.by_content and work.known_sha256)
        if not doubtful and not named_by_hash:
            return None
        checksums = digest_source(source, crc=True)
        if named_by_hash:
            work.key = work.key.replace(SHA256_PLACEHOLDER, checksums.sha256)
        if not work.recovered and work.known_sha256 != bytes.fromhex(checksums.sha256):
            return None
        try:
            if work.size_bytes >= self._store.multipart_threshold_bytes:
                return self._store.find_uploaded(work.key, source)
            meta = self._store.verify_checksum(work.key, work.size_bytes, checksums)
        except (NotFoundError, CorruptDataError):
            return None
        except DeniedError as exc:  # credentials that may only write cannot look: sending again is safe
            log.info("object_not_examined", extra={"key": work.key, "error": str(exc)})
            return None
        return ObjectReceipt(key=work.key, size_bytes=work.size_bytes, etag=meta.etag, checksums=checksums)


def failed(work: Work, exc: GwfError) -> Outcome:
    """Return the outcome of an attempt that ended with `exc`."""
    return Outcome(
        work,
        Result.FAILED,
        error_class=exc.error_class,
        error_code=exc.code,
        message=str(exc)[:500],
        scope=exc.scope,
        retryable=exc.retryable,
        retry_after_s=exc.retry_after_s,
    )


def _ended_by(work: Work, exc: GwfError | OSError) -> Outcome:
    if isinstance(exc, SourceChangedError):
        return Outcome(work, Result.CHANGED, message=exc.message)
    return failed(work, exc) if isinstance(exc, GwfError) else _local_failure(work, exc)


def _needs_look(work: Work) -> bool:
    """Tell whether the store may hold these bytes already, or the key is not known yet."""
    return bool(work.recovered or (work.by_content and work.known_sha256)) or SHA256_PLACEHOLDER in work.key


def _differs(work: Work, descriptor: int) -> bool:
    status = quickio.status_of(descriptor)
    return (
        status.mtime_ns != work.mtime_ns
        or status.size_bytes != work.size_bytes
        or status.ino != work.ino
        or not stat.S_ISREG(status.mode)
    )


def _not_opened(work: Work, exc: OSError) -> Outcome:
    if exc.errno in _GONE:
        return Outcome(work, Result.VANISHED, message="gone_before_sending")
    return _local_failure(work, exc)


def _local_failure(work: Work, exc: OSError) -> Outcome:
    return Outcome(
        work,
        Result.FAILED,
        error_class=ErrorClass.LOCAL_IO,
        error_code="local_io",
        scope=FaultScope.OBJECT,
        message=f"the file cannot be read: {exc.strerror}",
    )
