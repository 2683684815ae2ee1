"""Takes files that people put into watched directories: piece by piece beside their place, shown when whole."""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from gwf.agent.engine import Edge
from gwf.agent.files.incomingbook import IncomingBook, Item
from gwf.agent.files.landing import (
    MODE,
    Landing,
    free_name,
    landing,
    opened_place,
    part_place,
    publish,
    room_for,
)
from gwf.agent.files.refusals import (
    ChecksumError,
    FileGoneError,
    IncomingGoneError,
    IncomingTakenError,
    OutOfOrderError,
    ReceiveOffError,
    TooManyIncomingError,
)
from gwf.agent.model import show_path
from gwf.core.clock import utc_text
from gwf.core.errors import GwfError, InputError
from gwf.tasks.actions.places import Place
from gwf.wire.incoming import (
    IncomingBegin,
    IncomingCancel,
    IncomingDone,
    IncomingFinish,
    IncomingGone,
    IncomingPiece,
    IncomingState,
)

KEPT_DONE = 64  #: finished files that are remembered, for whoever did not hear the answer
SWEEP_EVERY_S = 10.0
FORGOTTEN_S = 30 * 86_400.0  #: a directory that is away for so long will not come back with what was left in it
BUSY_S = 0.5
_READ_BYTES = 1024 * 1024
_OPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC

log = logging.getLogger("gwf.agent.files")


class _Sum:
    """SHA-256 of the first bytes of a file, taken as they come."""

    def __init__(self) -> None:
        self.upto = 0
        self.digest = hashlib.sha256()

    def take(self, offset: int, data: bytes) -> None:
        if offset == self.upto:
            self.digest.update(data)
            self.upto += len(data)
        elif offset < self.upto:  # bytes came once more: begin anew, from the disk, at the end
            self.upto, self.digest = 0, hashlib.sha256()

    def whole(self, descriptor: int) -> str:
        """Return the sum of all that is there; what was not taken as it came is read."""
        while data := os.pread(descriptor, _READ_BYTES, self.upto):
            self.digest.update(data)
            self.upto += len(data)
        return self.digest.hexdigest()


@dataclass(slots=True)
class _Coming:
    item: Item
    #: as far as this process knows
    received_bytes: int = 0
    sum: _Sum = field(default_factory=_Sum)
    #: held while bytes are written or the whole is checked
    lock: threading.Lock = field(default_factory=threading.Lock)


