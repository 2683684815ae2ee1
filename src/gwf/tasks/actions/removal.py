"""Removes one version of a file, and never another one that took its name."""

from __future__ import annotations

import enum
import itertools
import os

from gwf.core import quickio
from gwf.core.faults import kill_point
from gwf.tasks.actions.places import NO_LINK, Place, is_version

MOVING_SUFFIX = b".gwf-moving"  #: of files on their way out; never uploaded under such a name
PART_SUFFIX = b".gwf-part"  #: of files that are being written here; never uploaded either

_F_SETLEASE, _F_RDLCK = 1024, 0  # fcntl(2)
_MAX_NAME_KEPT = 200  # so that the hidden name fits into 255 bytes

Version = tuple[int, int, int]
"""(inode, size, mtime_ns)"""


class Removed(enum.Enum):
    """How a removal ended."""

    #: this version has no name in its directory any more
    DONE = enum.auto()
    #: nothing had the name, and nothing of ours waited there
    GONE = enum.auto()
    #: another version has the name: nothing was removed
    CHANGED = enum.auto()
    #: another program has it open for writing: nothing was removed
    BUSY = enum.auto()


def part_of(place: Place, mark: str) -> Place:
    """Return where a file is written before it gets its name."""
    return place.beside(b".gwf-" + mark.encode() + PART_SUFFIX)


def remove_version(place: Place, version: Version, mark: str) -> Removed:
    """Remove the file at `place` if it is this version and nobody writes to it.

    It is renamed first, so a program that opens the name later makes a new file and loses nothing; then it is looked
    at once more. `mark` names the action: a repeat after a crash finds what it had renamed.

    Raises:
        OSError: The directory may not be changed.
    """
    hidden = place.beside(b"." + place.name[:_MAX_NAME_KEPT] + b"." + mark.encode() + MOVING_SUFFIX)
    if hidden.status() is None:
        status = place.status()
        if not is_version(status, version):
            return Removed.GONE if status is None else Removed.CHANGED
        place.rename_to(hidden)  # not synced: whichever name a crash of the machine leaves, a repeat goes on from it
        kill_point("archive_hidden")
    verdict = _judge(hidden, version)
    if verdict is Removed.DONE:
        hidden.remove()
    else:
        _put_back(hidden, place, mark)
    place.sync()
    return verdict


def _judge(hidden: Place, version: Version) -> Removed:
    try:
        descriptor = hidden.open()
    except OSError:
        return Removed.CHANGED  # a link or a device took the name before we did
    try:
        if quickio.set_lease(descriptor, _F_SETLEASE, _F_RDLCK) is False:
            return Removed.BUSY
        return Removed.DONE if is_version(os.fstat(descriptor), version) else Removed.CHANGED
    finally:
        os.close(descriptor)


def _put_back(hidden: Place, place: Place, mark: str) -> None:
    """Give a file its name back; where a newer file has it already, one beside it that nothing has."""
    beside = place.name[:_MAX_NAME_KEPT] + b"~" + mark.encode()
    names = itertools.chain((place.name, beside), (beside + b"-%d" % number for number in itertools.count(2)))
    while not _renamed(hidden, place.beside(next(names))):
        pass


def _renamed(hidden: Place, target: Place) -> bool:
    """Give a file another name, unless something else has it."""
    try:
        linked = hidden.link_to(target)
    except OSError as exc:
        if exc.errno not in NO_LINK:
            raise
        if target.status() is not None:
            return False
        hidden.rename_to(target)
        return True
    if linked or _are_one(hidden, target):
        hidden.remove()
        return True
    return False


def _are_one(one: Place, other: Place) -> bool:
    """Tell whether two names of one directory are of one file: a crash came between giving one and taking the other."""
    first, second = one.status(), other.status()
    return first is not None and second is not None and os.path.samestat(first, second)
