"""Follows the logs of some paths: new lines, rotation by renaming and by copying, files that come and go.

Used by one thread. What was read is told as pieces; a piece's `spot` is kept where its lines were taken, so that the
next process goes on behind it.

A log that was renamed is read on under its new name until it rests for `LINGER_S`. One that was copied and then cut
to nothing is recognised by its beginning; what was not read of it is read from the copy.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from gwf.agent.filelog.encoding import Encoding
from gwf.agent.inputs.logs.reader import USUAL, Manner, Piece, encoding_of, read_piece
from gwf.agent.inputs.logs.spot import HEAD_BYTES, Spot, head_of
from gwf.alerts.logs.joining import Joiner

LINGER_S = 60.0  #: how long a renamed log may rest before its writer is taken to have left it
PIECES_AT_ONCE = 16  #: of one log before others get their turn: 4 MB
COPIES_LOOKED_AT = 50  #: files of a directory, the newest first, among which a copy is looked for


@dataclass(slots=True)
class _Log:
    spot: Spot
    #: size and change at the last look
    size_bytes: int = -1
    mtime_ns: int = -1
    encoding: Encoding | None = None
    #: there is more than was read at the last look
    has_more: bool = False
    #: when it changed last, by the clock of the looks
    changed_s: float = 0.0
    #: its last event may go on: it is read when nothing was added for some time
    waits: bool = False


@dataclass(slots=True)
class _Left:
    """A log that was renamed and may still be written."""

    log: _Log
    at: bytes
    rests_since_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerFacts:
    """What a follower sees, for health."""

    logs: int
    #: renamed, and still read
    left: int
    #: why a log could not be read at the last look, by path
    faults: Mapping[bytes, str]


Joins = Callable[[bytes], Joiner | None]
"""Says how lines of a log are joined; None = they are not."""


def never(_: bytes) -> None:
    """Join the lines of no log."""


NOTHING_FOLLOWED = FollowerFacts(logs=0, left=0, faults={})


class Follower:
    """Reads what is new in some logs at each look."""

    def __init__(self, spots: Iterable[Spot] = (), *, from_end: bool = True) -> None:
        """Go on at `spots`; a log that is there at the first look and has none is read from its end, or beginning."""
        self._kept: dict[bytes, list[Spot]] = {}
        for spot in spots:
            self._kept.setdefault(spot.path, []).append(spot)
        self._logs: dict[bytes, _Log] = {}
        self._left: list[_Left] = []
        self._from_end = from_end
        self._is_first_look = True
        self._faults: dict[bytes, str] = {}
        #: may be replaced between two looks
        self.joins: Joins = never

    @property
    def facts(self) -> FollowerFacts:
        """What was seen at the last look."""
        return FollowerFacts(logs=len(self._logs), left=len(self._left), faults=dict(self._faults))

    def spots(self) -> list[Spot]:
        """Return how far each log was read; one that was renamed and the new one have the same path."""
        kept = [spot for spots in self._kept.values() for spot in spots]
        return kept + [log.spot for log in self._logs.values()] + [left.log.spot for left in self._left]

    def has_more(self) -> bool:
        """Tell whether the last look left lines unread."""
        return any(log.has_more for log in self._logs.values()) or any(left.log.has_more for left in self._left)

    def begin_anew(self, *, from_end: bool) -> None:
        """Take logs that are there at the next look and were never read for old ones: other logs are wanted now."""
        self._is_first_look, self._from_end = True, from_end

    def look(self, paths: Sequence[bytes], *, now_s: float) -> Iterator[Piece]:
        """Yield what is new in these logs, at most PIECES_AT_ONCE pieces of each.

        A log that cannot be read holds up no other; `facts` says why.
        """
        self._faults.clear()
        for path in paths:
            try:
                yield from self._look_at(path, now_s)
            except OSError as exc:
                self._faults[path] = exc.strerror or str(exc)
        for path in self._logs.keys() - set(paths):  # renamed to where no wildcard finds it, or not wanted just now
            if not os.path.exists(path):
                self._leave(self._logs[path], now_s)
        for spots in self._kept.values():  # the process before read them, and they have other names now
            for spot in spots:
                self._leave(_Log(spot), now_s)
        self._kept.clear()
        for left in list(self._left):
            yield from self._read_left(left, now_s)
        self._is_first_look = False

    def _look_at(self, path: bytes, now_s: float) -> Iterator[Piece]:
        log = self._logs.get(path)
        try:
            status = os.stat(path)
        except FileNotFoundError:
            if log is not None:
                self._leave(log, now_s)
            raise
        if log is not None and status.st_ino != log.spot.inode:
            self._leave(log, now_s)
            log = None
        if log is None:
            log = self._logs[path] = _Log(self._begin(path, status.st_ino))
        if (status.st_size, status.st_mtime_ns) != (log.size_bytes, log.mtime_ns):
            log.changed_s = now_s
            yield from self._read(log, path, self._manner(log, now_s))
        elif log.has_more or log.waits:
            manner = self._manner(log, now_s)
            if log.has_more or manner.rests:
                yield from self._read(log, path, manner)

    def _manner(self, log: _Log, now_s: float) -> Manner:
        joiner = self.joins(log.spot.path)
        if joiner is None:
            return Manner(rests=log.waits)
        return Manner(joiner=joiner, rests=now_s - log.changed_s >= joiner.limits.wait_s)

    def _begin(self, path: bytes, inode: int) -> Spot:
        """Return where to take up a log: where the process before was, at its end, or at its beginning."""
        for spot in self._kept.get(path, ()):
            if spot.inode == inode:
                self._kept[path].remove(spot)
                return spot
        if self._is_first_look and self._from_end and path not in self._kept:
            return _at_end(path)
        return Spot.at_start(path, inode)

    def _read(self, log: _Log, path: bytes, manner: Manner) -> Iterator[Piece]:
        with _opened(path) as descriptor:
            status = os.fstat(descriptor)
            if status.st_ino != log.spot.inode:  # renamed between the two looks: the next one finds it
                return
            if not log.spot.is_in(descriptor, status.st_size):
                yield from _rest_in_copy(log, manner)
                log.spot, log.encoding = Spot.at_start(path, status.st_ino), None
            log.size_bytes, log.mtime_ns = status.st_size, status.st_mtime_ns
            yield from _pieces(log, descriptor, manner, most=PIECES_AT_ONCE)

    def _leave(self, log: _Log, now_s: float) -> None:
        """Read a log on that has another name now, or none."""
        if self._logs.get(log.spot.path) is log:
            del self._logs[log.spot.path]
        at = _find(log.spot, by_inode=True)
        if at is not None:
            self._left.append(_Left(log=log, at=at, rests_since_s=now_s))

    def _read_left(self, left: _Left, now_s: float) -> Iterator[Piece]:
        log = left.log
        try:
            with _opened(left.at) as descriptor:
                status = os.fstat(descriptor)
                if status.st_ino != log.spot.inode or not log.spot.is_in(descriptor, status.st_size):
                    self._left.remove(left)  # packed, or renamed again after all of it was read
                    return
                if status.st_size != log.size_bytes:
                    left.rests_since_s = log.changed_s = now_s
                    log.size_bytes = status.st_size
                over = now_s - left.rests_since_s >= LINGER_S
                manner = replace(self._manner(log, now_s), to_end=over)
                yield from _pieces(log, descriptor, manner, most=PIECES_AT_ONCE)
                if over and not log.has_more:
                    self._left.remove(left)
        except FileNotFoundError:
            again = _find(log.spot, by_inode=True)
            if again is None:
                self._left.remove(left)
            else:
                left.at = again
        except OSError as exc:
            self._faults[left.at] = exc.strerror or str(exc)
            if exc.errno == errno.EACCES:
                self._left.remove(left)


def _pieces(log: _Log, descriptor: int, manner: Manner = USUAL, *, most: int | None = None) -> Iterator[Piece]:
    if log.encoding is None:
        log.encoding = encoding_of(descriptor, os.fstat(descriptor).st_size)
    log.has_more = False
    told = 0
    log.waits = manner.joiner is not None and not manner.rests
    while (piece := read_piece(descriptor, log.spot, log.encoding, manner=manner)) is not None:
        log.spot = piece.spot
        yield piece
        told += 1
        if told == most:
            log.has_more = True
            return
    if log.waits:
        log.spot = log.spot.knowing(descriptor, os.fstat(descriptor).st_size)


def _rest_in_copy(log: _Log, manner: Manner) -> Iterator[Piece]:
    """Yield what was not read of a log that was cut to nothing, if it was copied before."""
    copy = _find(log.spot, by_inode=False)
    if copy is not None:
        with _opened(copy) as descriptor:
            yield from _pieces(log, descriptor, replace(manner, to_end=True))


def _at_end(path: bytes) -> Spot:
    """Return the place behind the last newline: a line that is being written is not passed over in half."""
    with _opened(path) as descriptor:
        status = os.fstat(descriptor)
        size = status.st_size
        encoding = encoding_of(descriptor, size)
        begin = max(0, size - 1024 * 1024)
        begin -= begin % encoding.unit
        data = os.pread(descriptor, size - begin, begin)
        newline = encoding.newline_before(data, len(data), origin=begin)
        offset = begin if newline < 0 else begin + newline + encoding.unit
        head_bytes = min(HEAD_BYTES, size)
        return Spot(
            path=path, inode=status.st_ino, offset=offset, head=head_of(descriptor, head_bytes), head_bytes=head_bytes
        )


def _find(spot: Spot, *, by_inode: bool) -> bytes | None:
    """Return where a log went: the file of its inode in its directory, or a copy of it under a similar name."""
    directory, _, name = spot.path.rpartition(b"/")
    stem = name.split(b".", 1)[0]
    found: list[tuple[int, bytes]] = []
    try:
        with os.scandir(directory or b"/") as entries:
            for entry in entries:
                if by_inode and entry.inode() == spot.inode:
                    return entry.path
                if not by_inode and entry.name != name and entry.name.startswith(stem) and entry.is_file():
                    found.append((entry.stat().st_mtime_ns, entry.path))
    except OSError:  # the directory is gone too: there is nothing to read on
        return None
    for _, path in sorted(found, reverse=True)[:COPIES_LOOKED_AT]:
        if _begins_alike(path, spot):
            return path
    return None


def _begins_alike(path: bytes, spot: Spot) -> bool:
    try:
        with _opened(path) as descriptor:
            return spot.head_bytes > 0 and spot.is_in(descriptor, os.fstat(descriptor).st_size)
    except OSError:  # it vanished or may not be read: it is no help
        return False


@contextmanager
def _opened(path: bytes) -> Generator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
