"""Tells network file systems, where the kernel cannot see other hosts' writes, from local ones."""

from __future__ import annotations

import os

NETWORK_TYPES = frozenset(
    b"nfs nfs4 cifs smb3 smbfs 9p virtiofs fuse.sshfs fuse.glusterfs ceph fuse.ceph lustre afs glusterfs".split()
)  #: file system types on which inotify and leases see this host's writes only


def is_network(path: bytes, *, mounts: bytes = b"/proc/self/mountinfo") -> bool:
    """Tell whether `path` (resolved) lies on a network file system; False where the system does not say."""
    try:
        with open(mounts, "rb") as table:
            lines = table.read().splitlines()
    except FileNotFoundError:
        return False
    best, best_type = b"", b""
    for line in lines:
        fields, _, rest = line.partition(b" - ")
        point = _unescape(fields.split(b" ")[4])
        inside = path == point or path.startswith(point.rstrip(b"/") + b"/")
        if inside and len(point) >= len(best):
            best, best_type = point, rest.split(b" ", 1)[0]
    return best_type in NETWORK_TYPES


def real_path(path: os.PathLike[str] | str) -> bytes:
    """Return the absolute path with symlinks resolved as far as it exists."""
    return os.fsencode(os.path.realpath(path))


def _unescape(text: bytes) -> bytes:
    for code, char in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        text = text.replace(code, char)
    return text
