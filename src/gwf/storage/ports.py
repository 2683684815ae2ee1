"""What the platform needs from an object store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from gwf.storage.model import (
    Checksums,
    FileSource,
    MultipartState,
    ObjectMeta,
    ObjectPage,
    ObjectReceipt,
    Part,
    StoreHealth,
)


class UploadRecord(Protocol):
    """What outlives the process while one object is sent in parts. Called by the thread that sends the object."""

    def begun(self, state: MultipartState) -> None:
        """Keep a new upload in place of what was kept before, its parts too; return only when that is durable.

        An `upload_id` of "" says: an upload of this key may have been begun, under an id that we do not know.
        """
        ...

    def stored(self, part: Part) -> None:
        """Keep that the store confirmed a part, beside those kept before; may return before that is durable."""
        ...


class BegunPut(Protocol):
    """An object on its way; the thread that began it ends it by `finish`, in any case."""

    @property
    def overdue_s(self) -> float:
        """The monotonic second from which the store has been silent for too long."""
        ...

    def fileno(self) -> int:
        """Return the descriptor that poll(2) finds readable when there is an answer."""
        ...

    def has_answer(self) -> bool:
        """Tell whether `finish` returns at once; where that cannot be told, as with TLS, mostly False."""
        ...

    def finish(self, *, overdue: bool = False) -> ObjectReceipt:
        """Return the receipt, as `put_object` does and raises; `overdue` = wait for it no longer."""
        ...


@runtime_checkable
class BeginsPuts(Protocol):
    """A store to which one thread can send several small objects at a time."""

    def begin_put(self, key: str, source: FileSource) -> BegunPut | None:
        """Send a small object without waiting for the answer; None = it is too large for that.

        Raises:
            GwfError: As `put_object` before anything was sent.
        """
        ...


class ObjectStore(Protocol):
    """A place for objects. Methods block, are safe to call from many threads at once, and raise only GwfErrors.

    Every error carries `error_class`, `scope` and `retryable` (see core.errors). Common ones:
    UnavailableError (network, timeout, server), OverloadedError (throttled, with `retry_after_s`),
    DeniedError (auth), NotFoundError, ConflictError, TooLargeError, CorruptDataError (checksum).
    """

    #: objects of at least this many bytes should go through `multipart_upload`
    multipart_threshold_bytes: int

    def put_object(self, key: str, source: FileSource) -> ObjectReceipt:
        """Store the whole source as one object and return only when the store confirmed its checksum.

        All or nothing: a failed call leaves no partial object. Repeating it with the same bytes is safe.

        Raises:
            SourceChangedError: The file is shorter than stated, or changed between hashing and sending.
            CorruptDataError: The store's checksum differs from ours.
        """
        ...

    def multipart_upload(
        self, key: str, source: FileSource, *, record: UploadRecord, state: MultipartState | None = None
    ) -> ObjectReceipt:
        """Store the source in parts; continue from `state` if the store still knows that upload.

        `record` hears of an upload before its first part is sent, of each part once it is stored, and of an upload
        that takes the place of `state` before it is begun. Each part that the store holds already is compared with
        the file; where the store does not let us list them, those in `state` are.
        The whole object's checksum is verified before returning.
        """
        ...

    def find_uploaded(self, key: str, source: FileSource) -> ObjectReceipt | None:
        """Return a receipt if `key` certainly holds the source's bytes, sent by `multipart_upload`; else None."""
        ...

    def list_parts(self, state: MultipartState) -> tuple[Part, ...]:
        """Return the parts the store holds, by number.

        Raises:
            NotFoundError: The store does not know this upload (finished, aborted or expired).
        """
        ...

    def abort(self, state: MultipartState) -> None:
        """Drop an unfinished multipart upload and its parts; an unknown one is no error."""
        ...

    def list_uploads(self, prefix: str) -> tuple[MultipartState, ...]:
        """Return unfinished multipart uploads under `prefix`; sizes are 0 where the store does not say."""
        ...

    def get_object_meta(self, key: str) -> ObjectMeta:
        """Return what the store knows about `key`.

        Raises:
            NotFoundError: No object has this key.
        """
        ...

    def verify_checksum(self, key: str, size_bytes: int, expected: Checksums) -> ObjectMeta:
        """Check by the store's own metadata that `key` holds exactly the expected bytes; read back if need be.

        Raises:
            NotFoundError: No object has this key.
            CorruptDataError: It holds other bytes.
        """
        ...

    def read_object(self, key: str) -> Iterator[bytes]:
        """Yield the object's bytes in chunks, for verification by content."""
        ...

    def list_objects(self, prefix: str, *, after: str = "", limit: int = 1000) -> ObjectPage:
        """Return objects whose key starts with `prefix` and sorts after `after`, in key order."""
        ...

    def delete_object(self, key: str, *, version: str = "") -> None:
        """Remove the object; a missing one is no error.

        With `version`, as `get_object_meta` gave it, exactly this version goes for good and the one before it, if the
        bucket has one, is the object again. A store that keeps no versions has none of that name.
        """
        ...

    def health(self) -> StoreHealth:
        """Check address, credentials and bucket with one cheap call, soon given up. Never raises."""
        ...

    def close(self) -> None:
        """Close kept-alive connections; calls in flight finish with an error."""
        ...
