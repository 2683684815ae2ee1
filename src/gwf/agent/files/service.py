"""What may be asked about the files of this host: directories, lives of files, contents; and orders of people."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from gwf.agent.engine import Edge
from gwf.agent.files.census import Census
from gwf.agent.files.content import Contents, Patience
from gwf.agent.files.landing import rule_of
from gwf.agent.files.level import Table
from gwf.agent.files.life import Times, settling_stages, stages_of, tasks_of, tries_of
from gwf.agent.files.nodes import FILE_COLUMNS, NodeMaker, Thing
from gwf.agent.files.paths import Land, located, opened_directory, refused
from gwf.agent.files.pieces import piece_of
from gwf.agent.files.refusals import FileGoneError
from gwf.agent.files.tables import TableMaker
from gwf.agent.files.trees import land_of, tree_of
from gwf.agent.inputs.files.tree import WatchedTree
from gwf.agent.journal.reads import file_view
from gwf.agent.journal.schema import open_for_reading
from gwf.agent.legacy.desk import PathDesk
from gwf.agent.model import FileStatus, show_path
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import UnavailableError
from gwf.wire.agentfiles import (
    ActDone,
    ActOrder,
    ContentQuery,
    FileContent,
    FileLevel,
    FileLife,
    FileNode,
    FilePiece,
    LevelFacts,
    LevelQuery,
    PieceQuery,
)
from gwf.wire.edge import Reason

KEEP_TABLE_S = 2.0  #: a directory is not read again sooner
PRICE = 5  #: and not within so many times as long as reading it took
PAGE_S = 60.0  #: further pages are taken from the table of the first for so long
KEPT_TABLES = 3

_TIMES = """state, seen_at_ms, stable_at_ms, queued_at_ms, updated_at_ms, next_at_ms, attempts, error_class, reason"""


class FileDesk:
    """Answers about one edge. Thread-safe; calls read disks and may block as long as those do."""

    def __init__(self, edge: Edge, clock: Clock) -> None:
        """Open the journal for reading.

        Raises:
            InputError: There is no journal.
        """
        self._edge = edge
        self._clock = clock
        self._connection = open_for_reading(edge.journal.path)
        self._lock = threading.Lock()
        self._census = Census(self._rows, monotonic_s=clock.monotonic_s)
        self._contents = Contents(clock)
        self._acts = PathDesk(edge)
        self._tables: dict[bytes, Table] = {}
        self._tables_lock = threading.Lock()

    def close(self) -> None:
        """Release the journal and memory."""
        self._connection.close()
        self._contents.close()

    # -- directories -----------------------------------------------------------------------------------

    def level(self, query: LevelQuery, patience: Patience) -> FileLevel:
        """Return a page of a directory; without a path, of the watched directories.

        Raises:
            GwfError: The path leads to no directory that may be looked at; see gwf.agent.files.paths.
        """
        if not query.path:
            return self._roots(query)
        land = self._land()
        try:
            with opened_directory(query.path, land) as (real, descriptor):
                table = self._table(real, descriptor, land=land, query=query, patience=patience)
        except OSError as exc:
            raise refused(exc, os.fsencode(query.path)) from exc
        maker = self._maker(land)
        allows = maker.switches.allows
        things, cursor, total = table.page(query, is_auto=lambda thing: allows(real + b"/" + thing.name))
        rows = self._rows_of(real, [thing.name for thing in things if thing.in_journal])
        return FileLevel(
            path=show_path(real),
            items=[maker.node(real, thing, rows.get(thing.name)) for thing in things],
            next_cursor=cursor,
            total=total,
            facts=table.facts(),
            auto_upload=allows(real),
            own_switch=real in maker.switches.table,
            incoming=rule_of(self._edge.agent.receive, real),
            roots=[show_path(root) for root in land.grounds.roots],
            as_of=utc_text(table.at_ms),
        )

    def _roots(self, query: LevelQuery) -> FileLevel:
        land, trees = self._land(), self._edge.trees
        maker = self._maker(land)
        nodes = [self._root_node(tree, maker) for tree in trees]
        return FileLevel(
            path="",
            items=nodes[: query.limit],
            next_cursor=None,
            total=len(nodes),
            facts=LevelFacts(dirs=len(nodes), files=0, size_bytes=0, states={}, error_classes={}),
            roots=[show_path(tree.root) for tree in trees],
            as_of=utc_text(self._clock.now_ms()),
        )

    def _root_node(self, tree: WatchedTree, maker: NodeMaker) -> FileNode:
        facts, shown = tree.facts, show_path(tree.root)
        reason = None
        if facts.problem:
            reason = Reason(code=f"watch_{facts.state.value}", params={}, message=facts.problem)
        return FileNode(
            name=shown,
            path=shown,
            kind="root",
            on_disk=facts.state.value != "missing",
            reason=reason,
            auto_upload=maker.switches.allows(tree.root),
            own_switch=tree.root in maker.switches.table,
            rule=shown,
            store=tree.settings.store,
            counts=maker.counts.get(tree.root),
        )

    def _table(self, real: bytes, descriptor: int, *, land: Land, query: LevelQuery, patience: Patience) -> Table:
        with self._tables_lock:
            now_s = self._clock.monotonic_s()
            known = self._tables.get(real)
            if known is not None and now_s < known.until_s + (PAGE_S if query.cursor is not None else 0.0):
                return known
            # one at a time: a directory of 100,000 files takes half a second of the interpreter
            maker = TableMaker(
                rows=self._rows, settling=self._edge.input.settling, tree_of=self._tree_of, is_open=land.is_open
            )
            things = maker.things(real, descriptor, stopped=patience.stopped)
            took_s = self._clock.monotonic_s() - now_s
            table = Table(
                directory=real,
                things=things,
                at_ms=self._clock.now_ms(),
                until_s=now_s + took_s + max(KEEP_TABLE_S if took_s > 0.02 else 0.0, PRICE * took_s),
            )
            self._tables.pop(real, None)
            self._tables[real] = table
            while len(self._tables) > KEPT_TABLES:
                self._tables.pop(next(iter(self._tables)))
            return table

    # -- one file --------------------------------------------------------------------------------------

    def life(self, path: str) -> FileLife:
        """Return one file with all that is known of it, whether it is still there or not.

        Raises:
            FileGoneError: Neither the disk nor the journal has it.
            GwfError: As `level`.
        """
        land = self._land()
        maker = self._maker(land)
        for place in located(path, land):
            directory, _, name = place.rpartition(b"/")
            parent = os.path.realpath(directory)
            if not land.is_open(parent):
                raise land.refusal(place)
            found = self._life(parent, name, land=land, maker=maker)
            if found is not None:
                return found
        raise FileGoneError("there is no such file any more, and the journal does not know it", path=path[:300])

    def _life(self, directory: bytes, name: bytes, *, land: Land, maker: NodeMaker) -> FileLife | None:
        tables = TableMaker(
            rows=self._rows, settling=self._edge.input.settling, tree_of=self._tree_of, is_open=land.is_open
        )
        thing = tables.thing(directory, name)
        if thing is None:
            return None
        row = self._rows_of(directory, [name]).get(name) if thing.in_journal else None
        node = maker.node(directory, thing, row)
        as_of = utc_text(self._clock.now_ms())
        settling = tables.settling_entry(directory + b"/" + name)
        if row is None or settling is not None:
            now_s, now_ms = self._clock.monotonic_s(), self._clock.now_ms()
            seen = None if settling is None else now_ms - round(1000 * (now_s - settling.first_seen_s))
            due = None if settling is None else now_ms + round(1000 * max(0.0, settling.due_s - now_s))
            note = "open_for_writing" if settling is not None and settling.busy_checks else node.state or ""
            stages = settling_stages(seen_at_ms=seen, due_at_ms=due, note=str(note))
            return FileLife(node=node, stages=stages if thing.kind == "file" else [], as_of=as_of)
        return self._known(node, row, directory=directory, as_of=as_of)

    def _known(self, node: FileNode, row: tuple[Any, ...], *, directory: bytes, as_of: str) -> FileLife:
        view = file_view(row)
        times = self._rows(f"SELECT {_TIMES} FROM files WHERE id=?", (view.id,))
        runs = self._edge.actions.runs_of(view.id)
        tree = self._tree_of(directory + b"/")
        tries = self._rows("SELECT at_ms, kind, body FROM outbox WHERE file_id=? ORDER BY seq", (view.id,))
        stages = []
        if times:
            state, seen, stable, queued, updated, due, attempts, error_class, reason = times[0]
            known = Times(
                state=FileStatus(state),
                seen_at_ms=seen,
                stable_at_ms=stable,
                queued_at_ms=queued,
                updated_at_ms=updated,
                next_at_ms=due,
                attempts=attempts,
                error_class=error_class,
                reason=reason,
            )
            stages = stages_of(known, runs, has_actions=tree is not None and bool(tree.settings.after))
        return FileLife(
            node=node,
            etag=view.etag,
            sha256=view.sha256,
            duration_ms=view.duration_ms,
            priority=view.priority,
            stages=stages,
            tries=tries_of(tries),
            tasks=tasks_of(runs),
            as_of=as_of,
        )

    # -- contents and orders ---------------------------------------------------------------------------

    def content(self, query: ContentQuery, patience: Patience) -> FileContent:
        """Return a part of a file; raises as `Contents.read`."""
        return self._contents.read(query, self._land(), patience)

    def piece(self, query: PieceQuery) -> FilePiece:
        """Return bytes of a file; raises as `piece_of`."""
        return piece_of(query, self._land(), self._clock)

    def upload(self, order: ActOrder) -> ActDone:
        """Send one file now, whatever filters and switches say; returns when that is durable.

        Raises:
            InputError: It is no file below a watched directory.
            LocalIoError: It cannot be examined.
            UnavailableError: The journal did not take it.
        """
        place = self._existing(order.path)
        self._acts.send_now(os.fsdecode(place), author=order.author)
        self._changed()
        return ActDone(path=show_path(place), as_of=utc_text(self._clock.now_ms()))

    def switch(self, order: ActOrder) -> ActDone:
        """Decide whether a file, or all below a directory, is sent by itself; returns when that is durable.

        Raises:
            InputError: The path does not lie below a watched directory, or there are too many switches.
            UnavailableError: The journal did not take it.
        """
        place, enabled = self._existing(order.path), bool(order.enabled)
        self._acts.switch(os.fsdecode(place), enabled=enabled, author=order.author)
        self._changed()
        return ActDone(path=show_path(place), enabled=enabled, as_of=utc_text(self._clock.now_ms()))

    def _existing(self, path: str) -> bytes:
        land = self._land()
        place = located(path, land)[0]
        real = os.path.realpath(place)
        if not land.is_open(real):
            raise land.refusal(place)
        if not os.path.lexists(real):
            raise FileGoneError("there is no such file or directory any more", path=show_path(place))
        return real

    def _changed(self) -> None:
        self._census.forget()
        with self._tables_lock:
            self._tables.clear()

    # -- parts -----------------------------------------------------------------------------------------

    def _land(self) -> Land:
        return land_of(self._edge)

    def _maker(self, land: Land) -> NodeMaker:
        stores = self._edge.store_settings
        return NodeMaker(
            switches=self._edge.journal.desk.table(),
            tree_of=self._tree_of,
            store_url=lambda name: stores[name].url if name in stores else name,
            counts=self._census.counts(land.grounds.roots),
        )

    def _tree_of(self, path: bytes) -> WatchedTree | None:
        return tree_of(self._edge, path)

    def _rows_of(self, directory: bytes, names: Sequence[bytes]) -> Mapping[bytes, tuple[Any, ...]]:
        found: dict[bytes, tuple[Any, ...]] = {}
        for at in range(0, len(names), 200):
            some = names[at : at + 200]
            marks = ",".join("?" * len(some))
            rows = self._rows(
                f"SELECT {FILE_COLUMNS} FROM files f"
                f" WHERE f.dir_id=(SELECT id FROM dirs WHERE path=?) AND f.name IN ({marks})",
                (directory, *some),
            )
            found |= {row[2]: row for row in rows}
        return found

    def _rows(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as exc:
            raise UnavailableError("the journal cannot be read now", reason=str(exc)) from exc


__all__ = ["FileDesk", "Patience", "Thing"]
