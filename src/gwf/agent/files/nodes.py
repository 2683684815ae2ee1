"""Makes one thing of a directory as it is sent: what the disk says, what the journal says, and which of both counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gwf.agent.inputs.files.tree import WatchedTree
from gwf.agent.journal.reads import FILE_COLUMNS, file_view
from gwf.agent.journal.switches import AutoSwitches
from gwf.agent.model import show_path
from gwf.core.clock import utc_text
from gwf.wire.agentfiles import FileCounts, FileNode, NodeKind, NodeState
from gwf.wire.edge import FileView, Reason

__all__ = ["FILE_COLUMNS", "NodeMaker", "Thing", "time_text"]

_FAR_MS = 253_370_764_800_000  #: the year 9999; times beyond it cannot be written


@dataclass(slots=True)
class Thing:
    """One entry of a directory, as far as filters and order need it."""

    name: bytes
    kind: NodeKind
    on_disk: bool
    size_bytes: int | None = None
    mtime_ns: int | None = None
    #: None for what is no file
    state: NodeState | None = None
    error_class: str | None = None
    attempts: int = 0
    store: str = ""
    in_journal: bool = False


def time_text(mtime_ns: int) -> str:
    """Return a file's time for people; one that no date can have is shown as the nearest that can."""
    return utc_text(min(max(mtime_ns // 1_000_000, -62_135_596_800_000), _FAR_MS))


def ns_of(text: str) -> int:
    """Return the nanoseconds of an RFC 3339 time.

    Raises:
        ValueError: It is none.
    """
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time zone is missing")
    return round(moment.timestamp() * 1000) * 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeMaker:
    """What all things of one answer have in common."""

    switches: AutoSwitches
    tree_of: Callable[[bytes], WatchedTree | None]
    #: address of a store by its name; the key is put behind it
    store_url: Callable[[str], str]
    counts: Mapping[bytes, FileCounts]

    def node(self, directory: bytes, thing: Thing, row: tuple[Any, ...] | None) -> FileNode:
        """Return a thing with its row of the journal (FILE_COLUMNS), if it has one."""
        path = directory + b"/" + thing.name
        view = file_view(row) if row is not None else None
        base = self._base(path, thing)
        return base if view is None or thing.kind == "dir" else self._with_view(base, thing, view)

    def _base(self, path: bytes, thing: Thing) -> FileNode:
        tree = self.tree_of(path)
        return FileNode(
            name=show_path(thing.name),
            path=show_path(path),
            kind=thing.kind,
            on_disk=thing.on_disk,
            size_bytes=thing.size_bytes if thing.kind == "file" else None,
            modified_at=None if thing.mtime_ns is None else time_text(thing.mtime_ns),
            state=thing.state,
            reason=_settling_reason(thing),
            auto_upload=self.switches.allows(path),
            own_switch=path in self.switches.table,
            rule="" if tree is None else show_path(tree.root),
            store="" if tree is None else tree.settings.store,
            counts=self.counts.get(path) if thing.kind in {"dir", "root"} else None,
        )

    def _with_view(self, base: FileNode, thing: Thing, view: FileView) -> FileNode:
        verified = view.state == "done" and bool(view.key)
        return base.model_copy(
            update={
                "reason": base.reason or (view.reason if thing.state == view.state else None),
                "attempts": view.attempts,
                "error_class": view.error_class,
                "error": view.reason.message if view.error_class and view.reason else "",
                "store": view.store or base.store,
                "key": view.key,
                "address": f"{self.store_url(view.store).rstrip('/')}/{view.key}" if verified else "",
                "next_at": view.next_at,
                "updated_at": view.updated_at,
                "file_id": view.id,
            }
        )


def _settling_reason(thing: Thing) -> Reason | None:
    if thing.state == "settling":
        return Reason(code="quiet_time", params={}, message="it may still be written to")
    if thing.state == "excluded":
        return Reason(code="excluded", params={}, message="a filter of its watched directory leaves it out")
    return None