class Incoming:
    """The files that are coming in to one edge. Thread-safe; calls write to disks and may block as long as those do."""

    def __init__(self, edge: Edge) -> None:
        """Go on with what the book of the data directory knows."""
        self._edge = edge
        self._clock = edge.clock
        self._book = IncomingBook(edge.data_dir)
        self._lock = threading.Lock()
        self._coming = {incoming_id: _Coming(item) for incoming_id, item in self._book.load().items()}
        self._done: OrderedDict[str, IncomingDone] = OrderedDict()
        self._sweep_at_s = 0.0

    # -- for people ------------------------------------------------------------------------------------

    def begin(self, order: IncomingBegin) -> IncomingState:
        """Begin a file, or say how far the same one of the same person is.

        Raises:
            GwfError: It may not be put there, see `landing`; its name is taken, by a file or by somebody who puts one
                there; the disk has no room; or enough files are coming in.
        """
        where = landing(self._edge, order.directory, name=order.name, size_bytes=order.size_bytes)
        with self._lock, opened_place(where) as place:
            free_name(place, replace=order.replace)
            known = self._same(where, order)
            if known is not None:
                return self._went_on(known, order, place)
            self._check_count()
            left = sum(coming.item.size_bytes - coming.received_bytes for coming in self._coming.values())
            room_for(place, order.size_bytes + left, spare_bytes=self._edge.agent.high_water.min_free_bytes)
            item = self._entered(where, order)
            os.close(part_place(place, item.incoming_id).create())
            self._coming[item.incoming_id] = _Coming(item)
        log.info("incoming_begun", extra=_facts(item))
        return self._state(item, 0)

    def piece(self, piece: IncomingPiece) -> IncomingState:
        """Write the next bytes of a file; bytes that came before are written once more.

        Raises:
            IncomingGoneError: No such file is coming in.
            OutOfOrderError: Bytes before these are missing; `received_bytes` says where to go on.
            InputError: They are no base64, or more than the file was said to have.
            TooManyIncomingError: Bytes of this file are being written.
            GwfError: The host takes no files any more, or the disk does not take the bytes.
        """
        self._check_enabled()
        data = _octets(piece)
        with self._held(piece.incoming_id, piece.author) as coming, opened_place(coming.item) as place:
            item = coming.item
            if piece.offset + len(data) > item.size_bytes:
                raise InputError("these are more bytes than the file was said to have", field="data")
            with _opened_part(place, item) as descriptor:
                have = os.fstat(descriptor).st_size
                if piece.offset > have:
                    raise OutOfOrderError("bytes before these are missing", received_bytes=have)
                _write(descriptor, data, piece.offset)
                coming.sum.take(piece.offset, data)
                coming.received_bytes = max(have, piece.offset + len(data))
                return self._state(item, coming.received_bytes)

    def finish(self, order: IncomingFinish) -> IncomingDone:
        """Check a whole file and give it its name; a repeat gets the same answer.

        Raises:
            IncomingGoneError: No such file is coming in.
            OutOfOrderError: Bytes are missing at the end.
            ChecksumError: They are not those that were meant; what came is removed.
            FileThereError: Its name was taken meanwhile; what came is kept for now.
            GwfError: It may not be put there any more, or the disk refuses.
        """
        done = self._done.get(order.incoming_id)
        if done is not None and (done.path, done.sha256) == (order.path, order.sha256):
            return done
        with self._held(order.incoming_id, order.author) as coming:
            item = coming.item
            _check_meant(item, order.path)
            landing(self._edge, os.fsdecode(item.directory), name=os.fsdecode(item.name), size_bytes=item.size_bytes)
            with opened_place(item) as place:
                self._check_whole(coming, order, place)
                publish(place, part_place(place, item.incoming_id), replace=item.replace)
            done = IncomingDone(
                path=show_path(item.path), size_bytes=item.size_bytes, sha256=order.sha256, as_of=self._now()
            )
            self._end(item, done)
        log.info("incoming_finished", extra={**_facts(item), "sha256": order.sha256})
        return done

    def cancel(self, order: IncomingCancel) -> IncomingGone:
        """Remove what came of a file.

        Raises:
            IncomingGoneError: No such file is coming in.
            GwfError: What came cannot be removed now; it is tried again later.
        """
        with self._held(order.incoming_id, order.author) as coming:
            _check_meant(coming.item, order.path)
            self._remove(coming.item)
        log.info("incoming_cancelled", extra=_facts(coming.item))
        return IncomingGone(path=show_path(coming.item.path), as_of=self._now())

    # -- by itself -------------------------------------------------------------------------------------

    def sweep(self) -> None:
        """Remove what nobody goes on with; cheap while nothing is due."""
        now_s = self._clock.monotonic_s()
        if now_s < self._sweep_at_s:
            return
        self._sweep_at_s = now_s + SWEEP_EVERY_S
        for coming in list(self._coming.values()):
            if coming.lock.acquire(blocking=False):
                try:
                    self._look_at(coming.item)
                finally:
                    coming.lock.release()

    def _look_at(self, item: Item) -> None:
        now_ms, keep_s = self._clock.now_ms(), self._edge.agent.receive.keep_unfinished
        try:
            with opened_place(item) as place:
                status = part_place(place, item.incoming_id).status()
            last_ms = item.begun_at_ms if status is None else max(item.begun_at_ms, status.st_mtime_ns // 1_000_000)
            if now_ms - last_ms >= 1000 * keep_s:
                self._remove(item)
                log.info("incoming_expired", extra=_facts(item))
        except FileGoneError:  # its directory: a mount perhaps that comes back
            if now_ms - item.begun_at_ms >= 1000 * FORGOTTEN_S:
                self._end(item)
        except GwfError as exc:
            log.warning("incoming_not_removed", extra={**_facts(item), "error": str(exc)})

    # -- parts -----------------------------------------------------------------------------------------

    def _same(self, where: Landing, order: IncomingBegin) -> _Coming | None:
        """Return the same file of the same person; what they no longer want there is removed."""
        for coming in list(self._coming.values()):
            item = coming.item
            if item.path != where.path:
                continue
            if item.author != order.author:
                raise IncomingTakenError("somebody else puts a file there just now", path=show_path(where.path))
            if (item.size_bytes, item.modified_at_ms) == (order.size_bytes, order.modified_at_ms):
                return coming
            self._remove(item)
        return None

    def _went_on(self, coming: _Coming, order: IncomingBegin, place: Place) -> IncomingState:
        if coming.item.replace != order.replace:
            coming.item = replace(coming.item, replace=order.replace)
            self._book.enter(coming.item)
        status = part_place(place, coming.item.incoming_id).status()
        if status is None:  # somebody tidied up
            os.close(part_place(place, coming.item.incoming_id).create())
            coming.sum = _Sum()
        coming.received_bytes = 0 if status is None else status.st_size
        return self._state(coming.item, coming.received_bytes)

    def _check_enabled(self) -> None:
        if not self._edge.agent.receive.enabled:
            raise ReceiveOffError("this host takes no files: see agent.receive.enabled in its settings")

    def _check_count(self) -> None:
        most = self._edge.agent.receive.at_once
        if len(self._coming) >= most:
            raise TooManyIncomingError("enough files are coming in to this host", most=most, retry_after_s=5.0)

    def _entered(self, where: Landing, order: IncomingBegin) -> Item:
        item = Item(
            incoming_id=secrets.token_hex(12),
            root=where.root,
            directory=where.directory,
            name=where.name,
            size_bytes=order.size_bytes,
            modified_at_ms=order.modified_at_ms,
            replace=order.replace,
            author=order.author,
            begun_at_ms=self._clock.now_ms(),
        )
        self._book.enter(item)  # before the first byte: what is left of it can always be found
        return item

    @contextmanager
    def _held(self, incoming_id: str, author: str) -> Generator[_Coming]:
        with self._lock:
            coming = self._coming.get(incoming_id)
            if coming is None or coming.item.author != author:
                raise IncomingGoneError("no such file is coming in any more: begin again", incoming_id=incoming_id)
            if not coming.lock.acquire(blocking=False):
                raise TooManyIncomingError("bytes of this file are being written just now", retry_after_s=BUSY_S)
        try:
            yield coming
        finally:
            coming.lock.release()

    def _check_whole(self, coming: _Coming, order: IncomingFinish, place: Place) -> None:
        item = coming.item
        with _opened_part(place, item) as descriptor:
            have = os.fstat(descriptor).st_size
            if have != item.size_bytes or order.size_bytes != item.size_bytes:
                raise OutOfOrderError("bytes are missing at the end", received_bytes=have)
            found = coming.sum.whole(descriptor)
            if found == order.sha256:
                os.fchmod(descriptor, MODE)
                os.fsync(descriptor)
                return
        self._remove(item)
        raise ChecksumError("the bytes that came are not those of the file", sha256=found, expected=order.sha256)

    def _remove(self, item: Item) -> None:
        try:
            with opened_place(item) as place:
                part_place(place, item.incoming_id).remove()
        except FileGoneError:
            pass  # with its directory
        self._end(item)

    def _end(self, item: Item, done: IncomingDone | None = None) -> None:
        if done is not None:
            self._done[item.incoming_id] = done
            while len(self._done) > KEPT_DONE:
                self._done.popitem(last=False)
        self._book.strike(item.incoming_id)
        self._coming.pop(item.incoming_id, None)

    def _state(self, item: Item, received_bytes: int) -> IncomingState:
        return IncomingState(
            incoming_id=item.incoming_id,
            path=show_path(item.path),
            size_bytes=item.size_bytes,
            received_bytes=received_bytes,
            kept_for_s=self._edge.agent.receive.keep_unfinished,
            as_of=self._now(),
        )

    def _now(self) -> str:
        return utc_text(self._clock.now_ms())


def _check_meant(item: Item, path: str) -> None:
    """Let nobody write into the audit that they put a file elsewhere than they did."""
    if path != show_path(item.path):
        raise InputError("the file was begun for another path", field="path", path=show_path(item.path))


def _octets(piece: IncomingPiece) -> bytes:
    try:
        return base64.b64decode(piece.data, validate=True)
    except binascii.Error as exc:
        raise InputError("the bytes are no base64", field="data") from exc


@contextmanager
def _opened_part(place: Place, item: Item) -> Generator[int]:
    part = part_place(place, item.incoming_id)
    try:
        descriptor = os.open(part.name, _OPEN, dir_fd=part.directory_fd)
    except FileNotFoundError as exc:
        raise IncomingGoneError("what came of this file is gone: begin again", path=show_path(item.path)) from exc
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _facts(item: Item) -> dict[str, object]:
    return {
        "incoming_id": item.incoming_id,
        "path": show_path(item.path),
        "size_bytes": item.size_bytes,
        "author": item.author,
    }
