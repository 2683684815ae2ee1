"""Words and values of the edge: file states, versions, routes and work."""

from __future__ import annotations

import enum
import socket
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from gwf.core.errors import ErrorClass, FaultScope
from gwf.core.settings.model import WatchSettings
from gwf.storage.model import ObjectReceipt


class FileStatus(enum.IntEnum):
    """State of a file row in the journal; values from 10 on are closed (nothing left to do)."""

    #: may be sent now
    READY = 1
    #: handed to a worker
    SENDING = 2
    #: handed to a worker while a newer version already waits for its turn
    DIRTY = 3
    #: failed; tried again at `next_at_ms`
    WAITING = 4
    #: failed for good; a person decides
    DEAD = 5
    #: the store confirmed this version
    DONE = 10
    #: a rule says it is not sent
    SKIPPED = 11
    #: gone before it could be sent
    VANISHED = 12
    #: changed while it was sent; the newer version follows
    SUPERSEDED = 13


AGED_EVERY = 8  #: one in so many files handed out is the one that has waited longest, whatever its priority
URGENT_BELOW = 5  #: files of a smaller priority number pass those that already wait in the journal
FIRST_CLOSED = 10  #: smallest closed value of FileStatus


class Candidate(msgspec.Struct, gc=False):
    """A finished version of a file, ready to be written to the journal."""

    directory: bytes
    name: bytes
    ino: int
    size_bytes: int
    mtime_ns: int
    route: Route
    #: object key, or its text with SHA256_PLACEHOLDER where the content hash will stand
    key: str
    #: FileStatus.READY, or SKIPPED with a reason
    status: FileStatus = FileStatus.READY
    reason: str | None = None
    #: a person asked for it: it is sent even if this version is known or its path is switched off
    ordered: bool = False
    #: wall time at which it was first seen, and at which it was judged finished; None where nobody watched it settle
    seen_at_ms: int | None = None
    stable_at_ms: int | None = None


class CarriedBy(NamedTuple):
    """The rule of the centre that decided how a file is carried."""

    rule_id: str
    version: int
    #: of the rules that the agent worked by
    set_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Which files of one watched tree go where: a watch setting, made ready for use."""

    #: position in the configuration
    index: int
    #: resolved absolute path, without a trailing slash
    root: bytes
    settings: WatchSettings
    #: None = no rule did, the tree's own settings count
    by: CarriedBy | None = None
    #: that rule says that the file is not carried
    ignored: bool = False

    @property
    def store(self) -> str:
        """Name of the destination."""
        return self.settings.store


class Work(msgspec.Struct, gc=False):
    """One version of a file, handed to a worker."""

    file_id: int
    #: grows with each version of the same path
    gen: int
    path: bytes
    ino: int
    size_bytes: int
    mtime_ns: int
    store: str
    key: str
    #: identity: content — an unchanged hash is not sent again
    by_content: bool
    #: attempts before this one
    attempts: int
    queued_at_ms: int
    #: handed out before a crash: the store may hold it already
    recovered: bool = False
    #: multipart state as JSON; None before the first part
    upload_state: str | None = None
    #: SHA-256 of the version last confirmed, when `by_content`
    known_sha256: bytes | None = None
    priority: int = 5


class Result(enum.Enum):
    """How a worker ended with a piece of work."""

    #: the store confirmed it
    DONE = "done"
    #: the store already holds these bytes under this key
    UNCHANGED = "unchanged"
    FAILED = "failed"
    #: the file is another version now
    CHANGED = "changed"
    #: the file is no longer there
    VANISHED = "vanished"
    #: not tried: the destination rests or the process stops
    RELEASED = "released"
    #: its path was switched off meanwhile: it waits for a person
    HELD = "held"
    #: not tried: a rate limit lets it through later; `retry_after_s` says when
    DEFERRED = "deferred"


#: the store holds the version; a tuple, because finding a member in a set calls its hash, in Python, for each file
DELIVERED = (Result.DONE, Result.UNCHANGED)
CHANGED_BEFORE = "changed_before_sending"  #: message of a CHANGED of which nothing was sent


class Outcome(msgspec.Struct, gc=False):
    """What a worker reports to the journal."""

    work: Work
    result: Result
    receipt: ObjectReceipt | None = None
    error_class: ErrorClass | None = None
    error_code: str = ""
    message: str = ""
    scope: FaultScope = FaultScope.UNKNOWN
    #: may be tried again by itself
    retryable: bool = True
    #: the destination is at fault: the file's own attempts are not charged
    charged: bool = True
    retry_after_s: float | None = None
    #: length of this attempt
    took_s: float = 0.0
    #: from first queued to written as done
    latency_s: float = 0.0


IGNORED = "ignored_by_rule"  #: reason of a SKIPPED row that a rule of the centre keeps from being sent
SHA256_PLACEHOLDER = "0f" * 32  #: stands in a stored key until the content hash is known


def host_name(configured: str | None) -> str:
    """Return the name of this host for keys and reports; `unknown-host` when the system has none."""
    return (configured or socket.gethostname()).strip() or "unknown-host"


def show_path(path: bytes) -> str:
    """Return a path for people and JSON: bytes that are no UTF-8, and control characters, as \\xNN."""
    text = path.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
