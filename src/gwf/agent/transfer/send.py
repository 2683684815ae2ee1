"""Sends one version of one file and says how that ended."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable

from gwf.agent.inputs.files.lease import OPEN_FLAGS
from gwf.agent.journal.upload_state import state_from_json, state_to_json
from gwf.agent.model import SHA256_PLACEHOLDER, Outcome, Result, Work
from gwf.core.errors import CorruptDataError, ErrorClass, FaultScope, GwfError, NotFoundError, SourceChangedError
from gwf.core.faults import kill_point
from gwf.storage.hashing import digest_source
from gwf.storage.model import FileSource, MultipartState, ObjectReceipt
from gwf.storage.ports import ObjectStore

SaveUploadState = Callable[[Work, str | None], None]
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ESTALE})


class Sender:
    """Sends work to one store. Used from many threads at once."""

    def __init__(self, store: ObjectStore, *, save: SaveUploadState, follows: Callable[[bytes], bool]) -> None:
        """`save` makes a multipart state durable; `follows` tells whether links may lead to a path."""
        self._store = store
        self._save = save
        self._follows = follows

    def send(self, work: Work) -> Outcome:
        """Open, check, send, verify, check again."""
        try:
            descriptor = os.open(work.path, OPEN_FLAGS)
        except OSError as exc:
            return _not_opened(work, exc)
        try:
            return self._send_open(work, descriptor)
        except SourceChangedError as exc:
            return self._changed(work, exc.message)
        except GwfError as exc:
            return failed(work, exc)
        except OSError as exc:
            return _local_failure(work, exc)
        finally:
            os.close(descriptor)

    def _send_open(self, work: Work, descriptor: int) -> Outcome:
        if _differs(work, descriptor):
            return self._changed(work, "changed_before_sending")
        if not self._is_where_it_claims(work, descriptor):
            return Outcome(work, Result.VANISHED, message="path_now_leads_elsewhere")
        source = FileSource(fd=descriptor, size_bytes=work.size_bytes)
        kill_point("before_send")
        receipt = self._already_there(work, source)
        result = Result.DONE if receipt is None else Result.UNCHANGED
        if receipt is None:
            receipt = self._transfer(work, source)
        kill_point("after_store_confirmed")
        if _differs(work, descriptor):
            return self._changed(work, "changed_while_sending")
        return Outcome(work, result, receipt)

    def _transfer(self, work: Work, source: FileSource) -> ObjectReceipt:
        if work.size_bytes < self._store.multipart_threshold_bytes:
            return self._store.put_object(work.key, source)

        def save(state: MultipartState) -> None:
            self._save(work, state_to_json(state))

        state = state_from_json(work.upload_state) if work.upload_state else None
        return self._store.multipart_upload(work.key, source, save=save, state=state)

    def _already_there(self, work: Work, source: FileSource) -> ObjectReceipt | None:
        """Return a receipt if the store surely holds these bytes under this key, without sending any."""
        named_by_hash = SHA256_PLACEHOLDER in work.key
        doubtful = (work.recovered and work.upload_state is None) or (work.by_content and work.known_sha256)
        if not doubtful and not named_by_hash:
            return None
        checksums = digest_source(source, crc=True)
        if named_by_hash:
            work.key = work.key.replace(SHA256_PLACEHOLDER, checksums.sha256)
        if not work.recovered and work.known_sha256 != bytes.fromhex(checksums.sha256):
            return None
        try:
            meta = self._store.verify_checksum(work.key, work.size_bytes, checksums)
        except (NotFoundError, CorruptDataError):
            return None
        return ObjectReceipt(key=work.key, size_bytes=work.size_bytes, etag=meta.etag, checksums=checksums)

    def _is_where_it_claims(self, work: Work, descriptor: int) -> bool:
        """Tell whether the opened file is what the path says, not something a link put there."""
        if self._follows(work.path):
            return True
        try:
            return os.readlink(b"/proc/self/fd/%d" % descriptor) == work.path
        except OSError:
            return os.path.realpath(work.path) == work.path

    def _changed(self, work: Work, why: str) -> Outcome:
        if work.upload_state:
            try:
                self._store.abort(state_from_json(work.upload_state))
            except GwfError:
                why += "; its unfinished upload could not be aborted"
        return Outcome(work, Result.CHANGED, message=why)


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


def _differs(work: Work, descriptor: int) -> bool:
    status = os.fstat(descriptor)
    return (status.st_ino, status.st_size, status.st_mtime_ns) != (
        work.ino,
        work.size_bytes,
        work.mtime_ns,
    ) or not stat.S_ISREG(status.st_mode)


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
