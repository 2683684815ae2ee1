"""Switches and orders as people name them: by path texts, checked against what is watched."""

from __future__ import annotations

import logging
import os
import posixpath

from gwf.agent.engine import Edge
from gwf.agent.filelog.place import real_file
from gwf.agent.filelog.refusals import NotTextError
from gwf.agent.inputs.files.tree import WatchedTree
from gwf.agent.model import host_name
from gwf.core.errors import InputError, LocalIoError, NotFoundError
from gwf.core.quickio import stored_int

MAX_SWITCHES = 10_000
LONGEST_PATH = 4096  #: bytes, with the NUL at its end (PATH_MAX)

log = logging.getLogger("gwf.agent.audit")


class PathDesk:
    """Takes what people ask for by path. Calls return when it is durable."""

    def __init__(self, edge: Edge) -> None:
        """Speak for `edge`."""
        self._edge = edge

    def switch(self, path: str, *, enabled: bool, author: str) -> None:
        """Decide whether a file, or all below a directory, is sent by itself.

        The path may have the host's name in front, as notifications write it; it need not exist or be watched.

        Raises:
            InputError: There are too many switches, or no file can have such a path.
            UnavailableError: The journal did not take it.
        """
        real = self._real(self._without_host(path))
        table = self._edge.journal.desk.table().table
        if real not in table and len(table) >= MAX_SWITCHES:
            raise InputError("there are too many switches; switch a directory instead", limit=MAX_SWITCHES)
        whole = os.path.isdir(real)
        self._edge.journal.desk.put(real, enabled=enabled, whole=whole, author=author)
        log.info("auto_upload_switched", extra={"path": path, "enabled": enabled, "whole": whole, "author": author})

    def send_now(self, path: str, *, author: str) -> str:
        """Send one file below a watched directory now, whatever filters and switches say; return its clean path.

        Raises:
            InputError: The path is not that of a file below a watched directory.
            LocalIoError: The file cannot be examined.
            UnavailableError: The journal did not take it.
        """
        wanted = path.strip()
        try:
            real = real_file(wanted, self._edge.grounds())
        except NotTextError as exc:
            raise InputError("the path is no regular file", path=wanted) from exc
        tree = self._tree_of(real)
        try:
            status = os.lstat(real)
        except OSError as exc:
            raise LocalIoError("the file cannot be examined", path=wanted, reason=exc.strerror or "") from exc
        candidate = tree.candidate(real, stored_int(status.st_ino), status.st_size, stored_int(status.st_mtime_ns))
        self._edge.journal.desk.order(candidate, author=author)
        log.info("manual_upload_ordered", extra={"path": wanted, "author": author})
        return posixpath.normpath(wanted)

    def _without_host(self, path: str) -> str:
        clean = posixpath.normpath(path.replace("\\", "/"))
        host = host_name(self._edge.agent.hostname) + "/"
        if clean[: len(host)].lower() == host.lower():
            return "/" + clean[len(host) :]
        return clean

    def _real(self, path: str) -> bytes:
        """Return the path as the journal has it: below a root that is a link, with the link followed."""
        try:
            raw = os.fsencode(os.path.abspath(path))
        except (UnicodeEncodeError, ValueError) as exc:
            raise InputError("no file can have this path", path=path) from exc
        if b"\0" in raw or len(raw) >= LONGEST_PATH:
            raise InputError("no file can have this path", path=path[:200])
        for tree in self._edge.trees:
            shown = os.fsencode(tree.settings.path)
            if raw == shown or raw.startswith(shown + b"/"):
                return tree.root + raw[len(shown) :]
        return raw

    def _tree_of(self, path: bytes) -> WatchedTree:
        inside = [tree for tree in self._edge.trees if path.startswith(tree.root + b"/")]
        if not inside:  # the configuration changed since the path was checked
            raise NotFoundError("the path is no longer watched")
        return max(inside, key=lambda tree: len(tree.root))
