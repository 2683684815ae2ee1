"""Compares one directory with the journal: which files are new or changed, and which are gone."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from gwf.agent.inputs.files.tree import Kind, WatchedTree
from gwf.agent.ports import Index, Intake
from gwf.core.quickio import stored_int

MAX_HELD = 20_000  #: entries of one directory kept in memory; a larger one is read a second time if it changed
CHUNK = 500  #: names asked of the journal at a time

log = logging.getLogger("gwf.agent.scan")

Entry = tuple[bytes, int, int, int]
"""(name, inode, size, mtime_ns)"""

Found = Callable[[WatchedTree, bytes, int, int, int], None]
"""Called with (tree, path, inode, size, mtime_ns) for each new or changed file; may block."""


@dataclass(slots=True)
class Listing:
    """What one directory holds that concerns us."""

    subdirectories: list[bytes] = field(default_factory=list[bytes])
    files: int = 0
    differing: int = 0


class DirectoryComparer:
    """Compares directories of watched trees with the journal's index, in bounded memory."""

    def __init__(self, index: Index, intake: Intake, found: Found, *, other_roots: Callable[[bytes], bool]) -> None:
        """`other_roots` tells directories that belong to another watched tree and are left to it."""
        self._index = index
        self._intake = intake
        self._found = found
        self._other_roots = other_roots

    def compare(self, tree: WatchedTree, directory: bytes) -> tuple[int, Listing]:
        """Report differences of one directory; return its journal id (0 = unknown) and what it holds.

        Raises:
            OSError: The directory is gone or may not be read.
        """
        listing = Listing()
        digest = hashlib.blake2b(digest_size=16)
        held: list[Entry] | None = []
        for entry in self._entries(tree, directory, listing):
            digest.update(b"%b\0%d %d %d\n" % entry)
            listing.files += 1
            if held is not None:
                held.append(entry)
                if len(held) > MAX_HELD:
                    held = None
        directory_id, known = self._index.fingerprint(directory)
        if known == digest.digest():
            return directory_id, listing
        present = self._report(tree, directory, directory_id, held, listing)
        if present > listing.files - listing.differing:
            self._mark_gone(directory, directory_id)
        if directory_id and listing.differing == 0:
            self._intake.directory_complete(directory, digest.digest())
        return directory_id, listing

    def forget(self, directory: bytes, directory_id: int) -> None:
        """Note that a whole directory the journal knows is no longer there."""
        self._mark_gone(directory, directory_id)

    def _report(
        self, tree: WatchedTree, directory: bytes, directory_id: int, held: list[Entry] | None, listing: Listing
    ) -> int:
        """Report what the journal does not know; return how many files it believes to be there."""
        if held is None:
            present = self._index.count(directory_id) if directory_id else 0
            unknown = self._unknown(directory_id, self._entries(tree, directory, Listing()))
        else:
            left, present = self._set_against(directory_id, held)
            unknown = iter((left,))
        for entries in unknown:
            listing.differing += len(entries)
            for name, ino, size_bytes, mtime_ns in entries:
                self._found(tree, directory + b"/" + name, ino, size_bytes, mtime_ns)
        return present

    def _set_against(self, directory_id: int, held: list[Entry]) -> tuple[list[Entry], int]:
        """Return the entries that the journal does not know so, and how many files it believes to be there."""
        left, present = {entry[0]: entry for entry in held}, 0
        for page in self._index.rows(directory_id) if directory_id else ():
            for name, ino, size_bytes, mtime_ns, settled, on_disk in page:
                present += on_disk
                if settled and left.get(name) == (name, ino, size_bytes, mtime_ns):
                    del left[name]
        return list(left.values()), present

    def _unknown(self, directory_id: int, entries: Iterable[Entry]) -> Iterator[list[Entry]]:
        """Yield those entries of a large directory that the journal does not know so."""
        source = iter(entries)
        while chunk := list(islice(source, CHUNK)):
            names = [entry[0] for entry in chunk]
            known = self._index.versions(directory_id, names) if directory_id else {}
            yield [entry for entry in chunk if known.get(entry[0]) != entry[1:]]

    def _mark_gone(self, directory: bytes, directory_id: int) -> None:
        for page in self._index.names(directory_id):
            gone = [file_id for file_id, name in page if _is_gone(directory + b"/" + name)]
            if gone:
                self._intake.gone(gone)

    def _entries(self, tree: WatchedTree, directory: bytes, listing: Listing) -> Iterator[Entry]:
        follow = tree.settings.follow_symlinks
        wants_name, wants_path = tree.selector.wants_name, tree.selector.wants_path
        with os.scandir(directory) as scan:
            for entry in scan:
                if not wants_name(entry.name) and not entry.is_dir(follow_symlinks=False):
                    continue
                kind = tree.kind(entry)
                if kind is Kind.DIRECTORY:
                    self._note_directory(tree, entry.path, listing)
                elif kind is Kind.FILE and wants_name(entry.name) and wants_path(entry.path):
                    status = _stat(entry, follow=follow)
                    if status is not None:
                        ino, mtime_ns = stored_int(status.st_ino), stored_int(status.st_mtime_ns)
                        yield entry.name, ino, status.st_size, mtime_ns

    def _note_directory(self, tree: WatchedTree, path: bytes, listing: Listing) -> None:
        if tree.selector.enters(path) and not self._other_roots(path):
            listing.subdirectories.append(path)


def _stat(entry: os.DirEntry[bytes], *, follow: bool) -> os.stat_result | None:
    """Return the entry's status, or None if it vanished meanwhile (its delete event tells of it)."""
    try:
        return entry.stat(follow_symlinks=follow)
    except OSError as exc:
        if exc.errno in {errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.EACCES}:
            return None
        raise


def _is_gone(path: bytes) -> bool:
    """Tell whether nothing has this name; what cannot be looked at is not taken for gone."""
    try:
        os.lstat(path)
    except OSError as exc:
        return exc.errno in {errno.ENOENT, errno.ENOTDIR}
    return False
