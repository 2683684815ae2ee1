"""Decides what a finished version of a file changes in the journal. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from gwf.agent.model import Candidate, FileStatus

MOVED = "moved_by_operator"  #: reason of a row that a person sent to another store
_HANDED_OUT = frozenset({FileStatus.SENDING, FileStatus.DIRTY})
_GIVEN_UP = frozenset({FileStatus.VANISHED, FileStatus.SUPERSEDED})
_MOVABLE = frozenset({FileStatus.READY, FileStatus.WAITING, FileStatus.DEAD})


@dataclass(slots=True)
class Known:
    """What the journal says about a path, as far as it decides about a new version."""

    file_id: int
    gen: int
    state: FileStatus
    ino: int
    size_bytes: int
    mtime_ns: int
    store: str
    #: as the row has it: with the content hash once it is known
    key: str
    sha256: bytes | None
    gone: bool
    upload_state: str | None
    #: sent to another store than its route says, because a person wants it so
    placed: bool


class Change(enum.Enum):
    """What is written."""

    #: this version is known
    NOTHING = enum.auto()
    #: known and done, but it was believed to be gone
    BACK = enum.auto()
    #: a version to be sent (or skipped) now
    NEW = enum.auto()
    #: a version to be sent once the one being sent has ended
    BEHIND = enum.auto()


def decide(known: Known, item: Candidate) -> Change:
    """Return what `item` changes for a path that the journal knows."""
    if item.ordered:
        return Change.BEHIND if known.state in _HANDED_OUT else Change.NEW
    same = (known.ino, known.size_bytes, known.mtime_ns) == (item.ino, item.size_bytes, item.mtime_ns)
    moved = known.state in _MOVABLE and known.store != item.route.store and not known.placed
    if same and not moved and known.state not in _GIVEN_UP:
        return Change.BACK if known.gone else Change.NOTHING
    return Change.BEHIND if known.state in _HANDED_OUT else Change.NEW


def looks_like(known: Known, item: Candidate) -> bool:
    """Tell whether a new version probably has the bytes of the known one: only the inode differs, as after a copy.

    Probably is not surely: whoever relies on it compares the bytes with checksums first.
    """
    return (known.size_bytes, known.mtime_ns, known.store) == (item.size_bytes, item.mtime_ns, item.route.store)


def known_from(row: tuple[Any, ...]) -> tuple[tuple[int, bytes], Known]:
    """Return key and value of one row of the look-up statement."""
    (
        directory_id, name, file_id, gen, state, ino, size_bytes, mtime_ns, store, key, sha256, gone_at_ms,
        upload_state, reason,
    ) = row  # fmt: skip
    known = Known(
        file_id, gen, FileStatus(state), ino, size_bytes, mtime_ns, store, key, sha256, gone_at_ms is not None,
        upload_state, reason == MOVED,
    )  # fmt: skip
    return (directory_id, name), known
