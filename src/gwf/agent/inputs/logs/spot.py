"""How far a log was read, and whether a file is the one that was read."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace

_DIGEST_BYTES = 16
NOTHING = hashlib.blake2b(digest_size=_DIGEST_BYTES).digest()  #: hash of no bytes
HEAD_BYTES = 1024  #: of the beginning that tell one log from another; lines with times differ within so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place in a log; kept over restarts."""

    path: bytes
    inode: int
    #: everything before was read
    offset: int
    #: hash of the first `head_bytes` bytes
    head: bytes
    head_bytes: int
    #: the place is inside a line that is longer than may be: its rest is passed over
    inside_long_line: bool = False

    @staticmethod
    def at_start(path: bytes, inode: int) -> Spot:
        """Return the place in a log of which nothing was read."""
        return Spot(path=path, inode=inode, offset=0, head=NOTHING, head_bytes=0)

    def knowing(self, descriptor: int, size_bytes: int) -> Spot:
        """Return the same place with as much of the beginning as there is: what waits to be read is found by it."""
        head_bytes = min(HEAD_BYTES, size_bytes)
        if head_bytes <= self.head_bytes:
            return self
        return replace(self, head=head_of(descriptor, head_bytes), head_bytes=head_bytes)

    def is_in(self, descriptor: int, size_bytes: int) -> bool:
        """Tell whether an open file of this size begins as the one that was read, and is no shorter."""
        if size_bytes < max(self.offset, self.head_bytes):
            return False
        return head_of(descriptor, self.head_bytes) == self.head


def head_of(descriptor: int, size_bytes: int) -> bytes:
    """Return the hash of the beginning of an open file."""
    return hashlib.blake2b(os.pread(descriptor, size_bytes, 0), digest_size=_DIGEST_BYTES).digest()
