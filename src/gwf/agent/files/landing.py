"""Where a file that comes in may land, and how it gets its name: through no link, over nothing unless that is meant."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from gwf.agent.engine import Edge
from gwf.agent.filelog.refusals import OutsideWatchError
from gwf.agent.files.incomingbook import Item
from gwf.agent.files.paths import Land, real_place, refused
from gwf.agent.files.refusals import (
    FileThereError,
    NoDirectoryError,
    NoRoomError,
    NotCarriedError,
    PathClosedError,
    ReceiveOffError,
)
from gwf.agent.files.trees import enters, land_of, tree_of
from gwf.agent.model import show_path
from gwf.core.errors import GwfError, InputError, TooLargeError
from gwf.core.mounts import real_path
from gwf.core.settings.receive import ReceiveSettings
from gwf.tasks.actions.places import NO_LINK, Place, place_below
from gwf.tasks.actions.removal import part_of
from gwf.wire.agentfiles import IncomingRule

MAX_NAME_BYTES = 255
MODE = 0o640  #: of a file that came in; it belongs to the agent's user
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """A place for a file, judged by what holds now."""

    root: bytes
    directory: bytes
    name: bytes

    @property
    def path(self) -> bytes:
        """Where the file will be."""
        return self.directory + b"/" + self.name


def rule_of(receive: ReceiveSettings, directory: bytes) -> IncomingRule:
    """Return whether a resolved directory takes files."""
    into = [real_path(path) for path in receive.into]
    inside = not into or any(directory == root or directory.startswith(root.rstrip(b"/") + b"/") for root in into)
    state = "off" if not receive.enabled else "open" if inside else "elsewhere"
    return IncomingRule(state=state, max_bytes=receive.max_size)


def landing(edge: Edge, directory: str, *, name: str, size_bytes: int) -> Landing:
    """Return the place for a file.

    Raises:
        ReceiveOffError: The host takes no files, or none there.
        NotCarriedError: A file of this name or size would stay there and not be carried.
        NoDirectoryError: The place is no directory.
        TooLargeError: It is larger than the host takes.
        GwfError: The path leads to nothing that may be looked at; see gwf.agent.files.paths.
    """
    receive, land = edge.agent.receive, land_of(edge)
    if not receive.enabled:
        raise ReceiveOffError("this host takes no files: see agent.receive.enabled in its settings", setting="enabled")
    raw = _checked_name(name)
    real = real_place(directory, land)
    if not os.path.isdir(real):
        raise NoDirectoryError("the path is no directory", path=show_path(real))
    if rule_of(receive, real).state != "open":
        raise ReceiveOffError(
            "this directory takes no files: see agent.receive.into in the settings of its host",
            setting="into",
            path=show_path(real),
        )
    if size_bytes > receive.max_size:
        raise TooLargeError(
            "the file is larger than this host takes", size_bytes=size_bytes, max_bytes=receive.max_size
        )
    return _carried(edge, land, real, name=raw, size_bytes=size_bytes)


def _checked_name(name: str) -> bytes:
    raw = os.fsencode(name)
    if raw in {b".", b".."} or b"/" in raw or any(byte < 0x20 or byte == 0x7F for byte in raw):
        raise InputError("the name must be that of a file, without a path", field="name", name=name[:200])
    if len(raw) > MAX_NAME_BYTES:
        raise InputError("the name is longer than 255 bytes", field="name", name=name[:200])
    return raw


def _carried(edge: Edge, land: Land, directory: bytes, *, name: bytes, size_bytes: int) -> Landing:
    path = directory + b"/" + name
    tree = tree_of(edge, directory)
    if tree is None or not land.grounds.holds(path):
        raise land.refusal(path)
    settings, why = tree.settings, ""
    if not enters(tree, directory):
        why = "directory"
    elif not (tree.selector.wants_name(name) and tree.selector.wants_path(path)):
        why = "name"
    elif size_bytes < settings.min_size or (settings.max_size is not None and size_bytes > settings.max_size):
        why = "size"
    if why:
        raise NotCarriedError(
            "the rules of the watched directory leave such a file alone: it would not be carried",
            path=show_path(path),
            why=why,
            suffixes=", ".join(settings.suffixes),
        )
    return Landing(root=tree.root, directory=directory, name=name)


@contextmanager
def opened_place(item: Item | Landing) -> Generator[Place]:
    """Yield the place of a file, its directory held open.

    Raises:
        GwfError: In place of an OSError, here or in the block: the directory is gone, closed, full, or a link was put
            in the way.
    """
    try:
        with place_below(item.root, item.path[len(item.root) + 1 :]) as place:
            yield place
    except OSError as exc:
        raise _unwritable(exc, item.path) from exc


def _unwritable(exc: OSError, path: bytes) -> GwfError:
    shown = show_path(path)
    if exc.errno in _FULL:
        return NoRoomError("the disk has no room for the file", path=shown)
    if exc.errno in _CLOSED:
        return PathClosedError("the agent may not write there: its user lacks the permission", path=shown)
    if exc.errno == errno.ELOOP:
        return OutsideWatchError("a link was put on the way to the path", path=shown)
    return refused(exc, path)


def room_for(place: Place, bytes_needed: int, *, spare_bytes: int) -> None:
    """Raise NoRoomError unless so much fits on the disk, and what GWF leaves free on it."""
    found = os.fstatvfs(place.directory_fd)
    free = found.f_bavail * found.f_frsize
    if bytes_needed + spare_bytes > free:
        raise NoRoomError("the disk has no room for the file", free_bytes=free, needed_bytes=bytes_needed + spare_bytes)


def free_name(place: Place, *, replace: bool) -> None:
    """Raise FileThereError unless the name may be taken."""
    status = place.status()
    if status is not None and not (replace and stat.S_ISREG(status.st_mode)):
        raise there(place, is_file=stat.S_ISREG(status.st_mode))


def there(place: Place, *, is_file: bool = True) -> GwfError:
    """Return the refusal of a name that is taken."""
    kind = "file" if is_file else "other"
    return FileThereError("something of this name is there already", name=os.fsdecode(place.name), kind=kind)


def part_place(place: Place, incoming_id: str) -> Place:
    """Return where the bytes of a file are kept until it has its name; the watch passes over it."""
    return part_of(place, f"in-{incoming_id}")


def publish(place: Place, part: Place, *, replace: bool) -> None:
    """Give a whole file its name.

    Raises:
        FileThereError: The name is taken, perhaps since a moment ago.
        OSError: The system refused.
    """
    free_name(place, replace=replace)
    if replace:
        part.rename_to(place)
    else:
        try:
            taken = not part.link_to(place)  # unlike a rename it never replaces what appeared meanwhile
        except OSError as exc:
            if exc.errno not in NO_LINK:
                raise
            part.rename_to(place)
            taken = False
        if taken:
            raise there(place)
        part.remove()
    place.sync()
